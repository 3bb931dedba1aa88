// Objects in the order of their keys, for ordered_set. Keys are the same when they compare equal: 1 and 1.0 are (S213).
import { compareTerms } from "../term/compare.ts";
import { heldBytes } from "../term/held-bytes.ts";
import type { Tuple } from "../term/tuple.ts";
import { keyBytes } from "./bytes.ts";
import { SortedMap } from "./sorted-map.ts";
import type { Cursor, Found, Step, Store } from "./store.ts";

export class SortedStore implements Store {
  readonly #keyOf: (object: Tuple) => unknown;
  readonly #map = new SortedMap<unknown, Tuple>((a, b) => compareTerms(a, b));
  #bytes = 0;

  constructor(keyOf: (object: Tuple) => unknown) {
    this.#keyOf = keyOf;
  }

  get size(): number {
    return this.#map.size;
  }

  get bytes(): number {
    return this.#bytes;
  }

  lookup(key: unknown): readonly Tuple[] {
    const object = this.#map.get(key);
    return object === undefined ? [] : [object];
  }

  insert(object: Tuple): void {
    const replaced = this.#map.set(this.#keyOf(object), object);
    this.#bytes += this.#bytesOf(object) - (replaced === undefined ? 0 : this.#bytesOf(replaced));
  }

  put(key: unknown, objects: readonly Tuple[]): void {
    const [object] = objects;
    if (object === undefined) this.delete(key);
    else this.insert(object);
  }

  delete(key: unknown): readonly Tuple[] {
    const objects = this.lookup(key);
    const [object] = objects;
    if (object === undefined) return objects;
    this.#map.delete(key);
    this.#bytes -= this.#bytesOf(object);
    return objects;
  }

  clear(): void {
    this.#map.clear();
    this.#bytes = 0;
  }

  first(): Found | undefined {
    return found(this.#map.after());
  }

  last(): Found | undefined {
    return found(this.#map.before());
  }

  next(key: unknown): Found | undefined {
    return found(this.#map.after(key));
  }

  previous(key: unknown): Found | undefined {
    return found(this.#map.before(key));
  }

  walk(): Cursor {
    return { next: () => this.#step(this.#map.after()) };
  }

  /** Nothing to do: a step starts from a key, there or not. */
  fix(): void {}

  unfix(): void {}

  #bytesOf(object: Tuple): number {
    return keyBytes(this.#keyOf(object)) + heldBytes(object);
  }

  #step(entry: readonly [unknown, Tuple] | undefined): Step | undefined {
    if (entry === undefined) return undefined;
    const [key, object] = entry;
    return { objects: [object], rest: { next: () => this.#step(this.#map.after(key)) } };
  }
}

function found(entry: readonly [unknown, Tuple] | undefined): Found | undefined {
  return entry === undefined ? undefined : { key: entry[0] };
}
