// A map in the order of its keys: a B+ tree. Finding, adding, removing and stepping from any key, there or not, cost O(log n); nothing
// that is stepped through needs to stay as it was, because a step starts from a key and not from a place.

/** Negative, zero or positive, as a sort function. */
export type Compare<K> = (a: K, b: K) => number;

const MOST = 64;

interface Leaf<K, V> {
  readonly keys: K[];
  readonly values: V[];
  readonly children: undefined;
}

/** `keys[i]` is not greater than any key below `children[i]`, and greater than all below `children[i - 1]`. */
interface Branch<K, V> {
  readonly keys: K[];
  readonly values: undefined;
  readonly children: Node<K, V>[];
}

type Node<K, V> = Leaf<K, V> | Branch<K, V>;

export class SortedMap<K, V> {
  readonly #compare: Compare<K>;
  #root: Node<K, V> = leaf([], []);
  #size = 0;
  /** What the last `set` has taken the place of. */
  #replaced: V | undefined;

  constructor(compare: Compare<K>) {
    this.#compare = compare;
  }

  get size(): number {
    return this.#size;
  }

  get(key: K): V | undefined {
    let node = this.#root;
    while (node.children !== undefined) node = node.children[this.#childFor(node, key)] as Node<K, V>;
    const index = this.#lowerBound(node.keys, key);
    return this.#isAt(node.keys, index, key) ? node.values[index] : undefined;
  }

  /** Sets the value, and gives the one before; a key that compares equal is replaced, itself too. */
  set(key: K, value: V): V | undefined {
    this.#replaced = undefined;
    const right = this.#insert(this.#root, key, value);
    if (right !== undefined) {
      const left = this.#root;
      this.#root = { keys: [firstKey(left), firstKey(right)], values: undefined, children: [left, right] };
    }
    const replaced = this.#replaced;
    this.#replaced = undefined;
    return replaced;
  }

  delete(key: K): boolean {
    const removed = this.#remove(this.#root, key);
    while (this.#root.children?.length === 1) this.#root = this.#root.children[0] as Node<K, V>;
    if (this.#root.children?.length === 0) this.#root = leaf([], []);
    return removed;
  }

  clear(): void {
    this.#root = leaf([], []);
    this.#size = 0;
  }

  /** The entry with the smallest key, or the smallest one greater than `key`. */
  after(...key: [] | [key: K]): readonly [K, V] | undefined {
    return key.length === 0 ? this.#edge(this.#root, true) : this.#after(this.#root, key[0]);
  }

  /** The entry with the greatest key, or the greatest one smaller than `key`. */
  before(...key: [] | [key: K]): readonly [K, V] | undefined {
    return key.length === 0 ? this.#edge(this.#root, false) : this.#before(this.#root, key[0]);
  }

  /** All entries in order. The map must not change meanwhile. */
  *[Symbol.iterator](): IterableIterator<readonly [K, V]> {
    yield* entries(this.#root);
  }

  #insert(node: Node<K, V>, key: K, value: V): Node<K, V> | undefined {
    if (node.children === undefined) {
      const index = this.#lowerBound(node.keys, key);
      if (this.#isAt(node.keys, index, key)) {
        this.#replaced = node.values[index];
        node.keys[index] = key;
        node.values[index] = value;
        return undefined;
      }
      node.keys.splice(index, 0, key);
      node.values.splice(index, 0, value);
      this.#size++;
    } else {
      const index = this.#childFor(node, key);
      const child = node.children[index] as Node<K, V>;
      const right = this.#insert(child, key, value);
      node.keys[index] = firstKey(child);
      if (right !== undefined) {
        node.keys.splice(index + 1, 0, firstKey(right));
        node.children.splice(index + 1, 0, right);
      }
    }
    return node.keys.length > MOST ? split(node) : undefined;
  }

  /** A node that becomes empty goes; others may stay small: the tree never gets deeper by that. */
  #remove(node: Node<K, V>, key: K): boolean {
    if (node.children === undefined) {
      const index = this.#lowerBound(node.keys, key);
      if (!this.#isAt(node.keys, index, key)) return false;
      node.keys.splice(index, 1);
      node.values.splice(index, 1);
      this.#size--;
      return true;
    }
    const index = this.#childFor(node, key);
    const child = node.children[index] as Node<K, V>;
    if (!this.#remove(child, key)) return false;
    if (child.keys.length === 0) {
      node.keys.splice(index, 1);
      node.children.splice(index, 1);
    }
    return true;
  }

  #after(node: Node<K, V>, key: K): readonly [K, V] | undefined {
    if (node.children === undefined) {
      let index = this.#lowerBound(node.keys, key);
      if (this.#isAt(node.keys, index, key)) index++;
      return entryAt(node, index);
    }
    const index = this.#childFor(node, key);
    for (let i = index; i < node.children.length; i++) {
      const child = node.children[i] as Node<K, V>;
      const found = i === index ? this.#after(child, key) : this.#edge(child, true);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  #before(node: Node<K, V>, key: K): readonly [K, V] | undefined {
    if (node.children === undefined) return entryAt(node, this.#lowerBound(node.keys, key) - 1);
    const index = this.#childFor(node, key);
    for (let i = index; i >= 0; i--) {
      const child = node.children[i] as Node<K, V>;
      const found = i === index ? this.#before(child, key) : this.#edge(child, false);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  /** The first or the last entry; only the root is ever empty. */
  #edge(from: Node<K, V>, first: boolean): readonly [K, V] | undefined {
    let node = from;
    while (node.children !== undefined)
      node = node.children[first ? 0 : node.children.length - 1] as Node<K, V>;
    return entryAt(node, first ? 0 : node.keys.length - 1);
  }

  /** The last child whose keys may include `key`. */
  #childFor({ keys }: Branch<K, V>, key: K): number {
    const index = this.#lowerBound(keys, key);
    return this.#isAt(keys, index, key) ? index : Math.max(0, index - 1);
  }

  /** The first place whose key is not smaller. */
  #lowerBound(keys: readonly K[], key: K): number {
    let low = 0;
    let high = keys.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#compare(keys[middle] as K, key) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #isAt(keys: readonly K[], index: number, key: K): boolean {
    return index < keys.length && this.#compare(keys[index] as K, key) === 0;
  }
}

function leaf<K, V>(keys: K[], values: V[]): Leaf<K, V> {
  return { keys, values, children: undefined };
}

/** Moves the upper half into a new node. */
function split<K, V>(node: Node<K, V>): Node<K, V> {
  const half = node.keys.length >>> 1;
  const keys = node.keys.splice(half);
  if (node.children === undefined) return leaf(keys, node.values.splice(half));
  return { keys, values: undefined, children: node.children.splice(half) };
}

function firstKey<K, V>(node: Node<K, V>): K {
  return node.keys[0] as K;
}

function entryAt<K, V>(node: Leaf<K, V>, index: number): readonly [K, V] | undefined {
  return index >= 0 && index < node.keys.length
    ? [node.keys[index] as K, node.values[index] as V]
    : undefined;
}

function* entries<K, V>(node: Node<K, V>): IterableIterator<readonly [K, V]> {
  if (node.children !== undefined) {
    for (const child of node.children) yield* entries(child);
    return;
  }
  for (let i = 0; i < node.keys.length; i++) yield [node.keys[i] as K, node.values[i] as V];
}
