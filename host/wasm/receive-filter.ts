// What a guest's receive looks for: messages that begin with one of some prefixes. The patterns are kept apart from the guests, which all
// look for the same few, so that a receive allocates nothing and a waiting process holds nothing of its own.
import type { EncodedFilter, Envelope, Mailbox, MessageId } from "../otp/index.ts";
import { GuestFault } from "./guest-fault.ts";

/** Units of fuel for comparing a message with a pattern, some 15 ns. */
const COMPARE_UNITS = 6;
/** Two bytes are compared in the time of a unit. */
const BYTES_PER_UNIT_SHIFT = 1;
/** Comparisons that cost as little as the syscall itself are free: a receive that finds its message pays nothing. */
const FREE_UNITS = 128;
/** What a single search may cost: some 40 ms, three million comparisons. */
const MOST_UNITS = 2 ** 24;
/** Filters of a program that are kept; one more takes the place of the oldest. */
const KEPT = 32;

export class ReceiveFilter implements EncodedFilter {
  /** Length and bytes of each pattern, one after the other. */
  readonly #patterns: Uint8Array;
  /** Its words as they lie in a memory at a multiple of four, and which bits of the last one count. */
  readonly #whole: Int32Array;
  readonly #lastBits: number;
  /** The same, for messages that lie in words: of each pattern its length, its bytes, and which bits of the last word count. */
  readonly #words: Int32Array;
  /** What the search has cost so far. */
  #units = 0;

  /** Throws `bad_argument` when the patterns reach outside themselves. */
  constructor(patterns: Uint8Array) {
    this.#patterns = patterns;
    const size = patterns.length;
    const words: number[] = [];
    for (let at = 0; at < size; at += 4 + this.#prefixLength(at)) {
      if (at + 4 > size || at + 4 + this.#prefixLength(at) > size) {
        throw new GuestFault("bad_argument", "message.receive: the patterns end in the middle of one");
      }
      words.push(...wordsOf(patterns.subarray(at + 4, at + 4 + this.#prefixLength(at))));
    }
    this.#words = Int32Array.from(words);
    const padded = new Uint8Array((size + 3) & ~3);
    padded.set(patterns);
    this.#whole = new Int32Array(padded.buffer);
    this.#lastBits = (-1 >>> (8 * (-size & 3))) | 0;
  }

  /** Whether it was made of the bytes from `start` on; `words` are of the same memory. */
  isMadeOf(words: Int32Array, bytes: Uint8Array, start: number, length: number): boolean {
    const patterns = this.#patterns;
    if (length !== patterns.length) return false;
    if ((start & 3) !== 0) {
      for (let i = 0; i < length; i++) if (bytes[start + i] !== patterns[i]) return false;
      return true;
    }
    const whole = this.#whole;
    const first = start >>> 2;
    const last = whole.length - 1;
    for (let i = 0; i < last; i++) if (words[first + i] !== whole[i]) return false;
    return ((words[first + last]! ^ whole[last]!) & this.#lastBits) === 0;
  }

  /** Where the oldest message that fits and has not been looked at by this receive lies. `charge` is told what a search through many costs. */
  find(mailbox: Mailbox, charge: { charge(units: number): void }): MessageId | Envelope | undefined {
    this.#units = 0;
    const found = mailbox.find(this);
    if (this.#units > FREE_UNITS) charge.charge(this.#units);
    return found;
  }

  fits(envelope: Envelope): boolean {
    const bytes = envelope.bytes();
    const patterns = this.#patterns;
    for (let at = 0; at < patterns.length; ) {
      const end = at + 4 + this.#prefixLength(at);
      if (end - at - 4 <= bytes.length) {
        let i = at + 4;
        while (i < end && patterns[i] === bytes[i - at - 4]) i++;
        if (i === end) return true;
        this.#count(i - at - 4);
      } else this.#count(0);
      at = end;
    }
    this.#assertBearable();
    return false;
  }

  fitsWords(words: Int32Array, place: number, length: number): boolean {
    const patterns = this.#words;
    for (let at = 0; at < patterns.length; ) {
      const size = patterns[at]!;
      const first = at + 1;
      const last = first + (size >> 2);
      if (size <= length) {
        let i = first;
        const offset = place - first;
        while (i < last && patterns[i] === words[offset + i]) i++;
        const mask = i < last ? -1 : patterns[last + 1]!;
        const difference = (patterns[i]! ^ words[offset + i]!) & mask;
        if (difference === 0) return true;
        this.#count(((i - first) << 2) + ((31 - Math.clz32(difference & -difference)) >> 3));
      } else this.#count(0);
      at = last + 2;
    }
    this.#assertBearable();
    return false;
  }

  /** A pattern that does not fit, of which so many bytes do. */
  #count(bytes: number): void {
    this.#units += COMPARE_UNITS + (bytes >> BYTES_PER_UNIT_SHIFT);
  }

  #assertBearable(): void {
    if (this.#units > MOST_UNITS) {
      throw new GuestFault(
        "fuel_exhausted",
        "message.receive: its patterns and the waiting messages are too many",
      );
    }
  }

  #prefixLength(at: number): number {
    const p = this.#patterns;
    return (p[at]! | (p[at + 1]! << 8) | (p[at + 2]! << 16) | (p[at + 3]! << 24)) >>> 0;
  }
}

/** Length, whole words, what is left of the bytes as one more word, and the bits of that which count. */
function wordsOf(prefix: Uint8Array): number[] {
  const whole = prefix.length >> 2;
  const bytes = new Uint8Array(4 * (whole + 2));
  bytes.set(prefix);
  bytes.fill(255, 4 * (whole + 1), 4 * (whole + 1) + (prefix.length & 3));
  return [prefix.length, ...new Int32Array(bytes.buffer)];
}

/** The filters that the guests of one program use. */
export class ReceiveFilters {
  readonly #known: ReceiveFilter[] = [];
  #oldest = 0;

  /** The filter for the patterns that lie from `start` on; undefined for none, which every message fits. */
  find(words: Int32Array, bytes: Uint8Array, start: number, length: number): ReceiveFilter | undefined {
    if (length === 0) return undefined;
    for (const filter of this.#known) if (filter.isMadeOf(words, bytes, start, length)) return filter;
    const filter = new ReceiveFilter(bytes.slice(start, start + length));
    this.#known[this.#oldest] = filter;
    this.#oldest = (this.#oldest + 1) % KEPT;
    return filter;
  }
}
