// Bytes on disk with a proof that nothing has damaged them. Small ones lie there twice: to compare is done in a moment and takes nothing that has to
// be loaded, while Node takes 4 ms of a start to load its cryptography. Large ones have a digest. Imports nothing of moonlet.
import { createHash } from "node:crypto";
import { closeSync, fstatSync, openSync, readFileSync, readSync } from "node:fs";

const MOST_TWICE_BYTES = 2 ** 20;
/** The last byte says what the proof is. */
const TWICE = 1;
const DIGEST = 2;
const DIGEST_BYTES = 32;
const PIECE_BYTES = 2 ** 16;

export function seal(bytes: Uint8Array): Buffer {
  return bytes.length <= MOST_TWICE_BYTES
    ? Buffer.concat([bytes, bytes, Uint8Array.of(TWICE)])
    : Buffer.concat([bytes, sha256(bytes), Uint8Array.of(DIGEST)]);
}

/** What was sealed, in the same memory; undefined when it is damaged. */
export function unseal(sealed: Buffer): Buffer | undefined {
  const kind = sealed.at(-1);
  const end = kind === TWICE ? (sealed.length - 1) / 2 : sealed.length - 1 - DIGEST_BYTES;
  if (end < 0) return undefined;
  const bytes = sealed.subarray(0, end);
  const proof = sealed.subarray(end, -1);
  const isWhole = kind === TWICE ? proof.equals(bytes) : kind === DIGEST && proof.equals(sha256(bytes));
  return isWhole ? bytes : undefined;
}

/**
 * What was sealed into a file; undefined when it is damaged. Throws when it cannot be read. It lies in `memory` if there is room: to touch memory that is new
 * takes longer than reading, which is why the second half is read and compared in pieces, too.
 */
export function unsealFile(path: string, memory: Buffer = Buffer.alloc(0)): Buffer | undefined {
  const file = openSync(path, "r");
  try {
    const length = (fstatSync(file).size - 1) / 2;
    const kind = Buffer.alloc(1);
    if (!Number.isInteger(length) || readSync(file, kind, 0, 1, 2 * length) !== 1 || kind[0] !== TWICE)
      return unseal(readFileSync(path));
    const needed = length + PIECE_BYTES;
    const room = memory.length < needed ? Buffer.allocUnsafeSlow(needed) : memory;
    if (readSync(file, room, 0, length, 0) !== length) return undefined;
    for (let at = 0; at < length; at += PIECE_BYTES) {
      const bytes = Math.min(PIECE_BYTES, length - at);
      const read = readSync(file, room, length, bytes, length + at);
      if (read !== bytes || room.compare(room, length, length + bytes, at, at + bytes) !== 0)
        return undefined;
    }
    return room.subarray(0, length);
  } finally {
    closeSync(file);
  }
}

function sha256(bytes: Uint8Array): Buffer {
  return createHash("sha256").update(bytes).digest();
}
