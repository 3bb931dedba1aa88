// Operations on single objects and keys (stdlib manual, ets).
import { copyTerm } from "../copy.ts";
import { MoonletError } from "../error.ts";
import { exactlyEqual } from "../term/compare.ts";
import { isTuple, type Tuple } from "../term/tuple.ts";
import { type Actor, charge, expectProcess, ROW_UNITS, readable, writable } from "./access.ts";
import {
  type CounterOperation,
  type CounterUpdate,
  countUp,
  type ElementUpdate,
  replaceElements,
} from "./counter.ts";
import type { Found } from "./store.ts";
import type { Table, TableId } from "./table.ts";

/** Inserts an object, or a list of them, all or none (S214, S215). @throws MoonletError badarg, system_limit when there is no room. */
export function insert(actor: Actor, id: TableId | string, objects: unknown): true {
  const table = writable(actor, id);
  const checked = table.checkedAll(objects);
  // As OTP 25: a bag takes a list from its end.
  if (table.type === "bag") checked.reverse();
  table.expectRoom(checked);
  for (const object of checked) table.store.insert(object);
  table.settle();
  return true;
}

/** Inserts nothing and gives false when any of the keys is there (S215). */
export function insertNew(actor: Actor, id: TableId | string, objects: unknown): boolean {
  const table = writable(actor, id);
  const checked = table.checkedAll(objects);
  if (checked.some((object) => table.store.lookup(table.keyOf(object)).length > 0)) return false;
  table.expectRoom(checked);
  const isUnique = table.type === "set" || table.type === "ordered_set";
  for (const object of checked) {
    // Of several with one key the first is the new one.
    if (!isUnique || table.store.lookup(table.keyOf(object)).length === 0) table.store.insert(object);
  }
  table.settle();
  return true;
}

/** The objects with this key, in the order of their insertion. */
export function lookup(actor: Actor, id: TableId | string, key: unknown): Tuple[] {
  return readable(actor, id).store.lookup(key).map(copyOf);
}

/** The element of the object with this key; of a bag those of all objects. @throws MoonletError badarg when there is none (S217). */
export function lookupElement(actor: Actor, id: TableId | string, key: unknown, position: number): unknown {
  const table = readable(actor, id);
  const objects = table.store.lookup(key);
  if (objects.length === 0) throw new MoonletError("badarg", "there is no object with this key");
  const elements = objects.map((object) => {
    if (position >= 1 && position <= object.length) return copyTerm(object[position - 1]);
    throw new MoonletError("badarg", `the object has no element ${position}`);
  });
  return table.type === "set" || table.type === "ordered_set" ? elements[0] : elements;
}

export function member(actor: Actor, id: TableId | string, key: unknown): boolean {
  return readable(actor, id).store.lookup(key).length > 0;
}

/** Removes the objects with this key and gives them. */
export function take(actor: Actor, id: TableId | string, key: unknown): Tuple[] {
  const table = writable(actor, id);
  const taken = [...table.store.delete(key)];
  table.settle();
  return taken;
}

/** Removes the objects with this key; true also if there were none (S217). */
export function deleteKey(actor: Actor, id: TableId | string, key: unknown): true {
  const table = writable(actor, id);
  table.store.delete(key);
  table.settle();
  return true;
}

/** Removes all objects that equal this one exactly. */
export function deleteObject(actor: Actor, id: TableId | string, object: unknown): true {
  const table = writable(actor, id);
  if (!isTuple(object) || object.length < table.keyPosition)
    throw new MoonletError("badarg", "an object is a tuple with a key");
  const key = table.keyOf(object);
  const objects = table.store.lookup(key);
  const left = objects.filter((known) => !exactlyEqual(known, object));
  if (left.length < objects.length) table.store.put(key, left);
  table.settle();
  return true;
}

export function deleteAllObjects(actor: Actor, id: TableId | string): true {
  const table = writable(actor, id);
  charge(actor, table.store.size * ROW_UNITS);
  table.store.clear();
  table.settle();
  return true;
}

/**
 * Adds to counters and gives their new values: one, or a list for a list of updates (S216). With `initial` a missing object is
 * inserted first, with this key.
 * @throws MoonletError badarg when there is no object, for bags, and for what is no integer.
 */
export function updateCounter(
  actor: Actor,
  id: TableId | string,
  key: unknown,
  operation: CounterOperation,
  initial?: Tuple,
): number | bigint | (number | bigint)[] {
  const table = writable(actor, id);
  expectUnique(table);
  const known = table.store.lookup(key)[0];
  const object = known ?? initialObject(table, key, initial);
  const isOne = typeof operation === "number" || typeof operation === "bigint" || !Array.isArray(operation);
  const { object: changed, values } = countUp(table, object, updatesOf(operation));
  if (known === undefined) table.expectRoom([changed]);
  else table.expectRoomInstead([changed], [known]);
  table.store.put(key, [changed]);
  table.settle();
  return isOne ? (values[0] as number | bigint) : values;
}

function updatesOf(operation: CounterOperation): readonly CounterUpdate[] {
  if (typeof operation === "number" || typeof operation === "bigint") return [{ increment: operation }];
  return Array.isArray(operation) ? (operation as readonly CounterUpdate[]) : [operation as CounterUpdate];
}

function initialObject(table: Table, key: unknown, initial: Tuple | undefined): Tuple {
  if (initial === undefined)
    throw new MoonletError("badarg", "there is no object with this key", { hint: "give an initial object" });
  const object = table.checked(initial);
  object[table.keyPosition - 1] = copyTerm(key);
  return object;
}

/** Replaces elements of the object with this key; false if there is none. @throws MoonletError badarg for the key's position. */
export function updateElement(
  actor: Actor,
  id: TableId | string,
  key: unknown,
  updates: ElementUpdate | readonly ElementUpdate[],
): boolean {
  const table = writable(actor, id);
  expectUnique(table);
  const [object] = table.store.lookup(key);
  if (object === undefined) return false;
  const list = (Array.isArray(updates) ? updates : [updates]) as readonly ElementUpdate[];
  const changed = replaceElements(table, object, copyTerm(list) as ElementUpdate[]);
  table.expectRoomInstead([changed], [object]);
  table.store.put(key, [changed]);
  table.settle();
  return true;
}

// ---- walking by keys

/** The first key; undefined for an empty table. Wrapped, because undefined may be a key. */
export function first(actor: Actor, id: TableId | string): Found | undefined {
  return copied(readable(actor, id).store.first());
}

export function last(actor: Actor, id: TableId | string): Found | undefined {
  return copied(readable(actor, id).store.last());
}

/** The key after this one. @throws MoonletError badarg for a key that is not there, unless the table is an ordered_set (S218). */
export function next(actor: Actor, id: TableId | string, key: unknown): Found | undefined {
  return copied(readable(actor, id).store.next(key));
}

/** The key before this one; of an unordered table the same as `next`. */
export function previous(actor: Actor, id: TableId | string, key: unknown): Found | undefined {
  return copied(readable(actor, id).store.previous(key));
}

/** Makes `first` and `next` safe while objects are deleted, until it is called with false as often. */
export function safeFixtable(actor: Actor, id: TableId | string, flag: boolean): true {
  const table = readable(actor, id);
  const process = expectProcess(actor);
  if (flag) table.fix(process);
  else table.unfix(process);
  return true;
}

function copied(found: Found | undefined): Found | undefined {
  return found === undefined ? undefined : { key: copyTerm(found.key) };
}

function copyOf(object: Tuple): Tuple {
  return copyTerm(object) as Tuple;
}

function expectUnique(table: Table): void {
  if (table.type === "set" || table.type === "ordered_set") return;
  throw new MoonletError("badarg", `this does not work with a ${table.type}`, {
    hint: "use a set or an ordered_set",
  });
}
