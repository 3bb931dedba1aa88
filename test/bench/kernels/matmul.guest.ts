// The product of two square matrices: three nested loops of floats.
export function run(n: i32): u64 {
  const a = new StaticArray<f64>(n * n);
  const b = new StaticArray<f64>(n * n);
  const c = new StaticArray<f64>(n * n);
  for (let i = 0; i < n * n; i++) {
    unchecked((a[i] = f64((i * 7) % 13) * 0.25));
    unchecked((b[i] = f64((i * 5) % 11) - 4.5));
  }
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) {
      let sum: f64 = 0;
      for (let k = 0; k < n; k++) sum += unchecked(a[i * n + k]) * unchecked(b[k * n + j]);
      unchecked((c[i * n + j] = sum));
    }
  }
  let hash: u64 = 0;
  for (let i = 0; i < n * n; i++) hash = hash * 31 + reinterpret<u64>(unchecked(c[i]));
  return hash;
}
