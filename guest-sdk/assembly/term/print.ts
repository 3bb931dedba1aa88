// Terms as Erlang writes them, for people. The bytes are not trusted: what is no term prints as `?`.
import {
  ATOM_UTF8, BINARY, BIT_BINARY, INTEGER, LARGE_TUPLE, LIST, MAP, NEWER_REFERENCE, NEW_FLOAT, NEW_PID, NIL, SMALL_ATOM_UTF8,
  SMALL_BIG, SMALL_INTEGER, SMALL_TUPLE, STRING,
} from "./tags";
import { termEnd } from "./walk";

/** Deeper terms print as `...`. */
const MOST_DEPTH = 32;
/** After so many characters the rest of a text, list, tuple or map prints as `...`. */
const MOST_CHARACTERS = 2000;

let at: usize = 0;
let end: usize = 0;

/** The term (without version byte) between two addresses, as text. */
export function printTerm(from: usize, to: usize): string {
  if (termEnd(from, to) == 0) return "?";
  at = from;
  end = to;
  return print(0);
}

/** A pid as `<0.ID.SERIAL>`, a reference as `#Ref<0.0.HIGH.LOW>`; `pointer` is at the tag. */
export function identifierText(pointer: usize): string {
  const reference = load<u8>(pointer) == NEWER_REFERENCE;
  const atom = pointer + (reference ? 3 : 1);
  const short = load<u8>(atom) == SMALL_ATOM_UTF8;
  const node = atom + (short ? 2 + <usize>load<u8>(atom, 1) : 3 + <usize>bswap<u16>(load<u16>(atom, 1)));
  if (!reference) return "<0." + word(node) + "." + word(node + 4) + ">";
  const words = bswap<u16>(load<u16>(pointer, 1));
  return "#Ref<0.0." + (words > 1 ? word(node + 8) : "0") + "." + (words > 0 ? word(node + 4) : "0") + ">";
}

function word(at: usize): string {
  return bswap<u32>(load<u32>(at)).toString();
}

function print(depth: i32): string {
  const from = at;
  const tag = load<u8>(at);
  if (tag == SMALL_TUPLE || tag == LARGE_TUPLE) {
    const small = tag == SMALL_TUPLE;
    const arity = small ? <u32>load<u8>(at, 1) : bswap<u32>(load<u32>(at, 1));
    at += small ? 2 : 5;
    return sequence("{", arity, "}", depth, from);
  }
  if (tag == LIST) {
    const count = bswap<u32>(load<u32>(at, 1));
    at += 5;
    return sequence("[", count, "]", depth, from);
  }
  if (tag == MAP) {
    const pairs = bswap<u32>(load<u32>(at, 1));
    at += 5;
    return sequence("#{", pairs, "}", depth, from);
  }
  at = termEnd(at, end);
  if (tag == NIL) return "[]";
  if (tag == SMALL_INTEGER) return load<u8>(from, 1).toString();
  if (tag == INTEGER) return (<i32>bswap<u32>(load<u32>(from, 1))).toString();
  if (tag == NEW_FLOAT) return reinterpret<f64>(bswap<u64>(load<u64>(from, 1))).toString();
  if (tag == SMALL_ATOM_UTF8) return quoted(from + 2, <usize>load<u8>(from, 1));
  if (tag == ATOM_UTF8) return quoted(from + 3, <usize>bswap<u16>(load<u16>(from, 1)));
  if (tag == NEW_PID || tag == NEWER_REFERENCE) return identifierText(from);
  if (tag == BINARY) return binary(from + 5, at - from - 5);
  if (tag == STRING) return '"' + escaped(latin1(from + 3, at - from - 3), 0x22) + '"';
  if (tag == BIT_BINARY) return byteList(from + 6, at - from - 6);
  if (tag == SMALL_BIG) return bigText(from);
  return "#Term<" + tag.toString() + ">";
}

function sequence(open: string, count: u32, close: string, depth: i32, from: usize): string {
  const behind = termEnd(from, end);
  let text = open;
  for (let i: u32 = 0; i < count; i++) {
    if (i > 0) text += open == "#{" ? ", " : ",";
    if (depth >= MOST_DEPTH || text.length > MOST_CHARACTERS) {
      at = behind;
      return text + "..." + close;
    }
    text += print(depth + 1);
    if (open == "#{") text += " => " + print(depth + 1);
  }
  if (open == "[") {
    if (load<u8>(at) == NIL) at++;
    else text += "|" + print(depth + 1);
  }
  return text + close;
}

function quoted(from: usize, size: usize): string {
  const name = String.UTF8.decodeUnsafe(from, size);
  let plain = size > 0 && name.charCodeAt(0) >= 0x61 && name.charCodeAt(0) <= 0x7a;
  for (let i = 1; plain && i < name.length; i++) {
    const c = name.charCodeAt(i);
    plain = (c >= 0x61 && c <= 0x7a) || (c >= 0x41 && c <= 0x5a) || (c >= 0x30 && c <= 0x39) || c == 0x5f || c == 0x40;
  }
  return plain ? name : "'" + escaped(name, 0x27) + "'";
}

function binary(from: usize, size: usize): string {
  let ascii = true;
  for (let i: usize = 0; i < size && ascii; i++) ascii = load<u8>(from + i) < 128;
  return '<<"' + escaped(String.UTF8.decodeUnsafe(from, size), 0x22) + (ascii ? '">>' : '"/utf8>>');
}

function escaped(text: string, quote: i32): string {
  const length = min(text.length, MOST_CHARACTERS);
  let result = "";
  let from = 0;
  for (let i = 0; i < length; i++) {
    const c = text.charCodeAt(i);
    if (c >= 32 && c != 127 && c != quote && c != 0x5c) continue;
    result += text.substring(from, i);
    from = i + 1;
    if (c == quote || c == 0x5c) result += "\\" + text.charAt(i);
    else if (c == 10) result += "\\n";
    else result += "\\x{" + c.toString(16) + "}";
  }
  result += text.substring(from, length);
  return length < text.length ? result + "..." : result;
}

function latin1(from: usize, size: usize): string {
  let text = "";
  if (size > <usize>MOST_CHARACTERS) size = <usize>MOST_CHARACTERS;
  for (let i: usize = 0; i < size; i++) text += String.fromCharCode(<i32>load<u8>(from + i));
  return text;
}

function byteList(from: usize, size: usize): string {
  let text = "<<";
  for (let i: usize = 0; i < size; i++) {
    if (i > 0) text += ",";
    if (text.length > MOST_CHARACTERS) return text + "...>>";
    text += load<u8>(from + i).toString();
  }
  return text + ">>";
}

/** Integers of more than 64 bits print in base 16, in Erlang's notation. */
function bigText(from: usize): string {
  const size = <usize>load<u8>(from, 1);
  const sign = load<u8>(from, 2) != 0 ? "-" : "";
  if (size <= 8) {
    let magnitude: u64 = 0;
    for (let i = size; i > 0; i--) magnitude = (magnitude << 8) | <u64>load<u8>(from + i, 2);
    return sign + magnitude.toString();
  }
  let digits = "";
  for (let i = size; i > 0; i--) digits += load<u8>(from + i, 2).toString(16).padStart(2, "0");
  return sign + "16#" + digits;
}
