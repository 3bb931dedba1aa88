// The difference between a guest's memory and the image it began with, as runs of words, taken out: afterwards the memory is the image again.
// Guests of one program mostly change the same lines, so those are looked through first, word by word, and put back. Then a single memcmp, where
// there is one, says whether that was all; what else there is it finds line by line. So a wrong guess costs time and never a byte.

const LINE_BYTES = 64;
const LINE_WORDS = LINE_BYTES / 4;
/** What is looked through in one piece for lines that nobody expected. */
const BLOCK_BYTES = 4096;
/** What an image is followed by. */
const ZEROS = new Uint8Array(65_536);

/** Node's own; other hosts of JavaScript look through every line. */
const compareBytes = typeof Buffer === "function" ? Buffer.prototype.compare : undefined;
const compareWhole = typeof Buffer === "function" ? Buffer.compare : undefined;

/** Whether the bytes from `start` up to `end` are the same in both; `image` may end before, and is zeros from there on. */
function isSame(memory: Uint8Array, image: Uint8Array, start: number, end: number): boolean {
  if (!compareBytes || !compareWhole) return false;
  if (start === 0 && end === image.length && end === memory.length) return compareWhole(memory, image) === 0;
  const known = Math.min(end, image.length);
  if (start < known && compareBytes.call(memory, image, start, known, start, known) !== 0) return false;
  for (let at = Math.max(start, known); at < end; at += ZEROS.length) {
    const stop = Math.min(end, at + ZEROS.length);
    if (compareBytes.call(memory, ZEROS, 0, stop - at, at, stop) !== 0) return false;
  }
  return true;
}

/** Which lines guests of an image have changed lately. */
interface Hints {
  /** Their numbers, in ascending order. */
  lines: Int32Array;
  count: number;
  /** 1 for each of them. */
  readonly marks: Uint8Array;
  uses: number;
}
/** After so many uses hints are collected anew, so that one odd guest is not remembered for ever. */
const USES = 1024;
/** From here on looking line by line is no quicker than looking at everything. */
const MOST_LINES = 1024;
const hintsOf = new WeakMap<Uint8Array, Hints>();

function hintsFor(image: Uint8Array, lines: number): Hints {
  let hints = hintsOf.get(image);
  if (!hints || hints.marks.length < lines || hints.uses >= USES) {
    hints = { lines: new Int32Array(64), count: 0, marks: new Uint8Array(lines), uses: 0 };
    hintsOf.set(image, hints);
  }
  hints.uses++;
  return hints;
}

function addHint(hints: Hints, line: number): void {
  if (hints.marks[line] === 1 || hints.count >= MOST_LINES) return;
  if (hints.count === hints.lines.length) {
    const more = new Int32Array(2 * hints.count);
    more.set(hints.lines);
    hints.lines = more;
  }
  hints.marks[line] = 1;
  hints.lines[hints.count++] = line;
}

/** A run that fits has a header of one word: its place in words below, its length above; any other has 0, place, length. */
const PLACE_BITS = 24;
const MAX_PLACE = 2 ** PLACE_BITS - 1;
const MAX_LENGTH = 255;

/** Runs one after the other. Used again and again: valid until the next time. */
let found = new Int32Array(4096);
let used = 0;
/** The last run: where its header and its words are, and behind its last word. */
let lastHeader = -1;
let lastPlace = -1;
let lastEnd = -1;

/** Makes room for so many words more in as many runs. */
function makeRoom(words: number): void {
  if (used + 4 * words <= found.length) return;
  const grown = new Int32Array(2 * (used + 4 * words));
  grown.set(found);
  found = grown;
}

/** Adds what differs between `first` and `end`, at most 255 words, and makes it what it was. Gives whether there was anything. */
function takeRuns(now: Int32Array, then: Int32Array, first: number, end: number): boolean {
  if (end > MAX_PLACE || end > then.length) return takeFarRuns(now, then, first, end);
  makeRoom(end - first);
  const out = found;
  let at = used;
  let header = lastHeader;
  let place = lastPlace;
  for (let i = first; i < end; ) {
    if (now[i] === then[i]) {
      i++;
      continue;
    }
    // From one line to the next a run goes on.
    if (i !== lastEnd || end - place > MAX_LENGTH) {
      header = at++;
      place = i;
    }
    do {
      out[at++] = now[i]!;
      now[i] = then[i]!;
      i++;
    } while (i < end && now[i] !== then[i]);
    out[header] = place | ((i - place) << PLACE_BITS);
    lastEnd = i;
  }
  lastHeader = header;
  lastPlace = place;
  const isChanged = at > used;
  used = at;
  return isChanged;
}

/** As `takeRuns`, where the image may be at its end, or a place needs a long header. */
function takeFarRuns(now: Int32Array, then: Int32Array, first: number, end: number): boolean {
  makeRoom(end - first);
  const before = used;
  for (let i = first; i < end; i++) {
    const old = then[i] ?? 0;
    if (now[i] === old) continue;
    lastEnd = -1;
    found[used++] = 0;
    found[used++] = i;
    found[used++] = 1;
    found[used++] = now[i]!;
    now[i] = old;
  }
  return used > before;
}

/** The words that `takeDifferences` found; valid until its next call. */
export function foundRuns(length: number): Int32Array {
  return found.subarray(0, length);
}

/**
 * Takes out where `memory` differs from `image`, which counts as zeros beyond its end and ends on a block; and then where `state` differs from
 * `imageState`, which is as long. Both are afterwards what they were in the image. Gives how many words of `foundRuns` are the first and how
 * many there are together.
 */
export function takeDifferences(
  memory: Uint8Array,
  image: Uint8Array,
  state: Int32Array,
  imageState: Int32Array,
): { readonly memoryWords: number; readonly words: number } {
  const now = new Int32Array(memory.buffer, memory.byteOffset, memory.length >> 2);
  const then = new Int32Array(image.buffer, image.byteOffset, image.length >> 2);
  used = 0;
  lastEnd = -1;
  const hints = hintsFor(image, memory.length / LINE_BYTES);
  const { lines, count } = hints;
  for (let k = 0; k < count; k++) {
    const first = lines[k]! * LINE_WORDS;
    if (first < now.length) takeRuns(now, then, first, first + LINE_WORDS);
  }
  if (!isSame(memory, image, 0, memory.length)) takeRest(memory, image, now, then, hints);
  const memoryWords = used;
  lastEnd = -1;
  for (let first = 0; first < state.length; first += LINE_WORDS)
    takeRuns(state, imageState, first, Math.min(first + LINE_WORDS, state.length));
  return { memoryWords, words: used };
}

function takeRest(
  memory: Uint8Array,
  image: Uint8Array,
  now: Int32Array,
  then: Int32Array,
  hints: Hints,
): void {
  for (let start = 0; start < memory.length; start += BLOCK_BYTES) {
    if (isSame(memory, image, start, start + BLOCK_BYTES)) continue;
    for (let line = start / LINE_BYTES; line < (start + BLOCK_BYTES) / LINE_BYTES; line++)
      if (takeRuns(now, then, line * LINE_WORDS, (line + 1) * LINE_WORDS)) addHint(hints, line);
  }
  hints.lines.subarray(0, hints.count).sort();
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
