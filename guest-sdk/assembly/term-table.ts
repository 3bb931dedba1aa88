// Tables of any tuples, as Erlang has them: objects, match specifications, and steps from key to key (stdlib manual, ets). One class
// with a method for each import, hence its length.
import { BADARG, TIMEOUT } from "./abi/code";
import * as abi from "./abi/table";
import { check, failed } from "./fault";
import { answer, capacity, inbox, settle } from "./inbox";
import { Pid } from "./pid";
import { Ref } from "./ref";
import * as decoder from "./term/decoder";
import { encodedFrom } from "./term/encoded";
import * as encoder from "./term/encoder";
import { __moonletRead } from "./term/read";
import { Term } from "./term/term";
import { __moonletWrite } from "./term/write";

/** A part of what a search found. */
@final
export class Page {
  constructor(
    readonly objects: Term[],
    /** For `TermTable.more`; null when there is no more. It is good in this process, for its last 32 pages. */
    readonly continuation: Ref | null,
  ) {}
}

/** A table of any tuples, as Erlang's. `==` of keys is exact, but in an ordered table, where 1 and 1.0 are one. */
@final
export class TermTable {
  constructor(
    /** The term that names it: a reference, or the name. */
    readonly id: Term,
  ) {}

  /** Inserts a tuple, or a list of them, all or none. */
  insert(objects: Term): void {
    const size = placeWith<Term>(this.id, objects);
    const result = abi.insert(encoder.start(), this.idSize, encoder.start() + this.idSize, size);
    if (result < 0) failed(result, "TermTable.insert: no object, or the table may not be written");
  }

  /** False, and nothing inserted, when there is an object with one of the keys. */
  insertNew(objects: Term): bool {
    const size = placeWith<Term>(this.id, objects);
    const result = abi.insert_new(encoder.start(), this.idSize, encoder.start() + this.idSize, size);
    if (result < 0) failed(result, "TermTable.insertNew: no object, or the table may not be written");
    return result == 1;
  }

  lookup<K>(key: K): Term[] {
    const size = placeWith<K>(this.id, key);
    return objectsOf(
      abi.lookup(encoder.start(), this.idSize, encoder.start() + this.idSize, size, inbox(), capacity()), "TermTable.lookup",
    );
  }

  /** The element at a position, from 1 up; null when there is no such object or element. Of a bag a list. */
  lookupElement<K>(key: K, position: i32): Term | null {
    const size = placeWith<K>(this.id, key);
    const length = abi.lookup_element(
      encoder.start(), this.idSize, encoder.start() + this.idSize, size, position, inbox(), capacity(),
    );
    if (length == BADARG) return null;
    check(length, "TermTable.lookupElement");
    return term(length);
  }

  member<K>(key: K): bool {
    const size = placeWith<K>(this.id, key);
    const result = abi.member(encoder.start(), this.idSize, encoder.start() + this.idSize, size);
    if (result < 0) failed(result, "TermTable.member: the table may not be read");
    return result == 1;
  }

  take<K>(key: K): Term[] {
    const size = placeWith<K>(this.id, key);
    return objectsOf(
      abi.take(encoder.start(), this.idSize, encoder.start() + this.idSize, size, inbox(), capacity()), "TermTable.take",
    );
  }

  delete<K>(key: K): void {
    const size = placeWith<K>(this.id, key);
    const result = abi.remove(encoder.start(), this.idSize, encoder.start() + this.idSize, size);
    if (result < 0) failed(result, "TermTable.delete: the table may not be written");
  }

  /** Removes the objects that equal this one. */
  deleteObject(object: Term): void {
    const size = placeWith<Term>(this.id, object);
    const result = abi.delete_object(encoder.start(), this.idSize, encoder.start() + this.idSize, size);
    if (result < 0) failed(result, "TermTable.deleteObject: no object, or the table may not be written");
  }

  clear(): void {
    const result = abi.delete_all_objects(this.id.pointer, this.idSize);
    if (result < 0) failed(result, "TermTable.clear: the table may not be written");
  }

  /** Ends the table. */
  drop(): void {
    const result = abi.delete_table(this.id.pointer, this.idSize);
    if (result < 0) failed(result, "TermTable.drop: the table may not be written");
  }

  /** As ets:update_counter: `update` is an increment, a tuple or a list; `initial` an object to begin with. */
  updateCounter<K>(key: K, update: Term, initial: Term | null = null): Term {
    const first = this.idSize;
    placeTable(this.id);
    const second = first + place<K>(key);
    const third = second + place<Term>(update);
    const size = initial === null ? 0 : place<Term>(initial);
    const base = encoder.start();
    const length = abi.update_counter(
      base, first, base + first, second - first, base + second, third - second, base + third, size, inbox(), capacity(),
    );
    if (length < 0) failed(length, "TermTable.updateCounter: no such object, or no integer");
    return term(length);
  }

  /** Replaces elements: `updates` is `{Pos, Value}` or a list of them. False when there is no such object. */
  updateElement<K>(key: K, updates: Term): bool {
    const first = this.idSize;
    placeTable(this.id);
    const keySize = place<K>(key);
    const size = place<Term>(updates);
    const base = encoder.start();
    const result = abi.update_element(base, first, base + first, keySize, base + first + keySize, size);
    if (result < 0) failed(result, "TermTable.updateElement: not the key, and not beyond the object");
    return result == 1;
  }

  /** What a match specification gives for the objects that fit it: `parseTerm("[{{'$1','$2'},[{'>','$2',3}],['$1']}]")`. */
  select(spec: Term): Term[] {
    const size = placeWith<Term>(this.id, spec);
    return objectsOf(
      abi.select(encoder.start(), this.idSize, encoder.start() + this.idSize, size, 0, inbox(), capacity()),
      "TermTable.select",
    );
  }

  /** The first `limit` of these. */
  selectPage(spec: Term, limit: u32): Page {
    const size = placeWith<Term>(this.id, spec);
    return pageOf(
      abi.select(encoder.start(), this.idSize, encoder.start() + this.idSize, size, limit, inbox(), capacity()),
      "TermTable.selectPage",
    );
  }

  /** The next page of any search. */
  more(continuation: Ref): Page {
    return pageOf(abi.more(continuation.pointer, continuation.byteLength, inbox(), capacity()), "TermTable.more");
  }

  /** The bindings of '$1', '$2' and so on, a list for each object that fits the pattern. */
  match(pattern: Term): Term[] {
    const size = placeWith<Term>(this.id, pattern);
    return objectsOf(
      abi.match(encoder.start(), this.idSize, encoder.start() + this.idSize, size, 0, inbox(), capacity()), "TermTable.match",
    );
  }

  matchPage(pattern: Term, limit: u32): Page {
    const size = placeWith<Term>(this.id, pattern);
    return pageOf(
      abi.match(encoder.start(), this.idSize, encoder.start() + this.idSize, size, limit, inbox(), capacity()),
      "TermTable.matchPage",
    );
  }

  /** The objects that fit the pattern. */
  matchObject(pattern: Term): Term[] {
    const size = placeWith<Term>(this.id, pattern);
    return objectsOf(
      abi.match_object(encoder.start(), this.idSize, encoder.start() + this.idSize, size, 0, inbox(), capacity()),
      "TermTable.matchObject",
    );
  }

  matchObjectPage(pattern: Term, limit: u32): Page {
    const size = placeWith<Term>(this.id, pattern);
    return pageOf(
      abi.match_object(encoder.start(), this.idSize, encoder.start() + this.idSize, size, limit, inbox(), capacity()),
      "TermTable.matchObjectPage",
    );
  }

  /** Removes the objects that fit. */
  matchDelete(pattern: Term): void {
    const size = placeWith<Term>(this.id, pattern);
    const result = abi.match_delete(encoder.start(), this.idSize, encoder.start() + this.idSize, size);
    if (result < 0) failed(result, "TermTable.matchDelete: no pattern, or the table may not be written");
  }

  /** For how many objects the specification gives true. */
  selectCount(spec: Term): i32 {
    const size = placeWith<Term>(this.id, spec);
    const result = abi.select_count(encoder.start(), this.idSize, encoder.start() + this.idSize, size);
    if (result < 0) failed(result, "TermTable.selectCount: no specification, or the table may not be read");
    return result;
  }

  /** Removes those; how many. */
  selectDelete(spec: Term): i32 {
    const size = placeWith<Term>(this.id, spec);
    const result = abi.select_delete(encoder.start(), this.idSize, encoder.start() + this.idSize, size);
    if (result < 0) failed(result, "TermTable.selectDelete: no specification, or the table may not be written");
    return result;
  }

  /** Puts what the specification gives in the place of the objects; how many. */
  selectReplace(spec: Term): i32 {
    const size = placeWith<Term>(this.id, spec);
    const result = abi.select_replace(encoder.start(), this.idSize, encoder.start() + this.idSize, size);
    if (result < 0) failed(result, "TermTable.selectReplace: no specification, another key, or the table may not be written");
    return result;
  }

  /** All objects. */
  toArray(): Term[] {
    encoder.begin();
    encoder.atom("_");
    return this.matchObject(encodedFrom<Term>(encoder.start(), encoder.length()));
  }

  /** The first key, or null; with `next` a way through the table. */
  first(): Term | null {
    return keyOf(abi.first(this.id.pointer, this.idSize, inbox(), capacity()), "TermTable.first");
  }

  last(): Term | null {
    return keyOf(abi.last(this.id.pointer, this.idSize, inbox(), capacity()), "TermTable.last");
  }

  /** The key after this one, or null. In an unordered table the key has to be there: see `fix`. */
  next<K>(key: K): Term | null {
    const size = placeWith<K>(this.id, key);
    return keyOf(
      abi.next(encoder.start(), this.idSize, encoder.start() + this.idSize, size, inbox(), capacity()), "TermTable.next",
    );
  }

  previous<K>(key: K): Term | null {
    const size = placeWith<K>(this.id, key);
    return keyOf(
      abi.previous(encoder.start(), this.idSize, encoder.start() + this.idSize, size, inbox(), capacity()),
      "TermTable.previous",
    );
  }

  get size(): i32 {
    const result = abi.size(this.id.pointer, this.idSize);
    if (result < 0) failed(result, "TermTable.size: the table may not be read");
    return result;
  }

  /** A map of what is known of the table, null when there is none. */
  info(): Term | null {
    return keyOf(abi.info(this.id.pointer, this.idSize, inbox(), capacity()), "TermTable.info");
  }

  /** Gives it another name; the table as it is named from now on. */
  rename(name: string): TermTable {
    placeTable(this.id);
    encoder.beginNext();
    encoder.atom(name);
    const base = encoder.start();
    const length = abi.rename(base, this.idSize, base + this.idSize, encoder.length() - this.idSize, inbox(), capacity());
    if (length < 0) failed(length, "TermTable.rename: the name '" + name + "' is taken, or the table may not be written");
    return new TermTable(term(length));
  }

  /** Makes another process the owner; it gets a `TableTransfer` with this data. */
  giveAway<T>(to: Pid, data: T): void {
    const size = placeWith<T>(this.id, data);
    const base = encoder.start();
    const result = abi.give_away(base, this.idSize, to.pointer, to.byteLength, base + this.idSize, size);
    if (result < 0) failed(result, "giveAway: the owner gives, and another process that lives gets");
  }

  /** Who gets the table when its owner ends, and what that one is told. */
  setHeir<T>(heir: Pid, data: T): void {
    const size = placeWith<T>(this.id, data);
    const base = encoder.start();
    const result = abi.set_heir(base, this.idSize, heir.pointer, heir.byteLength, base + this.idSize, size);
    if (result < 0) failed(result, "setHeir: only the owner names an heir");
  }

  /** From now on the table ends with its owner. */
  removeHeir(): void {
    const result = abi.set_heir(this.id.pointer, this.idSize, 0, 0, 0, 0);
    if (result < 0) failed(result, "removeHeir: only the owner names an heir");
  }

  /** Makes `first` and `next` safe while objects are deleted, until `fix(false)`. */
  fix(flag: bool = true): void {
    const result = abi.safe_fixtable(this.id.pointer, this.idSize, flag ? 1 : 0);
    if (result < 0) failed(result, "TermTable.fix: the table may not be read");
  }

  /** The bytes of the term that names it. */
  get idSize(): usize {
    return this.id.byteLength;
  }
}

/** All tables there are, whoever owns them. Needs the grant `observe`. */
export function tables(): TermTable[] {
  const length = abi.list(inbox(), capacity());
  check(length, "tables");
  settle(length);
  decoder.open(answer(), length);
  const ids = __moonletRead<Term[]>("tables");
  const found: TermTable[] = [];
  for (let i = 0; i < ids.length; i++) found.push(new TermTable(ids[i]));
  return found;
}

/** The reference of a named table, or null. */
export function whereisTable(name: string): Term | null {
  encoder.begin();
  encoder.atom(name);
  return keyOf(abi.whereis(encoder.start(), encoder.length(), inbox(), capacity()), "whereisTable");
}

// The encoder holds the table first and then the other arguments, one behind the other.

@inline
export function placeTable(id: Term): void {
  encoder.begin();
  encoder.raw(id.pointer + 1, id.byteLength - 1);
}

/** Encodes one more argument; its length. */
@inline
export function place<T>(value: T): usize {
  const offset = encoder.beginNext();
  __moonletWrite<T>(value);
  return encoder.length() - offset;
}

@inline
function placeWith<T>(id: Term, value: T): usize {
  placeTable(id);
  return place<T>(value);
}

export function term(length: i32): Term {
  settle(length);
  return encodedFrom<Term>(answer(), length);
}

function keyOf(length: i32, what: string): Term | null {
  if (length == TIMEOUT) return null;
  if (length < 0) failed(length, what + ": there is no such key, or the table may not be read");
  return term(length);
}

function objectsOf(length: i32, what: string): Term[] {
  if (length < 0) failed(length, what + ": the table may not be used so");
  settle(length);
  decoder.open(answer(), length);
  return __moonletRead<Term[]>(what);
}

function pageOf(length: i32, what: string): Page {
  if (length < 0) failed(length, what + ": the table may not be read, or the continuation is too old");
  settle(length);
  decoder.open(answer(), length);
  // '$end_of_table'
  if (decoder.isAtom()) return new Page([], null);
  decoder.tuple(what);
  const objects = __moonletRead<Term[]>(what);
  return new Page(objects, __moonletRead<Ref>(what));
}
