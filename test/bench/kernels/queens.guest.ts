// The n queens: recursion inside a loop.
function place(n: i32, row: i32, columns: u32, left: u32, right: u32): i32 {
  if (row == n) return 1;
  let solutions = 0;
  let free = ((<u32>1 << n) - 1) & ~(columns | left | right);
  while (free) {
    const bit = free & (0 - free);
    free ^= bit;
    solutions += place(n, row + 1, columns | bit, (left | bit) << 1, (right | bit) >> 1);
  }
  return solutions;
}

export function run(n: i32): u64 {
  return place(n, 0, 0, 0, 0);
}
