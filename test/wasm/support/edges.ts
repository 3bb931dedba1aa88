// Numbers at which something may break, as arguments of any syscall, and bytes that are nearly a term.
import { BYTES_AT, MEMORY_BYTES } from "./hostile-guest.ts";

/** Pointers, lengths, counts, flags. */
export const EDGES: readonly number[] = [
  ...[0, 1, 2, 3, 4, 7, 8, 16, 255, 256, 1000, 1023, 1024, 4096, BYTES_AT, 65_535, 65_536],
  ...[MEMORY_BYTES - 8, MEMORY_BYTES - 1, MEMORY_BYTES, MEMORY_BYTES + 1],
  ...[-1, -2, -8, 0x7fff_ffff, -0x8000_0000, 0x2000_0001, 0x0555_5556, 0x1000_0000],
];

export const FLOATS: readonly number[] = [
  ...[0, -0, -1, 0.5, 1, 1e3, Number.NaN, Infinity, -Infinity],
  ...[2 ** 31, 2 ** 32, 2 ** 53, 1e300, 5e-324],
];

export const LONGS: readonly bigint[] = [
  ...[0n, 1n, -1n, 2n ** 63n - 1n, -(2n ** 63n), 2n ** 32n, 2n ** 28n - 1n],
];

const u32 = (value: number) => [value >>> 24, (value >>> 16) & 255, (value >>> 8) & 255, value & 255];

/** Bytes that are no term, or one that is larger than it says; and patterns of a receive: good, in the middle of one, far too long. */
export const BAD_TERMS: readonly Uint8Array[] = [
  [131],
  [130, 97, 1],
  [131, 255],
  [131, 109, ...u32(0xffff_ffff)],
  [131, 108, ...u32(0xffff_ffff), 97, 1],
  [131, 116, ...u32(0x7fff_ffff)],
  [131, 105, ...u32(0xffff_ffff)],
  [131, 111, ...u32(0x7fff_ffff), 0],
  [131, 80, ...u32(0xffff_ffff), 0x78, 0x9c, 3, 0, 0, 0, 0, 1],
  [131, 82, 0],
  [131, 119, 3, 0xff, 0xfe, 0xfd],
  [131, 77, ...u32(1), 9, 1],
  [131, 88, 119, 1, 97, ...u32(0xffff_ffff), ...u32(0xffff_ffff), ...u32(0xffff_ffff)],
  [131, 90, 255, 255, 119, 1, 97, ...u32(1)],
  [131, 112, ...u32(4)],
  Array.from({ length: 4000 }, (_, i) => (i === 0 ? 131 : [108, 0, 0, 0, 1][(i - 1) % 5]!)),
  Array.from({ length: 4001 }, (_, i) => (i === 0 ? 131 : [104, 1][(i - 1) % 2]!)),
  [2, 0, 0, 0, 131, 97],
  [2, 0, 0, 0, 131],
  [255, 255, 255, 255, 1],
].map((bytes) => Uint8Array.from(bytes));
