// The Mandelbrot set: a float loop that leaves early.
export function run(n: i32): u64 {
  let hash: u64 = 0;
  for (let row = 0; row < n; row++) {
    for (let column = 0; column < n; column++) {
      const re = f64(column) * 3.0 / f64(n) - 2.0;
      const im = f64(row) * 2.0 / f64(n) - 1.0;
      let x: f64 = 0;
      let y: f64 = 0;
      let steps = 0;
      while (steps < 200 && x * x + y * y < 4.0) {
        const next = x * x - y * y + re;
        y = 2.0 * x * y + im;
        x = next;
        steps++;
      }
      hash = hash * 31 + steps;
    }
  }
  return hash;
}
