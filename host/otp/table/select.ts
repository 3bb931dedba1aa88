// Finding objects by pattern and by match specification (S219, S220; stdlib manual, ets).
import { copyTerm } from "../copy.ts";
import { MoonletError } from "../error.ts";
import { exactlyEqual } from "../term/compare.ts";
import { isTuple, type Tuple } from "../term/tuple.ts";
import { type Actor, processOf, readable, writable } from "./access.ts";
import { compileMatchSpec, type MatchSpec, matchSpecOfPattern, NO_MATCH } from "./match-spec.ts";
import type { Cursor } from "./store.ts";
import type { Table, TableId } from "./table.ts";

/** Where a limited search goes on. */
export class Continuation {
  readonly table: Table;
  readonly spec: MatchSpec;
  readonly cursor: Cursor;
  readonly limit: number;
  /** Found already, and above the limit. */
  readonly pending: readonly unknown[];

  constructor(table: Table, spec: MatchSpec, cursor: Cursor, limit: number, pending: readonly unknown[]) {
    this.table = table;
    this.spec = spec;
    this.cursor = cursor;
    this.limit = limit;
    this.pending = pending;
  }
}

/** Part of what a search finds; undefined stands for '$end_of_table'. */
export type Page = { readonly objects: unknown[]; readonly continuation: Continuation } | undefined;

/** What the specification makes of each object that it fits. `spec` is `[{Pattern, Guards, Body}]` as in Erlang. */
export function select(actor: Actor, id: TableId | string, spec: unknown): unknown[] {
  return all(actor, readable(actor, id), compileMatchSpec(spec));
}

/** The first `limit` of them (S220). */
export function selectPage(actor: Actor, id: TableId | string, spec: unknown, limit: number): Page {
  return firstPage(actor, readable(actor, id), compileMatchSpec(spec), limit);
}

/** The next ones of any limited search. @throws MoonletError badarg when the table is gone. */
export function more(actor: Actor, continuation: Continuation): Page {
  const { table, spec, cursor, limit, pending } = continuation;
  if (readable(actor, table.ref) !== table)
    throw new MoonletError("badarg", "the table of this search is gone");
  return page(actor, table, spec, cursor, limit, pending);
}

/** The bindings of '$1', '$2' ... for each object that fits, ordered by their numbers. */
export function match(actor: Actor, id: TableId | string, pattern: unknown): unknown[][] {
  return all(actor, readable(actor, id), matchSpecOfPattern(pattern, "$$")) as unknown[][];
}

export function matchPage(actor: Actor, id: TableId | string, pattern: unknown, limit: number): Page {
  return firstPage(actor, readable(actor, id), matchSpecOfPattern(pattern, "$$"), limit);
}

/** The objects that fit. */
export function matchObject(actor: Actor, id: TableId | string, pattern: unknown): Tuple[] {
  return all(actor, readable(actor, id), matchSpecOfPattern(pattern, "$_")) as Tuple[];
}

export function matchObjectPage(actor: Actor, id: TableId | string, pattern: unknown, limit: number): Page {
  return firstPage(actor, readable(actor, id), matchSpecOfPattern(pattern, "$_"), limit);
}

/** Removes the objects that fit. */
export function matchDelete(actor: Actor, id: TableId | string, pattern: unknown): true {
  remove(actor, writable(actor, id), matchSpecOfPattern(pattern, true));
  return true;
}

/** How many objects the specification gives `true` for. */
export function selectCount(actor: Actor, id: TableId | string, spec: unknown): number {
  return all(actor, readable(actor, id), compileMatchSpec(spec)).filter((result) => result === true).length;
}

/** Removes the objects that the specification gives `true` for, and tells how many those were. */
export function selectDelete(actor: Actor, id: TableId | string, spec: unknown): number {
  return remove(actor, writable(actor, id), compileMatchSpec(spec));
}

/** Puts what the specification gives in the place of the objects, and tells how many those were. @throws MoonletError badarg for another key. */
export function selectReplace(actor: Actor, id: TableId | string, spec: unknown): number {
  const table = writable(actor, id);
  const compiled = compileMatchSpec(spec);
  const self = processOf(actor)?.pid;
  let count = 0;
  const replacements: { readonly key: unknown; readonly objects: Tuple[] }[] = [];
  for (const objects of keysOf(table, compiled)) {
    const replaced = objects.map((object) => {
      const result = compiled.run(object, self);
      if (result === NO_MATCH) return object;
      if (!isTuple(result) || !exactlyEqual(table.keyOf(result), table.keyOf(object))) {
        throw new MoonletError("badarg", "a replacement is an object with the same key");
      }
      count++;
      return copyTerm(result) as Tuple;
    });
    replacements.push({ key: table.keyOf(objects[0] as Tuple), objects: replaced });
  }
  for (const { key, objects } of replacements) table.store.put(key, objects);
  return count;
}

/** All objects. */
export function toList(actor: Actor, id: TableId | string): Tuple[] {
  const table = readable(actor, id);
  return [...walk(table.store.walk())].flat().map((object) => copyTerm(object) as Tuple);
}

function all(actor: Actor, table: Table, spec: MatchSpec): unknown[] {
  const self = processOf(actor)?.pid;
  const results: unknown[] = [];
  for (const objects of keysOf(table, spec)) run(spec, objects, self, results);
  return results;
}

function run(spec: MatchSpec, objects: readonly Tuple[], self: unknown, results: unknown[]): void {
  for (const object of objects) {
    const result = spec.run(object, self);
    if (result !== NO_MATCH) results.push(copyTerm(result));
  }
}

/** The objects of each key that can fit: one key only, when the specification names it. */
function* keysOf(table: Table, spec: MatchSpec): IterableIterator<readonly Tuple[]> {
  const known = spec.key(table.keyPosition);
  if (known === undefined) yield* walk(table.store.walk());
  else yield table.store.lookup(known.key);
}

function* walk(from: Cursor): IterableIterator<readonly Tuple[]> {
  for (let step = from.next(); step !== undefined; step = step.rest.next()) yield step.objects;
}

function firstPage(actor: Actor, table: Table, spec: MatchSpec, limit: number): Page {
  if (!(Number.isInteger(limit) && limit > 0))
    throw new MoonletError("badarg", `a limit cannot be ${limit}`, { hint: "use an integer from 1 up" });
  return page(actor, table, spec, table.store.walk(), limit, []);
}

function page(
  actor: Actor,
  table: Table,
  spec: MatchSpec,
  from: Cursor,
  limit: number,
  pending: readonly unknown[],
): Page {
  const self = processOf(actor)?.pid;
  const found = [...pending];
  let cursor = from;
  while (found.length < limit) {
    const step = cursor.next();
    if (step === undefined) break;
    run(spec, step.objects, self, found);
    cursor = step.rest;
  }
  if (found.length === 0) return undefined;
  return {
    objects: found.slice(0, limit),
    continuation: new Continuation(table, spec, cursor, limit, found.slice(limit)),
  };
}

function remove(actor: Actor, table: Table, spec: MatchSpec): number {
  const self = processOf(actor)?.pid;
  let count = 0;
  for (const objects of keysOf(table, spec)) {
    const left = objects.filter((object) => spec.run(object, self) !== true);
    if (left.length === objects.length) continue;
    count += objects.length - left.length;
    table.store.put(table.keyOf(objects[0] as Tuple), left);
  }
  return count;
}
