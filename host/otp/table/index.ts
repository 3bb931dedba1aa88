// Tables (ETS): terms by key, shared between processes, owned by one.
//
//   const table = Ets.new(self, "sessions", { type: "ordered_set", protection: "public" });
//   Ets.insert(self, table, tuple(1, "first"));
//   Ets.select(self, table, [tuple(tuple(atom("$1"), atom("_")), [tuple(atom(">"), atom("$1"), 0)], [atom("$_")])]);
export type { Actor } from "./access.ts";
export { keyBytes } from "./bytes.ts";
export {
  type CounterOperation,
  type CounterUpdate,
  counterOperationOf,
  type ElementUpdate,
} from "./counter.ts";
export {
  allTables,
  deleteTable,
  giveAway,
  info,
  isOwner,
  newTable as new,
  rename,
  setHeir,
  size,
  type TableInfo,
  whereis,
} from "./ets.ts";
export {
  deleteAllObjects,
  deleteKey,
  deleteObject,
  first,
  insert,
  insertNew,
  last,
  lookup,
  lookupElement,
  member,
  next,
  previous,
  safeFixtable,
  take,
  updateCounter,
  updateElement,
} from "./objects.ts";
export type { Heir, Protection, TableOptions, TableType } from "./options.ts";
export { finish, type Search } from "./search.ts";
export {
  type Continuation,
  goingOn,
  match,
  matchDelete,
  matchDeleting,
  matching,
  matchingObjects,
  matchingObjectsPage,
  matchingPage,
  matchObject,
  matchObjectPage,
  matchPage,
  more,
  type Page,
  select,
  selectCount,
  selectCounting,
  selectDelete,
  selectDeleting,
  selecting,
  selectingPage,
  selectPage,
  selectReplace,
  toList,
} from "./select.ts";
export type { Found } from "./store.ts";
export type { TableId } from "./table.ts";
