// Calls of imports that may suspend and do not.
// @ts-ignore: decorator
@external("host", "receive")
declare function receive(value: i32): i32;
// @ts-ignore: decorator
@external("host", "compute")
declare function compute(value: i32): i32;

export function run(n: i32): u64 {
  let state = 1;
  for (let i = 0; i < n; i++) {
    state = state * 7 + receive(i + state % 13) + compute(i);
    if (state & 64) state ^= receive(state & 255) * 3;
  }
  return <u32>state;
}
