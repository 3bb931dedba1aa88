// A guest without an instance: the difference of its memory from the image, then its globals and captured stack, in one block of bytes.
import type { SnapshotState } from "../../instrument/running.ts";
import type { BlockId, ByteStore } from "./byte-store.ts";
import type { Image } from "./image.ts";
import type { Machine } from "./machine.ts";
import { applyDifference, findDifference, foundRuns } from "./memory-difference.ts";

const PAGE_BYTES = 65_536;
/** Size of the block, pages of memory, words of difference, state. */
const HEADER_WORDS = 4;
const STATES: readonly SnapshotState[] = ["idle", "preempted", "suspended"];

/** Copies the machine's guest into a block. The machine may then be given to another. */
export function park(machine: Machine, image: Image, store: ByteStore, state: SnapshotState): BlockId {
  const memory = machine.memory.bytes();
  const words = findDifference(memory, image.memory);
  const address = machine.coroutine.saveState();
  const region = machine.region();
  const size = (HEADER_WORDS + words) * 4 + region.length - address;
  const id = store.allocate(size);
  const slab = store.slabOf(id);
  const at = store.offsetOf(id);
  const header = wordsOf(slab, at);
  header[0] = size;
  header[1] = memory.length / PAGE_BYTES;
  header[2] = words;
  header[3] = STATES.indexOf(state);
  header.set(foundRuns(words), HEADER_WORDS);
  slab.set(region.subarray(address), at + (HEADER_WORDS + words) * 4);
  return id;
}

/** Puts the guest of a block into a machine that is as the image. The block stays. */
export function unpark(machine: Machine, store: ByteStore, id: BlockId): SnapshotState {
  const slab = store.slabOf(id);
  const at = store.offsetOf(id);
  const header = wordsOf(slab, at);
  const state = stateOf(slab, at, header);
  machine.growTo(header[1]! * PAGE_BYTES);
  applyDifference(machine.memory.bytes(), header, HEADER_WORDS, HEADER_WORDS + header[2]!);
  const region = machine.region();
  const address = region.length - state.length;
  region.set(state, address);
  const name = STATES[header[3]!]!;
  machine.coroutine.loadState(address, name);
  return name;
}

export function freeParked(store: ByteStore, id: BlockId): void {
  store.free(id, wordsOf(store.slabOf(id), store.offsetOf(id))[0]!);
}

/** Bytes of linear memory that the guest believes to have. */
export function parkedMemoryBytes(store: ByteStore, id: BlockId): number {
  return wordsOf(store.slabOf(id), store.offsetOf(id))[1]! * PAGE_BYTES;
}

/** Its globals and captured stack, as they lie at the end of the frame region. */
export function parkedState(store: ByteStore, id: BlockId): Uint8Array {
  const slab = store.slabOf(id);
  const at = store.offsetOf(id);
  return stateOf(slab, at, wordsOf(slab, at));
}

function wordsOf(slab: Uint8Array, at: number): Int32Array {
  return new Int32Array(slab.buffer, at);
}

function stateOf(slab: Uint8Array, at: number, header: Int32Array): Uint8Array {
  return slab.subarray(at + (HEADER_WORDS + header[2]!) * 4, at + header[0]!);
}
