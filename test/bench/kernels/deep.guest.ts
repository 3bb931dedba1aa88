// Deep recursion that does little on each level and asks the host at its end.
// @ts-ignore: decorator
@external("host", "receive")
declare function receive(value: i32): i32;

function descend(n: i32, k: i32): i32 {
  if (n === 0) return receive(k);
  const a = n * k;
  return descend(n - 1, k + 1) * 3 + a;
}

export function run(n: i32): u64 {
  let result = 0;
  for (let i = 0; i < n; i++) result ^= descend(1_000, i);
  return <u32>result;
}
