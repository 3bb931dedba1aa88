// The functions that guards and bodies of match specifications may use, by name and number of arguments. A throw means failure.
import { Pid } from "../pid.ts";
import { Ref } from "../ref.ts";
import { atomName, atomTerm } from "../term/atom.ts";
import { compareTerms, exactlyEqual, mapEntries } from "../term/compare.ts";
import { integer } from "../term/integer.ts";
import { BitString, Float, ImproperList, Opaque, Tuple } from "../term/tuple.ts";
import { isMap } from "./pattern.ts";

type Fn = (...args: unknown[]) => unknown;

const fail = (): never => {
  throw new Error("badarg");
};

// ---- numbers: a JavaScript number stands for an integer when it is a safe one, else for a float

const isInteger = (value: unknown): value is number | bigint =>
  typeof value === "bigint" || Number.isSafeInteger(value);
const isFloat = (value: unknown): boolean =>
  value instanceof Float || (typeof value === "number" && !Number.isSafeInteger(value));
const isNumber = (value: unknown): boolean => isInteger(value) || isFloat(value);
const asFloat = (value: unknown): number =>
  value instanceof Float ? value.value : isNumber(value) ? Number(value) : fail();

function floatOf(value: number): unknown {
  if (!Number.isFinite(value)) return fail();
  return Number.isSafeInteger(value) ? new Float(value) : value;
}

/** Integers stay exact; a float on either side makes a float. */
function arithmetic(
  onIntegers: (a: bigint, b: bigint) => bigint,
  onFloats: (a: number, b: number) => number,
): Fn {
  return (a, b) => {
    if (isInteger(a) && isInteger(b)) return integer(onIntegers(BigInt(a), BigInt(b)));
    return floatOf(onFloats(asFloat(a), asFloat(b)));
  };
}

function onIntegers(act: (a: bigint, b: bigint) => bigint): Fn {
  return (a, b) => (isInteger(a) && isInteger(b) ? integer(act(BigInt(a), BigInt(b))) : fail());
}

function shift(value: bigint, bits: bigint): bigint {
  if (bits > 100_000n) return fail();
  return bits >= 0n ? value << bits : value >> -bits;
}

const toInteger =
  (round: (value: number) => number): Fn =>
  (value) =>
    isInteger(value) ? value : integer(BigInt(round(asFloat(value))));

/** Away from zero at the half, as Erlang's round. */
const round = (value: number): number => Math.sign(value) * Math.round(Math.abs(value));

// ---- the rest

const isAtom = (value: unknown): boolean => atomName(value) !== undefined;
const isTuple = (value: unknown): value is Tuple => value instanceof Tuple;
const isList = (value: unknown): value is unknown[] => Array.isArray(value) && !isTuple(value);
const isBinary = (value: unknown): boolean => typeof value === "string" || value instanceof Uint8Array;
const isOpaque = (value: unknown, kind: string): boolean => value instanceof Opaque && value.kind === kind;

function bytes(value: unknown): number {
  if (typeof value === "string") return new TextEncoder().encode(value).length;
  if (value instanceof Uint8Array) return value.length;
  return value instanceof BitString ? value.bytes.length : fail();
}

const bits = (value: unknown): number =>
  bytes(value) * 8 - (value instanceof BitString ? 8 - value.lastBits : 0);

function mapValue(key: unknown, map: unknown): { readonly value: unknown } | undefined {
  const found = isMap(map) ? mapEntries(map).find(([known]) => exactlyEqual(known, key)) : fail();
  return found === undefined ? undefined : { value: found[1] };
}

function element(position: unknown, value: unknown): unknown {
  if (!isTuple(value) || typeof position !== "number" || position < 1 || position > value.length)
    return fail();
  return value[position - 1];
}

function tail(list: unknown): unknown {
  if (list instanceof ImproperList) {
    const [, ...rest] = list.heads;
    return rest.length === 0 ? list.tail : new ImproperList(rest, list.tail);
  }
  return isList(list) && list.length > 0 ? list.slice(1) : fail();
}

const head = (list: unknown): unknown =>
  list instanceof ImproperList ? list.heads[0] : isList(list) && list.length > 0 ? list[0] : fail();

const logic = (value: unknown): boolean => (typeof value === "boolean" ? value : fail());

export const FUNCTIONS: ReadonlyMap<string, Fn> = new Map<string, Fn>([
  ["is_atom/1", isAtom],
  ["is_boolean/1", (value) => typeof value === "boolean"],
  ["is_float/1", isFloat],
  ["is_integer/1", isInteger],
  ["is_number/1", isNumber],
  ["is_list/1", (value) => isList(value) || value instanceof ImproperList],
  ["is_pid/1", (value) => value instanceof Pid || isOpaque(value, "pid")],
  ["is_port/1", (value) => isOpaque(value, "port")],
  ["is_reference/1", (value) => value instanceof Ref || isOpaque(value, "reference")],
  ["is_function/1", (value) => isOpaque(value, "fun")],
  ["is_tuple/1", isTuple],
  ["is_map/1", isMap],
  ["is_map_key/2", (key, map) => mapValue(key, map) !== undefined],
  ["is_binary/1", isBinary],
  [
    "is_record/3",
    (value, name, size) => isTuple(value) && value.length === size && exactlyEqual(value[0], name),
  ],
  ["not/1", (value) => !logic(value)],
  ["xor/2", (a, b) => logic(a) !== logic(b)],
  [">/2", (a, b) => compareTerms(a, b) > 0],
  [">=/2", (a, b) => compareTerms(a, b) >= 0],
  ["</2", (a, b) => compareTerms(a, b) < 0],
  ["=</2", (a, b) => compareTerms(a, b) <= 0],
  ["==/2", (a, b) => compareTerms(a, b) === 0],
  ["/=/2", (a, b) => compareTerms(a, b) !== 0],
  ["=:=/2", exactlyEqual],
  ["=/=/2", (a, b) => !exactlyEqual(a, b)],
  [
    "+/2",
    arithmetic(
      (a, b) => a + b,
      (a, b) => a + b,
    ),
  ],
  [
    "-/2",
    arithmetic(
      (a, b) => a - b,
      (a, b) => a - b,
    ),
  ],
  [
    "*/2",
    arithmetic(
      (a, b) => a * b,
      (a, b) => a * b,
    ),
  ],
  ["+/1", (value) => (isNumber(value) ? value : fail())],
  ["-/1", (value) => (isInteger(value) ? integer(-BigInt(value)) : floatOf(-asFloat(value)))],
  ["//2", (a, b) => floatOf(asFloat(a) / asFloat(b))],
  ["div/2", onIntegers((a, b) => a / b)],
  ["rem/2", onIntegers((a, b) => a % b)],
  ["band/2", onIntegers((a, b) => a & b)],
  ["bor/2", onIntegers((a, b) => a | b)],
  ["bxor/2", onIntegers((a, b) => a ^ b)],
  ["bsl/2", onIntegers((a, b) => shift(a, b))],
  ["bsr/2", onIntegers((a, b) => shift(a, -b))],
  ["bnot/1", (value) => (isInteger(value) ? integer(~BigInt(value)) : fail())],
  [
    "abs/1",
    (value) =>
      isInteger(value) ? (value < 0 ? integer(-BigInt(value)) : value) : floatOf(Math.abs(asFloat(value))),
  ],
  ["round/1", toInteger(round)],
  ["trunc/1", toInteger(Math.trunc)],
  ["float/1", (value) => floatOf(asFloat(value))],
  ["element/2", element],
  ["hd/1", head],
  ["tl/1", tail],
  ["length/1", (value) => (isList(value) ? value.length : fail())],
  ["size/1", (value) => (isTuple(value) ? value.length : bytes(value))],
  ["tuple_size/1", (value) => (isTuple(value) ? value.length : fail())],
  ["byte_size/1", bytes],
  ["bit_size/1", bits],
  ["map_size/1", (value) => (isMap(value) ? mapEntries(value).length : fail())],
  ["map_get/2", (key, map) => (mapValue(key, map) ?? fail()).value],
  ["node/1", (value) => (value instanceof Pid || value instanceof Ref ? atomTerm(value.node) : fail())],
]);
