// Reads and writes the binary format's bytes, LEB128 numbers and names. Knows nothing of what they mean.

const decoder = new TextDecoder();
const encoder = new TextEncoder();

/** A cursor over bytes. Input was validated by the engine before, so nothing is checked again. */
export class ByteReader {
  readonly bytes: Uint8Array;
  pos: number;
  readonly end: number;

  constructor(bytes: Uint8Array, pos = 0, end = bytes.length) {
    this.bytes = bytes;
    this.pos = pos;
    this.end = end;
  }

  /** Throws RangeError behind the last byte: not all that is read has been validated, custom sections have not. */
  u8(): number {
    const byte = this.bytes[this.pos++];
    if (byte === undefined) throw new RangeError("the module ends too early");
    return byte;
  }

  u32(): number {
    let result = 0;
    let shift = 0;
    for (;;) {
      const byte = this.u8();
      result |= (byte & 0x7f) << shift;
      if (byte < 0x80) return result >>> 0;
      shift += 7;
    }
  }

  /** Exact below 2^53. */
  u64(): number {
    let result = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = this.u8();
      result += (byte & 0x7f) * scale;
      if (byte < 0x80) return result;
    }
  }

  s32(): number {
    let result = 0;
    let shift = 0;
    for (;;) {
      const byte = this.u8();
      result |= (byte & 0x7f) << shift;
      shift += 7;
      if (byte < 0x80) return shift < 32 && byte & 0x40 ? result | (-1 << shift) : result;
    }
  }

  /** Skips one LEB128 number of any width. */
  skipLeb(): void {
    while (this.bytes[this.pos++]! >= 0x80);
  }

  name(): string {
    const length = this.u32();
    this.pos += length;
    return decoder.decode(this.bytes.subarray(this.pos - length, this.pos));
  }
}

/** A growing buffer. */
export class ByteWriter {
  #bytes: Uint8Array;
  length = 0;

  constructor(capacity = 1024) {
    this.#bytes = new Uint8Array(capacity);
  }

  #room(count: number): void {
    if (this.length + count <= this.#bytes.length) return;
    const grown = new Uint8Array(Math.max(this.#bytes.length * 2, this.length + count));
    grown.set(this.#bytes.subarray(0, this.length));
    this.#bytes = grown;
  }

  u8(byte: number): void {
    if (this.length === this.#bytes.length) this.#room(1);
    this.#bytes[this.length++] = byte;
  }

  u32(value: number): void {
    this.#room(5);
    let rest = value >>> 0;
    while (rest >= 0x80) {
      this.#bytes[this.length++] = (rest & 0x7f) | 0x80;
      rest >>>= 7;
    }
    this.#bytes[this.length++] = rest;
  }

  s32(value: number): void {
    this.#room(5);
    let rest = value | 0;
    for (;;) {
      const byte = rest & 0x7f;
      rest >>= 7;
      if ((rest === 0 && !(byte & 0x40)) || (rest === -1 && byte & 0x40)) {
        this.#bytes[this.length++] = byte;
        return;
      }
      this.#bytes[this.length++] = byte | 0x80;
    }
  }

  /** In five bytes, so that `patchS32` can put any other value there. */
  paddedS32(value: number): void {
    for (let shift = 0; shift < 28; shift += 7) this.u8(((value >> shift) & 0x7f) | 0x80);
    this.u8((value >> 28) & 0x7f);
  }

  patchS32(at: number, value: number): void {
    for (let k = 0; k < 4; k++) this.#bytes[at + k] = ((value >> (7 * k)) & 0x7f) | 0x80;
    this.#bytes[at + 4] = (value >> 28) & 0x7f;
  }

  s64(value: bigint): void {
    let rest = BigInt.asIntN(64, value);
    for (;;) {
      const byte = Number(rest & 0x7fn);
      rest >>= 7n;
      if ((rest === 0n && !(byte & 0x40)) || (rest === -1n && byte & 0x40)) {
        this.u8(byte);
        return;
      }
      this.u8(byte | 0x80);
    }
  }

  raw(bytes: Uint8Array, from = 0, to = bytes.length): void {
    this.#room(to - from);
    if (to - from < 16) {
      for (let i = from; i < to; i++) this.#bytes[this.length++] = bytes[i]!;
    } else {
      this.#bytes.set(from === 0 && to === bytes.length ? bytes : bytes.subarray(from, to), this.length);
      this.length += to - from;
    }
  }

  bytes(...values: number[]): void {
    for (const value of values) this.u8(value);
  }

  name(text: string): void {
    const encoded = encoder.encode(text);
    this.u32(encoded.length);
    this.raw(encoded);
  }

  /** Writes a section or any other part that is preceded by its length. */
  sized(part: ByteWriter): void {
    this.u32(part.length);
    this.raw(part.view());
  }

  /** The bytes so far; valid until the next write. */
  view(): Uint8Array {
    return this.#bytes.subarray(0, this.length);
  }
}
