// Guests that have the host work for them: tables, searches, selective receives, and calls that fail.
import {
  ChildLimits, SpawnOptions,
  atom, Down, exit, info, monitor, newTermTable, parseTerm, Pid, receive, receiveWithin, receiveAny, self, send, spawn, TableAccess, TableOptions, tables, Term,
  TermTable, trySend, whereisTable, Ref, argument, receiveDown, sleep, whereis, print
} from "moonlet/guest-sdk";

@message class Never { constructor(public n: i32) {} }
@message class Some { constructor(public n: i32) {} }

@external("table", "insert") declare function insert(table: usize, table_len: usize, objects: usize, len: usize): i32;
@external("table", "give_away") declare function give_away(table: usize, table_len: usize, pid: usize, pid_len: usize, data: usize, data_len: usize): i32;

function row(i: i32, size: i32): Term {
  return Term.tuple([Term.of(i), Term.of(new Uint8Array(size))]);
}

/** Puts 100,000 bytes into its table again and again; exits with how often it could, and with what the host said then. */
export function fill(): void {
  const table = newTermTable("full");
  let count = 0;
  let result = 0;
  while (result == 0) {
    const object = row(count, 100000);
    result = insert(table.id.pointer, table.id.byteLength, object.pointer, object.byteLength);
    if (result == 0) count++;
  }
  // One that takes the place of another needs no room.
  const again = row(0, 100000);
  const replaced = insert(table.id.pointer, table.id.byteLength, again.pointer, again.byteLength);
  table.delete<i32>(0);
  table.delete<i32>(1);
  const freed = row(count, 100000);
  const later = insert(table.id.pointer, table.id.byteLength, freed.pointer, freed.byteLength);
  exit(Term.tuple([Term.of(count), Term.of(result), Term.of(replaced), Term.of(later)]));
}

/** Ends as the library lets it end. */
export function overfill(): void {
  const table = newTermTable("full");
  for (let i = 0; ; i++) table.insert(row(i, 100000));
}

/** Makes empty tables for ever. */
export function manyTables(): void {
  for (let i = 0; ; i++) newTermTable("t");
}

/** Searches through a table of so many rows; exits with what was found and the fuel that took. */
export function search(): void {
  const rows = argument<i32>();
  const table = newTermTable("t");
  for (let i = 0; i < rows; i++) table.insert(Term.tuple([Term.of(i), Term.of("x")]));
  sleep(0);
  const before = reductions();
  const found = table.selectCount(parseTerm("[{{'$1','_'},[{'>','$1',9}],[true]}]"));
  sleep(0);
  exit(Term.tuple([Term.of(found), Term.of(reductions() - before)]));
}

/** Looks through so many messages for one that is not there. */
export function scan(): void {
  const messages = argument<i32>();
  for (let i = 0; i < messages; i++) send(self(), new Some(i));
  sleep(0);
  const before = reductions();
  const found = receiveWithin<Never>(0);
  sleep(0);
  exit(Term.tuple([Term.of(found === null), Term.of(reductions() - before)]));
}

function reductions(): i64 {
  return info(self())!.get(atom("reductions"))!.as<i64>();
}

/** Looks through its long mailbox for ever. */
export function scanForEver(): void {
  for (let i = 0; i < 20000; i++) send(self(), new Some(i));
  while (true) receiveWithin<Never>(0);
}

/** Searches its large table for ever. */
export function searchForEver(): void {
  const table = newTermTable("t");
  for (let i = 0; i < 5000; i++) table.insert(Term.tuple([Term.of(i), Term.of("x")]));
  while (true) table.selectCount(parseTerm("[{{'$1','_'},[{'>','$1',9}],[true]}]"));
}

/** Has more patterns than anybody can mean. */
@external("message", "receive") declare function receiveRaw(patterns: usize, patterns_len: usize, out: usize, cap: usize, ms: u32): i32;
export function manyPatterns(): void {
  for (let i = 0; i < 20000; i++) send(self(), new Some(i));
  const patterns = new StaticArray<u8>(100000 * 6);
  for (let i = 0; i < 100000; i++) {
    store<u32>(changetype<usize>(patterns) + i * 6, 2);
    store<u8>(changetype<usize>(patterns) + i * 6, 131, 4);
    store<u8>(changetype<usize>(patterns) + i * 6, 70, 5);
  }
  const out = new StaticArray<u8>(100);
  receiveRaw(changetype<usize>(patterns), patterns.length, changetype<usize>(out), 100, 0);
}

/** The table is dropped by its owner while a search of it is under way. */
export function searchGone(): void {
  const options = new TableOptions();
  options.access = TableAccess.Public;
  options.named = true;
  const table = newTermTable("gone", options);
  for (let i = 0; i < 3000; i++) table.insert(Term.tuple([Term.of(i), Term.of("x")]));
  const searcher = spawn(() => {
    const shared = new TermTable(Term.of(atom("gone")));
    while (true) shared.selectCount(parseTerm("[{{'$1','_'},[{'>','$1',9}],[true]}]"));
  });
  const ref = monitor(searcher);
  sleep(3);
  table.drop();
  exit(receiveDown(ref)!.reason.at(0));
}

/** Gives a table of a megabyte to the process in its argument; exits with the result. */
export function giver(): void {
  const table = newTermTable("gift");
  for (let i = 0; i < 10; i++) table.insert(row(i, 100000));
  const limits = new ChildLimits();
  limits.memoryBytes = argument<i32>();
  const options = new SpawnOptions();
  options.limits = limits;
  options.link = true;
  const to = spawn(waits, options);
  const data = Term.of(1);
  exit(Term.of(give_away(table.id.pointer, table.id.byteLength, to.pointer, to.byteLength, data.pointer, data.byteLength)));
}

export function waits(): void {
  receiveAny();
}

/** Sends itself 100,000 bytes again and again; exits with how often it could. */
export function floods(): void {
  let count = 0;
  while (trySend(self(), new Uint8Array(100000))) count++;
  receiveAny();
  exit(Term.tuple([Term.of(count), Term.of(trySend(self(), new Uint8Array(10)))]));
}

@external("timer", "send_after") declare function sendAfterRaw(ms: f64, to: usize, to_len: usize, message: usize, len: usize, out: usize, cap: usize): i32;
@external("timer", "cancel") declare function cancelRaw(ref: usize, len: usize): f64;
/** Has timers with 100,000 bytes each; exits with how many it could have, and what came after one was cancelled. */
export function manyTimers(): void {
  const message = Term.of(new Uint8Array(100000));
  const ref = new StaticArray<u8>(100);
  let length = 0;
  let count = 0;
  while (true) {
    const result = sendAfterRaw(1e9, self().pointer, self().byteLength, message.pointer, message.byteLength, changetype<usize>(ref), 100);
    if (result < 0) break;
    length = result;
    count++;
  }
  cancelRaw(changetype<usize>(ref), length);
  const after = sendAfterRaw(1e9, self().pointer, self().byteLength, message.pointer, message.byteLength, changetype<usize>(ref), 100);
  exit(Term.tuple([Term.of(count), Term.of(after > 0)]));
}

/** Exits with whether it finds its two tables among all, and what one of them takes up. */
export function lists(): void {
  const one = newTermTable("one");
  const options = new TableOptions();
  options.named = true;
  const two = newTermTable("two", options);
  const all = tables();
  const found = all.length == 2 && all[0].id == one.id && all[1].id == two.id;
  exit(Term.tuple([Term.of(found), two.info()!.get(atom("memory"))!]));
}
