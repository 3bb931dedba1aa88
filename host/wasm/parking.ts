// A guest without an instance: what differs from the image in its memory and its globals, and its captured stack, in one block of bytes.
import type { SnapshotState } from "../../instrument/running.ts";
import type { BlockId, ByteStore } from "./byte-store.ts";
import type { Image } from "./image.ts";
import type { Machine } from "./machine.ts";
import { type Difference, WORK_BYTES } from "./memory-difference.ts";

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
  const { difference } = machine;
  const memoryBytes = machine.memory.byteLength;
  const stateBytes = image.state.length;
  const address = machine.coroutine.saveState();
  const region = machine.region();
  // A deep stack would be in the way of finding the difference.
  const isDeep = address < WORK_BYTES;
  const own = isDeep ? region.slice(address) : region.subarray(address);
  const stateAt = isDeep ? region.length - stateBytes : address;
  if (isDeep) region.copyWithin(stateAt, address, address + stateBytes);
  let found: Difference;
  let size: number;
  let id: BlockId;
  try {
    found = difference.take(image, stateAt);
    size = HEADER_WORDS * 4 + found.bytes + own.length - stateBytes;
    id = store.allocate(size);
  } catch (error) {
    difference.putBack();
    if (isDeep) region.set(own, address);
    throw error;
  }
  machine.isAsImage = memoryBytes === image.memoryBytes;
  const block = store.wordsOf(id);
  const bytes = store.slabOf(id);
  const at = store.offsetOf(id);
  const first = at >> 2;
  block[first] = size;
  block[first + 1] = (memoryBytes / PAGE_BYTES) | (STATES.indexOf(state) << STATE_BITS);
  block[first + 2] = found.memoryBytes >> 2;
  block[first + 3] = found.bytes >> 2;
  let to = at + HEADER_WORDS * 4;
  for (const piece of found.pieces) {
    bytes.set(piece, to);
    to += piece.length;
  }
  bytes.set(own.subarray(stateBytes), to);
  return id;
}

/** Puts the guest of a block into a machine with the image's memory. The block stays. */
export function unpark(machine: Machine, image: Image, store: ByteStore, id: BlockId): void {
  const { difference } = machine;
  const block = store.wordsOf(id);
  const first = store.offsetOf(id) >> 2;
  machine.growTo(pagesOf(store, id) * PAGE_BYTES);
  const start = first + HEADER_WORDS;
  const memoryEnd = start + block[first + 2]!;
  difference.put(block, start, memoryEnd);
  const region = machine.region();
  const stack = parkedStack(store, id);
  const address = region.length - stack.length - image.state.length;
  region.set(image.state, address);
  difference.put(block, memoryEnd, start + block[first + 3]!, address);
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
