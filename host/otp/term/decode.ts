// The external term format to terms. Strict: the bytes may come from a hostile guest, so every read is checked against the
// end, counts are refused before anything is allocated for them, and nesting is limited. A hot path, as encode.ts is. One subject: a function
// for each tag.
import { MoonletError } from "../error.ts";
import { Pid } from "../pid.ts";
import { Ref } from "../ref.ts";
import { atomTerm } from "./atom.ts";
import { type KnownAtom, knownAtom } from "./atom-cache.ts";
import { decodeInteger } from "./integer.ts";
import { termKey } from "./key.ts";
import { MAX_DEPTH, TAG, VERSION } from "./tags.ts";
import { BitString, ImproperList, Opaque, type OpaqueKind, Tuple } from "./tuple.ts";

export interface DecodeOptions {
  /** Makes the pids, so that a runtime can give its own objects. Default: a new `Pid` each. */
  readonly pid?: (node: string, number: number, creation: number) => Pid;
  /** Refuse terms with more bytes. Default 134,217,728. */
  readonly maxBytes?: number;
  /** Refuse terms of more parts: each number, text, identifier, list, tuple and map is one. Default 16,777,216. */
  readonly maxParts?: number;
}

const MAX_BYTES = 1 << 27;
const MAX_PARTS = 1 << 24;
const SHORT_TEXT = 32;
const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

let bytes: Uint8Array = new Uint8Array(0);
let at = 0;
let end = 0;
let makePid: DecodeOptions["pid"];
/** How many more parts there may be. */
let partsLeft = 0;

const floatBytes = new Uint8Array(8);
const floatView = new DataView(floatBytes.buffer);

/**
 * Decodes one term with its version byte; all bytes must be used. Bytes are copied, never referred to.
 * @throws MoonletError badarg saying what is wrong and at which byte.
 */
export function decodeTerm(input: Uint8Array, options?: DecodeOptions): unknown {
  const outerBytes = bytes;
  const outerAt = at;
  const outerEnd = end;
  const outerPid = makePid;
  const outerParts = partsLeft;
  bytes = input;
  at = 1;
  end = input.length;
  makePid = options?.pid;
  const maxParts = options?.maxParts ?? MAX_PARTS;
  partsLeft = maxParts;
  try {
    if (end > (options?.maxBytes ?? MAX_BYTES)) throw malformed(`${end} bytes are more than the limit`);
    if (input[0] !== VERSION) {
      throw malformed(end === 0 ? "no bytes" : `expected version ${VERSION}, found ${input[0]}`, 0);
    }
    const term = read(0);
    if (at !== end) throw malformed(`${end - at} bytes after the term`);
    decodedParts = maxParts - partsLeft;
    return term;
  } finally {
    bytes = outerBytes;
    at = outerAt;
    end = outerEnd;
    makePid = outerPid;
    partsLeft = outerParts;
  }
}

/** Of how many parts the term consisted that was decoded last. */
export let decodedParts = 0;

function malformed(what: string, where = at): MoonletError {
  return new MoonletError("badarg", `not a term: ${what} at byte ${where}`);
}

function need(count: number): void {
  if (count > end - at) throw malformed(`${count} bytes announced, ${end - at} left`);
}

function u8(): number {
  if (at >= end) throw malformed("it ends too early");
  return bytes[at++] as number;
}

function u16(): number {
  need(2);
  const value = ((bytes[at] as number) << 8) | (bytes[at + 1] as number);
  at += 2;
  return value;
}

function u32(): number {
  need(4);
  const b = bytes;
  const value =
    (((b[at] as number) << 24) |
      ((b[at + 1] as number) << 16) |
      ((b[at + 2] as number) << 8) |
      (b[at + 3] as number)) >>>
    0;
  at += 4;
  return value;
}

/** A count of elements with at least `bytesEach` bytes each. */
function count(bytesEach: number): number {
  const n = u32();
  if (n * bytesEach > end - at) throw malformed(`${n} elements announced, ${end - at} bytes left`, at - 4);
  return n;
}

function read(depth: number): unknown {
  if (--partsLeft < 0) throw malformed("more parts than a term may have here");
  const tag = u8();
  switch (tag) {
    case TAG.smallInteger:
      return u8();
    case TAG.integer:
      return u32() | 0;
    case TAG.smallAtomUtf8:
    case TAG.smallAtom:
    case TAG.atomUtf8:
    case TAG.atom:
      return atomOfTag(tag).value;
    case TAG.binary:
      return readText(u32());
    case TAG.newFloat:
      return readFloat();
    case TAG.smallBig:
      return readBig(u8());
    case TAG.largeBig:
      return readBig(u32());
    case TAG.nil:
      return [];
    case TAG.string:
      return Array.from(take(u16()));
    case TAG.bitBinary:
      return readBits(u32());
    case TAG.newPid:
    case TAG.pid:
      return readPid(tag);
    case TAG.newerReference:
    case TAG.newReference:
    case TAG.reference:
      return readRef(tag);
    case TAG.float:
      return readOldFloat();
    case TAG.v4Port:
    case TAG.newPort:
    case TAG.port:
      return readPort(tag);
    default:
      return readNested(tag, depth);
  }
}

function readNested(tag: number, depth: number): unknown {
  if (depth >= MAX_DEPTH) throw malformed(`nesting deeper than ${MAX_DEPTH}`, at - 1);
  switch (tag) {
    case TAG.smallTuple:
      return readTuple(u8(), depth);
    case TAG.largeTuple:
      return readTuple(count(1), depth);
    case TAG.list:
      return readList(depth);
    case TAG.map:
      return readMap(depth);
    case TAG.newFun:
      return readNewFun(depth);
    case TAG.export:
      return opaque("fun", at - 1, () => {
        readAtom();
        readAtom();
        if (typeof read(depth + 1) !== "number") throw malformed("an arity is no small integer");
      });
    case TAG.fun:
      return readOldFun(depth);
    case TAG.compressed:
      throw malformed("compressed terms are not taken; encode without `compressed`,", at - 1);
    case TAG.atomCacheReference:
      throw malformed("an atom cache reference outside of a distribution channel", at - 1);
    case TAG.local:
      throw malformed("a term that was encoded with `local` for its own node only", at - 1);
    default:
      throw malformed(`unknown tag ${tag}`, at - 1);
  }
}

function take(length: number): Uint8Array {
  need(length);
  const taken = bytes.slice(at, at + length);
  at += length;
  return taken;
}

/** The bytes of a term that is only skipped. */
function opaque(kind: OpaqueKind, start: number, skip: () => void): Opaque {
  skip();
  return new Opaque(kind, bytes.slice(start, at));
}

function atomOfTag(tag: number): KnownAtom {
  const length = tag === TAG.smallAtomUtf8 || tag === TAG.smallAtom ? u8() : u16();
  need(length);
  const known = knownAtom(bytes, at, length, tag === TAG.smallAtom || tag === TAG.atom);
  if (known === undefined) throw malformed("an atom is not valid UTF-8 of at most 255 characters");
  at += length;
  return known;
}

function readAtom(): string {
  const tag = u8();
  if (tag !== TAG.smallAtomUtf8 && tag !== TAG.smallAtom && tag !== TAG.atomUtf8 && tag !== TAG.atom) {
    throw malformed(`expected an atom, found tag ${tag}`, at - 1);
  }
  return atomOfTag(tag).name;
}

function readText(length: number): string | Uint8Array {
  need(length);
  if (length <= SHORT_TEXT) {
    let ascii = "";
    let i = at;
    const stop = at + length;
    for (; i < stop; i++) {
      const code = bytes[i] as number;
      if (code > 127) break;
      ascii += String.fromCharCode(code);
    }
    if (i === stop) {
      at = stop;
      return ascii;
    }
  }
  const taken = bytes.subarray(at, at + length);
  at += length;
  try {
    return utf8.decode(taken);
  } catch {
    return taken.slice();
  }
}

function readBits(length: number): Uint8Array | BitString {
  const bits = u8();
  if (bits > 8 || (bits === 0) !== (length === 0))
    throw malformed(`${bits} bits in the last of ${length} bytes`, at - 1);
  const taken = take(length);
  if (bits === 8 || bits === 0) return taken;
  taken[length - 1] = (taken[length - 1] as number) & (0xff00 >> bits);
  return new BitString(taken, bits);
}

function readFloat(): number {
  need(8);
  for (let i = 0; i < 8; i++) floatBytes[i] = bytes[at + i] as number;
  const value = floatView.getFloat64(0);
  if (!Number.isFinite(value)) throw malformed("a float that is not finite");
  at += 8;
  return value;
}

function readOldFloat(): number {
  let digits = "";
  for (const code of take(31)) {
    if (code === 0) break;
    digits += String.fromCharCode(code);
  }
  if (!/^ *[-+]?\d+\.\d+(e[-+]?\d+)?$/i.test(digits) || !Number.isFinite(Number(digits)))
    throw malformed("a float without digits", at - 31);
  return Number(digits);
}

function readBig(length: number): number | bigint {
  const negative = u8();
  if (negative > 1) throw malformed(`a sign of ${negative}`, at - 1);
  need(length);
  // Large ones take as long as so many parts.
  partsLeft -= length >> 2;
  if (partsLeft < 0) throw malformed("more digits than a term may have here");
  const value = decodeInteger(bytes, at, length, negative === 1);
  at += length;
  return value;
}

function readTuple(size: number, depth: number): Tuple {
  if (size > end - at) throw malformed(`${size} elements announced, ${end - at} bytes left`);
  const made = new Tuple(size);
  for (let i = 0; i < size; i++) made[i] = read(depth + 1);
  return made;
}

/** A tail that is a list goes on with it: as deep as they are nested, each element is touched once. */
function readList(depth: number): unknown {
  const elements: unknown[] = [];
  for (;;) {
    const size = count(1);
    for (let i = 0; i < size; i++) elements.push(read(depth + 1));
    if (bytes[at] === TAG.nil && at < end) {
      at++;
      return elements;
    }
    if (bytes[at] !== TAG.list || at >= end) break;
    at++;
    if (--partsLeft < 0) throw malformed("more parts than a term may have here");
  }
  const tail = read(depth + 1);
  if (elements.length === 0) return tail;
  if (Array.isArray(tail) && !(tail instanceof Tuple)) return elements.concat(tail);
  return new ImproperList(elements, tail);
}

/** A plain object when all keys are atoms, else a Map. */
function readMap(depth: number): object {
  const size = count(2);
  const record: Record<string, unknown> = {};
  for (let i = 0; i < size; i++) {
    const tag = bytes[at];
    if (tag !== TAG.smallAtomUtf8 && tag !== TAG.smallAtom && tag !== TAG.atomUtf8 && tag !== TAG.atom) {
      return readMixedMap(record, i, size, depth);
    }
    const where = at;
    const key = readAtom();
    if (Object.hasOwn(record, key)) throw malformed(`the key ${key} twice in one map`, where);
    const value = read(depth + 1);
    if (key === "__proto__") {
      Object.defineProperty(record, key, { value, writable: true, enumerable: true, configurable: true });
    } else record[key] = value;
  }
  return record;
}

function readMixedMap(
  record: Record<string, unknown>,
  done: number,
  size: number,
  depth: number,
): Map<unknown, unknown> {
  const map = new Map<unknown, unknown>();
  const keys = new Set<unknown>();
  const put = (key: unknown, value: unknown, where: number): void => {
    const id = termKey(key);
    if (keys.has(id)) throw malformed("a key twice in one map", where);
    keys.add(id);
    map.set(key, value);
  };
  for (const key of Object.keys(record)) put(atomTerm(key), record[key], at);
  for (let i = done; i < size; i++) {
    const where = at;
    const key = read(depth + 1);
    put(key, read(depth + 1), where);
  }
  return map;
}

function readPid(tag: number): Pid | Opaque {
  const start = at - 1;
  const node = readAtom();
  const id = u32();
  const serial = u32();
  const creation = tag === TAG.newPid ? u32() : u8();
  if (serial >= 0x20_0000) return new Opaque("pid", bytes.slice(start, at));
  const number = serial * 0x1_0000_0000 + id;
  return makePid === undefined ? new Pid(node, number, creation) : makePid(node, number, creation);
}

function readRef(tag: number): Ref | Opaque {
  const start = at - 1;
  const words = tag === TAG.reference ? 1 : u16();
  if (words < 1 || words > 5) throw malformed(`a reference of ${words} words`, start + 1);
  const node = readAtom();
  let creation = 0;
  if (tag === TAG.newerReference) creation = u32();
  else if (tag === TAG.newReference) creation = u8();
  const low = u32();
  const middle = words > 1 ? u32() : 0;
  const high = words > 2 ? u32() : 0;
  for (let i = 3; i < words; i++) u32();
  if (tag === TAG.reference) creation = u8();
  if (words !== 3 || high >= 0x8000_0000 || middle >= 0x20_0000)
    return new Opaque("reference", bytes.slice(start, at));
  return new Ref(node, middle * 0x1_0000_0000 + low, creation, high);
}

function readPort(tag: number): Opaque {
  const start = at - 1;
  readAtom();
  const rest = tag === TAG.v4Port ? 12 : tag === TAG.newPort ? 8 : 5;
  need(rest);
  at += rest;
  return new Opaque("port", bytes.slice(start, at));
}

function readNewFun(depth: number): Opaque {
  const start = at;
  return opaque("fun", start - 1, () => {
    const size = u32();
    need(size - 4);
    at += 1 + 16 + 4;
    const free = u32();
    readAtom();
    if (typeof read(depth + 1) !== "number" || typeof read(depth + 1) !== "number")
      throw malformed("a fun's index is no small integer");
    if (u8() !== TAG.newPid) throw malformed("a fun without a pid", at - 1);
    readPid(TAG.newPid);
    for (let i = 0; i < free; i++) read(depth + 1);
    if (at !== start + size) throw malformed(`a fun of ${at - start} bytes that announced ${size}`, start);
  });
}

function readOldFun(depth: number): Opaque {
  return opaque("fun", at - 1, () => {
    const free = u32();
    const pid = read(depth + 1);
    if (!(pid instanceof Pid || pid instanceof Opaque)) throw malformed("a fun without a pid");
    readAtom();
    for (let i = 0; i < 2 + free; i++) read(depth + 1);
  });
}
