// Tasks: a computation in a process of its own whose result is fetched later (Elixir's Task, on OTP's monitors and aliases).
import { FOR_EVER, TIMEOUT } from "./abi/code";
import * as abi from "./abi/message";
import * as process from "./abi/process";
import { Shutdown } from "./child-spec";
import { CallResult, noReply, response } from "./call";
import { monotonicMs } from "./clock";
import { fail, failed, raise } from "./fault";
import { answer, capacity, inbox, settle } from "./inbox";
import { send } from "./message";
import { Pid } from "./pid";
import { demonitor, exitSignal, unlink } from "./process";
import { receive } from "./receive";
import { Ref } from "./ref";
import { spawnMonitorRaw, SpawnOptions } from "./spawn";
import * as decoder from "./term/decoder";
import { encodedFrom } from "./term/encoded";
import * as encoder from "./term/encoder";
import { __moonletRead } from "./term/read";
import { Atom, atom } from "./term/atom";
import { Term } from "./term/term";
import { __moonletWrite } from "./term/write";

/** A task that gives a T. Only the process that started it can await it. */
@final
export class Task<T> {
  constructor(
    readonly pid: Pid,
    /** Monitor on the task, and alias for its result. */
    readonly ref: Ref,
  ) {}
}

/** Tells a task where its result goes. */
@message("$task")
class Assignment {
  constructor(public ref: Ref) {}
}

/**
 * Computes `run(argument)` in a new process, which is linked with this one: they end together. With options that do not link, a task that
 * fails harms nobody.
 *
 *     const task = startTask<i32, i64>(sumUpTo, 1000);
 *     const sum = awaitTask(task);
 */
export function startTask<A, T>(run: (argument: A) => T, argument: A, options: SpawnOptions | null = null): Task<T> {
  const enter: () => void = () => {
    enterTask<A, T>();
  };
  encoder.begin();
  encoder.tuple(2);
  encoder.integer(run.index);
  __moonletWrite<A>(argument);
  const term = encodedFrom<Term>(encoder.start(), encoder.length());
  const started = spawnMonitorRaw(enter.index, term, options === null ? linked() : options, true);
  send<Pid, Assignment>(started.pid, new Assignment(started.ref));
  return new Task<T>(started.pid, started.ref);
}

function linked(): SpawnOptions {
  const options = new SpawnOptions();
  options.link = true;
  return options;
}

function enterTask<A, T>(): void {
  const length = process.argument(inbox(), capacity());
  settle(length);
  decoder.open(answer(), length);
  decoder.tuple("task");
  const index = decoder.integer<u32>("task");
  const argument = __moonletRead<A>("task argument");
  const ref = receive<Assignment>().ref;
  const value = call_indirect<T>(index, argument);
  encoder.begin();
  encoder.tuple(2);
  __moonletWrite<Ref>(ref);
  __moonletWrite<T>(value);
  abi.send(ref.pointer, ref.byteLength, encoder.start(), encoder.length());
}

/** The result. Ends the process with `{Reason, Text}` when the task ended without one, or when `timeoutMs` are over. */
export function awaitTask<T>(task: Task<T>, timeoutMs: u32 = 5000): T {
  const outcome = yieldTask<T>(task, timeoutMs);
  if (outcome === null) {
    demonitor(task.ref);
    fail("timeout", "awaitTask: no result in " + timeoutMs.toString() + " ms");
    return unreachable();
  }
  if (!outcome.ok) {
    encoder.begin();
    encoder.tuple(2);
    __moonletWrite<Term>(outcome.reason!);
    encoder.text("awaitTask: the task ended without a result");
    raise();
  }
  return outcome.value;
}

/** The results of all tasks, in their order, within one limit for all. */
export function awaitMany<T>(tasks: Task<T>[], timeoutMs: u32 = 5000): T[] {
  const end = monotonicMs() + timeoutMs;
  const results: T[] = [];
  for (let i = 0; i < tasks.length; i++) {
    const left = timeoutMs == FOR_EVER ? FOR_EVER : <u32>max<i64>(0, end - monotonicMs());
    results.push(awaitTask<T>(tasks[i], left));
  }
  return results;
}

/** How the task ended; null when it has not within the time, and then it can be asked again. */
export function yieldTask<T>(task: Task<T>, timeoutMs: u32 = 5000): CallResult<T> | null {
  const length = abi.receive_tagged(task.ref.pointer, task.ref.byteLength, inbox(), capacity(), timeoutMs);
  if (length == TIMEOUT) return null;
  if (length < 0) failed(length, "yieldTask");
  const outcome = response<T>(length);
  if (outcome.ok) demonitor(task.ref);
  return outcome;
}

/**
 * Ends a task, after `ms` milliseconds by force, or at once with `Shutdown.BrutalKill`. Null when it ended so; its result when it was there already, or the other reason it ended
 * for. Needs the grant `kill`.
 */
export function shutdownTask<T>(task: Task<T>, ms: u32 = 5000): CallResult<T> | null {
  unlink(task.pid);
  const isKilled = ms == <u32>Shutdown.BrutalKill;
  exitSignal<string>(task.pid, isKilled ? "kill" : "shutdown");
  let outcome = yieldTask<T>(task, isKilled ? FOR_EVER : ms);
  if (outcome === null) {
    exitSignal<string>(task.pid, "kill");
    outcome = yieldTask<T>(task, FOR_EVER);
  }
  if (outcome === null || outcome.ok) return outcome;
  const reason = outcome.reason!;
  return reason.isAtomNamed("shutdown") || reason.isAtomNamed("killed") ? null : outcome;
}

/**
 * Computes `run` for every item, at most so many at the same time, and gives the outcomes in the order of the items. A task that fails
 * harms nobody: its outcome says why.
 */
export function mapTasks<A, T>(run: (argument: A) => T, items: A[], maxConcurrency: i32 = 8): CallResult<T>[] {
  if (maxConcurrency < 1) fail("badarg", "mapTasks: at most " + maxConcurrency.toString() + " tasks at the same time");
  const alone = new SpawnOptions();
  const tasks: Task<T>[] = [];
  const outcomes: CallResult<T>[] = [];
  for (let i = 0; i < items.length; i++) {
    if (i - outcomes.length >= maxConcurrency) outcomes.push(yieldTask<T>(tasks[outcomes.length], FOR_EVER)!);
    tasks.push(startTask<A, T>(run, items[i], alone));
  }
  while (outcomes.length < tasks.length) outcomes.push(yieldTask<T>(tasks[outcomes.length], FOR_EVER)!);
  return outcomes;
}

/**
 * As `mapTasks`; a task that takes longer than `timeoutMs` is killed, and its outcome has the reason timeout. Needs the grant `kill`.
 */
export function mapTasksWithin<A, T>(
  run: (argument: A) => T, items: A[], timeoutMs: u32, maxConcurrency: i32 = 8,
): CallResult<T>[] {
  if (maxConcurrency < 1) fail("badarg", "mapTasksWithin: at most " + maxConcurrency.toString() + " tasks at the same time");
  const alone = new SpawnOptions();
  const tasks: Task<T>[] = [];
  const ends: i64[] = [];
  const outcomes: CallResult<T>[] = [];
  for (let i = 0; i < items.length; i++) {
    if (i - outcomes.length >= maxConcurrency) outcomes.push(outcomeBy<T>(tasks[outcomes.length], ends[outcomes.length]));
    tasks.push(startTask<A, T>(run, items[i], alone));
    ends.push(monotonicMs() + timeoutMs);
  }
  while (outcomes.length < tasks.length) outcomes.push(outcomeBy<T>(tasks[outcomes.length], ends[outcomes.length]));
  return outcomes;
}

function outcomeBy<T>(task: Task<T>, end: i64): CallResult<T> {
  const outcome = yieldTask<T>(task, <u32>max<i64>(0, end - monotonicMs()));
  if (outcome !== null) return outcome;
  exitSignal<string>(task.pid, "kill");
  const late = yieldTask<T>(task, FOR_EVER)!;
  return late.ok ? late : noReply<T>(Term.of<Atom>(atom("timeout")));
}
