// Indirect calls through a table, and functions that call each other: what cannot be inlined.
type Step = (value: i32, depth: i32) => i32;

const steps: Step[] = [
  (value: i32, depth: i32): i32 => value + depth,
  (value: i32, depth: i32): i32 => value * 5 + 1,
  (value: i32, depth: i32): i32 => value ^ (depth << 3),
  (value: i32, depth: i32): i32 => even(depth & 31) + value,
];

function even(n: i32): i32 {
  return n == 0 ? 1 : odd(n - 1) ^ 3;
}

function odd(n: i32): i32 {
  return n == 0 ? 0 : even(n - 1) + 2;
}

export function run(n: i32): u64 {
  let value = 1;
  for (let i = 0; i < n; i++) value = steps[i & 3](value, i);
  return value;
}
