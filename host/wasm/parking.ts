// A guest without an instance: what differs from the image in its memory and its globals, and its captured stack, in one block of bytes.
import type { SnapshotState } from "../../instrument/running.ts";
import type { BlockId, ByteStore } from "./byte-store.ts";
import type { Image } from "./image.ts";
import type { Machine } from "./machine.ts";
import { applyRuns, findDifferences, foundRuns } from "./memory-difference.ts";

const PAGE_BYTES = 65_536;
/** Size of the block, pages of memory with how the guest goes on in the upper bits, words of difference in memory, and in all. */
const HEADER_WORDS = 4;
const STATE_BITS = 28;
const STATES: readonly SnapshotState[] = ["idle", "preempted", "suspended"];

/** Copies the machine's guest into a block. The machine may then be given to another. */
export function park(machine: Machine, image: Image, store: ByteStore, state: SnapshotState): BlockId {
  const memory = machine.memory.bytes();
  const address = machine.coroutine.saveState();
  const region = machine.region();
  const stack = address + image.state.length;
  const { memoryWords, words } = findDifferences(
    memory,
    image.memory,
    wordsOf(region, address, image.state.length),
    wordsOf(image.state, 0, image.state.length),
  );
  const stackAt = (HEADER_WORDS + words) * 4;
  const size = stackAt + region.length - stack;
  const id = store.allocate(size);
  const slab = store.slabOf(id);
  const at = store.offsetOf(id);
  const block = wordsOf(slab, at, stackAt);
  block[0] = size;
  block[1] = (memory.length / PAGE_BYTES) | (STATES.indexOf(state) << STATE_BITS);
  block[2] = memoryWords;
  block[3] = words;
  block.set(foundRuns(words), HEADER_WORDS);
  slab.set(region.subarray(stack), at + stackAt);
  return id;
}

/** Puts the guest of a block into a machine that is as the image. The block stays. */
export function unpark(machine: Machine, image: Image, store: ByteStore, id: BlockId): void {
  const block = wholeBlock(store, id);
  machine.growTo(pagesOf(block) * PAGE_BYTES);
  const memory = machine.memory.bytes();
  const runsEnd = HEADER_WORDS + block[2]!;
  applyRuns(wordsOf(memory, 0, memory.length), block, HEADER_WORDS, runsEnd);
  const region = machine.region();
  const stack = stackOf(store, id, block);
  const address = region.length - stack.length - image.state.length;
  region.set(image.state, address);
  applyRuns(wordsOf(region, address, image.state.length), block, runsEnd, HEADER_WORDS + block[3]!);
  region.set(stack, address + image.state.length);
  machine.coroutine.loadState(address, STATES[block[1]! >>> STATE_BITS]!);
}

export function freeParked(store: ByteStore, id: BlockId): void {
  store.free(id, wholeBlock(store, id)[0]!);
}

/** Bytes of linear memory that the guest believes to have. */
export function parkedMemoryBytes(store: ByteStore, id: BlockId): number {
  return pagesOf(wholeBlock(store, id)) * PAGE_BYTES;
}

/** Its captured stack. */
export function parkedStack(store: ByteStore, id: BlockId): Uint8Array {
  return stackOf(store, id, wholeBlock(store, id));
}

function pagesOf(block: Int32Array): number {
  return block[1]! & (2 ** STATE_BITS - 1);
}

function stackOf(store: ByteStore, id: BlockId, block: Int32Array): Uint8Array {
  const at = store.offsetOf(id);
  return store.slabOf(id).subarray(at + (HEADER_WORDS + block[3]!) * 4, at + block[0]!);
}

/** From where the block begins to the end of its slab. */
function wholeBlock(store: ByteStore, id: BlockId): Int32Array {
  const slab = store.slabOf(id);
  const at = store.offsetOf(id);
  return wordsOf(slab, at, slab.length - at);
}

function wordsOf(bytes: Uint8Array, from: number, length: number): Int32Array {
  return new Int32Array(bytes.buffer, bytes.byteOffset + from, length >> 2);
}
