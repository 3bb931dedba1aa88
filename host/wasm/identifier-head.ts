// How a pid or a reference of one node begins in the external term format, and whether one lies at an address: compared by words, because V8
// takes some nanoseconds for each byte of a loop.
import type { GuestMemory } from "./guest-memory.ts";

/** Number, serial and creation, with which an encoded pid ends; both words of the number and the seal of a reference. */
export const TAIL_BYTES = 12;

export class IdentifierHead {
  /** Bytes of a whole identifier. */
  readonly size: number;
  readonly #bytes: Uint8Array;
  readonly #words: Int32Array;

  /** `encoded`: one of them, version byte included. */
  constructor(encoded: Uint8Array) {
    this.size = encoded.length;
    this.#bytes = encoded.slice(0, -TAIL_BYTES);
    const view = new DataView(encoded.buffer, encoded.byteOffset);
    this.#words = Int32Array.from({ length: this.#bytes.length >> 2 }, (_, i) => view.getInt32(i * 4));
  }

  /**
   * Where the tail begins of such an identifier at `pointer`; negative when something else is there. Throws `bad_argument` when it would lie outside
   * the memory.
   */
  tailIn(memory: GuestMemory, pointer: number, length: number): number {
    if (length !== this.size) return -1;
    const start = memory.check(pointer, length, "an address");
    const view = memory.view();
    const words = this.#words;
    for (let i = 0; i < words.length; i++) if (view.getInt32(start + i * 4) !== words[i]) return -1;
    const head = this.#bytes;
    for (let i = words.length << 2; i < head.length; i++) if (view.getUint8(start + i) !== head[i]) return -1;
    return start + head.length;
  }
}
