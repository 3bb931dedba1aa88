// Amounts as people read them.

const UNITS = ["bytes", "KiB", "MiB", "GiB", "TiB"] as const;

/** `1,234,567`; `no limit` for Infinity. */
export function formatCount(count: number): string {
  return Number.isFinite(count) ? count.toLocaleString("en-US") : "no limit";
}

/** `640 bytes`, `1.5 MiB`; `no limit` for Infinity. */
export function formatBytes(bytes: number): string {
  if (!Number.isFinite(bytes)) return "no limit";
  let unit = 0;
  let value = bytes;
  while (value >= 1024 && unit < UNITS.length - 1) {
    value /= 1024;
    unit++;
  }
  const shown = value.toLocaleString("en-US", { maximumFractionDigits: 1 });
  return `${shown} ${bytes === 1 ? "byte" : UNITS[unit]}`;
}
