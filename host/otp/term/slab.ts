// Copies of encoded terms, most of which soon go. V8 keeps the bytes of a typed array in its heap up to 64 of them; above that they come
// from malloc, behind a buffer of their own that the collector has to follow, which makes a copy of 100 bytes cost 0.5 to 1 us. Here
// middle-sized terms share slabs, at 70 ns.

/** V8's `typed_array_max_size_in_heap`. */
const IN_HEAP_BYTES = 64;
/** Larger terms have bytes of their own: one that stays keeps its whole slab. */
const SHARED_BYTES = 1024;
const SLAB_BYTES = 8192;

let slab = new Uint8Array(0);
let used = 0;

/** A copy of `source` from `start` up to `end`. */
export function copyEncoded(source: Uint8Array, start: number, end: number): Uint8Array {
  const size = end - start;
  if (size <= IN_HEAP_BYTES || size > SHARED_BYTES) return source.slice(start, end);
  if (used + size > slab.length) {
    slab = new Uint8Array(SLAB_BYTES);
    used = 0;
  }
  const at = used;
  used += size;
  slab.set(source.subarray(start, end), at);
  return new Uint8Array(slab.buffer, at, size);
}
