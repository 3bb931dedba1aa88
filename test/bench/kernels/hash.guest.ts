// A hash of many short strings: a small function with a short loop, called from a loop.
const SIZE = 8192;
const text = new StaticArray<u8>(SIZE);

function hash(from: i32, length: i32): u32 {
  let h: u32 = 2166136261;
  for (let i = from, end = from + length; i < end; i++) h = (h ^ unchecked(text[i])) * 16777619;
  return h;
}

export function run(n: i32): u64 {
  for (let i = 0; i < SIZE; i++) unchecked((text[i] = u8(((i * i) % 27) + 97)));
  let result: u64 = 0;
  for (let round = 0; round < n; round++) {
    for (let at = 0; at < SIZE - 12; ) {
      const length = 3 + ((at * 7 + round) % 9);
      result = result * 31 + hash(at, length);
      at += length;
    }
  }
  return result;
}
