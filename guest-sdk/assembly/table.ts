// Tables (OTP: ets): objects by key in the host, shared between processes, owned by one. What is put in and what is found is copied;
// the table itself never is. `Table<K, V>` holds pairs {Key, Value}; what it stands on, `TermTable`, holds any tuples.
import * as abi from "./abi/table";
import { failed } from "./fault";
import { answer, capacity, inbox, settle } from "./inbox";
import { Pid } from "./pid";
import * as decoder from "./term/decoder";
import { encodedFrom } from "./term/encoded";
import * as encoder from "./term/encoder";
import { __moonletRead } from "./term/read";
import { Term } from "./term/term";
import { place, placeTable, TermTable, term } from "./term-table";
import { __moonletWrite } from "./term/write";

/** How keys are kept. */
export const enum TableType {
  /** One object per key. */
  Set,
  /** The same, in the order of the keys. */
  OrderedSet,
  /** Several objects per key, no two alike. */
  Bag,
  /** Several objects per key. */
  DuplicateBag,
}

/** Who but the owner may use a table. */
export const enum TableAccess {
  /** All may read. */
  Protected,
  /** All may read and write. */
  Public,
  /** Nobody. */
  Private,
}

/** What a table is made with. */
@final
export class TableOptions {
  type: TableType = TableType.Set;
  access: TableAccess = TableAccess.Protected;
  /** Whether it can be found by its name: `namedTable<K, V>(name)`. */
  named: bool = false;
  /** Which element of an object is its key, from 1 up; a `Table<K, V>` has it at 1. */
  keyPosition: i32 = 1;
  /** Who gets the table when its owner ends; without one it ends with its owner. */
  heir: Pid | null = null;
  /** What the heir is told then. */
  heirData: Term | null = null;
}

/** A table has come to this process, from its former owner or as an inheritance: `{'ETS-TRANSFER', Table, From, Data}`. */
@message("ETS-TRANSFER")
export class TableTransfer {
  constructor(public table: Term, public from: Pid, public data: Term) {}
}

/** Makes a table of pairs, which this process owns. Ends the process with `badarg` when the name of a named one is taken. */
export function newTable<K, V>(name: string, options: TableOptions | null = null): Table<K, V> {
  return new Table<K, V>(newTermTable(name, options).id);
}

/** The table of that name, which another process may have made; using it ends the process with `badarg` when there is none. */
export function namedTable<K, V>(name: string): Table<K, V> {
  encoder.begin();
  encoder.atom(name);
  return new Table<K, V>(encodedFrom<Term>(encoder.start(), encoder.length()));
}

/** Makes a table of any tuples. */
export function newTermTable(name: string, options: TableOptions | null = null): TermTable {
  encoder.begin();
  encoder.atom(name);
  const nameSize = encoder.length();
  placeOptions(options === null ? new TableOptions() : options);
  const base = encoder.start();
  const length = abi.make(base, nameSize, base + nameSize, encoder.length() - nameSize, inbox(), capacity());
  if (length < 0) failed(length, "newTable: the name '" + name + "' is taken, or the options are wrong");
  return new TermTable(term(length));
}

function placeOptions(options: TableOptions): void {
  const heir = options.heir;
  encoder.beginNext();
  encoder.list(3 + u32(options.named) + u32(heir !== null));
  encoder.atom(typeName(options.type));
  encoder.atom(accessName(options.access));
  encoder.tuple(2);
  encoder.atom("keypos");
  encoder.integer(options.keyPosition);
  if (options.named) encoder.atom("named_table");
  if (heir !== null) {
    encoder.tuple(3);
    encoder.atom("heir");
    __moonletWrite<Pid>(heir);
    __moonletWrite<Term | null>(options.heirData);
  }
  encoder.nil();
}

function typeName(type: TableType): string {
  if (type == TableType.OrderedSet) return "ordered_set";
  if (type == TableType.Bag) return "bag";
  return type == TableType.DuplicateBag ? "duplicate_bag" : "set";
}

function accessName(access: TableAccess): string {
  if (access == TableAccess.Public) return "public";
  return access == TableAccess.Private ? "private" : "protected";
}

/**
 * Pairs `{Key, Value}`. It can be a field of a message: what is sent is the term that names the table. Every method ends the process
 * with `badarg` when the table is gone or may not be used so.
 *
 *     const stock = newTable<string, i64>("stock");
 *     stock.set("apples", 3);
 *     stock.add("apples", 2);                 // 5
 */
@final
export class Table<K, V> {
  /** The same table as tuples: for match specifications, bags, and moving from key to key. */
  readonly terms: TermTable;

  constructor(id: Term) {
    this.terms = new TermTable(id);
  }

  /** What is kept under the key. Ends the process with `badarg` when there is nothing. */
  get(key: K): V {
    placeTable(this.terms.id);
    const keySize = place<K>(key);
    const base = encoder.start();
    const length = abi.lookup_element(
      base, this.terms.idSize, base + this.terms.idSize, keySize, 2, inbox(), capacity(),
    );
    if (length < 0) failed(length, "Table.get: there is no such key, or the table may not be read");
    settle(length);
    decoder.open(answer(), length);
    return __moonletRead<V>("Table.get");
  }

  /** The same, and `otherwise` when there is nothing. */
  getOr(key: K, otherwise: V): V {
    const found = this.getAll(key);
    return found.length > 0 ? found[0] : otherwise;
  }

  /** What is kept under the key: nothing, one value, or in a bag several. */
  getAll(key: K): V[] {
    placeTable(this.terms.id);
    const keySize = place<K>(key);
    const base = encoder.start();
    const length = abi.lookup(base, this.terms.idSize, base + this.terms.idSize, keySize, inbox(), capacity());
    return values<K, V>(length, "Table.getAll");
  }

  /** Removes what is kept under the key and gives it. */
  take(key: K): V[] {
    placeTable(this.terms.id);
    const keySize = place<K>(key);
    const base = encoder.start();
    const length = abi.take(base, this.terms.idSize, base + this.terms.idSize, keySize, inbox(), capacity());
    return values<K, V>(length, "Table.take");
  }

  /** Keeps a value under the key, in place of the one before; in a bag beside it. */
  set(key: K, value: V): void {
    placeTable(this.terms.id);
    const size = placePair<K, V>(key, value);
    const base = encoder.start();
    const result = abi.insert(base, this.terms.idSize, base + this.terms.idSize, size);
    if (result < 0) failed(result, "Table.set: the table is gone, or may not be written");
  }

  /** The same, unless there is such a key already: false then. */
  setNew(key: K, value: V): bool {
    placeTable(this.terms.id);
    const size = placePair<K, V>(key, value);
    const base = encoder.start();
    const result = abi.insert_new(base, this.terms.idSize, base + this.terms.idSize, size);
    if (result < 0) failed(result, "Table.setNew: the table is gone, or may not be written");
    return result == 1;
  }

  has(key: K): bool {
    placeTable(this.terms.id);
    const size = place<K>(key);
    const base = encoder.start();
    const result = abi.member(base, this.terms.idSize, base + this.terms.idSize, size);
    if (result < 0) failed(result, "Table.has: the table is gone, or may not be read");
    return result == 1;
  }

  delete(key: K): void {
    placeTable(this.terms.id);
    const size = place<K>(key);
    const base = encoder.start();
    const result = abi.remove(base, this.terms.idSize, base + this.terms.idSize, size);
    if (result < 0) failed(result, "Table.delete: the table is gone, or may not be written");
  }

  /**
   * Adds to the integer that is kept under the key, in one step that nobody comes between, and gives the sum. `initial` is what is added
   * to when there is no such key.
   */
  add(key: K, amount: i64, initial: i64 = 0): i64 {
    const first = this.terms.idSize;
    placeTable(this.terms.id);
    const second = first + place<K>(key);
    const third = second + place<i64>(amount);
    const size = placePair<K, i64>(key, initial);
    const base = encoder.start();
    const length = abi.update_counter(
      base, first, base + first, second - first, base + second, third - second, base + third, size, inbox(), capacity(),
    );
    if (length < 0) failed(length, "Table.add: the value is no integer, or the table may not be written");
    settle(length);
    decoder.open(answer(), length);
    return __moonletRead<i64>("Table.add");
  }

  /** How many pairs there are. */
  get size(): i32 {
    return this.terms.size;
  }

  /** All keys; of an ordered table in their order. */
  keys(): K[] {
    const keys: K[] = [];
    const objects = this.terms.toArray();
    for (let i = 0; i < objects.length; i++) {
      decoder.open(objects[i].pointer, objects[i].byteLength);
      decoder.tuple("Table.keys");
      keys.push(__moonletRead<K>("Table.keys"));
    }
    return keys;
  }

  /** All values, in the order of `keys`. */
  values(): V[] {
    const found: V[] = [];
    const objects = this.terms.toArray();
    for (let i = 0; i < objects.length; i++) {
      decoder.open(objects[i].pointer, objects[i].byteLength);
      decoder.tuple("Table.values");
      decoder.skip();
      found.push(__moonletRead<V>("Table.values"));
    }
    return found;
  }

  /** Makes another process the owner; it gets a `TableTransfer` with this data. */
  giveAway<T>(to: Pid, data: T): void {
    this.terms.giveAway<T>(to, data);
  }

  /** Ends the table. */
  drop(): void {
    this.terms.drop();
  }

  __moonletEncode(): void {
    __moonletWrite<Term>(this.terms.id);
  }

  __moonletDecode(): void {
    const made = new TermTable(__moonletRead<Term>("table"));
    store<usize>(changetype<usize>(this), changetype<usize>(made), offsetof<this>("terms"));
    __link(changetype<usize>(this), changetype<usize>(made), false);
  }
}

function values<K, V>(length: i32, what: string): V[] {
  if (length < 0) failed(length, what + ": the table may not be used so");
  settle(length);
  decoder.open(answer(), length);
  const count = decoder.list(what);
  const found: V[] = [];
  for (let i: u32 = 0; i < count; i++) {
    decoder.tuple(what);
    decoder.skip();
    found.push(__moonletRead<V>(what));
  }
  return found;
}

@inline
function placePair<K, V>(key: K, value: V): usize {
  const offset = encoder.beginNext();
  encoder.tuple(2);
  __moonletWrite<K>(key);
  __moonletWrite<V>(value);
  return encoder.length() - offset;
}
