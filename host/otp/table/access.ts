// Who uses a table, and whether that is allowed (S211).
import type { Context } from "../context.ts";
import { MoonletError } from "../error.ts";
import { Process } from "../process.ts";
import { Runtime } from "../runtime.ts";
import type { Atom } from "../term/atom.ts";
import type { Table, TableId } from "./table.ts";
import { tablesOf } from "./tables.ts";

/** A process in either form, or the runtime for the embedder, who may do what any process may that is not the owner. */
export type Actor = Context | Process | Runtime;

export function processOf(actor: Actor): Process | undefined {
  if (actor instanceof Runtime) return undefined;
  return actor instanceof Process ? actor : actor.process;
}

export function runtimeOf(actor: Actor): Runtime {
  return actor instanceof Runtime ? actor : actor.runtime;
}

/** @throws MoonletError badarg for the embedder. */
export function expectProcess(actor: Actor): Process {
  const process = processOf(actor);
  if (process === undefined)
    throw new MoonletError("badarg", "only a process can do this with a table", { hint: "use a Context" });
  return process;
}

/** What a search costs its caller for each object that it looks at, in reductions. */
export const ROW_UNITS = 32;

/** Work that was done for a process counts as its own. */
export function charge(actor: Actor, units: number): void {
  if (units > 0) processOf(actor)?.charge(units);
}

/** The table to read. @throws MoonletError badarg when it is not there, or private to another. */
export function readable(actor: Actor, id: TableId | Atom | string): Table {
  return accessible(actor, id, false);
}

/** The table to write. @throws MoonletError badarg when it is not there, or somebody else's and not public. */
export function writable(actor: Actor, id: TableId | Atom | string): Table {
  return accessible(actor, id, true);
}

function accessible(actor: Actor, id: TableId | Atom | string, write: boolean): Table {
  const table = tablesOf(runtimeOf(actor)).get(id);
  const process = processOf(actor);
  if (table.allows(process, write)) return table;
  throw new MoonletError(
    "badarg",
    `${process?.pid ?? "the embedder"} may not ${write ? "write to" : "read"} the table ${String(id)}`,
    {
      hint: `it is ${table.protection} and belongs to ${table.owner.pid}`,
    },
  );
}
