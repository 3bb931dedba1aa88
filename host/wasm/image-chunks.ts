// What of a memory is not zeros, as an image keeps it and a difference to it is looked for.

/** What a difference is looked for in. */
const BLOCK_BYTES = 128;
/** Zeros between two parts that are not worth telling them apart for. */
const GAP_BYTES = 2048;
const CHUNK_BYTES = 2 ** 15;
/** In a table of parts. */
const PART_WORDS = 3;
/** Where a chunk is put to look for a difference. */
export const CHUNK_AT = 16;

/** Some parts of a memory, one after the other, up to `tableAt`; and a table of them, as difference.wat reads it. */
export interface ImageChunk {
  readonly bytes: Uint8Array;
  readonly tableAt: number;
  /** Where its last part ends in the memory. */
  readonly end: number;
  readonly parts: readonly ImagePart[];
}

/** Its place in the guest's memory, a multiple of `BLOCK_BYTES` as its length is, and its bytes, a view of the chunk's. */
export interface ImagePart {
  readonly address: number;
  readonly bytes: Uint8Array;
}

/** What is not zeros, and few zeros in between. */
export function chunksOf(memory: Uint8Array): ImageChunk[] {
  const chunks: ImageChunk[] = [];
  let chunk: [from: number, to: number][] = [];
  let room = CHUNK_BYTES;
  for (const [from, to] of extentsOf(memory)) {
    for (let address = from; address < to; ) {
      const end = Math.min(to, address + room);
      chunk.push([address, end]);
      room -= end - address;
      address = end;
      if (room > 0) continue;
      chunks.push(chunkOf(memory, chunk));
      chunk = [];
      room = CHUNK_BYTES;
    }
  }
  if (chunk.length > 0) chunks.push(chunkOf(memory, chunk));
  return chunks;
}

/** Where the longest of them ends when it is put to `CHUNK_AT`. */
export function endOfChunks(chunks: readonly ImageChunk[]): number {
  return chunks.reduce((most, { bytes }) => Math.max(most, CHUNK_AT + bytes.length), CHUNK_AT);
}

function chunkOf(memory: Uint8Array, extents: readonly [from: number, to: number][]): ImageChunk {
  const tableAt = extents.reduce((sum, [from, to]) => sum + to - from, 0);
  const bytes = new Uint8Array(tableAt + extents.length * PART_WORDS * 4);
  const table = new Int32Array(bytes.buffer, tableAt);
  let at = 0;
  const parts = extents.map(([address, end], place): ImagePart => {
    const length = end - address;
    const view = bytes.subarray(at, at + length);
    view.set(memory.subarray(address, end));
    table.set([address, CHUNK_AT + at, length], place * PART_WORDS);
    at += length;
    return { address, bytes: view };
  });
  return { bytes, tableAt, end: extents.at(-1)![1], parts };
}

function extentsOf(memory: Uint8Array): [from: number, to: number][] {
  const words = new Int32Array(memory.buffer, memory.byteOffset, memory.length >> 2);
  const extents: [from: number, to: number][] = [];
  for (let at = 0; at < memory.length; at += BLOCK_BYTES) {
    if (isZero(words, at >> 2, (at + BLOCK_BYTES) >> 2)) continue;
    const last = extents.at(-1);
    if (last !== undefined && at - last[1] <= GAP_BYTES) last[1] = at + BLOCK_BYTES;
    else extents.push([at, at + BLOCK_BYTES]);
  }
  return extents;
}

/** Eight words at a time, of a whole number of them: a program's start waits for this, which V8 interprets then. */
function isZero(words: Int32Array, from: number, to: number): boolean {
  for (let i = from; i < to; i += 8) {
    const low = words[i]! | words[i + 1]! | words[i + 2]! | words[i + 3]!;
    const high = words[i + 4]! | words[i + 5]! | words[i + 6]! | words[i + 7]!;
    if ((low | high) !== 0) return false;
  }
  return true;
}
