// Writes terms in the canonical external term format into one static buffer that grows. A hot path: every message that a guest
// sends is written here. Nothing in this file allocates on the managed heap; a process runs one thing at a time, so one buffer
// is enough. It must not import what allocates.
import {
  ATOM_UTF8, BINARY, BIT_BINARY, INTEGER, LIST, MAP, NEW_FLOAT, NIL, LARGE_TUPLE, SMALL_ATOM_UTF8, SMALL_BIG, SMALL_INTEGER,
  SMALL_TUPLE, VERSION,
} from "./tags";
import { copyBytes } from "./short-bytes";

const FIRST_CAPACITY: usize = 1024;
/** A larger buffer is given back when the next term begins, so that one large message does not stay paid for. */
const KEPT_CAPACITY: usize = 65536;

const first: usize = memory.data(1024, 8);
let base: usize = first;
let limit: usize = first + FIRST_CAPACITY;
let at: usize = 0;

/** Begins a new term with its version byte; what was in the buffer is lost. */
@inline
export function begin(): void {
  if (limit - base > KEPT_CAPACITY) shrink();
  at = base;
  store<u8>(at, VERSION);
  at += 1;
}

/** Begins one more term behind the others and says where, as an offset from `start()`. */
@inline
export function beginNext(): usize {
  const offset = at - base;
  need(1);
  store<u8>(at, VERSION);
  at += 1;
  return offset;
}

/** Where the first term lies. Valid until more is written. */
@inline
export function start(): usize {
  return base;
}

/** Bytes written since `begin`. */
@inline
export function length(): usize {
  return at - base;
}

/** Makes room for `size` more bytes. */
@inline
function need(size: usize): void {
  if (at + size > limit) grow(size);
}

function shrink(): void {
  heap.free(base);
  base = first;
  limit = first + FIRST_CAPACITY;
}

function grow(size: usize): void {
  const used = at - base;
  let capacity = (limit - base) * 2;
  while (capacity < used + size) {
    capacity *= 2;
    // 2 GB cannot be had in one piece; growing traps in the allocator rather than turning round here.
    if (capacity == 0) unreachable();
  }
  const bigger = heap.alloc(capacity);
  memory.copy(bigger, base, used);
  if (limit - base > FIRST_CAPACITY) heap.free(base);
  base = bigger;
  limit = bigger + capacity;
  at = bigger + used;
}

/** Makes room for `size` more bytes and says where they go; `wrote` tells that they are there. */
@inline
export function room(size: usize): usize {
  need(size);
  return at;
}

/** That so many bytes were written. */
@inline
export function wrote(size: usize): void {
  at += size;
}

/** Copies bytes that are already encoded (without a version byte). */
export function raw(from: usize, size: usize): void {
  need(size);
  copyBytes(at, from, size);
  at += size;
}

/** As `integer`, for what needs no more than 32 bits: nearly all integers in messages. */
export function integer32(value: i32): void {
  need(5);
  const here = at;
  if (<u32>value <= 255) {
    store<u16>(here, <u16>((value << 8) | SMALL_INTEGER));
    at = here + 2;
  } else {
    store<u8>(here, INTEGER);
    store<u32>(here, bswap<u32>(<u32>value), 1);
    at = here + 5;
  }
}

export function integer(value: i64): void {
  need(11);
  if (value >= 0 && value <= 255) {
    store<u8>(at, SMALL_INTEGER);
    store<u8>(at, <u8>value, 1);
    at += 2;
  } else if (value == <i64>(<i32>value)) {
    store<u8>(at, INTEGER);
    store<u32>(at, bswap<u32>(<u32>value), 1);
    at += 5;
  } else {
    big(value < 0 ? 0 - <u64>value : <u64>value, value < 0);
  }
}

export function unsigned(value: u64): void {
  if (value <= <u64>i64.MAX_VALUE) {
    integer(<i64>value);
  } else {
    need(11);
    big(value, false);
  }
}

function big(magnitude: u64, negative: bool): void {
  const bytes = <usize>(8 - (clz<u64>(magnitude) >> 3));
  store<u8>(at, SMALL_BIG);
  store<u8>(at, <u8>bytes, 1);
  store<u8>(at, negative ? 1 : 0, 2);
  store<u64>(at, magnitude, 3);
  at += 3 + bytes;
}

/** The value has to be finite: Erlang has neither NaN nor infinity. */
export function float(value: f64): void {
  need(9);
  store<u8>(at, NEW_FLOAT);
  store<u64>(at, bswap<u64>(reinterpret<u64>(value)), 1);
  at += 9;
}

export function boolean(value: bool): void {
  need(7);
  store<u8>(at, SMALL_ATOM_UTF8);
  if (value) {
    store<u8>(at, 4, 1);
    store<u32>(at, 0x65757274, 2); // "true"
    at += 6;
  } else {
    store<u8>(at, 5, 1);
    store<u32>(at, 0x736c6166, 2); // "fals"
    store<u8>(at, 0x65, 6);
    at += 7;
  }
}

/** An atom. More than 255 bytes of UTF-8 take the longer form, which the host reads and, where it is no atom, refuses. */
export function atom(name: string): void {
  const size = <usize>String.UTF8.byteLength(name);
  need(size + 3);
  if (size <= 255) {
    store<u8>(at, SMALL_ATOM_UTF8);
    store<u8>(at, <u8>size, 1);
    at += 2;
  } else {
    store<u8>(at, ATOM_UTF8);
    store<u16>(at, bswap<u16>(<u16>size), 1);
    at += 3;
  }
  at += String.UTF8.encodeUnsafe(changetype<usize>(name), name.length, at, false, String.UTF8.ErrorMode.REPLACE);
}

/** Text as a binary; unpaired surrogates become U+FFFD. */
export function text(value: string): void {
  const most = <usize>value.length * 3;
  need(most + 5);
  const size = String.UTF8.encodeUnsafe(changetype<usize>(value), value.length, at + 5, false, String.UTF8.ErrorMode.REPLACE);
  store<u8>(at, BINARY);
  store<u32>(at, bswap<u32>(<u32>size), 1);
  at += 5 + size;
}

/** Text alone, without version byte, tag and length: for syscalls that take UTF-8. */
export function utf8(value: string): void {
  begin();
  at = base;
  need(<usize>value.length * 3);
  at += String.UTF8.encodeUnsafe(changetype<usize>(value), value.length, at, false, String.UTF8.ErrorMode.REPLACE);
}

/** Bytes that are no text. */
export function bytes(from: usize, size: usize): void {
  need(size + 6);
  store<u8>(at, BIT_BINARY);
  store<u32>(at, bswap<u32>(<u32>size), 1);
  // Bits of the last byte, of which nothing has none.
  store<u8>(at, size == 0 ? 0 : 8, 5);
  memory.copy(at + 6, from, size);
  at += 6 + size;
}

/** Begins a tuple; its elements follow. */
export function tuple(arity: u32): void {
  need(5);
  if (arity <= 255) {
    store<u8>(at, SMALL_TUPLE);
    store<u8>(at, <u8>arity, 1);
    at += 2;
  } else {
    store<u8>(at, LARGE_TUPLE);
    store<u32>(at, bswap<u32>(arity), 1);
    at += 5;
  }
}

/** Begins a list of that many elements, which follow, and after them `nil` (or, for an improper list, its tail). Not for 0. */
export function list(count: u32): void {
  need(5);
  store<u8>(at, LIST);
  store<u32>(at, bswap<u32>(count), 1);
  at += 5;
}

/** The empty list, and the end of a list. */
export function nil(): void {
  need(1);
  store<u8>(at, NIL);
  at += 1;
}

/** Begins a map; key, value, key, value and so on follow. */
export function map(size: u32): void {
  need(5);
  store<u8>(at, MAP);
  store<u32>(at, bswap<u32>(size), 1);
  at += 5;
}
