// What a table's objects take up, with the table's own bookkeeping.
import { heldBytes } from "../term/held-bytes.ts";
import type { Tuple } from "../term/tuple.ts";

/** A table's own bookkeeping for one key: the entry, and its place in the index. */
const ENTRY_BYTES = 160;

/** Bytes that a table needs for a key, without its objects. */
export function keyBytes(key: unknown): number {
  return ENTRY_BYTES + 2 * heldBytes(key);
}

/** Bytes of objects, without their table's bookkeeping. */
export function objectsBytes(objects: readonly Tuple[]): number {
  let sum = 0;
  for (const object of objects) sum += heldBytes(object);
  return sum;
}
