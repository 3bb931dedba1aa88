// Writes and reads the parts that snapshots are made of. The reader throws RangeError where the bytes end too early: it is given whatever
// somebody has kept or sent.
import { ByteWriter } from "./capture/bytes.ts";

const decoder = new TextDecoder();

export class SnapshotWriter {
  readonly #out = new ByteWriter(4096);
  readonly #scratch = new DataView(new ArrayBuffer(8));

  u32(value: number): void {
    this.#out.u32(value);
  }
  f64(value: number): void {
    this.#scratch.setFloat64(0, value, true);
    this.#out.raw(new Uint8Array(this.#scratch.buffer));
  }
  i64(value: bigint): void {
    this.#scratch.setBigInt64(0, value, true);
    this.#out.raw(new Uint8Array(this.#scratch.buffer));
  }
  text(value: string): void {
    this.#out.name(value);
  }
  raw(bytes: Uint8Array): void {
    this.#out.raw(bytes);
  }
  /** Valid until the next write. */
  view(): Uint8Array {
    return this.#out.view();
  }
}

export class SnapshotReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #pos: number;

  constructor(bytes: Uint8Array, pos: number) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#pos = pos;
  }

  u32(): number {
    let result = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.#view.getUint8(this.#pos++);
      result += (byte & 127) * 2 ** shift;
      if (byte < 128) return result;
    }
    throw new RangeError("a number is too long");
  }
  f64(): number {
    this.#pos += 8;
    return this.#view.getFloat64(this.#pos - 8, true);
  }
  i64(): bigint {
    this.#pos += 8;
    return this.#view.getBigInt64(this.#pos - 8, true);
  }
  text(): string {
    return decoder.decode(this.raw(this.u32()));
  }
  raw(length: number): Uint8Array {
    this.#pos += length;
    if (this.#pos > this.#bytes.length) throw new RangeError("the bytes end too early");
    return this.#bytes.subarray(this.#pos - length, this.#pos);
  }
  /** What is left, without moving on. */
  rest(): Uint8Array {
    return this.#bytes.subarray(this.#pos);
  }
}
