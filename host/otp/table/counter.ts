// update_counter and update_element: changing elements of one object in place (S216, S217).
import { MoonletError } from "../error.ts";
import { integer } from "../term/integer.ts";
import { isTuple, type Tuple, tuple } from "../term/tuple.ts";
import type { Table } from "./table.ts";

/** Adds to an element; above the threshold (below it, for a negative increment) the element is set to `resetTo` instead. */
export interface CounterUpdate {
  /** Default: the one after the key. */
  readonly position?: number;
  readonly increment: number | bigint;
  readonly threshold?: number | bigint;
  readonly resetTo?: number | bigint;
}

/** An increment, one update, or several that are applied in order, all or none. */
export type CounterOperation = number | bigint | CounterUpdate | readonly CounterUpdate[];

export interface ElementUpdate {
  readonly position: number;
  readonly value: unknown;
}

type Integer = number | bigint;

/** The new object, and the counters' values. @throws MoonletError badarg for what is no integer, is the key, or is out of range. */
export function countUp(
  table: Table,
  object: Tuple,
  updates: readonly CounterUpdate[],
): { readonly object: Tuple; readonly values: Integer[] } {
  const changed = tuple(...object);
  const values = updates.map(({ position = table.keyPosition + 1, increment, threshold, resetTo }) => {
    checkPosition(table, changed, position);
    const value = counted(asInteger(changed[position - 1]), asInteger(increment), threshold, resetTo);
    changed[position - 1] = value;
    return value;
  });
  return { object: changed, values };
}

function counted(
  value: bigint,
  increment: bigint,
  threshold: Integer | undefined,
  resetTo: Integer | undefined,
): Integer {
  const sum = value + increment;
  if (threshold === undefined || resetTo === undefined) return integer(sum);
  const limit = asInteger(threshold);
  const isOver = increment < 0n ? sum < limit : sum > limit;
  return integer(isOver ? asInteger(resetTo) : sum);
}

/** The new object. @throws MoonletError badarg for the key, or a position out of range. */
export function replaceElements(table: Table, object: Tuple, updates: readonly ElementUpdate[]): Tuple {
  const changed = tuple(...object);
  for (const { position, value } of updates) {
    checkPosition(table, changed, position);
    changed[position - 1] = value;
  }
  return changed;
}

/** As Erlang writes updates: `Incr`, `{Pos, Incr}`, `{Pos, Incr, Threshold, SetValue}`, or a list of the tuples. */
export function counterOperationOf(term: unknown): CounterOperation {
  if (typeof term === "number" || typeof term === "bigint") return term;
  if (isTuple(term)) return counterUpdateOf(term);
  if (Array.isArray(term)) return term.map(counterUpdateOf);
  throw new MoonletError("badarg", "an update of a counter is an integer, a tuple or a list of tuples");
}

function counterUpdateOf(term: unknown): CounterUpdate {
  if (!isTuple(term) || (term.length !== 2 && term.length !== 4)) {
    throw new MoonletError(
      "badarg",
      "an update of a counter is {Pos, Incr} or {Pos, Incr, Threshold, SetValue}",
    );
  }
  const [position, increment, threshold, resetTo] = term as unknown as readonly [
    number,
    Integer,
    Integer,
    Integer,
  ];
  return term.length === 2 ? { position, increment } : { position, increment, threshold, resetTo };
}

function checkPosition(table: Table, object: Tuple, position: number): void {
  if (position === table.keyPosition)
    throw new MoonletError("badarg", "the key of an object cannot be changed");
  if (!(Number.isInteger(position) && position >= 1 && position <= object.length)) {
    throw new MoonletError("badarg", `the object has no element ${position}`);
  }
}

function asInteger(value: unknown): bigint {
  if (typeof value === "bigint" || (typeof value === "number" && Number.isSafeInteger(value)))
    return BigInt(value);
  throw new MoonletError("badarg", "a counter is an integer");
}
