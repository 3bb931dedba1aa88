// A fast hash for telling builds apart and finding damage. No protection against somebody who wants two inputs to agree.

/** 64 bits over the bytes, as 16 hexadecimal digits. */
export function hash(bytes: Uint8Array): string {
  let a = 0x811c9dc5 | 0;
  let b = 0x9e3779b9 | 0;
  for (let i = 0; i < bytes.length; i++) {
    a = Math.imul(a ^ bytes[i]!, 0x01000193);
    b = Math.imul(b + bytes[i]!, 0x85ebca6b) ^ (b >>> 13);
  }
  a ^= b >>> 16;
  return hex(a) + hex(b ^ (b >>> 15));
}

function hex(word: number): string {
  return (word >>> 0).toString(16).padStart(8, "0");
}
