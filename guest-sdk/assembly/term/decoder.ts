// Reads terms where they lie. A hot path: every message that a guest receives is read here, straight into fields. Bytes come
// from outside, so every read is checked against the end of the term; a term of another shape ends the process with
// `{bad_message, Text}`, and the text names the field, what was expected and what was there.
import { fail } from "../fault";
import { Encoded, encodedFrom } from "./encoded";
import { printTerm } from "./print";
import {
  ATOM_UTF8, BINARY, BIT_BINARY, INTEGER, LIST, MAP, NEW_FLOAT, NEW_PID, NIL, SMALL_ATOM_UTF8, SMALL_BIG, SMALL_INTEGER, SMALL_TUPLE,
  LARGE_TUPLE, STRING, VERSION,
} from "./tags";
import { termEnd } from "./walk";

let at: usize = 0;
let end: usize = 0;

/** Begins to read a term of `length` bytes, version byte included. */
@inline
export function open(pointer: usize, length: usize): void {
  at = pointer + 1;
  end = pointer + length;
  if (length == 0 || load<u8>(pointer) != VERSION) fail("bad_message", "not a term: no version byte");
}

/** The term that was opened, whole, as its bytes; its shape is checked through and through, so that nobody has to later. */
export function whole<T extends Encoded>(): T {
  if (termEnd(at, end) != end) truncated();
  return encodedFrom<T>(at - 1, end - at + 1);
}

/** Where the next term begins. */
@inline
export function position(): usize {
  return at;
}

/** Goes back to a position, to read a term again. */
@inline
export function seek(position: usize): void {
  at = position;
}

/** Skips bytes that are known to be there: the constant beginning of a message that was received by it. */
@inline
export function advance(size: usize): void {
  at += size;
  if (at > end) truncated();
}

/** Whether there are so many bytes more. */
@inline
export function has(size: usize): bool {
  return end - at >= size;
}

/** The tag of the next term, without reading it. */
@inline
export function peek(): u8 {
  if (at >= end) truncated();
  return load<u8>(at);
}

/** Passes over a pid and gives its length, or 0 when there is none; those of usual nodes without a walk. */
export function skipPid(): usize {
  const from = at;
  const room = end - from;
  if (room < 3 || load<u8>(from) != NEW_PID) return 0;
  if (load<u8>(from, 1) != SMALL_ATOM_UTF8) return skip();
  const size = <usize>load<u8>(from, 2) + 15;
  if (size > room) truncated();
  at = from + size;
  return size;
}

/** Passes over one term and gives its length. */
export function skip(): usize {
  const from = at;
  at = termEnd(from, end);
  if (at == 0) truncated();
  return at - from;
}

function truncated(): void {
  fail("bad_message", "not a term: it ends too early");
}

/** Ends the process: the term at the position is not what was expected. Never returns. */
export function mismatch(where: string, expected: string): void {
  const last = termEnd(at, end);
  fail("bad_message", where + ": expected " + expected + ", got " + (last == 0 ? "no term" : printTerm(at, last)));
}

@inline
function need(size: usize): void {
  if (end - at < size) truncated();
}

/** An integer that fits T; everything up to 64 bits of either sign. */
export function integer<T>(where: string): T {
  const from = at;
  const room = end - from;
  if (room >= 2 && load<u8>(from) == SMALL_INTEGER) {
    const value = load<u8>(from, 1);
    if (sizeof<T>() > 1 || !isSigned<T>() || value <= 127) {
      at = from + 2;
      return <T>value;
    }
  } else if (room >= 5 && load<u8>(from) == INTEGER) {
    const value = <i32>bswap<u32>(load<u32>(from, 1));
    if (fits<T>(<i64>value)) {
      at = from + 5;
      return <T>value;
    }
  }
  return longInteger<T>(where);
}

/** As `integer`, for what is not in one of the short forms. */
function longInteger<T>(where: string): T {
  const tag = peek();
  if (tag == SMALL_INTEGER) {
    need(2);
  } else if (tag == INTEGER) {
    need(5);
  } else if (tag == SMALL_BIG) {
    need(3);
    const size = <usize>load<u8>(at, 1);
    need(3 + size);
    const negative = load<u8>(at, 2) != 0;
    let magnitude: u64 = 0;
    let small = true;
    for (let i: usize = 0; i < size; i++) {
      const digit = load<u8>(at + i, 3);
      if (i < 8) magnitude |= (<u64>digit) << (i << 3);
      else if (digit != 0) small = false;
    }
    if (small) {
      if (magnitude <= <u64>i64.MAX_VALUE || (negative && magnitude == 0x8000000000000000)) {
        const value = negative ? <i64>(0 - magnitude) : <i64>magnitude;
        if (fits<T>(value)) {
          at += 3 + size;
          return <T>value;
        }
      } else if (!negative && !isSigned<T>() && sizeof<T>() == 8) {
        at += 3 + size;
        return <T>magnitude;
      }
    }
  }
  mismatch(where, "an integer that fits " + nameof<T>());
  return unreachable();
}

@inline
function fits<T>(value: i64): bool {
  if (isSigned<T>()) {
    if (sizeof<T>() == 8) return true;
    return value >= <i64>minimum<T>() && value <= <i64>maximum<T>();
  }
  if (sizeof<T>() == 8) return value >= 0;
  return value >= 0 && value <= <i64>maximum<T>();
}

@inline
function minimum<T>(): i64 {
  return isSigned<T>() ? (<i64>-1) << ((sizeof<T>() << 3) - 1) : 0;
}

@inline
function maximum<T>(): i64 {
  return isSigned<T>() ? ((<i64>1) << ((sizeof<T>() << 3) - 1)) - 1 : ((<i64>1) << (sizeof<T>() << 3)) - 1;
}

/** A float; an integer is taken too, as Erlang's arithmetic does. */
export function float(where: string): f64 {
  const tag = peek();
  if (tag == NEW_FLOAT) {
    need(9);
    const value = reinterpret<f64>(bswap<u64>(load<u64>(at, 1)));
    at += 9;
    return value;
  }
  if (tag == SMALL_INTEGER) {
    need(2);
    const value = load<u8>(at, 1);
    at += 2;
    return <f64>value;
  }
  if (tag == INTEGER) {
    need(5);
    const value = <i32>bswap<u32>(load<u32>(at, 1));
    at += 5;
    return <f64>value;
  }
  if (tag == SMALL_BIG) {
    need(3);
    const size = <usize>load<u8>(at, 1);
    need(3 + size);
    let value: f64 = 0;
    for (let i = size; i > 0; i--) value = value * 256 + <f64>load<u8>(at + i, 2);
    const negative = load<u8>(at, 2) != 0;
    at += 3 + size;
    return negative ? -value : value;
  }
  mismatch(where, "a float");
  return unreachable();
}

/** One of the atoms true and false. */
export function boolean(where: string): bool {
  if (end - at >= 6 && load<u16>(at) == 0x0477 && load<u32>(at, 2) == 0x65757274) {
    at += 6;
    return true;
  }
  if (end - at >= 7 && load<u16>(at) == 0x0577 && load<u32>(at, 2) == 0x736c6166 && load<u8>(at, 6) == 0x65) {
    at += 7;
    return false;
  }
  mismatch(where, "true or false");
  return unreachable();
}

/** Whether the next term is the atom undefined or null, which both stand for null; if so it is read. */
export function nothing(): bool {
  if (end - at >= 11 && load<u16>(at) == 0x0977 && load<u64>(at, 2) == 0x656e696665646e75 && load<u8>(at, 10) == 0x64) {
    at += 11;
    return true;
  }
  if (end - at >= 6 && load<u16>(at) == 0x0477 && load<u32>(at, 2) == 0x6c6c756e) {
    at += 6;
    return true;
  }
  return false;
}

/** Text: a binary, whole bytes, or a list of bytes as Erlang prints a string. */
export function text(where: string): string {
  const tag = peek();
  if (tag == BINARY || tag == BIT_BINARY) {
    const size = binarySize(where);
    const value = String.UTF8.decodeUnsafe(at, size);
    at += size;
    return value;
  }
  if (tag == STRING) {
    need(3);
    const size = <usize>bswap<u16>(load<u16>(at, 1));
    need(3 + size);
    const value = changetype<string>(__new(size << 1, idof<string>()));
    for (let i: usize = 0; i < size; i++) store<u16>(changetype<usize>(value) + (i << 1), load<u8>(at + i, 3));
    at += 3 + size;
    return value;
  }
  mismatch(where, "text");
  return unreachable();
}

/** The key of a map of strings: text, or an atom's name, which is what the keys of JavaScript's plain objects are. */
export function key(where: string): string {
  if (!isAtom()) return text(where);
  const from = at;
  const size = skip();
  const header: usize = load<u8>(from) == SMALL_ATOM_UTF8 ? 2 : 3;
  return String.UTF8.decodeUnsafe(from + header, size - header);
}

/** The size of a binary's or of whole bytes' content; the position is then at the content. */
export function binarySize(where: string): usize {
  const tag = peek();
  if (tag != BINARY && tag != BIT_BINARY) mismatch(where, "bytes");
  const header: usize = tag == BINARY ? 5 : 6;
  need(header);
  const size = <usize>bswap<u32>(load<u32>(at, 1));
  if (tag == BIT_BINARY && size > 0 && load<u8>(at, 5) != 8) mismatch(where, "whole bytes");
  if (end - at - header < size) truncated();
  at += header;
  return size;
}

/** The number of elements of a tuple; they follow. */
export function tuple(where: string): u32 {
  const tag = peek();
  if (tag == SMALL_TUPLE) {
    need(2);
    const arity = <u32>load<u8>(at, 1);
    at += 2;
    return arity;
  }
  if (tag == LARGE_TUPLE) {
    need(5);
    const arity = bswap<u32>(load<u32>(at, 1));
    at += 5;
    return arity;
  }
  mismatch(where, "a tuple");
  return unreachable();
}

/** The number of elements of a list; they follow, and after them, unless there are none, the tail. */
export function list(where: string): u32 {
  const tag = peek();
  if (tag == NIL) {
    at += 1;
    return 0;
  }
  if (tag != LIST) mismatch(where, "a list");
  need(5);
  const count = bswap<u32>(load<u32>(at, 1));
  // Every element has a byte at least: a list that claims more than there is must not make anybody allocate for it.
  if (<usize>count >= end - at - 4) truncated();
  at += 5;
  return count;
}

/** The end of a list. */
export function nil(where: string): void {
  if (peek() != NIL) mismatch(where, "the end of a list");
  at += 1;
}

/** The bytes of a list that Erlang packed as a string: their number; the position is then at the first. */
export function packedList(): u32 {
  need(3);
  const count = <u32>bswap<u16>(load<u16>(at, 1));
  need(3 + <usize>count);
  at += 3;
  return count;
}

/** The number of pairs of a map; they follow. */
export function map(where: string): u32 {
  if (peek() != MAP) mismatch(where, "a map");
  need(5);
  const size = bswap<u32>(load<u32>(at, 1));
  if (<usize>size > (end - at - 5) >> 1) truncated();
  at += 5;
  return size;
}

/** Whether the next term is an atom. */
@inline
export function isAtom(): bool {
  const tag = peek();
  return tag == SMALL_ATOM_UTF8 || tag == ATOM_UTF8;
}
