// Short messages in the external term format while they wait in mailboxes: blocks of words outside V8's heap, each named by a number. So
// a message between two processes that read bytes is copied in and out and leaves nothing for the garbage collector to find, however
// long it waits (one way between guests: 1.2 us with an object for each message, 0.5 without). Whoever holds a number has to free it.
import type { Decoder } from "./envelope.ts";
import { type Bound, LateBound } from "./late-bound.ts";

/** The longest message that goes in here. */
export const MOST_BLOCK_BYTES = 508;
const SLAB_SHIFT = 12;
const SLAB_WORDS = 2 ** SLAB_SHIFT;
/** Words of the length of a message, which its bytes follow. */
export const BLOCK_HEADER_WORDS = 1;
/** Blocks are multiples of this. */
const STEP_WORDS = 4;
const NONE = -1;

/** What a message takes up besides its bytes, in here with its place in the mailbox; and as an envelope. */
const MESSAGE_BYTES = 32;
const ENVELOPE_BYTES = 256;
/** Less than this may wait on any machine. */
const ALWAYS_BYTES = 2 ** 23;

/** Names a message that waits. */
export type MessageId = number;

/** Copies `length` bytes that begin with whole words on both sides; what follows them stays as it is. */
function copyWords(from: Int32Array, source: number, to: Int32Array, target: number, length: number): void {
  const whole = length >>> 2;
  let i = 0;
  // By twos: V8 looks at its stack limit in each turn of a loop.
  for (const last = whole - 1; i < last; i += 2) {
    to[target + i] = from[source + i]!;
    to[target + i + 1] = from[source + i + 1]!;
  }
  if (i < whole) to[target + i] = from[source + i]!;
  const rest = length & 3;
  if (rest === 0) return;
  const bits = (1 << (8 * rest)) - 1;
  to[target + whole] = (to[target + whole]! & ~bits) | (from[source + whole]! & bits);
}

function copyBytes(from: Uint8Array, source: number, to: Uint8Array, target: number, length: number): void {
  for (let i = 0; i < length; i++) to[target + i] = from[source + i]!;
}

/** Blocks of one size. */
class Slab {
  readonly words = new Int32Array(SLAB_WORDS);
  readonly bytes = new Uint8Array(this.words.buffer);
  readonly index: number;
  readonly blockWords: number;
  readonly capacity: number;
  live = 0;
  /** The first block that was freed; each holds where the next one is. */
  free = NONE;
  /** Where blocks begin that were never used. */
  fresh = 0;
  /** Neighbours among those of its size with room. */
  previous: Slab | undefined = undefined;
  next: Slab | undefined = undefined;

  constructor(index: number, blockWords: number) {
    this.index = index;
    this.blockWords = blockWords;
    this.capacity = Math.floor(SLAB_WORDS / blockWords);
  }
}

export class MessageStore {
  /** Reads what waits here, for those who want to see it as a term. */
  readonly decoder: Decoder;
  readonly #slabs: (Slab | undefined)[] = [];
  /** Places in `#slabs` that are empty. */
  readonly #places: number[] = [];
  /** The first slab with room, by the steps that a block takes. */
  readonly #open: (Slab | undefined)[];
  readonly #most: LateBound;
  #count = 0;
  #heldBytes = 0;

  /** `mostBytes`: from which on no mailbox of a process that reads bytes takes more in. */
  constructor(decoder: Decoder, mostBytes: Bound = Number.POSITIVE_INFINITY) {
    this.decoder = decoder;
    this.#most = new LateBound(mostBytes, ALWAYS_BYTES);
    const sizes = Math.ceil((MOST_BLOCK_BYTES / 4 + BLOCK_HEADER_WORDS) / STEP_WORDS);
    this.#open = new Array(sizes + 1).fill(undefined);
  }

  /** How many messages wait. */
  get count(): number {
    return this.#count;
  }

  /** What the messages that wait for processes that read bytes take up, in here and as envelopes. */
  get heldBytes(): number {
    return this.#heldBytes;
  }

  /** Whether that is as much as may be. */
  get isFull(): boolean {
    return this.#most.isReached(this.#heldBytes);
  }

  /** Takes note of an envelope with so many bytes. */
  holdEnvelope(bytes: number): void {
    this.#heldBytes += bytes + ENVELOPE_BYTES;
  }
  /** It waits no more. */
  dropEnvelope(bytes: number): void {
    this.#heldBytes -= bytes + ENVELOPE_BYTES;
  }

  /** Bytes of memory that it has. */
  get memoryBytes(): number {
    return (this.#slabs.length - this.#places.length) * SLAB_WORDS * 4;
  }

  /** Copies a message of at most `MOST_BLOCK_BYTES`; `words` and `bytes` are views of the same memory. */
  put(words: Int32Array, bytes: Uint8Array, start: number, length: number): MessageId {
    const size = (length + 4 * (BLOCK_HEADER_WORDS + STEP_WORDS) - 1) >>> 4;
    const slab = this.#open[size] ?? this.#addSlab(size);
    let at = slab.free;
    if (at !== NONE) slab.free = slab.words[at]!;
    else {
      at = slab.fresh;
      slab.fresh = at + slab.blockWords;
    }
    if (++slab.live === slab.capacity) this.#close(slab, size);
    this.#count++;
    this.#heldBytes += length + MESSAGE_BYTES;
    const to = slab.words;
    to[at] = length;
    if ((start & 3) === 0) copyWords(words, start >>> 2, to, at + BLOCK_HEADER_WORDS, length);
    else copyBytes(bytes, start, slab.bytes, (at + BLOCK_HEADER_WORDS) << 2, length);
    return (slab.index << SLAB_SHIFT) | at;
  }

  /** The words in which a message lies, its length at `placeOf`. Valid until it is freed. */
  wordsOf(id: MessageId): Int32Array {
    return this.#slabs[id >>> SLAB_SHIFT]!.words;
  }
  placeOf(id: MessageId): number {
    return id & (SLAB_WORDS - 1);
  }
  lengthOf(id: MessageId): number {
    return this.#slabs[id >>> SLAB_SHIFT]!.words[id & (SLAB_WORDS - 1)]!;
  }

  /** Copies a message to `start` of a memory, of which `words` and `bytes` are views; it fits there. Gives its length. */
  copyTo(id: MessageId, words: Int32Array, bytes: Uint8Array, start: number): number {
    const slab = this.#slabs[id >>> SLAB_SHIFT]!;
    const at = id & (SLAB_WORDS - 1);
    const from = slab.words;
    const length = from[at]!;
    if ((start & 3) === 0) copyWords(from, at + BLOCK_HEADER_WORDS, words, start >>> 2, length);
    else copyBytes(slab.bytes, (at + BLOCK_HEADER_WORDS) << 2, bytes, start, length);
    return length;
  }

  /** A copy of a message. */
  bytesOf(id: MessageId): Uint8Array {
    const slab = this.#slabs[id >>> SLAB_SHIFT]!;
    const at = id & (SLAB_WORDS - 1);
    const first = (at + BLOCK_HEADER_WORDS) << 2;
    return slab.bytes.slice(first, first + slab.words[at]!);
  }

  /** Its block is free for another message; gives the length of the one that lay there. */
  free(id: MessageId): number {
    const slab = this.#slabs[id >>> SLAB_SHIFT]!;
    const at = id & (SLAB_WORDS - 1);
    const length = slab.words[at]!;
    slab.words[at] = slab.free;
    slab.free = at;
    this.#count--;
    this.#heldBytes -= length + MESSAGE_BYTES;
    const live = --slab.live;
    if (live === slab.capacity - 1) this.#reopen(slab);
    // The one that is in use stays: a message that comes and goes must not make a slab each time.
    else if (live === 0 && slab.previous !== undefined) this.#drop(slab);
    return length;
  }

  #addSlab(size: number): Slab {
    const index = this.#places.pop() ?? this.#slabs.length;
    const slab = new Slab(index, size * STEP_WORDS);
    this.#slabs[index] = slab;
    this.#open[size] = slab;
    return slab;
  }

  /** It is the first with room, and has none any more. */
  #close(slab: Slab, size: number): void {
    this.#open[size] = slab.next;
    if (slab.next !== undefined) slab.next.previous = undefined;
    slab.next = undefined;
  }

  #reopen(slab: Slab): void {
    const size = slab.blockWords / STEP_WORDS;
    const first = this.#open[size];
    if (first === undefined) {
      this.#open[size] = slab;
      return;
    }
    // Behind the first, so that those that empty go.
    slab.previous = first;
    slab.next = first.next;
    if (first.next !== undefined) first.next.previous = slab;
    first.next = slab;
  }

  #drop(slab: Slab): void {
    slab.previous!.next = slab.next;
    if (slab.next !== undefined) slab.next.previous = slab.previous;
    this.#slabs[slab.index] = undefined;
    this.#places.push(slab.index);
  }
}
