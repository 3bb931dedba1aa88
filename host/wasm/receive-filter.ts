// What a guest's receive is looking for: messages that begin with one of some prefixes, or those with one tag.
import type { Envelope, Mailbox, Ref } from "../otp/index.ts";
import { GuestFault } from "./guest-fault.ts";
import type { GuestMemory } from "./guest-memory.ts";

/** Units of fuel for comparing a message with a pattern, some 15 ns. */
const COMPARE_UNITS = 6;
/** Bytes that are compared in the time of a unit. */
const BYTES_PER_UNIT = 2;
/** Comparisons that cost as little as the syscall itself are free: a receive that finds its message pays nothing. */
const FREE_UNITS = 128;
/** What a single search may cost: a third of a second. */
const MOST_UNITS = 2 ** 27;

/** Lives as long as its guest and is set anew by each receive, so that a receive allocates nothing. */
export class ReceiveFilter {
  readonly #mailbox: Mailbox;
  /** The patterns as the guest gave them: length and bytes, one after the other. */
  #patterns = new Uint8Array(64);
  #length = 0;
  #tag: Ref | undefined;
  /** What the search has cost so far. */
  #units = 0;
  readonly #charge: (units: number) => void;

  /** `charge` is told what a search through many messages costs. */
  constructor(mailbox: Mailbox, charge: (units: number) => void) {
    this.#mailbox = mailbox;
    this.#charge = charge;
  }

  /** A new receive by prefix. Throws `bad_argument` for patterns that reach outside the memory or outside themselves. */
  byPrefix(memory: GuestMemory, pointer: number, length: number): void {
    this.#tag = undefined;
    const size = length >>> 0;
    const start = memory.check(pointer, length, "message.receive (patterns)");
    const bytes = memory.bytes();
    if (size !== this.#length || !this.#isKnown(bytes, start)) this.#read(bytes, start, size);
    this.#mailbox.restart();
  }

  /** Whether the patterns are those of the receive before, as they are in a loop. */
  #isKnown(bytes: Uint8Array, start: number): boolean {
    const patterns = this.#patterns;
    for (let i = 0; i < this.#length; i++) if (bytes[start + i] !== patterns[i]) return false;
    return true;
  }

  #read(bytes: Uint8Array, start: number, size: number): void {
    if (size > this.#patterns.length) this.#patterns = new Uint8Array(size * 2);
    this.#patterns.set(bytes.subarray(start, start + size));
    this.#length = size;
    for (let at = 0; at < size; at += 4 + this.#prefixLength(at)) {
      if (at + 4 > size || at + 4 + this.#prefixLength(at) > size) {
        throw new GuestFault("bad_argument", "message.receive: the patterns end in the middle of one");
      }
    }
  }

  /** A new receive by tag. */
  byTag(tag: Ref): void {
    this.#tag = tag;
    this.#mailbox.restart();
  }

  /** The oldest message that fits and has not been looked at by this receive. */
  take(): Envelope | undefined {
    if (this.#tag !== undefined) return this.#mailbox.takeTagged(this.#tag);
    if (this.#length === 0) return this.#mailbox.take();
    this.#units = 0;
    const found = this.#mailbox.take(this.#matches);
    if (this.#units > FREE_UNITS) this.#charge(this.#units);
    return found;
  }

  readonly #matches = (envelope: Envelope): boolean => {
    const bytes = envelope.bytes();
    const patterns = this.#patterns;
    for (let at = 0; at < this.#length; ) {
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
