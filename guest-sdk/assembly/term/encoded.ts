// Values that are kept as their encoded bytes, version byte included: what is never looked into costs one copy to read and one
// to write. The object is the bytes; it has no fields.
import { copyBytes, sameBytes } from "./short-bytes";
import { VERSION } from "./tags";
import { OBJECT, TOTAL_OVERHEAD } from "rt/common";

/** A term as bytes. Immutable. */
export abstract class Encoded {
  /** Where the bytes lie, as long as the object lives. */
  @inline
  get pointer(): usize {
    return changetype<usize>(this);
  }

  /** How many bytes, version byte included. */
  @inline
  get byteLength(): usize {
    return byteLengthAt(changetype<usize>(this));
  }
}

/** The length of the value at an address. */
@inline
export function byteLengthAt(value: usize): usize {
  return <usize>changetype<OBJECT>(value - TOTAL_OVERHEAD).rtSize;
}

/** A new value of class T (or of the class with that id) from a term's bytes, version byte included. */
export function encodedFrom<T extends Encoded>(pointer: usize, length: usize, id: u32 = idof<T>()): T {
  const made = __new(length, id);
  copyBytes(made, pointer, length);
  return changetype<T>(made);
}

/** The same from a term's bytes without the version byte. */
export function encodedFromInner<T extends Encoded>(pointer: usize, length: usize, id: u32 = idof<T>()): T {
  const made = __new(length + 1, id);
  store<u8>(made, VERSION);
  copyBytes(made + 1, pointer, length);
  return changetype<T>(made);
}

/** Whether two values have the same bytes; canonical encoding makes that equality. */
export function sameTerm(left: Encoded | null, right: Encoded | null): bool {
  if (changetype<usize>(left) == changetype<usize>(right)) return true;
  if (changetype<usize>(left) == 0 || changetype<usize>(right) == 0) return false;
  const size = changetype<Encoded>(left).byteLength;
  if (size != changetype<Encoded>(right).byteLength) return false;
  return sameBytes(changetype<usize>(left), changetype<usize>(right), size);
}
