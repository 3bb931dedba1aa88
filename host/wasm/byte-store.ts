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
      this.#emptySlabs.push(place);
      return;
    }
    const free = this.#free.get(rounded);
    if (free) free.push(id);
    else this.#free.set(rounded, [id]);
  }

  #addSlab(bytes: number): number {
    const place = this.#emptySlabs.pop() ?? this.#slabs.length;
    this.#slabs[place] = new Uint8Array(bytes);
    return place;
  }
}

const NOTHING = new Uint8Array(0);

function roundedSize(size: number): number {
  const step = size <= FINE_BYTES ? STEP_BYTES : 2 ** (Math.floor(Math.log2(size - 1)) - 3);
  return Math.ceil(size / step) * step;
}
