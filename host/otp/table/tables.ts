// All tables of a runtime: by reference, by name, and by owner, whose death deletes or hands on what it owned (S210, S221 to S224).
import { copyTerm } from "../copy.ts";
import { MoonletError } from "../error.ts";
import { nameOf } from "../names.ts";
import type { Pid } from "../pid.ts";
import type { Process } from "../process.ts";
import { Ref } from "../ref.ts";
import type { Runtime } from "../runtime.ts";
import type { Atom } from "../term/atom.ts";
import type { TotalBytes } from "./ledger.ts";
import type { Heir, TableOptions } from "./options.ts";
import { Table, type TableId, transferMessage } from "./table.ts";

const registries = new WeakMap<Runtime, Tables>();

/** The tables of a runtime. */
export function tablesOf(runtime: Runtime): Tables {
  let tables = registries.get(runtime);
  if (tables === undefined) {
    tables = new Tables(runtime);
    registries.set(runtime, tables);
  }
  return tables;
}

/** A table counts towards the limits of its owner: nobody is given one by a stranger. */
function isStranger(giver: Process, taker: Process): boolean {
  return giver.family !== undefined && taker.family !== undefined && !giver.family.equals(taker.family);
}

export class Tables {
  readonly #runtime: Runtime;
  readonly #byRef = new Map<number, Table>();
  readonly #byName = new Map<string, Table>();
  readonly #total: TotalBytes;

  constructor(runtime: Runtime) {
    this.#runtime = runtime;
    this.#total = { bytes: 0, max: runtime.maxTableBytes };
  }

  /** All tables, in the order of their making. */
  [Symbol.iterator](): IterableIterator<Table> {
    return this.#byRef.values();
  }

  /** What all tables take up. */
  get bytes(): number {
    return this.#total.bytes;
  }

  /** @throws MoonletError badarg for a name that is taken, system_limit when there is no room. */
  create(owner: Process, name: string | Atom, options: TableOptions): Table {
    const text = this.#nameText(name);
    if (options.named === true) this.#assertFree(text);
    const heir = options.heir === undefined ? {} : { heir: this.#checkedHeir(options.heir) };
    const table = new Table(this.#runtime.newRef(), text, owner, { ...options, ...heir }, this.#total);
    this.#byRef.set(table.ref.number, table);
    if (table.named) this.#byName.set(text, table);
    this.#watch(table, owner);
    return table;
  }

  /** The table with this reference or name. @throws MoonletError badarg when there is none. */
  get(id: TableId | string): Table {
    const table = this.find(id);
    if (table === undefined)
      throw new MoonletError("badarg", `there is no table ${String(id)}`, {
        hint: "it may have gone with its owner",
      });
    return table;
  }

  find(id: unknown): Table | undefined {
    if (id instanceof Ref) return this.#runtime.isOwn(id) ? this.#byRef.get(id.number) : undefined;
    const name = nameOf(id);
    return name === undefined ? undefined : this.#byName.get(name);
  }

  delete(table: Table): void {
    table.release();
    this.#forget(table);
  }

  /** @throws MoonletError badarg for a name that is taken. */
  rename(table: Table, name: string | Atom): void {
    const text = this.#nameText(name);
    if (table.named) {
      this.#assertFree(text);
      this.#byName.delete(table.name);
      this.#byName.set(text, table);
    }
    table.name = text;
  }

  /**
   * @throws MoonletError badarg unless `from` owns the table and `to` is another living process of this runtime, system_limit when the
   *   table is too large for it.
   */
  giveAway(table: Table, from: Process, to: Pid, data: unknown): void {
    const target = this.#runtime.expectPid(to);
    if (table.owner !== from)
      throw new MoonletError("badarg", `${from.pid} does not own the table and cannot give it away`);
    if (target === undefined || target === from) {
      throw new MoonletError("badarg", `the table cannot be given to ${to}`, {
        hint: "give it to another process that lives",
      });
    }
    if (isStranger(from, target))
      throw new MoonletError("badarg", `the table cannot be given to ${to}, which is of another family`);
    if (!table.fits(target))
      throw new MoonletError("system_limit", `the table takes up ${table.bytes} bytes, too many for ${to}`, {
        hint: "raise the memory limit of its new owner",
      });
    table.release();
    this.#handOver(table, target, from.pid, data);
  }

  setHeir(table: Table, heir: Heir | undefined): void {
    table.heir = heir === undefined ? undefined : this.#checkedHeir(heir);
  }

  #watch(table: Table, owner: Process): void {
    table.release = owner.onExit(() => this.#ownerDied(table, owner));
  }

  /** An heir whose limit has no room for the table inherits nothing. */
  #ownerDied(table: Table, owner: Process): void {
    const heir = table.heir === undefined ? undefined : this.#runtime.process(table.heir.pid);
    if (heir === undefined || heir === owner || isStranger(owner, heir) || !table.fits(heir))
      this.#forget(table);
    else this.#handOver(table, heir, owner.pid, table.heir!.data);
  }

  #handOver(table: Table, to: Process, from: Pid, data: unknown): void {
    table.moveTo(to);
    this.#watch(table, to);
    try {
      this.#runtime.send(to.pid, transferMessage(table, from, data));
    } catch (error) {
      // A full mailbox: the table has changed hands all the same.
      if (!(error instanceof MoonletError)) throw error;
    }
  }

  #forget(table: Table): void {
    table.close();
    this.#byRef.delete(table.ref.number);
    if (table.named) this.#byName.delete(table.name);
  }

  #checkedHeir({ pid, data }: Heir): Heir {
    this.#runtime.expectPid(pid);
    return { pid, data: copyTerm(data) };
  }

  #nameText(name: string | Atom): string {
    const text = nameOf(name);
    if (text === undefined)
      throw new MoonletError("badarg", `${String(name)} is no name of a table`, {
        hint: "use an atom or a string",
      });
    return text;
  }

  #assertFree(name: string): void {
    if (this.#byName.has(name))
      throw new MoonletError("badarg", `the name "${name}" is taken by another table`);
  }
}
