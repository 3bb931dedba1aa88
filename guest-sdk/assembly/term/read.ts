// A term to a value of a static type; the mirror of write.ts. `where` names what is read, for the text of a mismatch.
import { Pid } from "../pid";
import { Ref } from "../ref";
import { Atom } from "./atom";
import * as decoder from "./decoder";
import { byteLengthAt, Encoded, encodedFromInner } from "./encoded";
import { sameBytes } from "./short-bytes";
import { NEWER_REFERENCE, STRING } from "./tags";

/** Reads the next term as a T, or ends the process with `bad_message`. */
// @ts-ignore: decorator
@global
export function __moonletRead<T>(where: string): T {
  if (isBoolean<T>()) {
    return <T>decoder.boolean(where);
  } else if (isInteger<T>()) {
    return decoder.integer<T>(where);
  } else if (isFloat<T>()) {
    return <T>decoder.float(where);
  } else if (isFunction<T>()) {
    ERROR("a function is no term and cannot be received");
  } else if (isNullable<T>()) {
    if (decoder.nothing()) return changetype<T>(0);
    return changetype<T>(__moonletRead<nonnull<T>>(where));
  } else if (isString<T>()) {
    return changetype<T>(decoder.text(where));
  } else {
    return readObject<T>(where);
  }
}

function readObject<T>(where: string): T {
  if (isDefined(changetype<T>(0).__moonletDecode)) {
    const made = changetype<T>(__new(offsetof<T>(), idof<T>()));
    made.__moonletDecode();
    return made;
  } else if (idof<T>() == idof<Pid>()) {
    const from = decoder.position();
    const size = decoder.skipPid();
    if (size == 0) decoder.mismatch(where, "a pid");
    return changetype<T>(pidAt(from, size));
  } else if (idof<T>() == idof<Ref>()) {
    if (decoder.peek() != NEWER_REFERENCE) decoder.mismatch(where, "a reference");
    return changetype<T>(readEncoded<Ref>());
  } else if (idof<T>() == idof<Atom>()) {
    if (!decoder.isAtom()) decoder.mismatch(where, "an atom");
    return changetype<T>(readEncoded<Atom>());
  } else if (changetype<T>(0) instanceof Encoded) {
    return readEncoded<T>();
  } else if (idof<T>() == idof<ArrayBuffer>()) {
    const size = decoder.binarySize(where);
    const made = new ArrayBuffer(<i32>size);
    memory.copy(changetype<usize>(made), decoder.position(), size);
    decoder.advance(size);
    return changetype<T>(made);
  } else if (idof<T>() == idof<Uint8Array>()) {
    const size = decoder.binarySize(where);
    const made = new Uint8Array(<i32>size);
    memory.copy(made.dataStart, decoder.position(), size);
    decoder.advance(size);
    return changetype<T>(made);
  } else if (isArray<T>()) {
    return readArray<T>(where);
  } else if (changetype<T>(0) instanceof StaticArray) {
    return changetype<T>(StaticArray.fromArray<valueof<T>>(readArray<Array<valueof<T>>>(where)));
  } else if (changetype<T>(0) instanceof Map) {
    const made = instantiate<T>();
    const size = decoder.map(where);
    for (let i: u32 = 0; i < size; i++) {
      if (isString<indexof<T>>()) {
        const name = decoder.key(where);
        made.set(name, __moonletRead<valueof<T>>(where));
      } else {
        const key = __moonletRead<indexof<T>>(where);
        made.set(key, __moonletRead<valueof<T>>(where));
      }
    }
    return made;
  } else {
    ERROR("this class is no term: mark it with @message to receive it");
  }
}

function readArray<T>(where: string): T {
  if (isInteger<valueof<T>>() && decoder.peek() == STRING) {
    const count = decoder.packedList();
    const made = instantiate<T>(count);
    for (let i: u32 = 0; i < count; i++) unchecked((made[i] = <valueof<T>>load<u8>(decoder.position() + i)));
    decoder.advance(count);
    return made;
  }
  const count = decoder.list(where);
  const made = instantiate<T>();
  for (let i: u32 = 0; i < count; i++) made.push(__moonletRead<valueof<T>>(where));
  if (count > 0) decoder.nil(where);
  return made;
}

@inline
function readEncoded<T>(): T {
  const from = decoder.position();
  return changetype<T>(encodedFromInner<Encoded>(from, decoder.skip(), idof<T>()));
}

/** How many pids are remembered; a power of two. The array is static data, so that no code runs before a program's own. */
const REMEMBERED = 8;
const pids: StaticArray<Pid | null> = [null, null, null, null, null, null, null, null];

/** The pid at an address. Pids that were seen lately are shared, so that a conversation allocates none: they are immutable. */
function pidAt(from: usize, size: usize): Pid {
  // The lowest byte of the ID: node name and creation lie on both sides, ID and serial end 12 and 8 bytes before the end.
  const slot = <usize>load<u8>(from + size - 9) & (REMEMBERED - 1);
  const known = load<usize>(changetype<usize>(pids) + (slot << alignof<usize>()));
  if (known != 0 && byteLengthAt(known) == size + 1 && sameBytes(known + 1, from, size)) return changetype<Pid>(known);
  return rememberPid(from, size, <i32>slot);
}

function rememberPid(from: usize, size: usize, slot: i32): Pid {
  const made = encodedFromInner<Pid>(from, size, idof<Pid>());
  unchecked((pids[slot] = made));
  return made;
}

// How a message begins is constant, and so it is compared with words that stand in the code.

/** Whether so many bytes are there. */
// @ts-ignore: decorator
@global @inline
export function __moonletHas(size: usize): bool {
  return decoder.has(size);
}

/** Whether this word is `offset` bytes ahead. */
// @ts-ignore: decorator
@global @inline
export function __moonletIs<T>(offset: usize, word: T): bool {
  return load<T>(decoder.position() + offset) == word;
}

/** Passes over the constant beginning of a message, if it is there. */
// @ts-ignore: decorator
@global @inline
export function __moonletHead(isThere: bool, size: usize, name: string): void {
  if (!isThere) otherHead(name);
  decoder.seek(decoder.position() + size);
}

function otherHead(name: string): void {
  decoder.mismatch(name, "a message " + name);
}

/** Reads a field of an object, whose address it is, from the next term. */
// @ts-ignore: decorator
@global @inline
export function __moonletField<T>(object: usize, offset: usize, where: string): void {
  if (isManaged<T>()) {
    const value = changetype<usize>(__moonletRead<T>(where));
    store<usize>(object + offset, value);
    __link(object, value, false);
  } else {
    store<T>(object + offset, __moonletRead<T>(where));
  }
}
