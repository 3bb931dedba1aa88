// What terms take up in memory. An estimate: the same for equal terms on every machine, near what V8 needs for small objects.
import { Pid } from "../pid.ts";
import { Ref } from "../ref.ts";
import { Atom } from "./atom.ts";
import { BitString, Float, ImproperList } from "./tuple.ts";

const SLOT_BYTES = 8;
const LIST_BYTES = 40;
const MAP_BYTES = 64;
const TEXT_BYTES = 24;
const BINARY_BYTES = 104;
const IDENTIFIER_BYTES = 56;
const NUMBER_BYTES = 16;
const OTHER_BYTES = 64;

/** Bytes that a term holds beside the slot it lies in. Atoms, booleans and small integers hold none. */
export function heldBytes(term: unknown): number {
  switch (typeof term) {
    case "string":
      return TEXT_BYTES + 2 * term.length;
    case "number":
      return term === (term | 0) ? 0 : NUMBER_BYTES;
    case "bigint":
      return bigBytes(term);
    case "object":
      return term === null ? 0 : ofObject(term);
    default:
      return 0;
  }
}

function bigBytes(value: bigint): number {
  const isShort = value === BigInt.asIntN(64, value);
  return NUMBER_BYTES + (isShort ? 8 : Math.ceil(value.toString(16).length / 2));
}

function ofObject(term: object): number {
  if (Array.isArray(term)) return LIST_BYTES + ofElements(term);
  if (term instanceof Atom) return 0;
  if (term instanceof Uint8Array) return BINARY_BYTES + term.length;
  if (term instanceof Pid || term instanceof Ref) return IDENTIFIER_BYTES;
  if (term instanceof Float) return NUMBER_BYTES;
  if (term instanceof BitString) return BINARY_BYTES + term.bytes.length;
  if (term instanceof ImproperList)
    return LIST_BYTES + ofElements(term.heads) + SLOT_BYTES + heldBytes(term.tail);
  if (term instanceof Map) {
    let sum = MAP_BYTES;
    for (const [key, value] of term) sum += 3 * SLOT_BYTES + heldBytes(key) + heldBytes(value);
    return sum;
  }
  const prototype: unknown = Object.getPrototypeOf(term);
  if (prototype !== Object.prototype && prototype !== null) return OTHER_BYTES;
  let sum = MAP_BYTES;
  for (const [key, value] of Object.entries(term)) sum += 3 * SLOT_BYTES + heldBytes(key) + heldBytes(value);
  return sum;
}

function ofElements(elements: readonly unknown[]): number {
  let sum = SLOT_BYTES * elements.length;
  for (const element of elements) sum += heldBytes(element);
  return sum;
}
