// A term to a value of a static type; the mirror of write.ts. `where` names what is read, for the text of a mismatch.
import { Pid } from "../pid";
import { Ref } from "../ref";
import { Atom } from "./atom";
import * as decoder from "./decoder";
import { Encoded, encodedFromInner } from "./encoded";
import { sameBytes } from "./short-bytes";
import { NEWER_REFERENCE, NEW_PID, STRING } from "./tags";

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
    if (decoder.peek() != NEW_PID) decoder.mismatch(where, "a pid");
    return changetype<T>(readPid());
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

/** Reads a pid. Pids that were seen lately are shared, so that a conversation allocates none: they are immutable. */
function readPid(): Pid {
  const from = decoder.position();
  const size = decoder.skip();
  // The lowest byte of the ID: node name and creation lie on both sides, ID and serial end 12 and 8 bytes before the end.
  const slot = <i32>load<u8>(from + size - 9) & (REMEMBERED - 1);
  const known = unchecked(pids[slot]);
  if (known !== null && known.byteLength == size + 1 && sameBytes(known.pointer + 1, from, size)) return known;
  const made = encodedFromInner<Pid>(from, size, idof<Pid>());
  unchecked((pids[slot] = made));
  return made;
}

/** Reads the constant beginning of a message. */
// @ts-ignore: decorator
@global
export function __moonletHead(head: usize, size: usize, name: string): void {
  if (!decoder.startsWith(head, size)) decoder.mismatch(name, "a message " + name);
  decoder.advance(size);
}

/** Sets a readonly field of an object that is being read. */
// @ts-ignore: decorator
@global @inline
export function __moonletSet<C, T>(object: C, offset: usize, value: T): void {
  store<T>(changetype<usize>(object) + offset, value);
  if (isManaged<T>()) __link(changetype<usize>(object), changetype<usize>(value), false);
}
