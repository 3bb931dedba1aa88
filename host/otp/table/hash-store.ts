// Objects by key, for set, bag and duplicate_bag. Keys differ when they are not exactly equal (S212). Walks go in the order in which the
// keys came; the manual promises none.
import { MoonletError } from "../error.ts";
import { heldBytes } from "../term/held-bytes.ts";
import { termKey } from "../term/key.ts";
import type { Tuple } from "../term/tuple.ts";
import { keyBytes, objectsBytes } from "./bytes.ts";
import type { Cursor, Found, Step, Store } from "./store.ts";

/** In a bag with more objects than this under one key, equal ones are found by a set. */
const MANY = 8;

interface Entry {
  readonly key: unknown;
  readonly id: unknown;
  /** Empty when it was deleted while the table was fixed, or out of the list. */
  objects: Tuple[];
  /** The objects' keys, in a bag that has many of them here. */
  known: Set<unknown> | undefined;
  previous: Entry | undefined;
  /** Kept when the entry goes, so that a walk that stands here finds on. */
  next: Entry | undefined;
}

export class HashStore implements Store {
  readonly #kind: "set" | "bag" | "duplicate_bag";
  readonly #keyOf: (object: Tuple) => unknown;
  readonly #entries = new Map<unknown, Entry>();
  #first: Entry | undefined;
  #last: Entry | undefined;
  #size = 0;
  #bytes = 0;
  #fixes = 0;
  #ghosts: Entry[] = [];

  constructor(kind: "set" | "bag" | "duplicate_bag", keyOf: (object: Tuple) => unknown) {
    this.#kind = kind;
    this.#keyOf = keyOf;
  }

  get size(): number {
    return this.#size;
  }

  get bytes(): number {
    return this.#bytes;
  }

  lookup(key: unknown): readonly Tuple[] {
    return this.#entries.get(termKey(key))?.objects ?? [];
  }

  insert(object: Tuple): void {
    const key = this.#keyOf(object);
    const entry = this.#entry(key);
    if (this.#kind === "set") this.#replace(entry, [object]);
    else if (this.#kind === "duplicate_bag" || !this.#has(entry, object)) {
      entry.objects.push(object);
      entry.known?.add(termKey(object));
      this.#size++;
      this.#bytes += heldBytes(object);
    }
  }

  put(key: unknown, objects: readonly Tuple[]): void {
    if (objects.length === 0) this.delete(key);
    else this.#replace(this.#entry(key), [...objects]);
  }

  delete(key: unknown): readonly Tuple[] {
    const entry = this.#entries.get(termKey(key));
    if (entry === undefined) return [];
    const { objects } = entry;
    this.#replace(entry, []);
    if (this.#fixes > 0) this.#ghosts.push(entry);
    else this.#unlink(entry);
    return objects;
  }

  clear(): void {
    for (const { key } of [...this.#entries.values()]) this.delete(key);
  }

  first(): Found | undefined {
    return live(this.#first);
  }

  /** As in OTP: an unordered table's last is its first. */
  last(): Found | undefined {
    return this.first();
  }

  next(key: unknown): Found | undefined {
    const entry = this.#entries.get(termKey(key));
    if (entry === undefined) {
      throw new MoonletError("badarg", "the key is not in the table", {
        hint: "fix the table while walking through it",
      });
    }
    return live(entry.next);
  }

  previous(key: unknown): Found | undefined {
    return this.next(key);
  }

  walk(): Cursor {
    return { next: () => step(this.#first) };
  }

  fix(): void {
    this.#fixes++;
  }

  unfix(): void {
    if (--this.#fixes > 0) return;
    for (const entry of this.#ghosts) if (entry.objects.length === 0) this.#unlink(entry);
    this.#ghosts = [];
  }

  #entry(key: unknown): Entry {
    const id = termKey(key);
    const known = this.#entries.get(id);
    if (known !== undefined) return known;
    const entry: Entry = { key, id, objects: [], known: undefined, previous: this.#last, next: undefined };
    if (this.#last === undefined) this.#first = entry;
    else this.#last.next = entry;
    this.#last = entry;
    this.#entries.set(id, entry);
    this.#bytes += keyBytes(key);
    return entry;
  }

  #replace(entry: Entry, objects: Tuple[]): void {
    this.#size += objects.length - entry.objects.length;
    this.#bytes += objectsBytes(objects) - objectsBytes(entry.objects);
    entry.objects = objects;
    entry.known = undefined;
  }

  #unlink(entry: Entry): void {
    this.#entries.delete(entry.id);
    this.#bytes -= keyBytes(entry.key);
    if (entry.previous === undefined) this.#first = entry.next;
    else entry.previous.next = entry.next;
    if (entry.next === undefined) this.#last = entry.previous;
    else entry.next.previous = entry.previous;
  }

  #has(entry: Entry, object: Tuple): boolean {
    const id = termKey(object);
    if (entry.objects.length < MANY) return entry.objects.some((known) => termKey(known) === id);
    entry.known ??= new Set(entry.objects.map(termKey));
    return entry.known.has(id);
  }
}

/** The first entry from here on that has objects. */
function skip(entry: Entry | undefined): Entry | undefined {
  let at = entry;
  while (at !== undefined && at.objects.length === 0) at = at.next;
  return at;
}

function live(entry: Entry | undefined): Found | undefined {
  const found = skip(entry);
  return found === undefined ? undefined : { key: found.key };
}

function step(entry: Entry | undefined): Step | undefined {
  const found = skip(entry);
  return found === undefined ? undefined : { objects: found.objects, rest: { next: () => step(found.next) } };
}
