// Making, finding, handing on and deleting tables (stdlib manual, ets; S210, S211, S221 to S224).
import { nameOf } from "../names.ts";
import type { Pid } from "../pid.ts";
import { Ref } from "../ref.ts";
import type { Atom } from "../term/atom.ts";
import { type Actor, expectProcess, processOf, readable, runtimeOf, writable } from "./access.ts";
import type { Heir, Protection, TableOptions, TableType } from "./options.ts";
import type { TableId } from "./table.ts";
import { tablesOf } from "./tables.ts";

/** Makes a table that the caller owns, and that dies with it. @throws MoonletError badarg, system_limit when there is no room. */
export function newTable(actor: Actor, name: string | Atom, options: TableOptions = {}): TableId {
  return tablesOf(runtimeOf(actor)).create(expectProcess(actor), name, options).id;
}

/** The reference of a named table. */
export function whereis(actor: Actor, name: string | Atom): Ref | undefined {
  return tablesOf(runtimeOf(actor)).find(name)?.ref;
}

/** All tables there are. */
export function allTables(actor: Actor): TableId[] {
  return Array.from(tablesOf(runtimeOf(actor)), (table) => table.id);
}

/** Deletes the whole table; anybody may delete a public one (S211). @throws MoonletError badarg. */
export function deleteTable(actor: Actor, id: TableId | string): true {
  const table = writable(actor, id);
  tablesOf(runtimeOf(actor)).delete(table);
  return true;
}

/** Gives the table another name, by which a named one is addressed from now on. @throws MoonletError badarg for one that is taken. */
export function rename(actor: Actor, id: TableId | string, name: string | Atom): TableId {
  const table = writable(actor, id);
  tablesOf(runtimeOf(actor)).rename(table, name);
  return table.id;
}

/** Makes another process the owner; it is told `{'ETS-TRANSFER', Table, From, Data}`. @throws MoonletError badarg (S224). */
export function giveAway(actor: Actor, id: TableId | string, to: Pid, data?: unknown): true {
  const tables = tablesOf(runtimeOf(actor));
  tables.giveAway(tables.get(id), expectProcess(actor), to, data);
  return true;
}

/** Says who inherits the table; undefined is nobody. @throws MoonletError badarg unless the caller owns it. */
export function setHeir(actor: Actor, id: TableId | string, heir: Heir | undefined): true {
  const table = writable(actor, id);
  tablesOf(runtimeOf(actor)).setHeir(table, heir);
  return true;
}

export interface TableInfo {
  readonly id: TableId;
  readonly name: string;
  readonly named: boolean;
  readonly type: TableType;
  readonly protection: Protection;
  readonly keyPosition: number;
  readonly size: number;
  /** An estimate of what the table takes up; it counts towards its owner's limit. */
  readonly memoryBytes: number;
  readonly owner: Pid;
  readonly heir: Pid | undefined;
  readonly fixed: boolean;
}

/** What is known of a table, also of a private one; undefined when there is none. */
export function info(actor: Actor, id: TableId | string): TableInfo | undefined {
  if (!(id instanceof Ref) && nameOf(id) === undefined) return undefined;
  const table = tablesOf(runtimeOf(actor)).find(id);
  if (table === undefined) return undefined;
  const { name, named, type, protection, keyPosition, fixed } = table;
  const { size } = table.store;
  return {
    id: table.id,
    name,
    named,
    type,
    protection,
    keyPosition,
    size,
    memoryBytes: table.bytes,
    owner: table.owner.pid,
    heir: table.heir?.pid,
    fixed,
  };
}

/** How many objects are in the table. @throws MoonletError badarg. */
export function size(actor: Actor, id: TableId | string): number {
  return readable(actor, id).store.size;
}

/** Whether the caller owns the table. */
export function isOwner(actor: Actor, id: TableId | string): boolean {
  return tablesOf(runtimeOf(actor)).get(id).owner === processOf(actor);
}
