// Quicksort of integers: recursion around loops, with checked array accesses as guests write them.
function sort(values: StaticArray<i32>, from: i32, to: i32): void {
  let low = from;
  let high = to;
  const pivot = values[(low + high) >>> 1];
  while (low <= high) {
    while (values[low] < pivot) low++;
    while (values[high] > pivot) high--;
    if (low <= high) {
      const swapped = values[low];
      values[low++] = values[high];
      values[high--] = swapped;
    }
  }
  if (from < high) sort(values, from, high);
  if (low < to) sort(values, low, to);
}

export function run(n: i32): u64 {
  const values = new StaticArray<i32>(n);
  let seed: u32 = 42;
  for (let i = 0; i < n; i++) {
    seed = seed * 1664525 + 1013904223;
    values[i] = seed >>> 1;
  }
  sort(values, 0, n - 1);
  let hash: u64 = 0;
  for (let i = 0; i < n; i++) hash = hash * 31 + values[i];
  return hash;
}
