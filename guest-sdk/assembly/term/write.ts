// Any value to its term, by its static type. What a type becomes on the wire is decided here and nowhere else; read.ts is its
// mirror. The type is known when compiling, so all of this melts down to the one writer that applies.
import { fail } from "../fault";
import { byteLengthAt, Encoded } from "./encoded";
import * as encoder from "./encoder";

/** Writes the value at the end of the term that is being encoded. */
// @ts-ignore: decorator
@global
export function __moonletWrite<T>(value: T): void {
  if (isBoolean<T>()) {
    encoder.boolean(<bool>value);
  } else if (isInteger<T>()) {
    if (sizeof<T>() < 4 || (isSigned<T>() && sizeof<T>() == 4)) encoder.integer32(<i32>value);
    else if (isSigned<T>() || sizeof<T>() < 8) encoder.integer(<i64>value);
    else encoder.unsigned(<u64>value);
  } else if (isFloat<T>()) {
    if (!isFinite(<f64>value)) fail("badarg", "Erlang has no float " + value.toString());
    encoder.float(<f64>value);
  } else if (isFunction<T>()) {
    ERROR("a function is no term and cannot be sent");
  } else if (isNullable<T>()) {
    if (changetype<usize>(value) == 0) encoder.atom("undefined");
    else __moonletWrite<nonnull<T>>(changetype<nonnull<T>>(value));
  } else if (isString<T>()) {
    encoder.text(changetype<string>(value));
  } else if (isDefined(value.__moonletEncode)) {
    value.__moonletEncode();
  } else if (value instanceof Encoded) {
    encoder.raw(changetype<usize>(value) + 1, byteLengthAt(changetype<usize>(value)) - 1);
  } else if (value instanceof ArrayBuffer) {
    encoder.bytes(changetype<usize>(value), <usize>changetype<ArrayBuffer>(value).byteLength);
  } else if (value instanceof Uint8Array) {
    const array = changetype<Uint8Array>(value);
    encoder.bytes(array.dataStart, <usize>array.length);
  } else if (isArray<T>()) {
    const length = value.length;
    if (length > 0) {
      encoder.list(length);
      for (let i = 0; i < length; i++) __moonletWrite<valueof<T>>(unchecked(value[i]));
    }
    encoder.nil();
  } else if (value instanceof StaticArray) {
    const length = value.length;
    if (length > 0) {
      encoder.list(length);
      for (let i = 0; i < length; i++) __moonletWrite<valueof<T>>(unchecked(value[i]));
    }
    encoder.nil();
  } else if (value instanceof Map) {
    const keys = value.keys();
    encoder.map(keys.length);
    for (let i = 0; i < keys.length; i++) {
      __moonletWrite<indexof<T>>(keys[i]);
      __moonletWrite<valueof<T>>(value.get(keys[i]));
    }
  } else {
    ERROR("this class is no term: mark it with @message to send it");
  }
}

// How a message begins is constant, and so it is written by words that stand in the code; the last one overlaps the one before.

/** Where the constant beginning of a message goes. */
// @ts-ignore: decorator
@global @inline
export function __moonletRoom(size: usize): usize {
  return encoder.room(size);
}

/** Writes a word of it. */
// @ts-ignore: decorator
@global @inline
export function __moonletWord<T>(at: usize, word: T): void {
  store<T>(at, word);
}

/** It is written. */
// @ts-ignore: decorator
@global @inline
export function __moonletWrote(size: usize): void {
  encoder.wrote(size);
}
