// A stretch of a mailbox: messages that arrived one after the other, in an array of fixed size.

/** Slots of the first chunk of a mailbox, which a process that keeps up with its messages never gets beyond. */
export const FIRST_CHUNK = 4;
/** At worst so many slots are kept for one message that waits. */
export const LARGEST_CHUNK = 64;

/** Stands where a message was taken out. */
export const HOLE: unique symbol = Symbol("hole");

export class MailboxChunk {
  readonly size: number;
  /** Messages, envelopes and holes. */
  readonly slots: unknown[];
  /** The position in the mailbox of the first slot. */
  base: number;
  /** How many slots were filled. */
  used = 0;
  /** The first slot that is no hole, if there is one. */
  first = 0;
  /** How many are no holes. */
  live = 0;
  previous: MailboxChunk | undefined;
  next: MailboxChunk | undefined = undefined;

  constructor(base: number, size: number, previous: MailboxChunk | undefined) {
    this.base = base;
    this.size = size;
    this.slots = new Array(size).fill(HOLE);
    this.previous = previous;
  }

  remove(at: number): void {
    this.slots[at] = HOLE;
    this.live--;
    if (at !== this.first) return;
    let first = at + 1;
    while (first < this.used && this.slots[first] === HOLE) first++;
    this.first = first;
  }

  /** Empties it for what arrives from `base` on. */
  reuse(base: number): void {
    this.base = base;
    this.used = 0;
    this.first = 0;
  }
}
