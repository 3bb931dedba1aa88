// Counting words in a map of strings, and a checksum of what was counted.
export function run(n: i32): u64 {
  const counts = new Map<string, i32>();
  let seed: u32 = 11;
  for (let i = 0; i < n; i++) {
    seed = seed * 1664525 + 1013904223;
    const word = "w" + ((seed >> 10) % 997).toString();
    counts.set(word, counts.has(word) ? counts.get(word) + 1 : 1);
  }
  const words = counts.keys();
  let a: u32 = 1;
  let b: u32 = 0;
  for (let i = 0; i < words.length; i++) {
    const word = words[i];
    for (let k = 0; k < word.length; k++) {
      a = (a + word.charCodeAt(k) * counts.get(word)) % 65521;
      b = (b + a) % 65521;
    }
  }
  return (<u64>b << 16) | a;
}
