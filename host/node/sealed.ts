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
 * What was sealed into a file; undefined when it is damaged. Throws when it cannot be read. The second half is read and compared in pieces: memory that is
 * new takes longer than reading does.
 */
export function unsealFile(path: string): Buffer | undefined {
  const file = openSync(path, "r");
  try {
    const length = (fstatSync(file).size - 1) / 2;
    const piece = Buffer.allocUnsafeSlow(PIECE_BYTES);
    if (!Number.isInteger(length) || readSync(file, piece, 0, 1, 2 * length) !== 1 || piece[0] !== TWICE)
      return unseal(readFileSync(path));
    const bytes = Buffer.allocUnsafeSlow(length);
    if (readSync(file, bytes, 0, length, 0) !== length) return undefined;
    for (let at = 0; at < length; at += PIECE_BYTES) {
      const end = Math.min(at + PIECE_BYTES, length);
      const read = readSync(file, piece, 0, end - at, length + at);
      if (read !== end - at || piece.compare(bytes, at, end, 0, read) !== 0) return undefined;
    }
    return bytes;
  } finally {
    closeSync(file);
  }
}

function sha256(bytes: Uint8Array): Buffer {
  return createHash("sha256").update(bytes).digest();
}
