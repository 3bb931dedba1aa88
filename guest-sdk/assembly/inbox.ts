// The static buffer into which syscalls write their answers. It grows for what does not fit, which is then fetched with a second
// syscall, and shrinks again, so that one large message does not stay paid for. Nothing here allocates on the managed heap.
import { read } from "./abi/message";

const FIRST_CAPACITY: usize = 1024;
/** A larger buffer is given back before the next syscall. */
const KEPT_CAPACITY: usize = 65536;

const first: usize = memory.data(1024, 8);
let base: usize = first;
let room: usize = FIRST_CAPACITY;

/** Where the next answer may be written; what the last one left there is lost. Comes before `capacity` in an argument list. */
@inline
export function inbox(): usize {
  if (room > KEPT_CAPACITY) shrink();
  return base;
}

/** Where the last answer is. */
@inline
export function answer(): usize {
  return base;
}

/** How many bytes an answer may have. */
@inline
export function capacity(): usize {
  return room;
}

/** Fetches an answer of that length if it did not fit; it is at `answer()` afterwards. Not for negative results. */
@inline
export function settle(length: i32): void {
  if (<usize>length > room) fetch(<usize>length);
}

/** Puts an answer back that others may have written over since. */
export function restore(from: usize, length: usize): void {
  if (length > room) makeRoom(length);
  memory.copy(base, from, length);
}

function shrink(): void {
  heap.free(base);
  base = first;
  room = FIRST_CAPACITY;
}

function fetch(length: usize): void {
  makeRoom(length);
  if (read(base, room) != <i32>length) unreachable();
}

function makeRoom(length: usize): void {
  let bigger = room * 2;
  while (bigger < length) {
    bigger *= 2;
    if (bigger == 0) unreachable();
  }
  if (room > FIRST_CAPACITY) heap.free(base);
  base = heap.alloc(bigger);
  room = bigger;
}
