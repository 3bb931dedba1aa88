// Small blocks that were freed, by size, in front of asc's allocator: an object that comes and goes takes a load and two stores each way
// instead of 30 ns. The allocator has such blocks for used ones; before it grows the memory it gets them all back, so that what is free can
// become one again. Compiled into every guest: see guest-sdk/compiler/runtime.ts.
import { BLOCK_OVERHEAD } from "rt/common";
import { tlsfAlloc, tlsfFree } from "rt/tlsf";

/** Payloads up to this size. Blocks are multiples of 16 with a header of 4. */
const MOST_BYTES: usize = 252;
const LISTS: usize = ((MOST_BYTES + BLOCK_OVERHEAD) >> 4) + 1;
/** The first free block of each size, as its payload's address; each holds the next. */
// @ts-ignore: decorator
@inline const heads: usize = memory.data(17 * sizeof<usize>(), 16);

// @ts-ignore: decorator
@global @unsafe
export function __alloc(size: usize): usize {
  if (size <= MOST_BYTES) {
    const place = heads + (((size + BLOCK_OVERHEAD + 15) >> 4) << alignof<usize>());
    const block = load<usize>(place);
    if (block != 0) {
      store<usize>(place, load<usize>(block));
      return block;
    }
  }
  return tlsfAlloc(size);
}

// @ts-ignore: decorator
@global @unsafe
export function __free(block: usize): void {
  if (block < __heap_base) return;
  const size = load<usize>(block - BLOCK_OVERHEAD) & ~3;
  if (size > MOST_BYTES) {
    tlsfFree(block);
    return;
  }
  const place = heads + (((size + BLOCK_OVERHEAD) >> 4) << alignof<usize>());
  store<usize>(block, load<usize>(place));
  store<usize>(place, block);
}

/** Zeros for a new object. Its block has room for whole words. */
// @ts-ignore: decorator
@inline
export function clear(at: usize, size: usize): void {
  if (size > 64) {
    memory.fill(at, 0, size);
    return;
  }
  for (const end = at + size; at < end; at += 4) store<u32>(at, 0);
}

/** Gives every block back; false when there is none. */
export function reclaim(): bool {
  let found = false;
  for (let place = heads; place < heads + LISTS * sizeof<usize>(); place += sizeof<usize>()) {
    let block = load<usize>(place);
    store<usize>(place, 0);
    while (block != 0) {
      found = true;
      const next = load<usize>(block);
      tlsfFree(block);
      block = next;
    }
  }
  return found;
}
