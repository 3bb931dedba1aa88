// What a table keeps its objects in. Two implementations: hashed for set, bag and duplicate_bag, sorted for ordered_set.
import type { Tuple } from "../term/tuple.ts";

/** A key that was found; wrapped, because `undefined` is a key, too. */
export interface Found {
  readonly key: unknown;
}

/** A place in a walk through a table. Stays good whatever is inserted or deleted. */
export type Cursor = { readonly next: () => Step | undefined };

/** The objects of one key, and the place after them. */
export interface Step {
  readonly objects: readonly Tuple[];
  readonly rest: Cursor;
}

/** Objects belong to the store; it hands them out to be read, never to be changed. */
export interface Store {
  /** How many objects. */
  readonly size: number;
  /** What they and their keys take up; see bytes.ts. */
  readonly bytes: number;
  /** The objects with this key, in the order that lookup shows. */
  lookup(key: unknown): readonly Tuple[];
  /** Adds an object, in the way of the table's type. */
  insert(object: Tuple): void;
  /** Puts exactly these objects in the place of all with their key. */
  put(key: unknown, objects: readonly Tuple[]): void;
  /** Removes the objects with this key and gives them. */
  delete(key: unknown): readonly Tuple[];
  clear(): void;
  first(): Found | undefined;
  last(): Found | undefined;
  /** undefined at the end. @throws MoonletError badarg for a key that is not there, unless the store is sorted (S218). */
  next(key: unknown): Found | undefined;
  previous(key: unknown): Found | undefined;
  /** A walk from the first key on. */
  walk(): Cursor;
  /** Keeps deleted keys in their place until the matching `unfix`, so that `next` of one works (safe_fixtable). */
  fix(): void;
  unfix(): void;
}
