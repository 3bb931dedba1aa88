// Sorting records by two keys with a comparison function, and strings.
class Row {
  constructor(
    public key: i32,
    public name: string,
  ) {}
}

export function run(n: i32): u64 {
  const rows: Row[] = [];
  let seed: u32 = 5;
  for (let i = 0; i < n; i++) {
    seed = seed * 1664525 + 1013904223;
    rows.push(new Row((seed >> 8) % 50, (seed >> 4).toString(36)));
  }
  rows.sort((a, b) => (a.key !== b.key ? a.key - b.key : a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
  const names = rows.map<string>((row) => row.name);
  names.sort();
  let result: u64 = 0;
  for (let i = 0; i < n; i++) result = result * 31 + rows[i].key + names[i].charCodeAt(0) * names[i].length;
  return result;
}
