// An interpreter whose instructions are called through a table; one of them calls the interpreter.
const codes = new StaticArray<u32>(64);
const operands = new StaticArray<i32>(64);

function add(value: i32, operand: i32, depth: i32): i32 {
  return value + operand;
}
function multiply(value: i32, operand: i32, depth: i32): i32 {
  return value * operand + 1;
}
function mix(value: i32, operand: i32, depth: i32): i32 {
  return value ^ (operand << 3);
}
function repeat(value: i32, operand: i32, depth: i32): i32 {
  for (let i = 0; i < (operand & 7); i++) value = value * 5 + (value >> 3);
  return value;
}
function descend(value: i32, operand: i32, depth: i32): i32 {
  return operand & 1 ? interpret(56, value, depth + 1) : value - 1;
}

function interpret(pc: i32, value: i32, depth: i32): i32 {
  for (; pc < 64; pc++) {
    value = call_indirect<i32>(unchecked(codes[pc]), value, unchecked(operands[pc]), depth);
  }
  return value;
}

export function run(n: i32): u64 {
  const functions: StaticArray<u32> = [add.index, multiply.index, mix.index, repeat.index, descend.index];
  let seed: u32 = 99;
  for (let i = 0; i < 64; i++) {
    seed = seed * 1664525 + 1013904223;
    let code = (seed >> 20) % 5;
    if (i >= 56 && code === 4) code = 3;
    codes[i] = functions[code];
    operands[i] = seed >>> 24;
  }
  let result = 0;
  for (let i = 0; i < n; i++) result ^= interpret(0, result + i, 0);
  return <u32>result;
}
