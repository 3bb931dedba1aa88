// A process's messages in the order of their arrival, with Erlang's selective receive. Taking the oldest, taking by tag and adding are O(1)
// however many wait; only a search that fits nothing walks over what no search has seen yet. They lie in chunks of an array each, and a
// plain message of a JavaScript process lies there as it is, one of a guest as its number in a store: a flood costs the garbage collector a tenth of what a list of envelopes did.
import type { Account } from "./account.ts";
import { Envelope } from "./envelope.ts";
import { FIRST_CHUNK, HOLE, LARGEST_CHUNK, MailboxChunk } from "./mailbox-chunk.ts";
import { BLOCK_HEADER_WORDS, type MessageId, type MessageStore } from "./message-store.ts";
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

/** What a process that reads bytes looks for. */
export interface EncodedFilter {
  fits(envelope: Envelope): boolean;
  /** As `fits`, for a message of `length` bytes in a store: they begin with the word at `place`. */
  fitsWords(words: Int32Array, place: number, length: number): boolean;
}

/** What `takeValue` gives when nothing fits: any value may be a message. */
export const NOTHING_FITS: unique symbol = Symbol("nothing fits");

/** Where the message lies that a `find` has just found: not in each mailbox, of which there may be a million. */
let foundChunk: MailboxChunk | undefined;
let foundAt = 0;

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
  /** What counts the bytes of the messages that wait, besides the mailbox itself. */
  account: Account | undefined = undefined;
  /** Set while something has to happen before a search finds nothing: signals of a process to itself that wait for its receive. */
  beforeMiss: (() => void) | undefined = undefined;

  /** Of a process that reads bytes: numbers in the chunks are messages in here. */
  readonly #store: MessageStore | undefined;
  #length = 0;
  #bytes = 0;
  /** The position of the next arrival. */
  #position = 0;
  #oldest: MailboxChunk | undefined = undefined;
  #newest: MailboxChunk | undefined = undefined;
  /** The current receive has looked at everything before this position, and left it. */
  #seen = 0;
  /** The chunk that holds `#seen`, if it is known. */
  #seenChunk: MailboxChunk | undefined = undefined;
  /** By the number of their tag; a set, in the order of arrival, only where several have the same. */
  #tagged: SmallMap<Envelope | Set<Envelope>> | undefined = undefined;

  /** With a store it takes messages that lie there, and no bare values. */
  constructor(limit?: MailboxLimit, store?: MessageStore) {
    this.#store = store;
    this.bound = limit?.messages ?? Number.POSITIVE_INFINITY;
    this.policy = limit?.policy ?? "drop";
    this.maxBytes = limit?.bytes ?? Number.POSITIVE_INFINITY;
  }

  get length(): number {
    return this.#length;
  }

  get full(): boolean {
    return (
      this.#length >= this.bound ||
      this.#bytes >= this.maxBytes ||
      this.account?.hasFullMailboxes === true ||
      this.#store?.isFull === true
    );
  }

  get halfFull(): boolean {
    return this.#length * 2 >= this.bound || this.#bytes * 2 >= this.maxBytes;
  }

  /** What the waiting messages weigh. */
  get bytes(): number {
    return this.#bytes;
  }

  /** The position that the next arrival will get; see `removeSince`. */
  get position(): number {
    return this.#position;
  }

  push(envelope: Envelope): void {
    const { tag } = envelope;
    envelope.position = this.#position;
    envelope.chunk = this.#add(envelope);
    this.#bytes += envelope.weight;
    if (this.account !== undefined) this.account.add("mailboxBytes", envelope.weight);
    if (this.#store !== undefined) this.#store.holdEnvelope(envelope.weight);
    if (tag !== undefined) this.#index(envelope, tag);
  }

  /** Adds a message without tag, of so many bytes, that lies in the store and is the mailbox's from now on. */
  pushStored(id: MessageId, bytes: number): void {
    this.#add(id);
    this.#bytes += bytes;
    if (this.account !== undefined) this.account.add("mailboxBytes", bytes);
  }

  /** Adds a message without tag, for a process that reads values. */
  pushValue(value: unknown): void {
    // What lies bare in a chunk is no envelope.
    if (value instanceof Envelope) this.push(new Envelope("message", value));
    else this.#add(value);
  }

  /**
   * Takes the oldest message that fits, searching on from where the last search stopped. A hit also ends this receive: the next
   * search starts at the oldest again. A miss remembers that everything so far was seen. Without `match` everything fits.
   */
  take(match?: (envelope: Envelope) => boolean): Envelope | undefined {
    for (let chunk = this.#start(); chunk !== undefined; chunk = chunk.next) {
      for (let at = Math.max(chunk.first, this.#seen - chunk.base); at < chunk.used; at++) {
        const slot = chunk.slots[at];
        if (slot === HOLE) continue;
        const envelope = this.#envelopeOf(slot);
        if (match === undefined || match(envelope)) {
          this.#takeOut(chunk, at, slot);
          return envelope;
        }
      }
    }
    this.#missed();
    return this.#hasMore() ? this.take(match) : undefined;
  }

  /**
   * As `take`, for a process that reads bytes, and leaves the message where it is until `takeFound`: nothing is made for one that lies in
   * the store, of which this is the number.
   */
  find(filter: EncodedFilter | undefined): MessageId | Envelope | undefined {
    for (let chunk = this.#start(); chunk !== undefined; chunk = chunk.next) {
      for (let at = Math.max(chunk.first, this.#seen - chunk.base); at < chunk.used; at++) {
        const slot = chunk.slots[at];
        if (slot === HOLE || (filter !== undefined && !this.#fits(filter, slot))) continue;
        foundChunk = chunk;
        foundAt = at;
        return slot as MessageId | Envelope;
      }
    }
    this.#missed();
    return this.#hasMore() ? this.find(filter) : undefined;
  }

  /** Takes out what `find` has just found; ends the receive as `take` does. */
  takeFound(): void {
    const chunk = foundChunk!;
    foundChunk = undefined;
    this.#takeOut(chunk, foundAt, chunk.slots[foundAt]);
  }

  #fits(filter: EncodedFilter, slot: unknown): boolean {
    if (typeof slot !== "number") return filter.fits(slot as Envelope);
    const words = this.#store!.wordsOf(slot);
    const place = this.#store!.placeOf(slot);
    return filter.fitsWords(words, place + BLOCK_HEADER_WORDS, words[place]!);
  }

  /** As `take`, by what a JavaScript process receives; `NOTHING_FITS` if nothing does. */
  takeValue(match: ((value: unknown) => boolean) | undefined): unknown {
    for (let chunk = this.#start(); chunk !== undefined; chunk = chunk.next) {
      for (let at = Math.max(chunk.first, this.#seen - chunk.base); at < chunk.used; at++) {
        const slot = chunk.slots[at];
        if (slot === HOLE) continue;
        const value = slot instanceof Envelope ? slot.value : slot;
        if (match === undefined || match(value)) {
          this.#takeOut(chunk, at, slot);
          return value;
        }
      }
    }
    this.#missed();
    return this.#hasMore() ? this.takeValue(match) : NOTHING_FITS;
  }

  /** Lets happen what waits for a miss; true if there was something, and what came of it is still to be looked at. */
  #hasMore(): boolean {
    const { beforeMiss } = this;
    if (beforeMiss === undefined) return false;
    beforeMiss();
    return true;
  }

  /** Takes the oldest message with this tag, in constant time; ends the receive as `take` does. */
  takeTagged(ref: Ref): Envelope | undefined {
    const known = this.#tagged?.get(ref.number);
    if (known === undefined) return this.#hasMore() ? this.takeTagged(ref) : undefined;
    const envelope = known instanceof Set ? (known.values().next().value as Envelope) : known;
    this.#takeOut(envelope.chunk!, envelope.position - envelope.chunk!.base, envelope);
    return envelope;
  }

  /** Begins a new receive: the next search looks at everything again, or at what arrived at `position` or later. */
  restart(position = 0): void {
    this.#seen = position;
    this.#seenChunk = undefined;
  }

  /** Removes the oldest with this tag that fits, without touching the current receive. True if there was one. */
  removeTagged(ref: Ref, match: (envelope: Envelope) => boolean): boolean {
    for (const envelope of this.#withTag(ref)) {
      if (!match(envelope)) continue;
      this.#remove(envelope.chunk!, envelope.position - envelope.chunk!.base, envelope);
      return true;
    }
    return false;
  }

  /** Removes the oldest that arrived at `position` or later and fits, without touching the current receive. */
  removeSince(position: number, match: (envelope: Envelope) => boolean): boolean {
    for (let chunk = this.#chunkOf(position); chunk !== undefined; chunk = chunk.next) {
      for (let at = Math.max(chunk.first, position - chunk.base); at < chunk.used; at++) {
        const slot = chunk.slots[at];
        if (slot === HOLE || !match(this.#envelopeOf(slot))) continue;
        this.#remove(chunk, at, slot);
        return true;
      }
    }
    return false;
  }

  /** Those that lie in an envelope and fit, oldest first. What `remove` takes out of them may be put into another mailbox. */
  those(match: (envelope: Envelope) => boolean): Envelope[] {
    const found: Envelope[] = [];
    for (let chunk = this.#oldest; chunk !== undefined; chunk = chunk.next) {
      for (let at = chunk.first; at < chunk.used; at++) {
        const slot = chunk.slots[at];
        if (slot instanceof Envelope && match(slot)) found.push(slot);
      }
    }
    return found;
  }

  /** Takes out one of `those`, without touching the current receive. */
  remove(envelope: Envelope): void {
    const chunk = envelope.chunk!;
    this.#remove(chunk, envelope.position - chunk.base, envelope);
  }

  /** Drops everything. */
  clear(): void {
    if (this.#store !== undefined && this.#length > 0) this.#freeAll(this.#store);
    this.#oldest = undefined;
    this.#newest = undefined;
    this.#seenChunk = undefined;
    this.#tagged = undefined;
    this.#length = 0;
    if (this.account !== undefined) this.account.add("mailboxBytes", -this.#bytes);
    this.#bytes = 0;
  }

  /** Everything that waits, oldest first. */
  *[Symbol.iterator](): IterableIterator<Envelope> {
    for (let chunk = this.#oldest; chunk !== undefined; chunk = chunk.next) {
      for (let at = chunk.first; at < chunk.used; at++) {
        const slot = chunk.slots[at];
        if (slot !== HOLE) yield this.#envelopeOf(slot);
      }
    }
  }

  #freeAll(store: MessageStore): void {
    for (let chunk = this.#oldest; chunk !== undefined; chunk = chunk.next) {
      for (let at = chunk.first; at < chunk.used; at++) {
        const slot = chunk.slots[at];
        if (typeof slot === "number") store.free(slot);
        else if (slot instanceof Envelope) store.dropEnvelope(slot.weight);
      }
    }
  }

  #add(slot: unknown): MailboxChunk {
    let chunk = this.#newest;
    if (chunk === undefined || chunk.used === chunk.size) chunk = this.#addChunk(chunk);
    chunk.slots[chunk.used++] = slot;
    chunk.live++;
    this.#position++;
    this.#length++;
    return chunk;
  }

  #addChunk(newest: MailboxChunk | undefined): MailboxChunk {
    const size = newest === undefined ? FIRST_CHUNK : Math.min(newest.size * 2, LARGEST_CHUNK);
    const chunk = new MailboxChunk(this.#position, size, newest);
    if (newest === undefined) this.#oldest = chunk;
    else newest.next = chunk;
    this.#newest = chunk;
    return chunk;
  }

  /** The chunk in which the current receive goes on. */
  #start(): MailboxChunk | undefined {
    return this.#seen === 0 ? this.#oldest : (this.#seenChunk ?? this.#chunkOf(this.#seen));
  }

  /** The first chunk with anything at `position` or later; found from the newest, where receives with a position look. */
  #chunkOf(position: number): MailboxChunk | undefined {
    let chunk = this.#newest;
    while (chunk?.previous !== undefined && chunk.base > position) chunk = chunk.previous;
    return chunk;
  }

  #missed(): void {
    this.#seen = this.#position;
    this.#seenChunk = this.#newest;
  }

  /** Ends the current receive with what it has found. */
  #takeOut(chunk: MailboxChunk, at: number, slot: unknown): void {
    this.#seen = 0;
    this.#seenChunk = undefined;
    this.taken++;
    this.#remove(chunk, at, slot);
  }

  #remove(chunk: MailboxChunk, at: number, slot: unknown): void {
    chunk.remove(at);
    this.#length--;
    if (typeof slot === "number" && this.#store !== undefined) {
      const bytes = this.#store.free(slot);
      this.#bytes -= bytes;
      if (this.account !== undefined) this.account.add("mailboxBytes", -bytes);
    } else if (slot instanceof Envelope) {
      // An envelope that is out must not keep its neighbours alive.
      slot.chunk = undefined;
      this.#bytes -= slot.weight;
      if (this.account !== undefined) this.account.add("mailboxBytes", -slot.weight);
      if (this.#store !== undefined) this.#store.dropEnvelope(slot.weight);
      if (slot.tag !== undefined) this.#unindex(slot, slot.tag);
    }
    if (chunk.live === 0) this.#drop(chunk);
  }

  /** Takes an empty chunk out; the newest is used again, unless it is a large one and all that is left. */
  #drop(chunk: MailboxChunk): void {
    const { previous, next } = chunk;
    if (next === undefined && (previous !== undefined || chunk.size === FIRST_CHUNK)) {
      chunk.reuse(this.#position);
      return;
    }
    if (previous === undefined) this.#oldest = next;
    else previous.next = next;
    if (next === undefined) this.#newest = previous;
    else next.previous = previous;
    if (this.#seenChunk === chunk) this.#seenChunk = undefined;
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

  #envelopeOf(slot: unknown): Envelope {
    if (slot instanceof Envelope) return slot;
    const store = this.#store;
    if (store === undefined) return new Envelope("message", slot);
    return new Envelope("message", undefined, undefined, store.bytesOf(slot as MessageId), store.decoder);
  }

  /** The messages with this tag, oldest first. */
  #withTag(ref: Ref): Iterable<Envelope> {
    const known = this.#tagged?.get(ref.number);
    return known === undefined ? [] : known instanceof Set ? known : [known];
  }
}
