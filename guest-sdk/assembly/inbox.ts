// The static buffer into which syscalls write their answers. Grows to the largest answer so far; what does not fit is fetched
// with a second syscall. Nothing here allocates on the managed heap.
import { read } from "./abi/message";

const FIRST_CAPACITY: usize = 1024;

let base: usize = memory.data(1024, 8);
let room: usize = FIRST_CAPACITY;

/** Where an answer is written. */
@inline
export function inbox(): usize {
  return base;
}

/** How many bytes an answer may have. */
@inline
export function capacity(): usize {
  return room;
}

/** Fetches an answer of that length if it did not fit; it is at `inbox()` afterwards. Not for negative results. */
@inline
export function settle(length: i32): void {
  if (<usize>length > room) fetch(<usize>length);
}

function fetch(length: usize): void {
  let bigger = room * 2;
  while (bigger < length) {
    bigger *= 2;
    if (bigger == 0) unreachable();
  }
  if (room > FIRST_CAPACITY) heap.free(base);
  base = heap.alloc(bigger);
  room = bigger;
  if (read(base, room) != <i32>length) unreachable();
}
