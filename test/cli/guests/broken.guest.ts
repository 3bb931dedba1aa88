export function main(): void {
  const x: i32 = "a";
}
