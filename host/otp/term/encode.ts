// Terms to the external term format (ERTS User's Guide, External Term Format), in the one canonical form that ABI.md fixes.
// A hot path: every message between JavaScript and a guest passes here. One scratch buffer, one copy out.

import { MoonletError } from "../error.ts";
import { Pid } from "../pid.ts";
import { Ref } from "../ref.ts";
import { Atom, type AtomWords } from "./atom.ts";
import { copyEncoded } from "./slab.ts";
import { MAX_DEPTH, TAG, VERSION } from "./tags.ts";
import { BitString, Float, ImproperList, Opaque, Tuple } from "./tuple.ts";

const KEPT_BYTES = 1 << 20;
/** An answer of the host to a guest is rarely longer. */
const MOST_HEAD_BYTES = 255;
const text = new TextEncoder();

let buffer = new Uint8Array(4096);
let view = new DataView(buffer.buffer);
/** Where the next byte goes. Nested calls (from a `toTerm`) write behind the outer one. */
let at = 0;

/** The node whose encoded name is in `nodeWords`: nearly always the local one. */
let nodeName: string | undefined;
let nodeWords: AtomWords = { words: new Int32Array(0), length: 0 };

/** The first bytes of `buffer`, by how many: a view of them takes longer to make than to copy. */
const heads: (Uint8Array | undefined)[] = new Array(MOST_HEAD_BYTES + 1).fill(undefined);

/**
 * Encodes a value as a term, version byte included. An object with a method `toTerm` encodes as what that returns. Unpaired
 * surrogates in text become U+FFFD.
 * @throws MoonletError badarg for what is no term (functions, symbols, class instances, NaN), or is nested deeper than 512.
 */
export function encodeTerm(value: unknown): Uint8Array {
  const start = at;
  try {
    reserve(1);
    buffer[at++] = VERSION;
    write(value, 0);
    return copyEncoded(buffer, start, at);
  } finally {
    at = start;
    if (start === 0 && buffer.length > KEPT_BYTES) setBuffer(new Uint8Array(4096));
  }
}

/**
 * As `encodeTerm`, to `place` of `target`, if it takes no more than `room` bytes there; gives how many it takes, or 0 when it does not fit.
 * Makes nothing, where what `encodeTerm` gives would be copied once and forgotten.
 */
export function encodeInto(value: unknown, target: Uint8Array, place: number, room: number): number {
  const start = at;
  try {
    reserve(1);
    buffer[at++] = VERSION;
    write(value, 0);
    const length = at - start;
    if (length > room) return 0;
    target.set(start === 0 && length <= MOST_HEAD_BYTES ? head(length) : buffer.subarray(start, at), place);
    return length;
  } finally {
    at = start;
  }
}

function reserve(bytes: number): void {
  if (at + bytes <= buffer.length) return;
  const larger = new Uint8Array(Math.max(buffer.length * 2, at + bytes));
  larger.set(buffer.subarray(0, at));
  setBuffer(larger);
}

function setBuffer(made: Uint8Array<ArrayBuffer>): void {
  buffer = made;
  view = new DataView(made.buffer);
  heads.fill(undefined);
}

function head(length: number): Uint8Array {
  heads[length] ??= buffer.subarray(0, length);
  return heads[length];
}

function write(value: unknown, depth: number): void {
  if (typeof value === "object" && value !== null) {
    writeObject(value, depth);
    return;
  }
  switch (typeof value) {
    case "number":
      writeNumber(value);
      break;
    case "string":
      writeText(value);
      break;
    case "object":
      writeAtom("null");
      break;
    case "boolean":
      writeAtom(value ? "true" : "false");
      break;
    case "undefined":
      writeAtom("undefined");
      break;
    case "bigint":
      writeBigint(value);
      break;
    default:
      throw notATerm(typeof value === "function" ? "a function" : "a symbol");
  }
}

function writeObject(value: object, depth: number): void {
  if (value instanceof Atom) {
    value.encoded ??= atomWords(value.name);
    writeWords(value.encoded);
  } else if (value instanceof Pid) writePid(value);
  else if (value instanceof Ref) writeRef(value);
  else if (depth < MAX_DEPTH) writeNested(value, depth);
  else {
    const hint = "does it contain itself?";
    throw new MoonletError("badarg", `a term is nested deeper than ${MAX_DEPTH}`, { hint });
  }
}

function writeNested(value: object, depth: number): void {
  if (value instanceof Tuple) writeTuple(value, depth);
  else if (Array.isArray(value)) writeList(value, depth);
  else if (value instanceof Uint8Array) writeBytes(value, 8);
  else if (value instanceof Map) writeMap(value, depth);
  else if (value instanceof Float) writeFloat(value.value);
  else if (value instanceof ImproperList) {
    writeElements(TAG.list, value.heads, depth);
    write(value.tail, depth + 1);
  } else if (value instanceof BitString) writeBytes(value.bytes, value.lastBits);
  else if (value instanceof Opaque) copy(value.bytes);
  else writeOther(value, depth);
}

function writeOther(value: object, depth: number): void {
  const { toTerm } = value as { toTerm?: unknown };
  if (typeof toTerm === "function") {
    write(toTerm.call(value), depth + 1);
    return;
  }
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== null && Object.getPrototypeOf(prototype) !== null) {
    throw notATerm(
      `an instance of ${(value as { constructor?: { name?: string } }).constructor?.name ?? "a class"}`,
    );
  }
  writePlainObject(value as Record<string, unknown>, depth);
}

function notATerm(what: string): MoonletError {
  return new MoonletError("badarg", `${what} is not a term`, {
    hint: "give it a method toTerm() that returns one",
  });
}

function writeNumber(value: number): void {
  if (!Number.isSafeInteger(value)) {
    writeFloat(value);
    return;
  }
  reserve(11);
  if (value >= 0 && value <= 255) {
    buffer[at++] = TAG.smallInteger;
    buffer[at++] = value;
  } else if (value === (value | 0)) {
    buffer[at++] = TAG.integer;
    view.setInt32(at, value);
    at += 4;
  } else {
    buffer[at] = TAG.smallBig;
    buffer[at + 2] = value < 0 ? 1 : 0;
    const first = at + 3;
    at = first;
    for (let rest = Math.abs(value); rest > 0; rest = Math.floor(rest / 256)) buffer[at++] = rest % 256;
    buffer[first - 2] = at - first;
  }
}

function writeBigint(value: bigint): void {
  if (value >= -0x8000_0000n && value <= 0x7fff_ffffn) {
    writeNumber(Number(value));
    return;
  }
  const magnitude = value < 0n ? -value : value;
  let hex = magnitude.toString(16);
  if (hex.length % 2 === 1) hex = `0${hex}`;
  const bytes = hex.length / 2;
  reserve(bytes + 6);
  if (bytes <= 255) {
    buffer[at++] = TAG.smallBig;
    buffer[at++] = bytes;
  } else {
    buffer[at++] = TAG.largeBig;
    view.setUint32(at, bytes);
    at += 4;
  }
  buffer[at++] = value < 0n ? 1 : 0;
  for (let i = hex.length - 2; i >= 0; i -= 2) buffer[at++] = Number.parseInt(hex.slice(i, i + 2), 16);
}

function writeFloat(value: number): void {
  if (!Number.isFinite(value))
    throw new MoonletError("badarg", `${value} is not a term: Erlang's floats are finite`);
  reserve(9);
  buffer[at] = TAG.newFloat;
  view.setFloat64(at + 1, value);
  at += 9;
}

function writeAtom(name: string): void {
  reserve(name.length * 3 + 3);
  const start = at;
  at += 2;
  const bytes = writeCharacters(name);
  if (bytes <= 255) {
    buffer[start] = TAG.smallAtomUtf8;
    buffer[start + 1] = bytes;
    return;
  }
  buffer.copyWithin(start + 3, start + 2, at);
  buffer[start] = TAG.atomUtf8;
  view.setUint16(start + 1, bytes);
  at++;
}

function writeText(value: string): void {
  reserve(value.length * 3 + 5);
  const start = at;
  buffer[at] = TAG.binary;
  at += 5;
  view.setUint32(start + 1, writeCharacters(value));
}

/** UTF-8 at `at`, for which three bytes per UTF-16 unit are reserved. Short ASCII, the usual case, stays out of TextEncoder. */
function writeCharacters(value: string): number {
  const length = value.length;
  if (length <= 48) {
    let i = 0;
    for (; i < length; i++) {
      const code = value.charCodeAt(i);
      if (code > 127) break;
      buffer[at + i] = code;
    }
    if (i === length) {
      at += length;
      return length;
    }
  }
  const { written } = text.encodeInto(value, buffer.subarray(at));
  at += written;
  return written;
}

function writeBytes(bytes: Uint8Array, lastBits: number): void {
  reserve(bytes.length + 6);
  buffer[at] = TAG.bitBinary;
  view.setUint32(at + 1, bytes.length);
  buffer[at + 5] = bytes.length === 0 ? 0 : lastBits;
  at += 6;
  copy(bytes);
}

function copy(bytes: Uint8Array): void {
  reserve(bytes.length);
  buffer.set(bytes, at);
  at += bytes.length;
}

function writeTuple(value: Tuple, depth: number): void {
  const size = value.length;
  reserve(5);
  if (size <= 255) {
    buffer[at] = TAG.smallTuple;
    buffer[at + 1] = size;
    at += 2;
  } else {
    buffer[at] = TAG.largeTuple;
    view.setUint32(at + 1, size);
    at += 5;
  }
  for (let i = 0; i < size; i++) write(value[i], depth + 1);
}

function writeList(value: readonly unknown[], depth: number): void {
  if (value.length > 0) writeElements(TAG.list, value, depth);
  reserve(1);
  buffer[at++] = TAG.nil;
}

function writeElements(tag: number, elements: readonly unknown[], depth: number): void {
  writeHead(tag, elements.length);
  for (let i = 0; i < elements.length; i++) write(elements[i], depth + 1);
}

function writeHead(tag: number, count: number): void {
  reserve(5);
  buffer[at] = tag;
  view.setUint32(at + 1, count);
  at += 5;
}

function writeMap(value: ReadonlyMap<unknown, unknown>, depth: number): void {
  writeHead(TAG.map, value.size);
  for (const [key, element] of value) {
    write(key, depth + 1);
    write(element, depth + 1);
  }
}

function writePlainObject(value: Readonly<Record<string, unknown>>, depth: number): void {
  const keys = Object.keys(value);
  writeHead(TAG.map, keys.length);
  for (let i = 0; i < keys.length; i++) {
    const key = keys[i] as string;
    if (key.length > 255)
      throw new MoonletError("badarg", `a key of ${key.length} characters is no atom`, { hint: "use a Map" });
    writeAtom(key);
    write(value[key], depth + 1);
  }
}

/** As `writeAtom`, by words: bytes one by one take as long as all the rest of a short term. */
function writeWords({ words, length }: AtomWords): void {
  const start = at;
  reserve(words.length * 4);
  for (let i = 0; i < words.length; i++) view.setInt32(start + i * 4, words[i]!);
  at = start + length;
}

/** The words of an atom in the external term format. */
function atomWords(name: string): AtomWords {
  const start = at;
  writeAtom(name);
  const length = at - start;
  reserve(3);
  const words = Int32Array.from({ length: Math.ceil(length / 4) }, (_, i) => view.getInt32(start + i * 4));
  at = start;
  return { words, length };
}

/** Tag and node; behind it is room for so many bytes more. */
function writeHeader(tag: number, words: number, node: string, tail: number): void {
  if (node !== nodeName) {
    nodeWords = atomWords(node);
    nodeName = node;
  }
  const { words: name, length } = nodeWords;
  reserve(3 + name.length * 4 + tail);
  const out = view;
  let place = at;
  out.setUint8(place++, tag);
  if (words > 0) {
    out.setUint16(place, words);
    place += 2;
  }
  for (let i = 0; i < name.length; i++) out.setInt32(place + i * 4, name[i]!);
  at = place + length;
}

function writePid({ node, number, creation }: Pid): void {
  writeHeader(TAG.newPid, 0, node, 12);
  const start = at;
  writeNumberWords(start, number);
  view.setInt32(start + 8, creation);
  at = start + 12;
}

function writeRef(ref: Ref): void {
  writeHeader(TAG.newerReference, 3, ref.node, 16);
  const start = at;
  view.setInt32(start, ref.creation);
  writeNumberWords(start + 4, ref.number);
  view.setInt32(start + 12, ref.seal);
  at = start + 16;
}

/** Low word, high word. Numbers of few processes are small ones, for which nothing is divided. */
function writeNumberWords(place: number, value: number): void {
  if (value === (value | 0)) {
    view.setInt32(place, value);
    view.setInt32(place + 4, 0);
  } else {
    view.setUint32(place, value % 0x1_0000_0000);
    view.setUint32(place + 4, Math.floor(value / 0x1_0000_0000));
  }
}
