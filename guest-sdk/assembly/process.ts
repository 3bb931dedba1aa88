// The calling process: who it is, how it ends, and how it hangs together with others.
import { NOPROC, TIMEOUT } from "./abi/code";
import * as abi from "./abi/process";
import { addressLength, addressPointer, addressText, placeAddress } from "./address";
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

let own: Pid | null = null;

/** The pid of the calling process. */
export function self(): Pid {
  if (changetype<usize>(own) == 0) askSelf();
  return changetype<Pid>(changetype<usize>(own));
}

function askSelf(): void {
  const length = abi.self(inbox(), capacity());
  settle(length);
  own = encodedFrom<Pid>(answer(), length);
}

/** What the process was spawned with, as a T: `args` of the host's `spawn`. The empty list when there was nothing. */
export function argument<T>(): T {
  const length = abi.argument(inbox(), capacity());
  settle(length);
  decoder.open(answer(), length);
  return __moonletRead<T>("argument");
}

/**
 * Ends the process with this reason. Never returns. A string is the atom of that name, so that `exit("normal")` is a normal end
 * and `exit("shutdown")` an orderly one; `exit(Term.of("text"))` gives text. Anything else is the term it is.
 */
export function exit<T>(reason: T): void {
  encoder.begin();
  placeReason<T>(reason);
  abi.exit(encoder.start(), encoder.length());
  unreachable();
}

/** Sends an exit signal, as erlang:exit/2. The reason is as for `exit`; "kill" cannot be trapped. */
export function exitSignal<T>(pid: Pid, reason: T): void {
  encoder.begin();
  placeReason<T>(reason);
  check(abi.exit_signal(pid.pointer, pid.byteLength, encoder.start(), encoder.length()), "exitSignal");
}

/** A reason as a term: a string is the atom of that name. */
export function reasonTerm<T>(reason: T): Term {
  encoder.begin();
  placeReason<T>(reason);
  return encodedFrom<Term>(encoder.start(), encoder.length());
}

/** Erlang's limit for atoms. */
const MOST_ATOM_CHARACTERS = 255;

@inline
function placeReason<T>(reason: T): void {
  if (isString<T>()) {
    const text = changetype<string>(reason);
    if (text.length <= MOST_ATOM_CHARACTERS) encoder.atom(text);
    else encoder.text(text);
  } else {
    __moonletWrite<T>(reason);
  }
}

/** Sets whether exits of linked processes arrive as `Exit` messages instead of ending this one; returns what it was. */
export function trapExit(flag: bool = true): bool {
  return abi.trap_exit(flag ? 1 : 0) != 0;
}

/** Links the calling process with another. Ends it with `noproc` when that one is gone and exits are not trapped. */
export function link(pid: Pid): void {
  check(abi.link(pid.pointer, pid.byteLength), "link");
}

/** Takes a link back. No exit of that process arrives afterwards. */
export function unlink(pid: Pid): void {
  check(abi.unlink(pid.pointer, pid.byteLength), "unlink");
}

/** Monitors a process by its Pid, name (string or Atom) or RemoteName; a `Down` with this reference arrives when it is gone. */
export function monitor<A>(target: A): Ref {
  return monitorAs<A>(target, MonitorAlias.None);
}

/** What ends the alias that comes with a monitor. */
export const enum MonitorAlias {
  /** There is none. */
  None = 0,
  /** `unalias` alone. */
  ExplicitUnalias = 1,
  /** The end of the monitor. */
  Demonitor = 2,
  /** The end of the monitor, or the first message over it, which ends the monitor too. */
  ReplyDemonitor = 3,
}

/** As `monitor`; the reference is also an alias of the calling process. */
export function monitorAs<A>(target: A, alias: MonitorAlias): Ref {
  encoder.begin();
  const offset = placeAddress<A>(target);
  const length = abi.monitor(
    addressPointer<A>(target, offset), addressLength<A>(target, offset), alias, inbox(), capacity(),
  );
  if (length < 0) failed(length, "monitor: " + addressText<A>(target) + " cannot be monitored");
  settle(length);
  return encodedFrom<Ref>(answer(), length);
}

/** As `monitor`; instead of a `Down` a tuple arrives that this tag leads: `{Tag, Ref, process, Target, Reason}`. */
export function monitorTagged<A, T>(target: A, tag: T, alias: MonitorAlias = MonitorAlias.None): Ref {
  encoder.begin();
  encoder.list(alias == MonitorAlias.None ? 1 : 2);
  encoder.tuple(2);
  encoder.atom("tag");
  __moonletWrite<T>(tag);
  if (alias != MonitorAlias.None) {
    encoder.tuple(2);
    encoder.atom("alias");
    encoder.atom(aliasName(alias));
  }
  encoder.nil();
  const size = encoder.length();
  const offset = placeAddress<A>(target);
  const length = abi.monitor_with(
    addressPointer<A>(target, offset), addressLength<A>(target, offset), encoder.start(), size, inbox(), capacity(),
  );
  if (length < 0) failed(length, "monitorTagged: " + addressText<A>(target) + " cannot be monitored");
  settle(length);
  return encodedFrom<Ref>(answer(), length);
}

function aliasName(alias: MonitorAlias): string {
  if (alias == MonitorAlias.ExplicitUnalias) return "explicit_unalias";
  return alias == MonitorAlias.Demonitor ? "demonitor" : "reply_demonitor";
}

/** Ends a monitor. With `flush` (the default) a `Down` that has arrived already is removed. True if it was still active. */
export function demonitor(ref: Ref, flush: bool = true): bool {
  const result = abi.demonitor(ref.pointer, ref.byteLength, flush ? 1 : 0);
  check(result, "demonitor");
  return result == 1;
}

/** A new alias of the calling process: others can send to it until `unalias`, or with `once` until the first message over it. */
export function alias(once: bool = false): Ref {
  const length = abi.alias(once ? 1 : 0, inbox(), capacity());
  check(length, "alias");
  settle(length);
  return encodedFrom<Ref>(answer(), length);
}

/** Ends an alias; messages sent to it are dropped from now on. True if it was active. */
export function unalias(ref: Ref): bool {
  const result = abi.unalias(ref.pointer, ref.byteLength);
  check(result, "unalias");
  return result == 1;
}

/** Whether the process has not ended yet. */
export function isAlive(pid: Pid): bool {
  const result = abi.is_alive(pid.pointer, pid.byteLength);
  check(result, "isAlive");
  return result == 1;
}

/** What is known of a process, as a map; null when it is gone. */
export function info(pid: Pid): Term | null {
  const length = abi.info(pid.pointer, pid.byteLength, inbox(), capacity());
  if (length == NOPROC) return null;
  check(length, "info");
  settle(length);
  return encodedFrom<Term>(answer(), length);
}

/**
 * Some items of a process, by Erlang's names: `[{Item, Value}]` in their order; null when it is gone. Those of `info`, and messages and
 * dictionary, which of another process need the grant `observe`.
 *
 *     const waiting = processItems(pid, ["message_queue_len"])!.at(0).at(1).as<i32>();
 */
export function processItems(pid: Pid, items: string[]): Term | null {
  encoder.begin();
  if (items.length > 0) encoder.list(items.length);
  for (let i = 0; i < items.length; i++) encoder.atom(items[i]);
  encoder.nil();
  const length = abi.items(pid.pointer, pid.byteLength, encoder.start(), encoder.length(), inbox(), capacity());
  if (length == NOPROC) return null;
  check(length, "processItems: no such item");
  settle(length);
  return encodedFrom<Term>(answer(), length);
}

/**
 * Waits until there is a message and leaves it where it is. Collects what the process no longer needs before: for one that will be idle for
 * long, as erlang:hibernate/3.
 */
export function hibernate(): void {
  __collect();
  abi.hibernate();
}

/** The pids of all processes. Needs the grant `observe`. */
export function processes(): Pid[] {
  const length = abi.list(inbox(), capacity());
  check(length, "processes");
  settle(length);
  decoder.open(answer(), length);
  return __moonletRead<Pid[]>("processes");
}

/** Stops another process from running until `resume` was called as often; messages wait for it. Needs the grant `kill`. */
export function suspend(pid: Pid): void {
  check(abi.suspend(pid.pointer, pid.byteLength), "suspend: it is gone, or this process itself");
}

/** Takes one `suspend` of this process back. */
export function resume(pid: Pid): void {
  check(abi.resume(pid.pointer, pid.byteLength), "resume: it is gone, or this process has not suspended it");
}

/** The group leader of the calling process, which its children inherit; null when there is none. */
export function groupLeader(): Pid | null {
  const length = abi.group_leader(inbox(), capacity());
  if (length == TIMEOUT) return null;
  check(length, "groupLeader");
  settle(length);
  return encodedFrom<Pid>(answer(), length);
}

export function setGroupLeader(pid: Pid): void {
  check(abi.set_group_leader(pid.pointer, pid.byteLength), "setGroupLeader");
}

/** Labels the calling process in logs and listings. */
export function label(text: string): void {
  encoder.utf8(text);
  abi.label(encoder.start(), encoder.length());
}

/** Who runs first among those that can run. */
export const enum Priority {
  Low = 0,
  Normal = 1,
  High = 2,
  /** Above `High`; meant for the runtime's own. */
  Max = 3,
}

/** Sets the priority of the calling process; returns what it was. */
export function priority(level: Priority): Priority {
  const old = abi.priority(level);
  check(old, "priority: no such level");
  return <Priority>old;
}

/** Lets the other processes that can run have their turn first. Loops that compute need not call it: they are preempted. */
export function yieldTurn(): void {
  abi.yield_turn();
}
