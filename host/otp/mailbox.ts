// A process's messages in the order of their arrival, with Erlang's selective receive. Taking the oldest, taking by tag and
// adding are O(1) however many wait; only a search that fits nothing walks over what no search has seen yet.
import type { Envelope } from "./envelope.ts";
import type { Ref } from "./ref.ts";
import { SmallMap } from "./small-map.ts";

/** What happens to a message that finds the mailbox full: the sender is told, it is shed, or the process is killed. */
export type MailboxPolicy = "reject" | "drop" | "kill";

export interface MailboxLimit {
  /** Messages that may wait. Trapped exits and DOWNs are always taken in. */
  readonly messages: number;
  readonly policy: MailboxPolicy;
  /** Bytes from which on it is full: of messages in the external term format, as guests have them. Default no bound. */
  readonly bytes?: number;
}

export class Mailbox {
  /** Messages that may wait, Infinity for no bound. */
  readonly bound: number;
  readonly policy: MailboxPolicy;
  /** Bytes from which on it is full, Infinity for no bound. */
  readonly maxBytes: number;
  /** How many messages were refused or shed because the mailbox was full. */
  shed = 0;
  /** How many were ever taken out by a receive; tells one receive from the next. */
  taken = 0;
  /** Set while something has to happen before the next search: signals of a process to itself that wait for its receive. */
  beforeSearch: (() => void) | undefined = undefined;

  #length = 0;
  #bytes = 0;
  #order = 0;
  #oldest: Envelope | undefined = undefined;
  #newest: Envelope | undefined = undefined;
  /** The last one that the current receive has looked at and left. */
  #seen: Envelope | undefined = undefined;
  /** By the number of their tag; a set, in the order of arrival, only where several have the same. */
  #tagged: SmallMap<Envelope | Set<Envelope>> | undefined = undefined;

  constructor(limit?: MailboxLimit) {
    this.bound = limit?.messages ?? Number.POSITIVE_INFINITY;
    this.policy = limit?.policy ?? "drop";
    this.maxBytes = limit?.bytes ?? Number.POSITIVE_INFINITY;
  }

  get length(): number {
    return this.#length;
  }

  get full(): boolean {
    return this.#length >= this.bound || this.#bytes >= this.maxBytes;
  }

  /** What the waiting messages weigh. */
  get bytes(): number {
    return this.#bytes;
  }

  /** The position that the next arrival will get; see `removeSince`. */
  get position(): number {
    return this.#order;
  }

  push(envelope: Envelope): void {
    envelope.order = this.#order++;
    const newest = this.#newest;
    if (newest === undefined) {
      this.#oldest = envelope;
    } else {
      newest.next = envelope;
      envelope.previous = newest;
    }
    this.#newest = envelope;
    this.#length++;
    this.#bytes += envelope.weight;
    if (envelope.tag !== undefined) this.#index(envelope, envelope.tag);
  }

  /**
   * Takes the oldest message that fits, searching on from where the last search stopped. A hit also ends this receive: the next
   * search starts at the oldest again. A miss remembers that everything so far was seen. Without `match` everything fits.
   */
  take(match?: (envelope: Envelope) => boolean): Envelope | undefined {
    if (this.beforeSearch !== undefined) this.beforeSearch();
    let envelope = this.#seen === undefined ? this.#oldest : this.#seen.next;
    if (match !== undefined) {
      while (envelope !== undefined && !match(envelope)) envelope = envelope.next;
    }
    return this.#ended(envelope);
  }

  /** As `take`, by what a JavaScript process receives. */
  takeValue(match: (value: unknown) => boolean): Envelope | undefined {
    if (this.beforeSearch !== undefined) this.beforeSearch();
    let envelope = this.#seen === undefined ? this.#oldest : this.#seen.next;
    while (envelope !== undefined && !match(envelope.value)) envelope = envelope.next;
    return this.#ended(envelope);
  }

  /** Ends a search with what it found. */
  #ended(envelope: Envelope | undefined): Envelope | undefined {
    if (envelope === undefined) {
      this.#seen = this.#newest;
      return undefined;
    }
    this.#seen = undefined;
    this.taken++;
    this.#remove(envelope);
    return envelope;
  }

  /** Takes the oldest message with this tag, in constant time; ends the receive as `take` does. */
  takeTagged(ref: Ref): Envelope | undefined {
    if (this.beforeSearch !== undefined) this.beforeSearch();
    const known = this.#tagged?.get(ref.number);
    if (known === undefined) return undefined;
    const envelope = known instanceof Set ? (known.values().next().value as Envelope) : known;
    this.#seen = undefined;
    this.taken++;
    this.#remove(envelope);
    return envelope;
  }

  /** Begins a new receive: the next search looks at everything again, or at what arrived at `position` or later. */
  restart(position = 0): void {
    this.#seen = undefined;
    if (position === 0) return;
    let newest = this.#newest;
    while (newest !== undefined && newest.order >= position) newest = newest.previous;
    this.#seen = newest;
  }

  /** Removes the oldest with this tag that fits, without touching the current receive. True if there was one. */
  removeTagged(ref: Ref, match: (envelope: Envelope) => boolean): boolean {
    for (const envelope of this.#withTag(ref)) {
      if (!match(envelope)) continue;
      this.#remove(envelope);
      return true;
    }
    return false;
  }

  /** Removes the oldest that arrived at `position` or later and fits, without touching the current receive. */
  removeSince(position: number, match: (envelope: Envelope) => boolean): boolean {
    let found: Envelope | undefined;
    for (let e = this.#newest; e !== undefined && e.order >= position; e = e.previous) {
      if (match(e)) found = e;
    }
    if (found === undefined) return false;
    this.#remove(found);
    return true;
  }

  /** Drops everything. */
  clear(): void {
    this.#oldest = undefined;
    this.#newest = undefined;
    this.#seen = undefined;
    this.#tagged = undefined;
    this.#length = 0;
    this.#bytes = 0;
  }

  /** Everything that waits, oldest first. */
  *[Symbol.iterator](): IterableIterator<Envelope> {
    for (let e = this.#oldest; e !== undefined; e = e.next) yield e;
  }

  #remove(envelope: Envelope): void {
    const { previous, next } = envelope;
    if (previous === undefined) this.#oldest = next;
    else previous.next = next;
    if (next === undefined) this.#newest = previous;
    else next.previous = previous;
    if (this.#seen === envelope) this.#seen = previous;
    // A removed envelope must not keep its neighbours alive.
    envelope.previous = undefined;
    envelope.next = undefined;
    this.#length--;
    this.#bytes -= envelope.weight;
    if (envelope.tag !== undefined) this.#unindex(envelope, envelope.tag);
  }

  #index(envelope: Envelope, tag: Ref): void {
    this.#tagged ??= new SmallMap();
    const known = this.#tagged.get(tag.number);
    if (known === undefined) this.#tagged.set(tag.number, envelope);
    else if (known instanceof Set) known.add(envelope);
    else this.#tagged.set(tag.number, new Set([known, envelope]));
  }

  #unindex(envelope: Envelope, tag: Ref): void {
    const known = this.#tagged!.get(tag.number);
    if (known instanceof Set) {
      known.delete(envelope);
      if (known.size > 0) return;
    }
    this.#tagged!.delete(tag.number);
  }

  /** The messages with this tag, oldest first. */
  #withTag(ref: Ref): Iterable<Envelope> {
    const known = this.#tagged?.get(ref.number);
    return known === undefined ? [] : known instanceof Set ? known : [known];
  }
}
