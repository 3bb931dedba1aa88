// Blocks of bytes outside V8's heap: what parked guests consist of. A block costs its own size rounded up and nothing else, so a million
// of them are a few hundred buffers.

const SLAB_BYTES = 2 ** 20;
/** Blocks up to this size share slabs. */
const SHARED_BYTES = 2 ** 16;
/** Sizes that are told apart: multiples of this up to 1 KB, eight steps to each doubling above. */
const STEP_BYTES = 32;
const FINE_BYTES = 1024;

/** Names a block: its slab and its place there. */
export type BlockId = number;

export class ByteStore {
  readonly #slabs: Uint8Array[] = [];
  /** The same slabs by words. */
  readonly #words: Int32Array[] = [];
  /** Places in `#slabs` of large blocks that are gone. */
  readonly #emptySlabs: number[] = [];
  /** Free blocks by their rounded size. */
  readonly #free = new Map<number, BlockId[]>();
  #current = -1;
  #used = SLAB_BYTES;
  #bytes = 0;

  /** Bytes in use, as rounded. */
  get bytes(): number {
    return this.#bytes;
  }

  /** A block of at least `size` bytes, with whatever was there before. */
  allocate(size: number): BlockId {
    const rounded = roundedSize(size);
    this.#bytes += rounded;
    const free = this.#free.get(rounded);
    if (free !== undefined && free.length > 0) return free.pop()!;
    if (rounded > SHARED_BYTES) return this.#addSlab(rounded) * SLAB_BYTES;
    if (this.#used + rounded > SLAB_BYTES) {
      this.#current = this.#addSlab(SLAB_BYTES);
      this.#used = 0;
    }
    const id = this.#current * SLAB_BYTES + this.#used;
    this.#used += rounded;
    return id;
  }

  /** The bytes of a block; its place in them, a multiple of 32, is `offsetOf`. */
  slabOf(id: BlockId): Uint8Array {
    return this.#slabs[Math.floor(id / SLAB_BYTES)]!;
  }
  /** The same by words; the block begins at a quarter of `offsetOf`. */
  wordsOf(id: BlockId): Int32Array {
    return this.#words[Math.floor(id / SLAB_BYTES)]!;
  }
  offsetOf(id: BlockId): number {
    return id % SLAB_BYTES;
  }

  /** `size` is what was asked for. */
  free(id: BlockId, size: number): void {
    const rounded = roundedSize(size);
    this.#bytes -= rounded;
    if (rounded > SHARED_BYTES) {
      const place = Math.floor(id / SLAB_BYTES);
      this.#slabs[place] = NOTHING;
      this.#words[place] = NO_WORDS;
      this.#emptySlabs.push(place);
      return;
    }
    const free = this.#free.get(rounded);
    if (free) free.push(id);
    else this.#free.set(rounded, [id]);
  }

  #addSlab(bytes: number): number {
    const place = this.#emptySlabs.pop() ?? this.#slabs.length;
    const slab = new Uint8Array(bytes);
    this.#slabs[place] = slab;
    this.#words[place] = new Int32Array(slab.buffer);
    return place;
  }
}

const NOTHING = new Uint8Array(0);
const NO_WORDS = new Int32Array(0);

function roundedSize(size: number): number {
  if (size <= FINE_BYTES) return (size + STEP_BYTES - 1) & -STEP_BYTES;
  // Most are below 2^31, where this is quicker than logarithms.
  const step = size <= 2 ** 31 ? 1 << (28 - Math.clz32(size - 1)) : 2 ** 28;
  return Math.ceil(size / step) * step;
}
