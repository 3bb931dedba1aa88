// Copies and compares few bytes. V8 calls out of the guest for memory.copy, which takes 20 ns also where a handful of loads and stores
// would do; a message is made of such handfuls. Nothing beyond the bytes is read or written.

/** Longer ones go to the engine. */
const MOST: usize = 96;

/** From one place to another that it does not overlap. */
export function copyBytes(to: usize, from: usize, size: usize): void {
  if (size > MOST) {
    memory.copy(to, from, size);
  } else if (size >= 8) {
    // The last eight overlap those before.
    const last = size - 8;
    for (let i: usize = 0; i < last; i += 8) store<u64>(to + i, load<u64>(from + i));
    store<u64>(to + last, load<u64>(from + last));
  } else if (size >= 4) {
    store<u32>(to, load<u32>(from));
    store<u32>(to + size - 4, load<u32>(from + size - 4));
  } else {
    for (let i: usize = 0; i < size; i++) store<u8>(to + i, load<u8>(from + i));
  }
}

/** Whether the bytes are the same. */
export function sameBytes(left: usize, right: usize, size: usize): bool {
  if (size >= 8) {
    // The last eight overlap those before.
    const last = size - 8;
    for (let i: usize = 0; i < last; i += 8) if (load<u64>(left + i) != load<u64>(right + i)) return false;
    return load<u64>(left + last) == load<u64>(right + last);
  }
  if (size >= 4) {
    return load<u32>(left) == load<u32>(right) && load<u32>(left + size - 4) == load<u32>(right + size - 4);
  }
  for (let i: usize = 0; i < size; i++) if (load<u8>(left + i) != load<u8>(right + i)) return false;
  return true;
}
