// table.*: tables (OTP: ets). Only what goes in and what is found is copied; a table itself stays in the host. One subject: a syscall each.

import { Ref } from "../../otp/index.ts";
import * as Ets from "../../otp/table/index.ts";
import { Atom, atom, encodeTerm, isTuple, type Tuple, tuple } from "../../otp/term/index.ts";
import type { Guest } from "../guest.ts";
import { attempt, ERROR, type Namespace, type Syscall, type } from "../syscall.ts";
import { tableInfoTerm, tableOptionsOf } from "../table-terms.ts";

/** How many limited searches of one guest can be gone on with; older ones are forgotten. */
const KEPT_SEARCHES = 32;

/** From here on an answer costs a unit of fuel a byte, which is what making and encoding its terms takes. */
const LARGE_ANSWER_BYTES = 1024;
const OK = 0;
const END_OF_TABLE = atom("$end_of_table");
/** There is nothing to give; undefined is a term, the atom. */
const NOTHING = Symbol("nothing");

const searches = new WeakMap<Guest, Map<number, Ets.Continuation>>();

function readTable(guest: Guest, pointer: number, length: number, what: string): Ets.TableId {
  const id = guest.readTerm(pointer, length, what);
  // Anything else names no table, as a new reference does, and the core says so.
  return id instanceof Ref || id instanceof Atom ? id : guest.process.runtime.newRef();
}

/** What is inserted is bounded as a message is. */
function isTooLarge(guest: Guest, length: number): boolean {
  return length >>> 0 > guest.limits.messageBytes;
}

/** Takes a table and a term, and gives a number. */
function change(name: string, act: (guest: Guest, id: Ets.TableId, term: unknown) => number): Syscall {
  return {
    type: type("i32 i32 i32 i32 -> i32"),
    grant: "tables",
    call: (guest, table: number, tableLength: number, pointer: number, length: number) => {
      if (isTooLarge(guest, length)) return ERROR.system_limit;
      const id = readTable(guest, table, tableLength, name);
      const term = guest.readTerm(pointer, length, name);
      return attempt(guest, () => act(guest, id, term));
    },
  };
}

/** Takes a table and a term, and answers with a term or `NOTHING`. */
function query(name: string, act: (guest: Guest, id: Ets.TableId, term: unknown) => unknown): Syscall {
  return {
    type: type("i32 i32 i32 i32 i32 i32 -> i32"),
    grant: "tables",
    call: (
      guest,
      table: number,
      tableLength: number,
      pointer: number,
      length: number,
      out: number,
      cap: number,
    ) => {
      const id = readTable(guest, table, tableLength, name);
      const term = guest.readTerm(pointer, length, name);
      return attempt(guest, () => answer(guest, act(guest, id, term), out, cap));
    },
  };
}

/** Takes a table, and answers with a term. */
function look(name: string, act: (guest: Guest, id: Ets.TableId) => unknown): Syscall {
  return {
    type: type("i32 i32 i32 i32 -> i32"),
    grant: "tables",
    call: (guest, table: number, tableLength: number, out: number, cap: number) => {
      const id = readTable(guest, table, tableLength, name);
      return attempt(guest, () => answer(guest, act(guest, id), out, cap));
    },
  };
}

/** Goes on with a search in as many turns as it takes; `finish` makes the import's result of what it gives. */
function searchInTurns<T>(guest: Guest, begin: () => Ets.Search<T>, finish: (found: T) => number): number {
  let search: Ets.Search<T> | undefined;
  return guest.work(() =>
    attempt(guest, () => {
      search ??= begin();
      const step = search.next();
      return step.done === true ? finish(step.value) : undefined;
    }),
  );
}

/** A search: all that fits, or with a limit a page of it. */
function search(
  name: string,
  all: (guest: Guest, id: Ets.TableId, term: unknown) => Ets.Search<unknown[]>,
  page: (guest: Guest, id: Ets.TableId, term: unknown, limit: number) => Ets.Search<Ets.Page>,
): Syscall {
  return {
    type: type("i32 i32 i32 i32 i32 i32 i32 -> i32"),
    grant: "tables",
    waits: true,
    call: (
      guest,
      table: number,
      tableLength: number,
      pointer: number,
      length: number,
      limit: number,
      out: number,
      cap: number,
    ) => {
      const id = readTable(guest, table, tableLength, name);
      const term = guest.readTerm(pointer, length, name);
      if (limit === 0) {
        return searchInTurns(
          guest,
          () => all(guest, id, term),
          (found) => answer(guest, found, out, cap),
        );
      }
      return searchInTurns(
        guest,
        () => page(guest, id, term, limit >>> 0),
        (found) => answer(guest, pageTerm(guest, found), out, cap),
      );
    },
  };
}

/** Takes a table and a specification or pattern, and gives a number. */
function searchNumber(
  name: string,
  begin: (guest: Guest, id: Ets.TableId, term: unknown) => Ets.Search<number>,
  finish: (found: number) => number = (found) => found,
): Syscall {
  return {
    type: type("i32 i32 i32 i32 -> i32"),
    grant: "tables",
    waits: true,
    call: (guest, table: number, tableLength: number, pointer: number, length: number) => {
      const id = readTable(guest, table, tableLength, name);
      const term = guest.readTerm(pointer, length, name);
      return searchInTurns(guest, () => begin(guest, id, term), finish);
    },
  };
}

/** Encoding a large answer is paid for here; writing it into the guest's memory is paid for there, too. */
function answer(guest: Guest, term: unknown, out: number, cap: number): number {
  if (term === NOTHING) return ERROR.timeout;
  const bytes = encodeTerm(term);
  if (bytes.length > LARGE_ANSWER_BYTES) guest.charge(bytes.length);
  return guest.answer(bytes, out, cap);
}

/** `{Objects, Continuation}` or '$end_of_table' (S220); a continuation is a reference, which stands for it in this guest. */
function pageTerm(guest: Guest, page: Ets.Page): unknown {
  if (page === undefined) return END_OF_TABLE;
  let kept = searches.get(guest);
  if (kept === undefined) {
    kept = new Map();
    searches.set(guest, kept);
  }
  const ref = guest.process.runtime.newRef();
  kept.set(ref.number, page.continuation);
  for (const oldest of kept.keys()) {
    if (kept.size <= KEPT_SEARCHES) break;
    kept.delete(oldest);
  }
  return tuple(page.objects, ref);
}

function keyOf(found: Ets.Found | undefined): unknown {
  return found === undefined ? NOTHING : found.key;
}

function truth(value: boolean): number {
  return value ? 1 : 0;
}

/** `{Pos, Value}`, or a list of them. */
function elementUpdates(term: unknown): Ets.ElementUpdate[] {
  const list = Array.isArray(term) && !isTuple(term) ? term : [term];
  return list.map((update: unknown) => {
    const [position, value] = isTuple(update) && update.length === 2 ? update : [0];
    return { position: typeof position === "number" ? position : 0, value };
  });
}

export const table: Namespace = {
  new: {
    type: type("i32 i32 i32 i32 i32 i32 -> i32"),
    grant: "tables",
    call: (
      guest,
      name: number,
      nameLength: number,
      options: number,
      optionsLength: number,
      out: number,
      cap: number,
    ) => {
      const wanted = guest.readName(name, nameLength, "table.new");
      const given = optionsLength === 0 ? [] : guest.readTerm(options, optionsLength, "table.new");
      const checked = tableOptionsOf(given);
      if (checked === undefined) return ERROR.badarg;
      return attempt(guest, () => answer(guest, Ets.new(guest.process, wanted, checked), out, cap));
    },
  },
  insert: change("table.insert", ({ process }, id, objects) => {
    Ets.insert(process, id, objects);
    return OK;
  }),
  insert_new: change("table.insert_new", ({ process }, id, objects) =>
    truth(Ets.insertNew(process, id, objects)),
  ),
  lookup: query("table.lookup", ({ process }, id, key) => Ets.lookup(process, id, key)),
  lookup_element: {
    type: type("i32 i32 i32 i32 i32 i32 i32 -> i32"),
    grant: "tables",
    call: (
      guest,
      of: number,
      ofLength: number,
      key: number,
      keyLength: number,
      position: number,
      out: number,
      cap: number,
    ) => {
      const id = readTable(guest, of, ofLength, "table.lookup_element");
      const wanted = guest.readTerm(key, keyLength, "table.lookup_element");
      return attempt(guest, () =>
        guest.answer(encodeTerm(Ets.lookupElement(guest.process, id, wanted, position)), out, cap),
      );
    },
  },
  member: change("table.member", ({ process }, id, key) => truth(Ets.member(process, id, key))),
  take: query("table.take", ({ process }, id, key) => Ets.take(process, id, key)),
  delete: change("table.delete", ({ process }, id, key) => {
    Ets.deleteKey(process, id, key);
    return OK;
  }),
  delete_object: change("table.delete_object", ({ process }, id, object) => {
    Ets.deleteObject(process, id, object);
    return OK;
  }),
  delete_all_objects: {
    type: type("i32 i32 -> i32"),
    grant: "tables",
    call: (guest, of: number, length: number) => {
      const id = readTable(guest, of, length, "table.delete_all_objects");
      return attempt(guest, () => {
        Ets.deleteAllObjects(guest.process, id);
        return OK;
      });
    },
  },
  delete_table: {
    type: type("i32 i32 -> i32"),
    grant: "tables",
    call: (guest, of: number, length: number) => {
      const id = readTable(guest, of, length, "table.delete_table");
      return attempt(guest, () => {
        Ets.deleteTable(guest.process, id);
        return OK;
      });
    },
  },
  update_counter: {
    type: type("i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 -> i32"),
    grant: "tables",
    call: (
      guest,
      of: number,
      ofLength: number,
      key: number,
      keyLength: number,
      update: number,
      updateLength: number,
      initial: number,
      initialLength: number,
      out: number,
      cap: number,
    ) => {
      if (isTooLarge(guest, keyLength) || isTooLarge(guest, initialLength)) return ERROR.system_limit;
      const what = "table.update_counter";
      const id = readTable(guest, of, ofLength, what);
      const wanted = guest.readTerm(key, keyLength, what);
      const operation = guest.readTerm(update, updateLength, what);
      const object = initialLength === 0 ? undefined : guest.readTerm(initial, initialLength, what);
      return attempt(guest, () => {
        const values = Ets.updateCounter(
          guest.process,
          id,
          wanted,
          Ets.counterOperationOf(operation),
          object as Tuple | undefined,
        );
        return guest.answer(encodeTerm(values), out, cap);
      });
    },
  },
  update_element: {
    type: type("i32 i32 i32 i32 i32 i32 -> i32"),
    grant: "tables",
    call: (
      guest,
      of: number,
      ofLength: number,
      key: number,
      keyLength: number,
      updates: number,
      updatesLength: number,
    ) => {
      if (isTooLarge(guest, updatesLength)) return ERROR.system_limit;
      const what = "table.update_element";
      const id = readTable(guest, of, ofLength, what);
      const wanted = guest.readTerm(key, keyLength, what);
      const changes = elementUpdates(guest.readTerm(updates, updatesLength, what));
      return attempt(guest, () => truth(Ets.updateElement(guest.process, id, wanted, changes)));
    },
  },
  select: search(
    "table.select",
    ({ process }, id, spec) => Ets.selecting(process, id, spec),
    ({ process }, id, spec, limit) => Ets.selectingPage(process, id, spec, limit),
  ),
  match: search(
    "table.match",
    ({ process }, id, pattern) => Ets.matching(process, id, pattern),
    ({ process }, id, pattern, limit) => Ets.matchingPage(process, id, pattern, limit),
  ),
  match_object: search(
    "table.match_object",
    ({ process }, id, pattern) => Ets.matchingObjects(process, id, pattern),
    ({ process }, id, pattern, limit) => Ets.matchingObjectsPage(process, id, pattern, limit),
  ),
  more: {
    type: type("i32 i32 i32 i32 -> i32"),
    grant: "tables",
    waits: true,
    call: (guest, continuation: number, length: number, out: number, cap: number) => {
      const ref = guest.readRef(continuation, length, "table.more");
      const known = guest.process.runtime.isOwn(ref) ? searches.get(guest)?.get(ref.number) : undefined;
      if (known === undefined) return ERROR.badarg;
      return searchInTurns(
        guest,
        () => Ets.goingOn(guest.process, known),
        (found) => answer(guest, pageTerm(guest, found), out, cap),
      );
    },
  },
  select_count: searchNumber("table.select_count", ({ process }, id, spec) =>
    Ets.selectCounting(process, id, spec),
  ),
  select_delete: searchNumber("table.select_delete", ({ process }, id, spec) =>
    Ets.selectDeleting(process, id, spec),
  ),
  select_replace: change("table.select_replace", ({ process }, id, spec) =>
    Ets.selectReplace(process, id, spec),
  ),
  match_delete: searchNumber(
    "table.match_delete",
    ({ process }, id, pattern) => Ets.matchDeleting(process, id, pattern),
    () => OK,
  ),
  first: look("table.first", ({ process }, id) => keyOf(Ets.first(process, id))),
  last: look("table.last", ({ process }, id) => keyOf(Ets.last(process, id))),
  next: query("table.next", ({ process }, id, key) => keyOf(Ets.next(process, id, key))),
  previous: query("table.previous", ({ process }, id, key) => keyOf(Ets.previous(process, id, key))),
  size: {
    type: type("i32 i32 -> i32"),
    grant: "tables",
    call: (guest, of: number, length: number) => {
      const id = readTable(guest, of, length, "table.size");
      return attempt(guest, () => Ets.size(guest.process, id));
    },
  },
  info: look("table.info", ({ process }, id) => {
    const found = Ets.info(process, id);
    return found === undefined ? NOTHING : tableInfoTerm(found);
  }),
  whereis: {
    type: type("i32 i32 i32 i32 -> i32"),
    grant: "tables",
    call: (guest, name: number, length: number, out: number, cap: number) =>
      answer(
        guest,
        Ets.whereis(guest.process, guest.readName(name, length, "table.whereis")) ?? NOTHING,
        out,
        cap,
      ),
  },
  list: {
    type: type("i32 i32 -> i32"),
    grant: "observe",
    call: (guest, out: number, cap: number) => answer(guest, Ets.allTables(guest.process), out, cap),
  },
  rename: {
    type: type("i32 i32 i32 i32 i32 i32 -> i32"),
    grant: "tables",
    call: (
      guest,
      of: number,
      ofLength: number,
      name: number,
      nameLength: number,
      out: number,
      cap: number,
    ) => {
      const id = readTable(guest, of, ofLength, "table.rename");
      const wanted = guest.readName(name, nameLength, "table.rename");
      return attempt(guest, () => answer(guest, Ets.rename(guest.process, id, wanted), out, cap));
    },
  },
  give_away: {
    type: type("i32 i32 i32 i32 i32 i32 -> i32"),
    grant: "tables",
    call: (
      guest,
      of: number,
      ofLength: number,
      pid: number,
      pidLength: number,
      data: number,
      dataLength: number,
    ) => {
      if (isTooLarge(guest, dataLength)) return ERROR.system_limit;
      const id = readTable(guest, of, ofLength, "table.give_away");
      const to = guest.readPid(pid, pidLength, "table.give_away");
      const gift = guest.readTerm(data, dataLength, "table.give_away");
      return attempt(guest, () => {
        Ets.giveAway(guest.process, id, to, gift);
        return OK;
      });
    },
  },
  set_heir: {
    type: type("i32 i32 i32 i32 i32 i32 -> i32"),
    grant: "tables",
    call: (
      guest,
      of: number,
      ofLength: number,
      pid: number,
      pidLength: number,
      data: number,
      dataLength: number,
    ) => {
      if (isTooLarge(guest, dataLength)) return ERROR.system_limit;
      const id = readTable(guest, of, ofLength, "table.set_heir");
      const heir =
        pidLength === 0
          ? undefined
          : {
              pid: guest.readPid(pid, pidLength, "table.set_heir"),
              data: guest.readTerm(data, dataLength, "table.set_heir"),
            };
      return attempt(guest, () => {
        Ets.setHeir(guest.process, id, heir);
        return OK;
      });
    },
  },
  safe_fixtable: {
    type: type("i32 i32 i32 -> i32"),
    grant: "tables",
    call: (guest, of: number, length: number, flag: number) => {
      const id = readTable(guest, of, length, "table.safe_fixtable");
      return attempt(guest, () => {
        Ets.safeFixtable(guest.process, id, flag !== 0);
        return OK;
      });
    },
  },
};
