// How much memory there is for this program: the machine's, or what a container leaves of it.
import { totalmem } from "node:os";
import { getHeapStatistics } from "node:v8";

const MOST_PARKED_BYTES = 2 ** 32;
/** What V8's heap has for an element of a table of functions. */
const ELEMENT_BYTES = 16;

/** Default of `pool.maxParkedBytes`: half of the memory, at most 4 GiB. */
export function defaultParkedBytes(): number {
  const { constrainedMemory } = process as { constrainedMemory?: () => number };
  const limit = constrainedMemory?.() || Number.POSITIVE_INFINITY;
  return Math.floor(Math.min(MOST_PARKED_BYTES, totalmem() / 2, limit / 2));
}

/** Default of `pool.maxTableElements`: they may take up a quarter of V8's heap. */
export function defaultTableElements(): number {
  return Math.floor(getHeapStatistics().heap_size_limit / 4 / ELEMENT_BYTES);
}
