// Terms whose type is not known when compiling: looked into when needed, kept as their bytes.
import * as decoder from "./decoder";
import { Encoded, encodedFrom, encodedFromInner, sameTerm } from "./encoded";
import * as encoder from "./encoder";
import { fitsPattern } from "./pattern";
import { printTerm } from "./print";
import { __moonletRead } from "./read";
import {
  ATOM_UTF8, BINARY, BIT_BINARY, INTEGER, LARGE_BIG, LARGE_TUPLE, LIST, MAP, NEWER_REFERENCE, NEW_FLOAT, NEW_PID, NIL,
  SMALL_ATOM_UTF8, SMALL_BIG, SMALL_INTEGER, SMALL_TUPLE, STRING,
} from "./tags";
import { __moonletWrite } from "./write";

/**
 * Any term: a received message of unknown type, an exit reason, a request. Immutable; `==` compares.
 *
 *     const message = receiveAny();
 *     if (message.is<Ping>()) pong(message.as<Ping>());
 *     else if (message.isTuple && message.length == 2) log.info(message.at(0).toString());
 */
@final
export class Term extends Encoded {
  private constructor() {
    super();
  }

  /** The term of a value: a number, a string, a pid, a message, an array, a map and so on. */
  static of<T>(value: T): Term {
    encoder.begin();
    __moonletWrite<T>(value);
    return encodedFrom<Term>(encoder.start(), encoder.length());
  }

  /** A tuple of these elements: `Term.tuple([Term.of(atom("ok")), Term.of(1)])`. */
  static tuple(elements: Term[]): Term {
    encoder.begin();
    encoder.tuple(elements.length);
    for (let i = 0; i < elements.length; i++) __moonletWrite<Term>(elements[i]);
    return encodedFrom<Term>(encoder.start(), encoder.length());
  }

  /** A map of these keys and values, one after the other: `Term.map([Term.of(atom("id")), Term.of(1)])`. */
  static map(pairs: Term[]): Term {
    encoder.begin();
    encoder.map(pairs.length / 2);
    for (let i = 0; i < pairs.length; i++) __moonletWrite<Term>(pairs[i]);
    return encodedFrom<Term>(encoder.start(), encoder.length());
  }

  /** Whether it begins as a T does: the tag and the number of fields of a message, the kind of anything else. */
  is<T>(): bool {
    return fitsPattern<T>(this.pointer, this.byteLength);
  }

  /** The term as a T. Ends the process with `bad_message` when it is none. */
  as<T>(): T {
    decoder.open(this.pointer, this.byteLength);
    return __moonletRead<T>(nameof<T>());
  }

  /** Whether it is the atom of that name. */
  isAtomNamed(name: string): bool {
    if (!this.isAtom) return false;
    const header: usize = this.tag == SMALL_ATOM_UTF8 ? 3 : 4;
    if (this.byteLength - header != <usize>name.length) return this.text == name;
    // As many bytes as characters: a name that is not made of ASCII has more.
    const from = this.pointer + header;
    for (let i = 0; i < name.length; i++) if (name.charCodeAt(i) != load<u8>(from + i)) return false;
    return true;
  }

  get isInteger(): bool {
    const tag = this.tag;
    return tag == SMALL_INTEGER || tag == INTEGER || tag == SMALL_BIG || tag == LARGE_BIG;
  }

  get isFloat(): bool {
    return this.tag == NEW_FLOAT;
  }

  get isAtom(): bool {
    return this.tag == SMALL_ATOM_UTF8 || this.tag == ATOM_UTF8;
  }

  /** Text is a binary that was sent as text. */
  get isText(): bool {
    return this.tag == BINARY;
  }

  /** Text or bytes. */
  get isBinary(): bool {
    return this.tag == BINARY || this.tag == BIT_BINARY;
  }

  get isPid(): bool {
    return this.tag == NEW_PID;
  }

  get isRef(): bool {
    return this.tag == NEWER_REFERENCE;
  }

  get isTuple(): bool {
    return this.tag == SMALL_TUPLE || this.tag == LARGE_TUPLE;
  }

  get isList(): bool {
    return this.tag == LIST || this.tag == NIL || this.tag == STRING;
  }

  get isMap(): bool {
    return this.tag == MAP;
  }

  /** The name of an atom or the text of a binary. Ends the process with `bad_message` for anything else. */
  get text(): string {
    const tag = this.tag;
    if (tag == SMALL_ATOM_UTF8) return String.UTF8.decodeUnsafe(this.pointer + 3, this.byteLength - 3);
    if (tag == ATOM_UTF8) return String.UTF8.decodeUnsafe(this.pointer + 4, this.byteLength - 4);
    return this.as<string>();
  }

  /** The number of elements of a tuple or list (an improper tail not counted), of pairs of a map; 0 for anything else. */
  get length(): i32 {
    const tag = this.tag;
    if (tag == SMALL_TUPLE) return <i32>load<u8>(this.pointer, 2);
    if (tag == STRING) return <i32>bswap<u16>(load<u16>(this.pointer, 2));
    if (tag == LARGE_TUPLE || tag == LIST || tag == MAP) return <i32>bswap<u32>(load<u32>(this.pointer, 2));
    return 0;
  }

  /** The element of a tuple or list, counted from 0. Ends the process with `bad_message` when there is none. */
  at(index: i32): Term {
    decoder.open(this.pointer, this.byteLength);
    if (<u32>index >= <u32>this.length || this.isMap) {
      decoder.mismatch("at(" + index.toString() + ")", "a tuple or list of more elements");
    }
    if (this.tag == STRING) {
      decoder.packedList();
      return Term.of<u8>(load<u8>(decoder.position() + index));
    }
    decoder.advance(this.tag == SMALL_TUPLE ? 2 : 5);
    for (let i = 0; i < index; i++) decoder.skip();
    const from = decoder.position();
    return encodedFromInner<Term>(from, decoder.skip());
  }

  /** What the map has for a key, or null. */
  get<K>(key: K): Term | null {
    if (!this.isMap) return null;
    const wanted = Term.of<K>(key);
    decoder.open(this.pointer, this.byteLength);
    const size = decoder.map("get");
    for (let i: u32 = 0; i < size; i++) {
      const from = decoder.position();
      const length = decoder.skip();
      const found = length == wanted.byteLength - 1 && memory.compare(wanted.pointer + 1, from, length) == 0;
      const value = decoder.position();
      const valueLength = decoder.skip();
      if (found) return encodedFromInner<Term>(value, valueLength);
    }
    return null;
  }

  @operator("==")
  static equals(left: Term | null, right: Term | null): bool {
    return sameTerm(left, right);
  }

  @operator("!=")
  static differs(left: Term | null, right: Term | null): bool {
    return !sameTerm(left, right);
  }

  /** As Erlang writes it. */
  toString(): string {
    return printTerm(this.pointer + 1, this.pointer + this.byteLength);
  }

  @inline
  private get tag(): u8 {
    return load<u8>(this.pointer, 1);
  }
}
