// Bodies of HTTP messages, read and written piece by piece.
import { CLOSED, FOR_EVER } from "./abi/code";
import * as abi from "./abi/http";
import { check } from "./fault";
import { Ref } from "./ref";
import { PIECE_BYTES, pieceOf } from "./socket";

/** The next of a body; null at its end, and when the rest will not come. */
export function readBody(ref: Ref, maxBytes: u32, timeoutMs: u32): Uint8Array | null {
  const bytes = new Uint8Array(maxBytes);
  return pieceOf(bytes, abi.read(ref.pointer, ref.byteLength, bytes.dataStart, maxBytes, timeoutMs), "http read");
}

/** All of a body that has at most `maxBytes`; null for one that is larger or does not come to its end. */
export function wholeBody(ref: Ref, maxBytes: u32): Uint8Array | null {
  let bytes = new Uint8Array(min(maxBytes, PIECE_BYTES));
  let at: u32 = 0;
  while (true) {
    if (at == <u32>bytes.length) {
      // One byte more than allowed shows that there is more.
      const bigger = new Uint8Array(min(maxBytes, at * 2) + 1);
      memory.copy(bigger.dataStart, bytes.dataStart, at);
      bytes = bigger;
    }
    const count = abi.read(ref.pointer, ref.byteLength, bytes.dataStart + at, <u32>bytes.length - at, FOR_EVER);
    if (count == CLOSED) return null;
    check(count, "http read: this socket is not this process's");
    if (count == 0) return bytes.subarray(0, at);
    at += count;
    if (at > maxBytes) return null;
  }
}

/** Writes all of the bytes; false when nobody gets them any more. */
export function writeBody(ref: Ref, from: usize, size: usize, timeoutMs: u32): bool {
  let at: usize = 0;
  while (at < size) {
    const count = abi.write(ref.pointer, ref.byteLength, from + at, size - at, timeoutMs);
    if (count == CLOSED) return false;
    check(count, "http write: before the head, after the end, more than content-length, or no room in time");
    at += count;
  }
  return true;
}

/** Ends a body; false when nobody gets it any more. */
export function finishBody(ref: Ref): bool {
  const result = abi.finish(ref.pointer, ref.byteLength);
  if (result == CLOSED) return false;
  check(result, "http finish: before the head, or less than content-length");
  return true;
}
