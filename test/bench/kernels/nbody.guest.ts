// Five bodies attract each other: floats in memory, a call per step.
const BODIES = 5;
const x = new StaticArray<f64>(BODIES);
const y = new StaticArray<f64>(BODIES);
const vx = new StaticArray<f64>(BODIES);
const vy = new StaticArray<f64>(BODIES);
const mass = new StaticArray<f64>(BODIES);

function advance(dt: f64): void {
  for (let i = 0; i < BODIES; i++) {
    for (let j = i + 1; j < BODIES; j++) {
      const dx = x[i] - x[j];
      const dy = y[i] - y[j];
      const d = dx * dx + dy * dy + 0.01;
      const force = dt / (d * sqrt(d));
      vx[i] -= dx * mass[j] * force;
      vy[i] -= dy * mass[j] * force;
      vx[j] += dx * mass[i] * force;
      vy[j] += dy * mass[i] * force;
    }
  }
  for (let i = 0; i < BODIES; i++) {
    x[i] += dt * vx[i];
    y[i] += dt * vy[i];
  }
}

export function run(n: i32): u64 {
  for (let i = 0; i < BODIES; i++) {
    x[i] = f64(i) * 1.5;
    y[i] = f64(i * i) * 0.3 - 1.0;
    vx[i] = 0.1 * f64(i);
    vy[i] = -0.2 * f64(i);
    mass[i] = 1.0 + f64(i) * 0.1;
  }
  for (let i = 0; i < n; i++) advance(0.001);
  return reinterpret<u64>(x[0]) ^ reinterpret<u64>(y[3]);
}
