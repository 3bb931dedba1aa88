// The difference between a guest's memory and the image it began with, taken out: afterwards the memory is the image again. WebAssembly does
// it, in an instance that shares the guest's memory, with vectors of 16 bytes: difference.wat, which also says what a difference looks like.
import { DIFFERENCE_CODE } from "./difference-code.ts";
import type { GuestMemory } from "./guest-memory.ts";
import type { Image } from "./image.ts";
import { CHUNK_AT } from "./image-chunks.ts";

/** Bytes before the guest's own that are written over: three words of results, a chunk of the image with its table, the difference. */
export const WORK_BYTES = 0x18000;
const REACHED = 0;
const FOUND_END = 1;
const UPPER = 2;
/** Words of a difference that are put in at once. */
const PUT_WORDS = WORK_BYTES >> 2;
const LINE_WORDS = 16;
const MASK = 0xffff;

interface DifferenceExports {
  takeParts(table: number, tableEnd: number, at: number, to: number, out: number): void;
  put(at: number, end: number, base: number, upper: number): void;
}

let code: WebAssembly.Module | undefined;

function differenceModule(): WebAssembly.Module {
  code ??= new WebAssembly.Module(Uint8Array.from(atob(DIFFERENCE_CODE), (char) => char.charCodeAt(0)));
  return code;
}

/** In pieces, one after the other; the first `memoryBytes` are those of the memory, the others those of the state. */
export interface Difference {
  readonly pieces: readonly Uint8Array[];
  readonly memoryBytes: number;
  readonly bytes: number;
}

/** For one memory, whose first `base` bytes are not the guest's: at least `WORK_BYTES`. */
export class MemoryDifference {
  readonly #memory: GuestMemory;
  readonly #base: number;
  readonly #exports: DifferenceExports;
  /** What has been found, as far as it had to be taken away to make room for more. */
  #pieces: Uint8Array[] = [];
  #kept = 0;
  /** Where the rest of it ends. */
  #foundAt = 0;
  #out = 0;
  /** How many bytes of it are of the memory, once all of that is found. */
  #memoryBytes: number | undefined = undefined;

  constructor(memory: GuestMemory, shared: WebAssembly.Memory, base: number) {
    this.#memory = memory;
    this.#base = base;
    const { exports } = new WebAssembly.Instance(differenceModule(), { guest: { memory: shared, base } });
    this.#exports = exports as unknown as DifferenceExports;
  }

  /**
   * Takes out where the memory differs from the image, and finds where the state at `stateAt` does. The first `WORK_BYTES` of the region are
   * written over; what this gives is valid until they are the next time. Throws RangeError where there is no memory: see `putBack`.
   */
  take({ chunks, chunksEnd, stateWords }: Image, stateAt: number): Difference {
    if (this.#kept > 0) this.#pieces = [];
    this.#kept = 0;
    this.#foundAt = chunksEnd;
    this.#out = chunksEnd;
    this.#memoryBytes = undefined;
    const region = this.#memory.region();
    const words = this.#memory.regionWords();
    words[UPPER] = 0;
    const memoryEnd = this.#base + this.#memory.byteLength;
    let at = this.#base;
    for (let i = 0; i < chunks.length; i++) {
      const { bytes, tableAt, end } = chunks[i]!;
      region.set(bytes, CHUNK_AT);
      const to = i === chunks.length - 1 ? memoryEnd : this.#base + end;
      this.#takeParts(words, CHUNK_AT + tableAt, CHUNK_AT + bytes.length, at, to);
      at = to;
    }
    if (chunks.length === 0) this.#takeParts(words, 0, 0, at, memoryEnd);
    const memoryBytes = this.#found;
    this.#memoryBytes = memoryBytes;
    this.#findState(words, stateAt >> 2, stateWords);
    const last = region.subarray(this.#foundAt, this.#out);
    return {
      pieces: this.#kept > 0 ? [...this.#pieces, last] : [last],
      memoryBytes,
      bytes: this.#found,
    };
  }

  /** Makes the memory what it was before `take`, also one that ended with an error. */
  putBack(): void {
    const pieces = [...this.#pieces, this.#memory.region().slice(this.#foundAt, this.#out)];
    const bytes = new Uint8Array(this.#found);
    let at = 0;
    for (const piece of pieces) {
      bytes.set(piece, at);
      at += piece.length;
    }
    this.put(new Int32Array(bytes.buffer), 0, (this.#memoryBytes ?? bytes.length) >> 2);
  }

  /** Puts a difference, which is words of a block, into lines from `base` on, as they are in the image. */
  put(words: Int32Array, start: number, end: number, base = this.#base): void {
    const region = this.#memory.regionWords();
    let upper = 0;
    for (let at = start; at < end; ) {
      let stop = end;
      let next = upper;
      if (end - at > PUT_WORDS) {
        for (stop = at; stop + LINE_WORDS + 1 - at <= PUT_WORDS; ) {
          const line = words[stop]!;
          if ((line & MASK) === 0) next = line;
          stop += 1 + bitsOf(line & MASK);
        }
      }
      region.set(words.subarray(at, stop));
      this.#exports.put(0, (stop - at) * 4, base, upper);
      at = stop;
      upper = next;
    }
  }

  /** Bytes so far. */
  get #found(): number {
    return this.#kept + this.#out - this.#foundAt;
  }

  #takeParts(words: Int32Array, table: number, tableEnd: number, from: number, end: number): void {
    for (let at = from; at < end; ) {
      this.#exports.takeParts(table, tableEnd, at, end, this.#out);
      this.#out = words[FOUND_END]!;
      // The end of a memory of 4 GiB.
      at = words[REACHED]! >>> 0 || end;
      if (at < end) this.#makeRoom();
    }
  }

  /** Few words: fewer than its lines would be vectors. */
  #findState(words: Int32Array, stateAt: number, state: Int32Array): void {
    for (let first = 0; first < state.length; first += LINE_WORDS) {
      if (this.#out + 4 * (LINE_WORDS + 1) > WORK_BYTES) this.#makeRoom();
      const line = this.#out >> 2;
      const end = Math.min(first + LINE_WORDS, state.length);
      let to = line + 1;
      let mask = 0;
      for (let i = first; i < end; i++) {
        const word = words[stateAt + i]!;
        if (word === state[i]) continue;
        words[to++] = word;
        mask |= 1 << (i - first);
      }
      if (mask === 0) continue;
      words[line] = (first << 12) | mask;
      this.#out = to << 2;
    }
  }

  #makeRoom(): void {
    this.#pieces.push(this.#memory.region().slice(this.#foundAt, this.#out));
    this.#kept += this.#out - this.#foundAt;
    this.#out = this.#foundAt;
  }
}

function bitsOf(mask: number): number {
  let bits = 0;
  for (let rest = mask; rest !== 0; rest &= rest - 1) bits++;
  return bits;
}
