// A guest without an instance: what differs from the image in its memory and its globals, and its captured stack, in one block of bytes.
import type { SnapshotState } from "../../instrument/running.ts";
import type { BlockId, ByteStore } from "./byte-store.ts";
import type { Image } from "./image.ts";
import type { Machine } from "./machine.ts";
import { applyRuns, foundRuns, takeDifferences } from "./memory-difference.ts";

const PAGE_BYTES = 65_536;
/** Size of the block, pages of memory with how the guest goes on in the upper bits, words of difference in memory, and in all. */
const HEADER_WORDS = 4;
const STATE_BITS = 28;
const STATES: readonly SnapshotState[] = ["idle", "preempted", "suspended"];

/**
 * Moves the machine's guest into a block. The machine may then be given to another: if its memory has not grown it is that of the image again.
 * Throws RangeError where there is no memory for the block; the guest stays then.
 */
export function park(machine: Machine, image: Image, store: ByteStore, state: SnapshotState): BlockId {
  const memory = machine.memory.bytes();
  const address = machine.coroutine.saveState();
  const region = machine.region();
  const stack = address + image.state.length;
  const { memoryWords, words } = takeDifferences(
    memory,
    image.memory,
    wordsOf(region, address, image.state.length),
    wordsOf(image.state, 0, image.state.length),
  );
  const runs = foundRuns(words);
  const stackAt = (HEADER_WORDS + words) * 4;
  const size = stackAt + region.length - stack;
  let id: BlockId;
  try {
    id = store.allocate(size);
  } catch (error) {
    applyRuns(machine.memory.words(), runs, 0, memoryWords);
    throw error;
  }
  machine.isAsImage = memory.length === image.memoryBytes;
  const block = store.wordsOf(id);
  const at = store.offsetOf(id);
  const first = at >> 2;
  block[first] = size;
  block[first + 1] = (memory.length / PAGE_BYTES) | (STATES.indexOf(state) << STATE_BITS);
  block[first + 2] = memoryWords;
  block[first + 3] = words;
  block.set(runs, first + HEADER_WORDS);
  store.slabOf(id).set(region.subarray(stack), at + stackAt);
  return id;
}

/** Puts the guest of a block into a machine with the image's memory. The block stays. */
export function unpark(machine: Machine, image: Image, store: ByteStore, id: BlockId): void {
  const block = store.wordsOf(id);
  const first = store.offsetOf(id) >> 2;
  machine.growTo(pagesOf(store, id) * PAGE_BYTES);
  const runs = first + HEADER_WORDS;
  const runsEnd = runs + block[first + 2]!;
  applyRuns(machine.memory.words(), block, runs, runsEnd);
  const region = machine.region();
  const stack = parkedStack(store, id);
  const address = region.length - stack.length - image.state.length;
  region.set(image.state, address);
  applyRuns(wordsOf(region, address, image.state.length), block, runsEnd, runs + block[first + 3]!);
  region.set(stack, address + image.state.length);
  machine.coroutine.loadState(address, STATES[block[first + 1]! >>> STATE_BITS]!);
}

export function freeParked(store: ByteStore, id: BlockId): void {
  store.free(id, store.wordsOf(id)[store.offsetOf(id) >> 2]!);
}

/** Bytes of linear memory that the guest believes to have. */
export function parkedMemoryBytes(store: ByteStore, id: BlockId): number {
  return pagesOf(store, id) * PAGE_BYTES;
}

/** Its captured stack. */
export function parkedStack(store: ByteStore, id: BlockId): Uint8Array {
  const at = store.offsetOf(id);
  const block = store.wordsOf(id);
  const first = at >> 2;
  return store.slabOf(id).subarray(at + (HEADER_WORDS + block[first + 3]!) * 4, at + block[first]!);
}

function pagesOf(store: ByteStore, id: BlockId): number {
  return store.wordsOf(id)[(store.offsetOf(id) >> 2) + 1]! & (2 ** STATE_BITS - 1);
}

function wordsOf(bytes: Uint8Array, from: number, length: number): Int32Array {
  return new Int32Array(bytes.buffer, bytes.byteOffset + from, length >> 2);
}
