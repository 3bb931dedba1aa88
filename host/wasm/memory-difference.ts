// The difference between a guest's memory and the image it began with, as runs of words. Comparing 64 KB takes 2 us, most of them for
// blocks that are equal: those go to memcmp where there is one.

const BLOCK_BYTES = 4096;
const BLOCK_WORDS = BLOCK_BYTES / 4;
/** Equal words between two runs that are taken along, because a new run costs as much. */
const GAP_WORDS = 2;
const ZEROS = new Uint8Array(BLOCK_BYTES);

/** True when the blocks at `at` are the same; `of` may end before, and is zero from there on. */
type Compare = (memory: Uint8Array, at: number, of: Uint8Array) => boolean;

/** Node's own; other hosts of JavaScript compare word by word. */
const compareBlocks: Compare =
  typeof Buffer === "function"
    ? (memory, at, of) =>
        at < of.length
          ? BUFFER_COMPARE.call(memory, of, at, at + BLOCK_BYTES, at, at + BLOCK_BYTES) === 0
          : BUFFER_COMPARE.call(memory, ZEROS, 0, BLOCK_BYTES, at, at + BLOCK_BYTES) === 0
    : () => false;
const BUFFER_COMPARE = typeof Buffer === "function" ? Buffer.prototype.compare : (): number => 1;

/** Grows; holds the runs of the last difference. */
let runs = new Int32Array(4096);

/** The runs that the last call of `findDifference` found: place in words, number of words, the words; until the next call. */
export function foundRuns(length: number): Int32Array {
  return runs.subarray(0, length);
}

/**
 * Finds where `memory` differs from `image`, which counts as zeros beyond its end and ends on a block. Both are whole pages of a linear
 * memory. Gives the number of words in `foundRuns`.
 */
export function findDifference(memory: Uint8Array, image: Uint8Array): number {
  const now = new Int32Array(memory.buffer, memory.byteOffset, memory.length >> 2);
  const then = new Int32Array(image.buffer, image.byteOffset, image.length >> 2);
  let length = 0;
  let runAt = -1;
  let runEnd = 0;
  for (let at = 0; at < memory.length; at += BLOCK_BYTES) {
    if (compareBlocks(memory, at, image)) continue;
    const first = at >> 2;
    if (length + 2 * BLOCK_WORDS + 4 > runs.length) {
      const grown = new Int32Array(runs.length * 2);
      grown.set(runs);
      runs = grown;
    }
    const known = at < image.length;
    for (let i = first; i < first + BLOCK_WORDS; i++) {
      const word = now[i]!;
      if (word === (known ? then[i]! : 0)) continue;
      if (runAt >= 0 && i - runEnd <= GAP_WORDS) {
        while (runEnd < i) runs[length++] = now[runEnd++]!;
      } else {
        if (runAt >= 0) runs[runAt + 1] = length - runAt - 2;
        runAt = length;
        runs[length++] = i;
        length++;
      }
      runs[length++] = word;
      runEnd = i + 1;
    }
  }
  if (runAt >= 0) runs[runAt + 1] = length - runAt - 2;
  return length;
}

/** Puts runs from `from` up to `to` into a memory that is as the image. */
export function applyDifference(memory: Uint8Array, from: Int32Array, start: number, end: number): void {
  const words = new Int32Array(memory.buffer, memory.byteOffset, memory.length >> 2);
  for (let at = start; at < end; ) {
    const place = from[at]!;
    const count = from[at + 1]!;
    at += 2;
    for (let i = 0; i < count; i++) words[place + i] = from[at + i]!;
    at += count;
  }
}
