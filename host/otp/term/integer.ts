// Integers from little-endian magnitudes.

const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"));

/** A number when it is a safe integer, else a bigint. */
export function decodeInteger(
  bytes: Uint8Array,
  start: number,
  length: number,
  negative: boolean,
): number | bigint {
  let used = length;
  while (used > 0 && bytes[start + used - 1] === 0) used--;
  if (used <= 6) {
    let value = 0;
    for (let i = used - 1; i >= 0; i--) value = value * 256 + (bytes[start + i] as number);
    return negative && value !== 0 ? -value : value;
  }
  let hex = "0x";
  for (let i = used - 1; i >= 0; i--) hex += HEX[bytes[start + i] as number];
  return integer(negative ? -BigInt(hex) : BigInt(hex));
}

/** The form in which an integer is kept: a number when it is safe, else a bigint. */
export function integer(value: bigint): number | bigint {
  const small = Number(value);
  return Number.isSafeInteger(small) ? small : value;
}
