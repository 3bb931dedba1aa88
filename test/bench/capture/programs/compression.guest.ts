// LZ77 with a hash table, and its reverse, over bytes.
const WINDOW = 4096;

function compress(input: Uint8Array, output: Uint8Array): i32 {
  const heads = new Int32Array(4096).fill(-1);
  let out = 0;
  let at = 0;
  while (at < input.length) {
    let length = 0;
    let distance = 0;
    if (at + 3 < input.length) {
      const hash = ((<u32>input[at] * 506832829) ^ (<u32>input[at + 1] << 7) ^ (<u32>input[at + 2] << 3)) & 4095;
      const candidate = heads[hash];
      heads[hash] = at;
      if (candidate >= 0 && at - candidate < WINDOW) {
        while (length < 255 && at + length < input.length && input[candidate + length] === input[at + length]) length++;
        distance = at - candidate;
      }
    }
    if (length >= 4) {
      output[out++] = 1;
      output[out++] = length;
      output[out++] = distance & 255;
      output[out++] = distance >> 8;
      at += length;
    } else {
      output[out++] = 0;
      output[out++] = input[at++];
    }
  }
  return out;
}

function expand(input: Uint8Array, length: i32, output: Uint8Array): i32 {
  let out = 0;
  for (let at = 0; at < length; ) {
    if (input[at] === 0) {
      output[out++] = input[at + 1];
      at += 2;
      continue;
    }
    const from = out - (<i32>input[at + 2] | (<i32>input[at + 3] << 8));
    for (let k = 0; k < <i32>input[at + 1]; k++) output[out++] = output[from + k];
    at += 4;
  }
  return out;
}

export function run(n: i32): u64 {
  const input = new Uint8Array(20_000);
  let seed: u32 = 1;
  for (let i = 0; i < input.length; i++) {
    seed = seed * 1664525 + 1013904223;
    input[i] = i > 300 && seed >> 27 > 3 ? input[i - 1 - ((seed >> 12) & 127)] : 97 + ((seed >> 20) % 26);
  }
  const packed = new Uint8Array(50_000);
  const back = new Uint8Array(20_000);
  let result: u64 = 0;
  for (let k = 0; k < n; k++) {
    const length = compress(input, packed);
    expand(packed, length, back);
    for (let i = 0; i < back.length; i++) result = result * 31 + back[i];
    result += length;
    input[k % input.length]++;
  }
  return result;
}
