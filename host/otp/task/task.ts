// Tasks: a computation in a process of its own whose result is fetched later (Elixir's Task, on OTP's monitors and aliases).
import type { Context } from "../context.ts";
import type { DownMessage } from "../envelope.ts";
import { MoonletError } from "../error.ts";
import { Exit } from "../exit.ts";
import { isDown } from "../gen/call.ts";
import { nested } from "../gen/wire.ts";
import type { Pid } from "../pid.ts";
import type { Ref } from "../ref.ts";
import type { SpawnOptions } from "../spawn-options.ts";
import { atom } from "../term/atom.ts";
import { isTuple, tuple } from "../term/tuple.ts";

/** A task; only the process that made it may await it. `T` is what it gives. */
export interface Task<T> {
  readonly pid: Pid;
  /** Monitor on the task and alias for its result. */
  readonly ref: Ref;
  readonly owner: Pid;
  /** Only for the type. */
  readonly result?: T;
}

/** How a task ended. */
export type TaskOutcome<T> =
  | { readonly type: "ok"; readonly value: T }
  | { readonly type: "exit"; readonly reason: unknown };

export interface TaskOptions extends Omit<SpawnOptions, "link" | "monitor"> {
  /** Whether the task and its maker die together. Default true. */
  readonly link?: boolean;
}

/** Starts `run` in a new process. */
export function async<T>(
  self: Context,
  run: (task: Context) => T | Promise<T>,
  options: TaskOptions = {},
): Task<T> {
  const [pid, ref] = self.spawnMonitor(
    async (task) => {
      const value = await run(task);
      task.send(ref, tuple(ref, value));
    },
    { initialCall: run.name || "task", link: true, ...options, monitor: { alias: "demonitor" } },
  );
  return { pid, ref, owner: self.pid };
}

/**
 * The task's result. Default limit 5000 ms.
 * @throws Exit `{Reason, {task, await, [Pid, Timeout]}}`: why the task ended, or timeout; the task then lives on, and its result vanishes.
 */
export async function awaitTask<T>(self: Context, task: Task<T>, timeoutMs = 5000): Promise<T> {
  const outcome = await yieldTask(self, task, timeoutMs);
  if (outcome?.type === "ok") return outcome.value;
  if (outcome === undefined) self.demonitor(task.ref, { flush: true });
  throw failure(outcome?.reason ?? "timeout", "await", task.pid, timeoutMs);
}

/** The results of all tasks, in their order, within one limit for all. @throws as `awaitTask`, for the first that fails. */
export async function awaitMany<T>(self: Context, tasks: readonly Task<T>[], timeoutMs = 5000): Promise<T[]> {
  const { environment } = self.runtime;
  const end = environment.now() + timeoutMs;
  const results: T[] = [];
  for (const task of tasks) {
    const left =
      timeoutMs === Number.POSITIVE_INFINITY ? timeoutMs : Math.max(0, Math.ceil(end - environment.now()));
    results.push(await awaitTask(self, task, left));
  }
  return results;
}

/** As `awaitTask`, but tells of the end and gives nothing up: undefined when the time is over, and the task may be asked again. */
export async function yieldTask<T>(
  self: Context,
  task: Task<T>,
  timeoutMs = 5000,
): Promise<TaskOutcome<T> | undefined> {
  checkOwner(self, task);
  const message = await self.receiveTagged(task.ref, { timeoutMs });
  if (message === undefined) return undefined;
  if (isDown(message, task.ref)) return { type: "exit", reason: message.reason };
  self.demonitor(task.ref, { flush: true });
  return { type: "ok", value: (message as readonly unknown[])[1] as T };
}

/**
 * Ends a task, unless it gave its result already, which is then told; else undefined, or an end for another reason. "brutal_kill"
 * kills at once, a number waits so long after `shutdown` and then kills. Default 5000.
 */
export async function shutdown<T>(
  self: Context,
  task: Task<T>,
  how: number | "brutal_kill" = 5000,
): Promise<TaskOutcome<T> | undefined> {
  checkOwner(self, task);
  self.unlink(task.pid);
  self.exitSignal(task.pid, how === "brutal_kill" ? "kill" : "shutdown");
  let outcome = await yieldTask(self, task, how === "brutal_kill" ? Number.POSITIVE_INFINITY : how);
  if (outcome === undefined) {
    self.exitSignal(task.pid, "kill");
    outcome = await yieldTask(self, task, Number.POSITIVE_INFINITY);
  }
  self.demonitor(task.ref, { flush: true });
  const isAsked = outcome?.type === "exit" && ["shutdown", "killed"].includes(outcome.reason as string);
  return isAsked ? undefined : outcome;
}

export interface StreamOptions {
  /** How many tasks run at the same time. Default 8. */
  readonly maxConcurrency?: number;
  /** For each task; one that takes longer is killed and its outcome is an exit `timeout`. Default no limit. */
  readonly timeoutMs?: number;
  /** Whether outcomes come in the order of the items, or as they are there. Default true. */
  readonly ordered?: boolean;
}

interface Running<T> {
  readonly task: Task<T>;
  readonly end: number;
}

/** Runs `run` for each item, so many at the same time, and gives the outcomes. A task that fails harms nobody. */
export async function* asyncStream<I, T>(
  self: Context,
  items: Iterable<I> | AsyncIterable<I>,
  run: (item: I, task: Context) => T | Promise<T>,
  options: StreamOptions = {},
): AsyncGenerator<TaskOutcome<T>, void, undefined> {
  const { maxConcurrency = 8, timeoutMs = Number.POSITIVE_INFINITY, ordered = true } = options;
  if (!(Number.isInteger(maxConcurrency) && maxConcurrency > 0)) {
    throw new MoonletError("badarg", `maxConcurrency cannot be ${maxConcurrency}`, {
      hint: "use an integer from 1 up",
    });
  }
  const { environment } = self.runtime;
  let running: Running<T>[] = [];
  const next = async (): Promise<TaskOutcome<T>> => {
    const chosen = ordered ? running.slice(0, 1) : running;
    const found = await firstOf(self, chosen);
    running = running.filter(({ task }) => task !== found.task);
    return found.outcome;
  };
  try {
    for await (const item of items) {
      if (running.length >= maxConcurrency) yield await next();
      const task = async(self, (context) => run(item, context), { link: false });
      running.push({ task, end: environment.now() + timeoutMs });
    }
    while (running.length > 0) yield await next();
  } finally {
    for (const { task } of running) await shutdown(self, task, "brutal_kill");
  }
}

/** The first of some tasks that is done, or the first whose time is over. */
async function firstOf<T>(
  self: Context,
  running: readonly Running<T>[],
): Promise<{ readonly task: Task<T>; readonly outcome: TaskOutcome<T> }> {
  const [oldest] = running as [Running<T>];
  const left =
    oldest.end === Number.POSITIVE_INFINITY
      ? oldest.end
      : Math.max(0, Math.ceil(oldest.end - self.runtime.environment.now()));
  if (running.length === 1) {
    const outcome = await yieldTask(self, oldest.task, left);
    return { task: oldest.task, outcome: outcome ?? (await timeOut(self, oldest.task)) };
  }
  const byRef = new Map(running.map(({ task }) => [task.ref.number, task]));
  const message = await self.receive((candidate) => taskOf(candidate, byRef) !== undefined, {
    timeoutMs: left,
  });
  const task = taskOf(message, byRef);
  if (task === undefined) return { task: oldest.task, outcome: await timeOut(self, oldest.task) };
  if (isDown(message, task.ref)) return { task, outcome: { type: "exit", reason: message.reason } };
  self.demonitor(task.ref, { flush: true });
  return { task, outcome: { type: "ok", value: (message as readonly unknown[])[1] as T } };
}

async function timeOut<T>(self: Context, task: Task<T>): Promise<TaskOutcome<T>> {
  return (await shutdown(self, task, "brutal_kill")) ?? { type: "exit", reason: "timeout" };
}

function taskOf<T>(message: unknown, byRef: ReadonlyMap<number, Task<T>>): Task<T> | undefined {
  const ref = isTuple(message) ? message[0] : (message as DownMessage | undefined)?.ref;
  const task = byRef.get((ref as Ref | undefined)?.number ?? -1);
  return task?.ref.equals(ref) === true ? task : undefined;
}

function checkOwner(self: Context, task: Task<unknown>): void {
  if (task.owner.equals(self.pid)) return;
  throw new MoonletError("badarg", `task ${task.pid} belongs to ${task.owner}, not to ${self.pid}`, {
    hint: "await a task in the process that started it",
  });
}

function failure(reason: unknown, fn: string, pid: Pid, timeoutMs: number): Exit {
  const time = timeoutMs === Number.POSITIVE_INFINITY ? atom("infinity") : timeoutMs;
  return new Exit(tuple(nested(reason), tuple(atom("task"), atom(fn), [pid, time])));
}
