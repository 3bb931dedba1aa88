// Searches that can stop between two rows and go on later: what a table of millions takes is not asked of the event loop in one piece. A
// search walks as the table is when it comes by; objects that change meanwhile are found or not, as with ets. Each step is charged.
import { copyTerm } from "../copy.ts";
import { MoonletError } from "../error.ts";
import { heldBytes } from "../term/held-bytes.ts";
import type { Tuple } from "../term/tuple.ts";
import { type Actor, charge, processOf, ROW_UNITS, runtimeOf } from "./access.ts";
import { type MatchSpec, NO_MATCH } from "./match-spec.ts";
import type { Cursor } from "./store.ts";
import type { Table } from "./table.ts";
import { tablesOf } from "./tables.ts";

/** A search under way: `next()` does some more of it, and gives the result in the end. */
export type Search<T> = Generator<undefined, T, undefined>;

/** A search to its end, in one piece. */
export function finish<T>(search: Search<T>): T {
  for (;;) {
    const step = search.next();
    if (step.done === true) return step.value;
  }
}

/** Units of fuel that the rows of one step cost, and how many rows it has at most: some 100 us. */
const STEP_UNITS = 40_000;
const STEP_ROWS = 256;
/** What a result takes up in the list of them. */
const RESULT_BYTES = 16;

/** Where a search stands when it stops: after this many results, or at the end of the table. */
export interface Stop {
  readonly results: unknown[];
  readonly cursor: Cursor;
}

/** Copies of what `spec` gives for the objects from `from` on, until there are `limit` of them or more. */
export function* collect(
  actor: Actor,
  table: Table,
  spec: MatchSpec,
  from: Cursor,
  limit: number,
  pending: readonly unknown[] = [],
): Search<Stop> {
  const process = processOf(actor);
  const self = process?.pid;
  // Nobody is answered with more than it may hold.
  let room = process?.maxMemoryBytes ?? Number.POSITIVE_INFINITY;
  const results = [...pending];
  let cursor = from;
  const rows = new Rows(actor, table, spec);
  while (results.length < limit) {
    const step = cursor.next();
    if (step === undefined) break;
    for (const object of step.objects) {
      const result = spec.run(object, self);
      if (result === NO_MATCH) continue;
      if (room < Number.POSITIVE_INFINITY) room -= RESULT_BYTES + heldBytes(result);
      if (room < 0) {
        throw new MoonletError("system_limit", "the search finds more than the memory limit of its process", {
          hint: "search with a limit, page by page",
        });
      }
      results.push(copyTerm(result));
    }
    cursor = step.rest;
    if (rows.add(step.objects.length)) {
      yield;
      rows.expectTable();
    }
  }
  rows.settle();
  return { results, cursor };
}

/** Calls `act` with the objects of each key that can fit. Nothing else may change the table inside of `act` but what it does itself. */
export function* visit(
  actor: Actor,
  table: Table,
  spec: MatchSpec,
  act: (objects: readonly Tuple[]) => void,
): Search<void> {
  const rows = new Rows(actor, table, spec);
  for (let step = start(table, spec).next(); step !== undefined; step = step.rest.next()) {
    act(step.objects);
    if (rows.add(step.objects.length)) {
      yield;
      rows.expectTable();
    }
  }
  rows.settle();
}

/** The beginning of a walk over the objects that can fit: those of one key only, when the specification names it. */
export function start(table: Table, spec: MatchSpec): Cursor {
  const known = spec.key(table.keyPosition);
  if (known === undefined) return table.store.walk();
  return {
    next: () => {
      const objects = table.store.lookup(known.key);
      return objects.length === 0 ? undefined : { objects, rest: END };
    },
  };
}

const END: Cursor = { next: () => undefined };

/** Counts rows, and charges for them. */
class Rows {
  readonly #actor: Actor;
  readonly #table: Table;
  readonly #units: number;
  readonly #stepRows: number;
  #rows = 0;

  constructor(actor: Actor, table: Table, spec: MatchSpec) {
    this.#actor = actor;
    this.#table = table;
    this.#units = ROW_UNITS + spec.weight;
    this.#stepRows = Math.max(1, Math.min(STEP_ROWS, Math.floor(STEP_UNITS / this.#units)));
  }

  /** Counts rows; true when it is time for a break. */
  add(rows: number): boolean {
    // A key whose objects are all gone costs the way to it.
    this.#rows += Math.max(1, rows);
    if (this.#rows < this.#stepRows) return false;
    this.settle();
    return true;
  }

  settle(): void {
    charge(this.#actor, this.#rows * this.#units);
    this.#rows = 0;
  }

  /** @throws MoonletError badarg when the table went in the break. */
  expectTable(): void {
    const table = this.#table;
    if (tablesOf(runtimeOf(this.#actor)).find(table.ref) !== table)
      throw new MoonletError("badarg", "the table of this search is gone");
  }
}
