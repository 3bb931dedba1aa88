// Starting a behaviour and waiting until it says that it is up, as proc_lib:start and start_link do (stdlib manual, proc_lib).
import { FOR_EVER, NOT_EXPORTED, NOT_GRANTED, SYSTEM_LIMIT, TIMEOUT } from "./abi/code";
import * as abi from "./abi/message";
import * as process from "./abi/process";
import { failed } from "./fault";
import { answer, capacity, inbox, settle } from "./inbox";
import { Down, send } from "./message";
import { Pid } from "./pid";
import { demonitor, exitSignal, self } from "./process";
import { receiveDown, receiveExitOf, taken } from "./receive";
import { Ref } from "./ref";
import { whereis } from "./registry";
import { childPid, Monitored, monitored, spawnCode, spawnMonitorRaw, SpawnOptions } from "./spawn";
import { Atom, atom } from "./term/atom";
import * as decoder from "./term/decoder";
import { encodedFrom } from "./term/encoded";
import * as encoder from "./term/encoder";
import { fitsPattern } from "./term/pattern";
import { __moonletRead } from "./term/read";
import { Term } from "./term/term";
import { __moonletWrite } from "./term/write";

/** How a start went. */
@final
export class StartResult {
  constructor(
    /** The process that is up, or null. */
    readonly pid: Pid | null,
    /** Why there is none; null when there is one, and when it was ignored. */
    readonly reason: Term | null,
  ) {}

  get ok(): bool {
    return this.pid !== null;
  }

  /** Whether `init` called `ignore()`. */
  get isIgnored(): bool {
    return this.pid === null && this.reason === null;
  }
}

/** `{ack, Pid, Result}`, as proc_lib sends it. */
@message("ack")
class Acknowledgement {
  constructor(public pid: Pid, public result: Term) {}
}

/** Who waits for this process to be up. */
let starter: Pid | null = null;
let alone: bool = false;

/** Whether this process was started without a link: then nobody's exit is an order. */
export function startedAlone(): bool {
  return alone;
}

/** Says so for code that takes over from older code. */
export function startedAs(isAlone: bool): void {
  alone = isAlone;
}

/** Tells whoever waits that this process is up. */
export function acknowledge(): void {
  const waiting = starter;
  if (waiting === null) return;
  starter = null;
  encoder.begin();
  encoder.tuple(2);
  encoder.atom("ok");
  __moonletWrite<Pid>(self());
  send<Pid, Acknowledgement>(waiting, new Acknowledgement(self(), encodedTerm()));
}

/** Tells whoever waits that this process does not want to be. */
export function acknowledgeIgnore(): void {
  const waiting = starter;
  if (waiting === null) return;
  starter = null;
  send<Pid, Acknowledgement>(waiting, new Acknowledgement(self(), Term.of<Atom>(atom("ignore"))));
}

/** The term in the encoder. */
function encodedTerm(): Term {
  return encodedFrom<Term>(encoder.start(), encoder.length());
}

/**
 * Starts a process that runs this function, which runs a behaviour, and waits for its `init`. With `link` in the options it has this
 * process for its parent; a name that is taken gives `{already_started, Pid}`.
 *
 *     const started = start(counter);
 *     if (started.ok) call<Add, i64>(started.pid!, new Add(2));
 */
export function start(entry: () => void, options: SpawnOptions | null = null): StartResult {
  const known = taker(options);
  if (known !== null) return known;
  return outcome(spawnMonitorRaw(startEntry(), placeStart(entry.index, options), options), FOR_EVER);
}

/** As `start`, with an argument for the function. */
export function startWith<T>(entry: (argument: T) => void, argument: T, options: SpawnOptions | null = null): StartResult {
  const known = taker(options);
  if (known !== null) return known;
  encoder.begin();
  encoder.tuple(4);
  placeHead(entry.index, options);
  __moonletWrite<T>(argument);
  return outcome(spawnMonitorRaw(startEntryWith<T>(), encodedTerm(), options), FOR_EVER);
}

/** As `start`, for at most `ms` milliseconds: then the process is killed and the reason is timeout. Needs the grant `kill`. */
export function startWithin(entry: () => void, ms: u32, options: SpawnOptions | null = null): StartResult {
  const known = taker(options);
  if (known !== null) return known;
  const started = spawnMonitorRaw(startEntry(), placeStart(entry.index, options), options);
  const result = outcome(started, ms);
  const reason = result.reason;
  if (reason !== null && reason.isAtomNamed("timeout")) {
    process.unlink(started.pid.pointer, started.pid.byteLength);
    exitSignal<string>(started.pid, "kill");
    demonitor(started.ref);
  }
  return result;
}

/**
 * Spawns a process that runs this function, as `spawn` does, and tells why it could not: `{already_started, Pid}` for a name that is taken,
 * the atom system_limit when there are too many processes.
 */
export function trySpawn(entry: () => void, options: SpawnOptions | null = null): StartResult {
  return trySpawnTerm(Term.of<u32>(entry.index), null, options);
}

/** The same for an entry and an argument that are terms. */
export function trySpawnTerm(entry: Term, argument: Term | null, options: SpawnOptions | null): StartResult {
  const known = taker(options);
  if (known !== null) return known;
  const length = spawnCode(entry, argument, options, false);
  return length < 0 ? refused(length) : new StartResult(childPid(length), null);
}

/** As `startWith`, for a function by its index and an argument that is a term; null when it takes none. `enter` is of `startEntry`. */
export function startTerm(enter: u32, index: u32, argument: Term | null, options: SpawnOptions | null): StartResult {
  const known = taker(options);
  if (known !== null) return known;
  encoder.begin();
  encoder.tuple(argument === null ? 3 : 4);
  placeHead(index, options);
  if (argument !== null) __moonletWrite<Term>(argument);
  const head = encodedTerm();
  const length = spawnCode(Term.of<u32>(enter), head, options, true);
  return length < 0 ? refused(length) : outcome(monitored(length), FOR_EVER);
}

/** The index of the function that starts a function without an argument. */
export function startEntry(): u32 {
  const run: () => void = enterStarted;
  return run.index;
}

/** The same for one with an argument. */
export function startEntryWith<T>(): u32 {
  const run: () => void = () => {
    enterStartedWith<T>();
  };
  return run.index;
}

function refused(code: i32): StartResult {
  let reason = "badarg";
  if (code == SYSTEM_LIMIT) reason = "system_limit";
  else if (code == NOT_GRANTED) reason = "not_granted";
  else if (code == NOT_EXPORTED) reason = "not_exported";
  return new StartResult(null, Term.of<Atom>(atom(reason)));
}

function taker(options: SpawnOptions | null): StartResult | null {
  if (options === null) return null;
  const name = options.name;
  if (name === null) return null;
  const pid = whereis(name);
  if (pid === null) return null;
  return new StartResult(null, Term.tuple([Term.of<Atom>(atom("already_started")), Term.of<Pid>(pid)]));
}

function placeStart(index: usize, options: SpawnOptions | null): Term {
  encoder.begin();
  encoder.tuple(3);
  placeHead(index, options);
  return encodedTerm();
}

function placeHead(index: usize, options: SpawnOptions | null): void {
  encoder.integer(index);
  __moonletWrite<Pid>(self());
  encoder.boolean(options !== null && options.link);
}

function readHead(): u32 {
  const length = process.argument(inbox(), capacity());
  settle(length);
  decoder.open(answer(), length);
  decoder.tuple("start");
  const index = decoder.integer<u32>("start");
  starter = __moonletRead<Pid>("start");
  alone = !decoder.boolean("start");
  return index;
}

function enterStarted(): void {
  call_indirect<void>(readHead());
}

function enterStartedWith<T>(): void {
  const index = readHead();
  call_indirect<void>(index, __moonletRead<T>("start argument"));
}

/** Waits for `{ack, Pid, Result}` or the end of the process. */
function outcome(started: Monitored, ms: u32): StartResult {
  const pid = started.pid;
  const ref = started.ref;
  // Each pattern is a length and the bytes: {ack, Pid, and {'DOWN', Ref,
  const first = memory.data<u8>([131, 104, 3, 119, 3, 97, 99, 107]);
  const second = memory.data<u8>([131, 104, 5, 119, 4, 68, 79, 87, 78]);
  const firstSize = 8 + pid.byteLength - 1;
  const secondSize = 9 + ref.byteLength - 1;
  const patterns = new StaticArray<u8>(<i32>(8 + firstSize + secondSize));
  let at = changetype<usize>(patterns);
  store<u32>(at, <u32>firstSize);
  memory.copy(at + 4, first, 8);
  memory.copy(at + 12, pid.pointer + 1, pid.byteLength - 1);
  at += 4 + firstSize;
  store<u32>(at, <u32>secondSize);
  memory.copy(at + 4, second, 9);
  memory.copy(at + 13, ref.pointer + 1, ref.byteLength - 1);
  const length = abi.receive(changetype<usize>(patterns), patterns.length, inbox(), capacity(), ms);
  if (length == TIMEOUT) return new StartResult(null, Term.of<Atom>(atom("timeout")));
  if (length < 0) failed(length, "start");
  settle(length);
  if (fitsPattern<Down>(answer(), length)) {
    const reason = taken<Down>(length).reason;
    // Whoever traps exits has had its exit before, over the link.
    receiveExitOf(pid, 0);
    return new StartResult(null, reason);
  }
  const result = taken<Acknowledgement>(length).result;
  if (result.isTuple && result.at(0).isAtomNamed("ok")) {
    demonitor(ref);
    return new StartResult(pid, null);
  }
  // Its name is free again before anybody hears that it was ignored.
  receiveDown(ref);
  receiveExitOf(pid, 0);
  return new StartResult(null, result.isAtom ? null : result);
}
