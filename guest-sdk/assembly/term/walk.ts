// Finds where a term ends without reading it. Never recurses and never reads past the end, so it is safe on any bytes.
import {
  ATOM_UTF8, BINARY, BIT_BINARY, EXPORT, INTEGER, LARGE_BIG, LARGE_TUPLE, LIST, MAP, NEWER_REFERENCE, NEW_FLOAT, NEW_FUN, NEW_PID,
  NEW_PORT, NIL, SMALL_ATOM_UTF8, SMALL_BIG, SMALL_INTEGER, SMALL_TUPLE, STRING, V4_PORT,
} from "./tags";

/** The address behind the term (without version byte) at `at`, or 0 when `end` comes before it or a tag is unknown. */
export function termEnd(at: usize, end: usize): usize {
  let left: u64 = 1;
  while (left > 0) {
    left--;
    if (at >= end) return 0;
    const room = end - at;
    const tag = load<u8>(at);
    let size: u64;
    if (tag == SMALL_INTEGER) {
      size = 2;
    } else if (tag == INTEGER) {
      size = 5;
    } else if (tag == SMALL_ATOM_UTF8) {
      if (room < 2) return 0;
      size = 2 + <u64>load<u8>(at, 1);
    } else if (tag == ATOM_UTF8 || tag == STRING) {
      if (room < 3) return 0;
      size = 3 + <u64>bswap<u16>(load<u16>(at, 1));
    } else if (tag == NEW_FLOAT) {
      size = 9;
    } else if (tag == NIL) {
      size = 1;
    } else if (tag == SMALL_TUPLE) {
      if (room < 2) return 0;
      size = 2;
      left += <u64>load<u8>(at, 1);
    } else if (tag == SMALL_BIG) {
      if (room < 2) return 0;
      size = 3 + <u64>load<u8>(at, 1);
    } else if (tag == EXPORT) {
      // Module, function and arity follow as terms.
      size = 1;
      left += 3;
    } else if (tag == NEW_PID || tag == NEW_PORT || tag == V4_PORT) {
      // The node's name lies inside: its length makes the rest known.
      const node = atomSize(at + 1, end);
      if (node == 0) return 0;
      size = 1 + node + (tag == NEW_PORT ? 8 : 12);
    } else if (tag == NEWER_REFERENCE) {
      if (room < 3) return 0;
      const node = atomSize(at + 3, end);
      if (node == 0) return 0;
      size = 3 + node + 4 + (<u64>bswap<u16>(load<u16>(at, 1)) << 2);
    } else {
      if (room < 5) return 0;
      const count = <u64>bswap<u32>(load<u32>(at, 1));
      if (tag == LIST) {
        size = 5;
        left += count + 1;
      } else if (tag == BINARY) {
        size = 5 + count;
      } else if (tag == BIT_BINARY) {
        size = 6 + count;
      } else if (tag == MAP) {
        size = 5;
        left += count << 1;
      } else if (tag == LARGE_TUPLE) {
        size = 5;
        left += count;
      } else if (tag == LARGE_BIG) {
        size = 6 + count;
      } else if (tag == NEW_FUN) {
        // Its size counts itself but not the tag.
        size = 1 + count;
      } else {
        return 0;
      }
    }
    if (size > <u64>room) return 0;
    at += <usize>size;
  }
  return at;
}

/** The bytes of the atom at `at`, or 0 when there is none. */
function atomSize(at: usize, end: usize): u64 {
  if (end <= at || end - at < 3) return 0;
  const tag = load<u8>(at);
  if (tag == SMALL_ATOM_UTF8) return 2 + <u64>load<u8>(at, 1);
  if (tag == ATOM_UTF8) return 3 + <u64>bswap<u16>(load<u16>(at, 1));
  return 0;
}
