// One table: its objects, its owner, and who may touch it (S210 to S224). Terms come in and go out by copy.
import { copyTerm } from "../copy.ts";
import { MoonletError } from "../error.ts";
import type { Pid } from "../pid.ts";
import type { Process } from "../process.ts";
import type { Ref } from "../ref.ts";
import { type Atom, atom } from "../term/atom.ts";
import { equal, exactlyEqual } from "../term/compare.ts";
import { heldBytes } from "../term/held-bytes.ts";
import { termKey } from "../term/key.ts";
import { isTuple, type Tuple, tuple } from "../term/tuple.ts";
import { keyBytes, objectsBytes } from "./bytes.ts";
import { HashStore } from "./hash-store.ts";
import { Ledger, type TotalBytes } from "./ledger.ts";
import { checkOptions, type Heir, type Protection, type TableOptions, type TableType } from "./options.ts";
import { SortedStore } from "./sorted-store.ts";
import type { Store } from "./store.ts";

/** What an empty table takes up. */
const TABLE_BYTES = 1024;

/** A table as its users name it: a reference, or its name. */
export type TableId = Ref | Atom;

export class Table {
  readonly ref: Ref;
  readonly type: TableType;
  readonly named: boolean;
  readonly keyPosition: number;
  readonly store: Store;
  name: string;
  owner: Process;
  protection: Protection;
  /** Takes back the owner's exit hook. */
  release: () => void = () => {};
  readonly #ledger: Ledger;
  #heir: Heir | undefined;
  readonly #fixes = new Map<number, { count: number; readonly release: () => void }>();

  /** @throws MoonletError badarg for the options, system_limit when there is no room. */
  constructor(ref: Ref, name: string, owner: Process, options: TableOptions, total: TotalBytes) {
    const { type, protection, named, keyPosition } = checkOptions(options);
    const keyOf = (object: Tuple): unknown => object[keyPosition - 1];
    this.ref = ref;
    this.type = type;
    this.named = named;
    this.keyPosition = keyPosition;
    this.name = name;
    this.owner = owner;
    this.protection = protection;
    this.#heir = options.heir;
    this.store = type === "ordered_set" ? new SortedStore(keyOf) : new HashStore(type, keyOf);
    this.#ledger = new Ledger(total, owner, this.bytes);
  }

  // ---- what it takes up

  /** Bytes of the table, its objects and what its heir is to be told. */
  get bytes(): number {
    return TABLE_BYTES + this.store.bytes + heldBytes(this.#heir?.data);
  }

  /** To be called before objects are put in. @throws MoonletError system_limit when there is no room for them. */
  expectRoom(objects: readonly Tuple[]): void {
    let growth = objectsBytes(objects);
    for (const object of objects) growth += keyBytes(this.keyOf(object));
    let entries = objects.length;
    if (this.#ledger.hasRoom(growth, entries)) return;
    // Perhaps they take the place of others.
    if (this.type === "set" || this.type === "ordered_set") {
      for (const object of objects) {
        const key = this.keyOf(object);
        const replaced = this.store.lookup(key);
        if (replaced.length > 0) growth -= keyBytes(key) + objectsBytes(replaced);
        entries -= replaced.length;
      }
    }
    this.#ledger.expectRoom(growth, entries);
  }

  /** To be called before objects take the place of others. @throws MoonletError system_limit. */
  expectRoomInstead(objects: readonly Tuple[], replaced: readonly Tuple[]): void {
    this.#ledger.expectRoom(objectsBytes(objects) - objectsBytes(replaced), 0);
  }

  /** @throws MoonletError system_limit when it may not grow by so much. */
  expectRoomFor(bytes: number): void {
    this.#ledger.expectRoom(bytes, 0);
  }

  /** To be called after every change: books what the table takes up. */
  settle(): void {
    this.#ledger.book(this.bytes, this.store.size);
  }

  get heir(): Heir | undefined {
    return this.#heir;
  }

  /** @throws MoonletError system_limit. */
  set heir(heir: Heir | undefined) {
    this.#ledger.expectRoom(heldBytes(heir?.data) - heldBytes(this.#heir?.data), 0);
    this.#heir = heir;
    this.settle();
  }

  /** Whether another process's limit leaves room for the whole table. */
  fits(owner: Process): boolean {
    return this.#ledger.fits(owner);
  }

  /** The ledger of its owner and of all tables no longer knows it. */
  close(): void {
    this.#ledger.book(0, 0);
  }

  moveTo(owner: Process): void {
    this.owner = owner;
    this.#ledger.moveTo(owner);
  }

  // ---- who may use it

  get id(): TableId {
    return this.named ? atom(this.name) : this.ref;
  }

  /** Whether a process may read or write; undefined stands for the embedder, who owns nothing. */
  allows(process: Process | undefined, write: boolean): boolean {
    return (
      process === this.owner || this.protection === "public" || (!write && this.protection === "protected")
    );
  }

  keyOf(object: Tuple): unknown {
    return object[this.keyPosition - 1];
  }

  sameKey(a: unknown, b: unknown): boolean {
    return this.type === "ordered_set" ? equal(a, b) : exactlyEqual(a, b);
  }

  /** A copy of an object to keep. @throws MoonletError badarg for what is no tuple with a key. */
  checked(object: unknown): Tuple {
    if (isTuple(object) && object.length >= this.keyPosition) {
      termKey(this.keyOf(object));
      return copyTerm(object) as Tuple;
    }
    throw new MoonletError(
      "badarg",
      `an object of this table is a tuple of at least ${this.keyPosition} elements`,
    );
  }

  /** One object, or a list of them. */
  checkedAll(objects: unknown): Tuple[] {
    return Array.isArray(objects) && !isTuple(objects)
      ? objects.map((object) => this.checked(object))
      : [this.checked(objects)];
  }

  /** Fixes the store once more for a process, whose end takes all its fixings back. */
  fix(process: Process): void {
    const { pid } = process;
    const known = this.#fixes.get(pid.number);
    if (known === undefined)
      this.#fixes.set(pid.number, { count: 1, release: process.onExit(() => this.#unfix(pid, true)) });
    else known.count++;
    this.store.fix();
  }

  unfix(process: Process): void {
    this.#unfix(process.pid, false);
  }

  #unfix({ number }: Pid, all: boolean): void {
    const known = this.#fixes.get(number);
    if (known === undefined) return;
    const taken = all ? known.count : 1;
    known.count -= taken;
    if (known.count === 0) {
      known.release();
      this.#fixes.delete(number);
    }
    for (let i = 0; i < taken; i++) this.store.unfix();
    this.settle();
  }

  get fixed(): boolean {
    return this.#fixes.size > 0;
  }
}

/** What the new owner of a table is told: `{'ETS-TRANSFER', Table, FormerOwner, Data}`. */
export function transferMessage(table: Table, from: Pid, data: unknown): Tuple {
  return tuple(atom("ETS-TRANSFER"), table.id, from, data);
}
