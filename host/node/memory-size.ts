// How much memory there is for this program: the machine's, or what a container leaves of it.
import { totalmem } from "node:os";
import { getHeapStatistics } from "node:v8";

const MOST_PARKED_BYTES = 2 ** 32;
const MOST_PROCESSES = 262_144;
/** What V8's heap has for a guest that waits. */
const PROCESS_BYTES = 1200;
/** What V8's heap has for an element of a table of functions. */
const ELEMENT_BYTES = 16;

/** Default of `pool.maxParkedBytes`: half of the memory, at most 4 GiB. */
export function defaultParkedBytes(): number {
  return Math.floor(Math.min(MOST_PARKED_BYTES, memoryBytes() / 2));
}

/** Default of `pool.maxMemoryBytes`: half of the memory. */
export function defaultMemoryBytes(): number {
  return Math.floor(memoryBytes() / 2);
}

/** Default of `maxProcesses`: as many as on the BEAM, if they take up no more than half of V8's heap. */
export function defaultProcesses(): number {
  return Math.floor(Math.min(MOST_PROCESSES, heapBytes() / 2 / PROCESS_BYTES));
}

/** Default of `maxMailboxBytes`: a quarter of V8's heap, and of the memory. */
export function defaultMailboxBytes(): number {
  return Math.floor(Math.min(heapBytes(), memoryBytes()) / 4);
}

/** Default of `pool.maxTableElements`: they may take up a quarter of V8's heap. */
export function defaultTableElements(): number {
  return Math.floor(heapBytes() / 4 / ELEMENT_BYTES);
}

function memoryBytes(): number {
  const { constrainedMemory } = process as { constrainedMemory?: () => number };
  return Math.min(totalmem(), constrainedMemory?.() || Number.POSITIVE_INFINITY);
}

function heapBytes(): number {
  return getHeapStatistics().heap_size_limit;
}
