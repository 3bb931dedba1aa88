// Bytes on disk with a proof that nothing has damaged them. Small ones lie there twice: to compare is done in a moment and takes nothing that has to
// be loaded, while Node takes 4 ms of a start to load its cryptography. Large ones have a digest. Imports nothing of moonlet.
import { createHash } from "node:crypto";

const MOST_TWICE_BYTES = 2 ** 20;
/** The last byte says what the proof is. */
const TWICE = 1;
const DIGEST = 2;
const DIGEST_BYTES = 32;

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

function sha256(bytes: Uint8Array): Buffer {
  return createHash("sha256").update(bytes).digest();
}
