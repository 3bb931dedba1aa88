// A map from numbers that is nearly always tiny: the links, monitors and aliases of one process. One entry costs no allocation, a few
// cost two arrays, many become a Map. A hot path: V8's Map takes 120 ns for one set and delete when it is nearly empty, because it
// rehashes every few of them; a call makes five such pairs. In the order of insertion.

/** Above this many beside the first, a Map is faster than looking through arrays. */
const MOST_IN_ARRAYS = 8;
/** No key is negative. */
const NONE = -1;

export class SmallMap<V> {
  size = 0;
  #key = NONE;
  #value: V | undefined = undefined;
  // Entries behind the first one: in arrays, or in a map. The first place is only filled while these are empty.
  #keys: number[] | undefined = undefined;
  #values: V[] | undefined = undefined;
  #map: Map<number, V> | undefined = undefined;

  get(key: number): V | undefined {
    if (key === this.#key) return this.#value;
    if (this.#map !== undefined) return this.#map.get(key);
    const at = this.#find(key);
    return at < 0 ? undefined : this.#values![at];
  }

  has(key: number): boolean {
    return key === this.#key || (this.#map !== undefined ? this.#map.has(key) : this.#find(key) >= 0);
  }

  /** Keys are integers from 0 on. */
  set(key: number, value: V): void {
    if (key === this.#key) {
      this.#value = value;
      return;
    }
    if (this.size === 0) {
      this.#key = key;
      this.#value = value;
      this.size = 1;
      return;
    }
    if (this.#map !== undefined) {
      this.#map.set(key, value);
      this.size = this.#map.size + (this.#key === NONE ? 0 : 1);
      return;
    }
    const at = this.#find(key);
    if (at >= 0) {
      this.#values![at] = value;
      return;
    }
    this.#keys ??= [];
    this.#values ??= [];
    this.#keys.push(key);
    this.#values.push(value);
    this.size++;
    if (this.#keys.length > MOST_IN_ARRAYS) this.#toMap();
  }

  /** True if it was there. */
  delete(key: number): boolean {
    if (key === this.#key) {
      this.#key = NONE;
      this.#value = undefined;
    } else if (this.#map !== undefined) {
      if (!this.#map.delete(key)) return false;
      if (this.#map.size === 0) this.#map = undefined;
    } else {
      const at = this.#find(key);
      if (at < 0) return false;
      const keys = this.#keys!;
      const values = this.#values!;
      for (let i = at + 1; i < keys.length; i++) {
        keys[i - 1] = keys[i]!;
        values[i - 1] = values[i]!;
      }
      keys.pop();
      values.pop();
    }
    this.size--;
    return true;
  }

  *keys(): IterableIterator<number> {
    if (this.#key !== NONE) yield this.#key;
    yield* this.#map?.keys() ?? this.#keys ?? [];
  }

  *values(): IterableIterator<V> {
    if (this.#key !== NONE) yield this.#value as V;
    yield* this.#map?.values() ?? this.#values ?? [];
  }

  /** As `values`, for who meets them at every end of a process: a generator takes longer than all of that. Nothing may be removed meanwhile. */
  forEach(visit: (value: V) => void): void {
    if (this.#key !== NONE) visit(this.#value as V);
    if (this.#map !== undefined) for (const value of this.#map.values()) visit(value);
    else if (this.#values !== undefined) for (const value of this.#values) visit(value);
  }

  #find(key: number): number {
    return this.#keys === undefined ? -1 : this.#keys.indexOf(key);
  }

  #toMap(): void {
    const keys = this.#keys!;
    const values = this.#values!;
    this.#map = new Map(keys.map((key, i) => [key, values[i]!]));
    this.#keys = undefined;
    this.#values = undefined;
  }
}
