// The sieve of Eratosthenes: tight loops over bytes.
export function run(n: i32): u64 {
  const composite = new StaticArray<u8>(n + 1);
  for (let i = 2; i * i <= n; i++) {
    if (unchecked(composite[i])) continue;
    for (let j = i * i; j <= n; j += i) unchecked((composite[j] = 1));
  }
  let sum: u64 = 0;
  for (let i = 2; i <= n; i++) if (!unchecked(composite[i])) sum += i;
  return sum;
}
