// What a guest's receive looks for: messages that begin with one of some prefixes. The patterns are kept apart from the guests, which all
// look for the same few, so that a receive allocates nothing and a waiting process holds nothing of its own.
import type { Envelope, Mailbox } from "../otp/index.ts";
import { GuestFault } from "./guest-fault.ts";

/** Units of fuel for comparing a message with a pattern, some 15 ns. */
const COMPARE_UNITS = 6;
/** Bytes that are compared in the time of a unit. */
const BYTES_PER_UNIT = 2;
/** Comparisons that cost as little as the syscall itself are free: a receive that finds its message pays nothing. */
const FREE_UNITS = 128;
/** What a single search may cost: some 40 ms, three million comparisons. */
const MOST_UNITS = 2 ** 24;
/** Filters of a program that are kept; one more takes the place of the oldest. */
const KEPT = 32;

export class ReceiveFilter {
  /** Length and bytes of each pattern, one after the other. */
  readonly #patterns: Uint8Array;
  /** What the search has cost so far. */
  #units = 0;

  /** Throws `bad_argument` when the patterns reach outside themselves. */
  constructor(patterns: Uint8Array) {
    this.#patterns = patterns;
    const size = patterns.length;
    for (let at = 0; at < size; at += 4 + this.#prefixLength(at)) {
      if (at + 4 > size || at + 4 + this.#prefixLength(at) > size) {
        throw new GuestFault("bad_argument", "message.receive: the patterns end in the middle of one");
      }
    }
  }

  /** Whether it was made of the bytes from `start` on. */
  isMadeOf(bytes: Uint8Array, start: number, length: number): boolean {
    const patterns = this.#patterns;
    if (length !== patterns.length) return false;
    for (let i = 0; i < length; i++) if (bytes[start + i] !== patterns[i]) return false;
    return true;
  }

  /** The oldest message that fits and has not been looked at by this receive. `charge` is told what a search through many costs. */
  take(mailbox: Mailbox, charge: { charge(units: number): void }): Envelope | undefined {
    this.#units = 0;
    const found = mailbox.take(this.#matches);
    if (this.#units > FREE_UNITS) charge.charge(this.#units);
    return found;
  }

  readonly #matches = (envelope: Envelope): boolean => {
    const bytes = envelope.bytes();
    const patterns = this.#patterns;
    for (let at = 0; at < patterns.length; ) {
      const end = at + 4 + this.#prefixLength(at);
      if (end - at - 4 <= bytes.length) {
        let i = at + 4;
        while (i < end && patterns[i] === bytes[i - at - 4]) i++;
        if (i === end) return true;
        this.#units += Math.floor((i - at - 4) / BYTES_PER_UNIT);
      }
      this.#units += COMPARE_UNITS;
      at = end;
    }
    if (this.#units > MOST_UNITS) {
      throw new GuestFault(
        "fuel_exhausted",
        "message.receive: its patterns and the waiting messages are too many",
      );
    }
    return false;
  };

  #prefixLength(at: number): number {
    const p = this.#patterns;
    return (p[at]! | (p[at + 1]! << 8) | (p[at + 2]! << 16) | (p[at + 3]! << 24)) >>> 0;
  }
}

/** The filters that the guests of one program use. */
export class ReceiveFilters {
  readonly #known: ReceiveFilter[] = [];
  #oldest = 0;

  /** The filter for the patterns that lie from `start` on; undefined for none, which every message fits. */
  find(bytes: Uint8Array, start: number, length: number): ReceiveFilter | undefined {
    if (length === 0) return undefined;
    for (const filter of this.#known) if (filter.isMadeOf(bytes, start, length)) return filter;
    const filter = new ReceiveFilter(bytes.slice(start, start + length));
    this.#known[this.#oldest] = filter;
    this.#oldest = (this.#oldest + 1) % KEPT;
    return filter;
  }
}
