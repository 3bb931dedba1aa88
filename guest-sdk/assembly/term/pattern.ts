// The prefixes that messages of a type begin with, in the form that `message.receive` takes: each a 32-bit length and that many
// bytes. They are constants of the program; nothing is built when receiving.
import { Pid } from "../pid";
import { Ref } from "../ref";
import { Atom } from "./atom";
import { Term } from "./term";

/** Where the patterns of T lie. */
export function patternPointer<T>(): usize {
  if (isBoolean<T>()) {
    // true, false
    return memory.data<u8>([7, 0, 0, 0, 131, 119, 4, 116, 114, 117, 101, 8, 0, 0, 0, 131, 119, 5, 102, 97, 108, 115, 101]);
  } else if (isInteger<T>()) {
    return memory.data<u8>([2, 0, 0, 0, 131, 97, 2, 0, 0, 0, 131, 98, 2, 0, 0, 0, 131, 110]);
  } else if (isFloat<T>()) {
    return memory.data<u8>([2, 0, 0, 0, 131, 70, 2, 0, 0, 0, 131, 97, 2, 0, 0, 0, 131, 98, 2, 0, 0, 0, 131, 110]);
  } else if (isString<T>()) {
    return memory.data<u8>([2, 0, 0, 0, 131, 109]);
  } else if (isDefined(changetype<T>(0).__moonletPattern)) {
    return changetype<T>(0).__moonletPattern();
  } else if (idof<T>() == idof<Pid>()) {
    return memory.data<u8>([2, 0, 0, 0, 131, 88]);
  } else if (idof<T>() == idof<Ref>()) {
    return memory.data<u8>([2, 0, 0, 0, 131, 90]);
  } else if (idof<T>() == idof<Atom>()) {
    return memory.data<u8>([2, 0, 0, 0, 131, 119, 2, 0, 0, 0, 131, 118]);
  } else if (idof<T>() == idof<Term>()) {
    return 0;
  } else if (idof<T>() == idof<ArrayBuffer>() || idof<T>() == idof<Uint8Array>()) {
    return memory.data<u8>([2, 0, 0, 0, 131, 77, 2, 0, 0, 0, 131, 109]);
  } else if (isArray<T>()) {
    return memory.data<u8>([2, 0, 0, 0, 131, 106, 2, 0, 0, 0, 131, 108, 2, 0, 0, 0, 131, 107]);
  } else if (changetype<T>(0) instanceof StaticArray) {
    return memory.data<u8>([2, 0, 0, 0, 131, 106, 2, 0, 0, 0, 131, 108, 2, 0, 0, 0, 131, 107]);
  } else if (changetype<T>(0) instanceof Map) {
    return memory.data<u8>([2, 0, 0, 0, 131, 116]);
  } else {
    ERROR("this class is no term: mark it with @message to receive it");
  }
}

/** How long the patterns of T are; 0 fits everything. */
@inline
export function patternLength<T>(): usize {
  if (isBoolean<T>()) {
    return 23;
  } else if (isInteger<T>()) {
    return 18;
  } else if (isFloat<T>()) {
    return 24;
  } else if (isString<T>()) {
    return 6;
  } else if (isDefined(changetype<T>(0).__moonletPattern)) {
    return changetype<T>(0).__moonletPatternLength();
  } else if (idof<T>() == idof<Pid>() || idof<T>() == idof<Ref>()) {
    return 6;
  } else if (idof<T>() == idof<Atom>()) {
    return 12;
  } else if (idof<T>() == idof<Term>()) {
    return 0;
  } else if (idof<T>() == idof<ArrayBuffer>() || idof<T>() == idof<Uint8Array>()) {
    return 12;
  } else if (isArray<T>()) {
    return 18;
  } else if (changetype<T>(0) instanceof StaticArray) {
    return 18;
  } else {
    return 6;
  }
}

/** Whether the term begins as a T does. */
export function fitsPattern<T>(pointer: usize, length: usize): bool {
  let at = patternPointer<T>();
  const end = at + patternLength<T>();
  if (at == end) return true;
  while (at < end) {
    const size = <usize>load<u32>(at);
    if (size <= length && memory.compare(at + 4, pointer, size) == 0) return true;
    at += 4 + size;
  }
  return false;
}
