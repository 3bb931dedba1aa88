// Two functions that call each other and do nothing else.
function even(n: i32): i32 {
  return n === 0 ? 1 : odd(n - 1) ^ 3;
}
function odd(n: i32): i32 {
  return n === 0 ? 0 : even(n - 1) + 2;
}

export function run(n: i32): u64 {
  let sum = 0;
  for (let i = 0; i < n; i++) sum += even(i % 100);
  return <u32>sum;
}
