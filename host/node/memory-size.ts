// How much memory there is for this program: the machine's, or what a container leaves of it.
import { totalmem } from "node:os";

const MOST_PARKED_BYTES = 2 ** 32;

/** Default of `pool.maxParkedBytes`: half of the memory, at most 4 GiB. */
export function defaultParkedBytes(): number {
  const { constrainedMemory } = process as { constrainedMemory?: () => number };
  const limit = constrainedMemory?.() || Number.POSITIVE_INFINITY;
  return Math.floor(Math.min(MOST_PARKED_BYTES, totalmem() / 2, limit / 2));
}
