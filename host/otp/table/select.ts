// Finding objects by pattern and by match specification (S219, S220; stdlib manual, ets).
import { copyTerm } from "../copy.ts";
import { MoonletError } from "../error.ts";
import { exactlyEqual } from "../term/compare.ts";
import { heldBytes } from "../term/held-bytes.ts";
import { isTuple, type Tuple } from "../term/tuple.ts";
import { type Actor, charge, processOf, ROW_UNITS, readable, writable } from "./access.ts";
import { compileMatchSpec, type MatchSpec, matchSpecOfPattern, NO_MATCH } from "./match-spec.ts";
import { collect, finish, type Search, start, visit } from "./search.ts";
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
  return finish(selecting(actor, id, spec));
}

/** `select`, as a search that can stop on its way. So are the others in `-ing`. */
export function selecting(actor: Actor, id: TableId | string, spec: unknown): Search<unknown[]> {
  return all(actor, readable(actor, id), compileMatchSpec(spec));
}

/** The first `limit` of them (S220). */
export function selectPage(actor: Actor, id: TableId | string, spec: unknown, limit: number): Page {
  return finish(selectingPage(actor, id, spec, limit));
}

export function selectingPage(
  actor: Actor,
  id: TableId | string,
  spec: unknown,
  limit: number,
): Search<Page> {
  return firstPage(actor, readable(actor, id), compileMatchSpec(spec), limit);
}

/** The next ones of any limited search. @throws MoonletError badarg when the table is gone. */
export function more(actor: Actor, continuation: Continuation): Page {
  return finish(goingOn(actor, continuation));
}

export function goingOn(actor: Actor, continuation: Continuation): Search<Page> {
  const { table, spec, cursor, limit, pending } = continuation;
  if (readable(actor, table.ref) !== table)
    throw new MoonletError("badarg", "the table of this search is gone");
  return page(actor, table, spec, cursor, limit, pending);
}

/** The bindings of '$1', '$2' ... for each object that fits, ordered by their numbers. */
export function match(actor: Actor, id: TableId | string, pattern: unknown): unknown[][] {
  return finish(matching(actor, id, pattern)) as unknown[][];
}

export function matching(actor: Actor, id: TableId | string, pattern: unknown): Search<unknown[]> {
  return all(actor, readable(actor, id), matchSpecOfPattern(pattern, "$$"));
}

export function matchPage(actor: Actor, id: TableId | string, pattern: unknown, limit: number): Page {
  return finish(matchingPage(actor, id, pattern, limit));
}

export function matchingPage(
  actor: Actor,
  id: TableId | string,
  pattern: unknown,
  limit: number,
): Search<Page> {
  return firstPage(actor, readable(actor, id), matchSpecOfPattern(pattern, "$$"), limit);
}

/** The objects that fit. */
export function matchObject(actor: Actor, id: TableId | string, pattern: unknown): Tuple[] {
  return finish(matchingObjects(actor, id, pattern)) as Tuple[];
}

export function matchingObjects(actor: Actor, id: TableId | string, pattern: unknown): Search<unknown[]> {
  return all(actor, readable(actor, id), matchSpecOfPattern(pattern, "$_"));
}

export function matchObjectPage(actor: Actor, id: TableId | string, pattern: unknown, limit: number): Page {
  return finish(matchingObjectsPage(actor, id, pattern, limit));
}

export function matchingObjectsPage(
  actor: Actor,
  id: TableId | string,
  pattern: unknown,
  limit: number,
): Search<Page> {
  return firstPage(actor, readable(actor, id), matchSpecOfPattern(pattern, "$_"), limit);
}

/** Removes the objects that fit. */
export function matchDelete(actor: Actor, id: TableId | string, pattern: unknown): true {
  finish(matchDeleting(actor, id, pattern));
  return true;
}

export function matchDeleting(actor: Actor, id: TableId | string, pattern: unknown): Search<number> {
  return remove(actor, writable(actor, id), matchSpecOfPattern(pattern, true));
}

/** How many objects the specification gives `true` for. */
export function selectCount(actor: Actor, id: TableId | string, spec: unknown): number {
  return finish(selectCounting(actor, id, spec));
}

export function selectCounting(actor: Actor, id: TableId | string, spec: unknown): Search<number> {
  return count(actor, readable(actor, id), compileMatchSpec(spec));
}

/** Removes the objects that the specification gives `true` for, and tells how many those were. */
export function selectDelete(actor: Actor, id: TableId | string, spec: unknown): number {
  return finish(selectDeleting(actor, id, spec));
}

export function selectDeleting(actor: Actor, id: TableId | string, spec: unknown): Search<number> {
  return remove(actor, writable(actor, id), compileMatchSpec(spec));
}

/**
 * Puts what the specification gives in the place of the objects, and tells how many those were. All or none are replaced, in one piece.
 * @throws MoonletError badarg for another key, system_limit when there is no room.
 */
export function selectReplace(actor: Actor, id: TableId | string, spec: unknown): number {
  const table = writable(actor, id);
  const compiled = compileMatchSpec(spec);
  const self = processOf(actor)?.pid;
  let replacedCount = 0;
  let growth = 0;
  const replacements: { readonly key: unknown; readonly objects: Tuple[] }[] = [];
  finish(
    visit(actor, table, compiled, (objects) => {
      const replaced = objects.map((object) => {
        const result = compiled.run(object, self);
        if (result === NO_MATCH) return object;
        if (!isTuple(result) || !exactlyEqual(table.keyOf(result), table.keyOf(object))) {
          throw new MoonletError("badarg", "a replacement is an object with the same key");
        }
        replacedCount++;
        growth += heldBytes(result) - heldBytes(object);
        return copyTerm(result) as Tuple;
      });
      replacements.push({ key: table.keyOf(objects[0] as Tuple), objects: replaced });
    }),
  );
  table.expectRoomFor(growth);
  for (const { key, objects } of replacements) table.store.put(key, objects);
  table.settle();
  return replacedCount;
}

/** All objects. */
export function toList(actor: Actor, id: TableId | string): Tuple[] {
  const table = readable(actor, id);
  charge(actor, table.store.size * ROW_UNITS);
  const objects: Tuple[] = [];
  for (let step = table.store.walk().next(); step !== undefined; step = step.rest.next()) {
    for (const object of step.objects) objects.push(copyTerm(object) as Tuple);
  }
  return objects;
}

function* all(actor: Actor, table: Table, spec: MatchSpec): Search<unknown[]> {
  const { results } = yield* collect(actor, table, spec, start(table, spec), Number.POSITIVE_INFINITY);
  return results;
}

function* count(actor: Actor, table: Table, spec: MatchSpec): Search<number> {
  const self = processOf(actor)?.pid;
  let found = 0;
  yield* visit(actor, table, spec, (objects) => {
    for (const object of objects) if (spec.run(object, self) === true) found++;
  });
  return found;
}

function firstPage(actor: Actor, table: Table, spec: MatchSpec, limit: number): Search<Page> {
  if (!(Number.isInteger(limit) && limit > 0))
    throw new MoonletError("badarg", `a limit cannot be ${limit}`, { hint: "use an integer from 1 up" });
  return page(actor, table, spec, table.store.walk(), limit, []);
}

function* page(
  actor: Actor,
  table: Table,
  spec: MatchSpec,
  from: Cursor,
  limit: number,
  pending: readonly unknown[],
): Search<Page> {
  const { results, cursor } = yield* collect(actor, table, spec, from, limit, pending);
  if (results.length === 0) return undefined;
  return {
    objects: results.slice(0, limit),
    continuation: new Continuation(table, spec, cursor, limit, results.slice(limit)),
  };
}

function* remove(actor: Actor, table: Table, spec: MatchSpec): Search<number> {
  const self = processOf(actor)?.pid;
  let removed = 0;
  yield* visit(actor, table, spec, (objects) => {
    const left = objects.filter((object) => spec.run(object, self) !== true);
    if (left.length === objects.length) return;
    removed += objects.length - left.length;
    table.store.put(table.keyOf(objects[0] as Tuple), left);
    table.settle();
  });
  return removed;
}
