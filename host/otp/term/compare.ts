// The order of terms and their equality (S225 to S227; Erlang reference manual, Term Comparisons).
import { MoonletError } from "../error.ts";
import { Pid } from "../pid.ts";
import { Ref } from "../ref.ts";
import { Atom, atomName, atomTerm } from "./atom.ts";
import { BitString, Float, ImproperList, Opaque, Tuple } from "./tuple.ts";

const utf8 = new TextEncoder();

const RANK = {
  number: 0,
  atom: 1,
  reference: 2,
  fun: 3,
  port: 4,
  pid: 5,
  tuple: 6,
  map: 7,
  nil: 8,
  list: 9,
  bits: 10,
} as const;

/**
 * Negative, zero or positive, as `a` comes before, with or after `b` in Erlang's order of terms.
 * @param exact Integers and floats of the same value differ, integers first: the order of a map's keys, and `=:=` when zero.
 * @throws MoonletError badarg for a value that is no term.
 */
export function compareTerms(a: unknown, b: unknown, exact = false): number {
  if (typeof a === "number" && typeof b === "number" && !exact) return a - b || compareNumbers(a, b, false);
  if (a === b && typeof a !== "number") return 0;
  const left = resolve(a);
  const right = resolve(b);
  const rank = rankOf(left);
  const difference = rank - rankOf(right);
  if (difference !== 0) return difference;
  switch (rank) {
    case RANK.number:
      return compareNumbers(left as number, right as number, exact);
    case RANK.atom:
      return compareText(atomName(left) as string, atomName(right) as string);
    case RANK.reference:
      return compareRefs(left, right);
    case RANK.pid:
      return comparePids(left, right);
    case RANK.fun:
    case RANK.port:
      return compareBytes((left as Opaque).bytes, (right as Opaque).bytes);
    case RANK.tuple:
      return compareTuples(left as Tuple, right as Tuple, exact);
    case RANK.map:
      return compareMaps(left as object, right as object, exact);
    case RANK.nil:
      return 0;
    case RANK.list:
      return compareLists(left as unknown[], right as unknown[], exact);
    default:
      return compareBits(left, right);
  }
}

/** Erlang's `=:=`. */
export function exactlyEqual(a: unknown, b: unknown): boolean {
  return compareTerms(a, b, true) === 0;
}

/** Erlang's `==`: integers and floats are equal when their values are. */
export function equal(a: unknown, b: unknown): boolean {
  return compareTerms(a, b) === 0;
}

function resolve(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  const { toTerm } = value as { toTerm?: unknown };
  return typeof toTerm === "function" ? resolve(toTerm.call(value)) : value;
}

function rankOf(value: unknown): number {
  switch (typeof value) {
    case "number":
    case "bigint":
      return RANK.number;
    case "boolean":
    case "undefined":
      return RANK.atom;
    case "string":
      return RANK.bits;
    case "object":
      return value === null ? RANK.atom : rankOfObject(value);
    default:
      throw new MoonletError("badarg", `a ${typeof value} is not a term`);
  }
}

function rankOfObject(value: object): number {
  if (value instanceof Atom) return RANK.atom;
  if (value instanceof Tuple) return RANK.tuple;
  if (Array.isArray(value)) return value.length === 0 ? RANK.nil : RANK.list;
  if (value instanceof Pid) return RANK.pid;
  if (value instanceof Ref) return RANK.reference;
  if (value instanceof Float) return RANK.number;
  if (value instanceof Uint8Array || value instanceof BitString) return RANK.bits;
  if (value instanceof ImproperList) return RANK.list;
  if (value instanceof Opaque) return RANK[value.kind];
  return RANK.map;
}

function compareNumbers(a: number | bigint | Float, b: number | bigint | Float, exact: boolean): number {
  const left = a instanceof Float ? a.value : a;
  const right = b instanceof Float ? b.value : b;
  if (!exact) return left < right ? -1 : left > right ? 1 : 0;
  const kinds = Number(isFloat(a)) - Number(isFloat(b));
  return kinds !== 0 ? kinds : left < right ? -1 : left > right ? 1 : 0;
}

function isFloat(value: number | bigint | Float): boolean {
  return typeof value === "number" ? !Number.isSafeInteger(value) : value instanceof Float;
}

/** By code points, which is also the order of the UTF-8 bytes. */
export function compareText(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const x = a.charCodeAt(i);
    const y = b.charCodeAt(i);
    if (x !== y) return x >= 0xd800 && y >= 0xd800 ? surrogatesLast(x) - surrogatesLast(y) : x - y;
  }
  return a.length - b.length;
}

function surrogatesLast(unit: number): number {
  return unit >= 0xe000 ? unit - 0x800 : unit + 0x2000;
}

function compareBytes(a: Uint8Array, b: Uint8Array): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const difference = (a[i] as number) - (b[i] as number);
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}

function compareBits(a: unknown, b: unknown): number {
  if (typeof a === "string" && typeof b === "string") return compareText(a, b);
  const difference = compareBytes(bytesOf(a), bytesOf(b));
  return difference !== 0 ? difference : lastBitsOf(a) - lastBitsOf(b);
}

function bytesOf(value: unknown): Uint8Array {
  if (typeof value === "string") return utf8.encode(value);
  return value instanceof BitString ? value.bytes : (value as Uint8Array);
}

function lastBitsOf(value: unknown): number {
  return value instanceof BitString ? value.lastBits : 8;
}

function compareTuples(a: Tuple, b: Tuple, exact: boolean): number {
  if (a.length !== b.length) return a.length - b.length;
  for (let i = 0; i < a.length; i++) {
    const difference = compareTerms(a[i], b[i], exact);
    if (difference !== 0) return difference;
  }
  return 0;
}

function compareLists(
  a: readonly unknown[] | ImproperList,
  b: readonly unknown[] | ImproperList,
  exact: boolean,
): number {
  const left = a instanceof ImproperList ? a.heads : a;
  const right = b instanceof ImproperList ? b.heads : b;
  const length = Math.min(left.length, right.length);
  for (let i = 0; i < length; i++) {
    const difference = compareTerms(left[i], right[i], exact);
    if (difference !== 0) return difference;
  }
  return compareTerms(restOf(a, left, length), restOf(b, right, length), exact);
}

/** What follows the first `length` elements. */
function restOf(
  list: readonly unknown[] | ImproperList,
  elements: readonly unknown[],
  length: number,
): unknown {
  if (list instanceof ImproperList) {
    return elements.length === length ? list.tail : new ImproperList(elements.slice(length), list.tail);
  }
  return elements.slice(length);
}

function compareMaps(a: object, b: object, exact: boolean): number {
  const left = mapEntries(a);
  const right = mapEntries(b);
  if (left.length !== right.length) return left.length - right.length;
  left.sort(byKey);
  right.sort(byKey);
  for (const column of [0, 1] as const) {
    for (let i = 0; i < left.length; i++) {
      const difference = compareTerms(left[i]?.[column], right[i]?.[column], exact || column === 0);
      if (difference !== 0) return difference;
    }
  }
  return 0;
}

const byKey = (a: readonly [unknown, unknown], b: readonly [unknown, unknown]): number =>
  compareTerms(a[0], b[0], true);

/** The pairs of a map in either form, in no particular order. */
export function mapEntries(map: object): [unknown, unknown][] {
  if (map instanceof Map) return [...map];
  return Object.keys(map).map((key) => [atomTerm(key), (map as Record<string, unknown>)[key]]);
}

/** As the BEAM: references by node, then creation, then number, which for ours is all. */
function compareRefs(a: unknown, b: unknown): number {
  if (!(a instanceof Ref && b instanceof Ref)) return compareForeign(a, b);
  return compareText(a.node, b.node) || a.creation - b.creation || a.number - b.number || a.seal - b.seal;
}

/** As the BEAM: pids by number, then node, then creation. */
function comparePids(a: unknown, b: unknown): number {
  if (!(a instanceof Pid && b instanceof Pid)) return compareForeign(a, b);
  return a.number - b.number || compareText(a.node, b.node) || a.creation - b.creation;
}

/** Identifiers that do not fit our numbers come after those that do. */
function compareForeign(a: unknown, b: unknown): number {
  if (a instanceof Opaque && b instanceof Opaque) return compareBytes(a.bytes, b.bytes);
  return a instanceof Opaque ? 1 : -1;
}
