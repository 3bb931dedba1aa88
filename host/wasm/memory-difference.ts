// The difference between a guest's memory and the image it began with, as runs of words. Guests of one program mostly change the same
// blocks: those are looked through word by word, and what lies between them goes to memcmp in one piece, where there is one.

const BLOCK_BYTES = 1024;
const BLOCK_WORDS = BLOCK_BYTES / 4;
/** Equal words between two runs that are taken along, because a new run costs as much. */
const GAP_WORDS = 1;
/** What an image is followed by. */
const ZEROS = new Uint8Array(65_536);

/** Node's own; other hosts of JavaScript look through every block. */
const compareBytes = typeof Buffer === "function" ? Buffer.prototype.compare : undefined;

/** Whether the bytes from `start` up to `end` are the same in both; `image` may end before, and is zeros from there on. */
function isSame(memory: Uint8Array, image: Uint8Array, start: number, end: number): boolean {
  if (!compareBytes) return false;
  const known = Math.min(end, image.length);
  if (start < known && compareBytes.call(memory, image, start, known, start, known) !== 0) return false;
  for (let at = Math.max(start, known); at < end; at += ZEROS.length) {
    const stop = Math.min(end, at + ZEROS.length);
    if (compareBytes.call(memory, ZEROS, 0, stop - at, at, stop) !== 0) return false;
  }
  return true;
}

/** Which blocks guests of an image have changed lately: a hint, that costs time when it is wrong and nothing else. */
interface Hints {
  readonly changed: Uint8Array;
  uses: number;
}
/** After so many uses hints are collected anew, so that one odd guest is not remembered for ever. */
const USES = 4096;
const hintsOf = new WeakMap<Uint8Array, Hints>();

function changedBlocks(image: Uint8Array, blocks: number): Uint8Array {
  let hints = hintsOf.get(image);
  if (!hints || hints.changed.length < blocks || hints.uses >= USES) {
    hints = { changed: new Uint8Array(blocks), uses: 0 };
    hintsOf.set(image, hints);
  }
  hints.uses++;
  return hints.changed;
}

/** A run that fits has a header of one word: its place in words below, its length above; any other has 0, place, length. */
const PLACE_BITS = 24;
const MAX_PLACE = 2 ** PLACE_BITS - 1;
const MAX_LENGTH = 255;

/** Runs one after the other. Used again and again: valid until the next time. */
class Runs {
  words = new Int32Array(4096);
  length = 0;
  #header = -1;
  #place = 0;
  /** Behind the last word of the last run. */
  #end = -1;

  clear(): void {
    this.length = 0;
    this.#header = -1;
    this.#end = -1;
  }

  /** Makes room for so many words more in as many runs. */
  room(words: number): void {
    if (this.length + 4 * words <= this.words.length) return;
    const grown = new Int32Array(2 * (this.length + 4 * words));
    grown.set(this.words);
    this.words = grown;
  }

  /** Adds the word at `place` of `from`, and those since the last one if they are few. */
  add(place: number, from: Int32Array): void {
    if (this.#header >= 0 && place - this.#end <= GAP_WORDS) {
      while (this.#end <= place) this.words[this.length++] = from[this.#end++]!;
      return;
    }
    this.finish();
    this.#header = this.length;
    this.#place = place;
    this.length += place <= MAX_PLACE ? 1 : 3;
    this.words[this.length++] = from[place]!;
    this.#end = place + 1;
  }

  /** Completes the last run; further ones begin anew. */
  finish(): void {
    if (this.#header < 0) return;
    const place = this.#place;
    const length = this.#end - place;
    if (place > MAX_PLACE || length > MAX_LENGTH) this.#writeLongHeader(place, length);
    else this.words[this.#header] = place | (length << PLACE_BITS);
    this.#header = -1;
  }

  #writeLongHeader(place: number, length: number): void {
    const at = this.#header;
    if (place <= MAX_PLACE) {
      // There is one word for it so far.
      this.words.copyWithin(at + 3, at + 1, this.length);
      this.length += 2;
    }
    this.words[at] = 0;
    this.words[at + 1] = place;
    this.words[at + 2] = length;
  }
}

const runs = new Runs();

/** The words that `findDifferences` found; valid until its next call. */
export function foundRuns(length: number): Int32Array {
  return runs.words.subarray(0, length);
}

/**
 * Finds where `memory` differs from `image`, which counts as zeros beyond its end and ends on a block; and then where `state` differs from
 * `imageState`, which is as long. Gives how many words of `foundRuns` are the first and how many there are together.
 */
export function findDifferences(
  memory: Uint8Array,
  image: Uint8Array,
  state: Int32Array,
  imageState: Int32Array,
): { readonly memoryWords: number; readonly words: number } {
  const now = new Int32Array(memory.buffer, memory.byteOffset, memory.length >> 2);
  const then = new Int32Array(image.buffer, image.byteOffset, image.length >> 2);
  runs.clear();
  const blocks = memory.length / BLOCK_BYTES;
  const hints = changedBlocks(image, blocks);
  for (let block = 0; block < blocks; ) {
    if (hints[block] === 0) {
      let end = block + 1;
      while (end < blocks && hints[end] === 0) end++;
      if (isSame(memory, image, block * BLOCK_BYTES, end * BLOCK_BYTES)) block = end;
      else markChanged(memory, image, hints, block, end);
      continue;
    }
    runs.room(BLOCK_WORDS);
    const first = block * BLOCK_WORDS;
    if (first < then.length) {
      for (let i = first; i < first + BLOCK_WORDS; i++) if (now[i] !== then[i]) runs.add(i, now);
    } else {
      for (let i = first; i < first + BLOCK_WORDS; i++) if (now[i] !== 0) runs.add(i, now);
    }
    block++;
  }
  runs.finish();
  const memoryWords = runs.length;
  runs.room(state.length);
  for (let i = 0; i < state.length; i++) if (state[i] !== imageState[i]) runs.add(i, state);
  runs.finish();
  return { memoryWords, words: runs.length };
}

function markChanged(
  memory: Uint8Array,
  image: Uint8Array,
  hints: Uint8Array,
  from: number,
  to: number,
): void {
  for (let i = from; i < to; i++) {
    if (!isSame(memory, image, i * BLOCK_BYTES, (i + 1) * BLOCK_BYTES)) hints[i] = 1;
  }
}

/** Puts the runs of `from` between `start` and `end` into words that are as they were in the image. */
export function applyRuns(words: Int32Array, from: Int32Array, start: number, end: number): void {
  for (let at = start; at < end; ) {
    const header = from[at++]!;
    const place = header === 0 ? from[at++]! : header & MAX_PLACE;
    const length = header === 0 ? from[at++]! : header >>> PLACE_BITS;
    for (let i = 0; i < length; i++) words[place + i] = from[at + i]!;
    at += length;
  }
}
