// Value types as numbers: those of one byte are that byte, typed references stand from 0x200 on for their bytes in the binary.
import type { ByteReader, ByteWriter } from "./bytes.ts";
import { F32, F64, I32, I64, V128 } from "./opcodes.ts";
import { refuseUnknown } from "./refusal.ts";

const NULLABLE = 0x63;
const NOT_NULL = 0x64;
const FIRST = 0x200;
/** The abstract heap types, whose nullable references have a byte of their own. */
const ABSTRACT = { from: 0x69, to: 0x74 };
const ANY = 0x6e;
const EXTERN = 0x6f;
const FUNC = 0x70;
const EXN = 0x69;
/** Top type of each abstract heap type that is not below `any`. */
const TOPS: Readonly<Record<number, number>> = {
  [FUNC]: FUNC,
  115: FUNC, // nofunc
  [EXTERN]: EXTERN,
  114: EXTERN, // noextern
  [EXN]: EXN,
  116: EXN, // noexn
};

/** Numbers and vectors, and what only fields have: i16, i8. */
const PLAIN = new Set([I32, I64, F32, F64, V128, 0x77, 0x78]);

function isAbstract(byte: number): boolean {
  return byte >= ABSTRACT.from && byte <= ABSTRACT.to;
}

export class ValueTypes {
  readonly #encoded: Uint8Array[] = [];
  readonly #index = new Map<string, number>();
  readonly #isFunction: (typeIndex: number) => boolean;

  constructor(isFunction: (typeIndex: number) => boolean) {
    this.#isFunction = isFunction;
  }

  /** The module uses references with types, so that its engine knows them. */
  get areTyped(): boolean {
    return this.#encoded.length > 0;
  }

  read(reader: ByteReader): number {
    const byte = reader.u8();
    if (byte === NULLABLE || byte === NOT_NULL) return this.readReference(reader, byte === NULLABLE);
    if (!PLAIN.has(byte) && !isAbstract(byte))
      refuseUnknown(`a value type 0x${byte.toString(16)}`, reader.pos - 1);
    return byte;
  }

  /** Reads a heap type; gives the reference to it. */
  readReference(reader: ByteReader, nullable: boolean): number {
    const start = reader.pos;
    const first = reader.bytes[start]!;
    if (first >= 0x40 && first < 0x80 && !isAbstract(first))
      refuseUnknown(`a heap type 0x${first.toString(16)}`, start);
    reader.skipLeb();
    return this.#intern(nullable, reader.bytes.subarray(start, reader.pos));
  }

  /** The reference, not null, to the type of this index. */
  referenceTo(typeIndex: number): number {
    return this.#intern(false, signed(typeIndex));
  }

  /** The reference, not null, to an abstract heap type, given by its byte. */
  abstract(heap: number): number {
    return this.#intern(false, Uint8Array.of(heap));
  }

  nullable(type: number): number {
    return this.isNonNull(type) ? this.#intern(true, this.#heap(type)) : type;
  }

  nonNull(type: number): number {
    return this.#intern(false, this.#heap(type));
  }

  isNonNull(type: number): boolean {
    return type >= FIRST && this.#encoded[type - FIRST]![0] === NOT_NULL;
  }

  isReference(type: number): boolean {
    return type !== I32 && type !== I64 && type !== F32 && type !== F64 && type !== V128;
  }

  /** The nullable reference type above all that this one can be converted to: anyref, funcref, externref or exnref. */
  top(type: number): number {
    if (type < FIRST) return TOPS[type] ?? ANY;
    const index = this.typeIndexOf(type);
    if (index === undefined) return TOPS[this.heapOf(type)] ?? ANY;
    return this.#isFunction(index) ? FUNC : ANY;
  }

  /** The index of the type that a reference names; undefined for one to an abstract heap type. */
  typeIndexOf(type: number): number | undefined {
    const heap = this.#heap(type);
    return heap.length === 1 && heap[0]! >= 0x40 ? undefined : unsigned(heap);
  }

  /** The byte of the abstract heap type that a reference names. */
  heapOf(type: number): number {
    return this.#heap(type)[0]!;
  }

  write(out: ByteWriter, type: number): void {
    if (type < FIRST) out.u8(type);
    else out.raw(this.#encoded[type - FIRST]!);
  }

  /** Writes ref.null of the reference type. */
  writeNull(out: ByteWriter, type: number): void {
    out.u8(0xd0);
    out.raw(this.#heap(type));
  }

  /** Writes the instruction that makes a reference of exactly this type of one of its top type; traps when it is none. */
  writeCast(out: ByteWriter, type: number): void {
    out.bytes(0xfb, this.isNonNull(type) ? 22 : 23);
    out.raw(this.#heap(type));
  }

  /** Writes the instruction that tells whether a reference is of this type. */
  writeTest(out: ByteWriter, type: number): void {
    out.bytes(0xfb, this.isNonNull(type) ? 20 : 21);
    out.raw(this.#heap(type));
  }

  #heap(type: number): Uint8Array {
    return type < FIRST ? Uint8Array.of(type) : this.#encoded[type - FIRST]!.subarray(1);
  }

  #intern(nullable: boolean, heap: Uint8Array): number {
    const first = heap[0]!;
    if (nullable && heap.length === 1 && isAbstract(first)) return first;
    const encoded = Uint8Array.of(nullable ? NULLABLE : NOT_NULL, ...heap);
    const key = encoded.join(",");
    let index = this.#index.get(key);
    if (index === undefined) {
      index = FIRST + this.#encoded.length;
      this.#encoded.push(encoded);
      this.#index.set(key, index);
    }
    return index;
  }
}

/** A type index as a heap type: signed LEB128. */
function signed(index: number): Uint8Array {
  const bytes: number[] = [];
  for (let rest = index; ; rest >>>= 7) {
    if (rest < 0x40) {
      bytes.push(rest);
      return Uint8Array.from(bytes);
    }
    bytes.push((rest & 0x7f) | 0x80);
  }
}

function unsigned(bytes: Uint8Array): number {
  let value = 0;
  bytes.forEach((byte, k) => {
    value |= (byte & 0x7f) << (7 * k);
  });
  return value;
}
