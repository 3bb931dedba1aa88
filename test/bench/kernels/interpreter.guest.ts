// The loop of a byte-code interpreter: a switch in a loop, with data-dependent jumps.
const CODE_SIZE = 256;
const code = new StaticArray<u8>(CODE_SIZE);

function interpret(steps: i32): u64 {
  let acc: u64 = 1;
  let other: u64 = 7;
  let pc = 0;
  for (let step = 0; step < steps; step++) {
    const op = unchecked(code[pc]);
    pc = (pc + 1) & (CODE_SIZE - 1);
    switch (op) {
      case 0: acc += other; break;
      case 1: acc ^= other << 3; break;
      case 2: other += acc >> 5; break;
      case 3: acc *= 3; break;
      case 4: if (acc & 1) pc = i32(acc >> 8) & (CODE_SIZE - 1); break;
      case 5: { const kept = acc; acc = other; other = kept; break; }
      case 6: acc = rotr(acc, 11); break;
      default: other ^= pc;
    }
  }
  return acc ^ other;
}

export function run(n: i32): u64 {
  let seed: u32 = 99;
  for (let i = 0; i < CODE_SIZE; i++) {
    seed = seed * 1664525 + 1013904223;
    unchecked((code[i] = u8((seed >>> 20) & 7)));
  }
  return interpret(n);
}
