// Recursion with values of every number type alive across its calls.
function mix(a: i64, b: f64, c: f32, depth: i32): f64 {
  if (depth <= 0) return <f64>a + b * <f64>c;
  const x = mix(a * 3 + 1, b * 0.5, c + 1, depth - 1);
  const q = a ^ <i64>depth;
  const y = mix(q, 1 / (1 + x * x), c * 0.5, depth - 2);
  return x + y * 1.5 + <f64>(q & 15) + <f64>c;
}

export function run(n: i32): u64 {
  return reinterpret<u64>(mix(12345678901, 1.25, 0.5, n));
}
