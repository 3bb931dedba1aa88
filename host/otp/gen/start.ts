// Starting a process and waiting until it says that it is up: proc_lib:start and start_link of OTP (S16, S140 to S143).
import type { Context } from "../context.ts";
import { Exit } from "../exit.ts";
import { Pid } from "../pid.ts";
import type { MonitorRef, Ref } from "../ref.ts";
import type { Runtime } from "../runtime.ts";
import type { SpawnOptions } from "../spawn-options.ts";
import { atom } from "../term/atom.ts";
import { reasonFromTerm } from "../term/reason.ts";
import { isTuple, type Tuple, tuple } from "../term/tuple.ts";
import { isDown } from "./call.ts";
import { type Caller, inProcess, isContext } from "./caller.ts";
import { isExit, OK } from "./wire.ts";

/** How a start went. */
export type StartResult =
  | { readonly type: "ok"; readonly pid: Pid }
  | { readonly type: "ignore" }
  | { readonly type: "error"; readonly reason: unknown };

/** How the start of a process that one monitors went. */
export type MonitoredStartResult =
  | { readonly type: "ok"; readonly pid: Pid; readonly ref: MonitorRef }
  | Exclude<StartResult, { readonly type: "ok" }>;

export interface StartOptions extends Omit<SpawnOptions, "link" | "monitor"> {
  /** After so many milliseconds without an acknowledgement the process is killed and the result is an error `timeout`. Default no limit. */
  readonly timeoutMs?: number;
}

/** What a process that is being started gets: itself, how to acknowledge, and whose exit it has to obey. */
export type StartBody = (self: Context, acknowledge: (result: StartResult) => void, parent: Pid) => unknown;

const ACK = atom("ack");

/** Starts `body` linked to the caller and waits for its acknowledgement. */
export function startLink(self: Context, body: StartBody, options: StartOptions = {}): Promise<StartResult> {
  return startFrom(self, body, options, true);
}

/**
 * Starts `body` monitored by the caller, which gets a DOWN only for a process that did start. As in OTP there is no link, and yet the
 * caller is its parent, whose exit signals it obeys.
 */
export async function startMonitor(
  self: Context,
  body: StartBody,
  options: StartOptions = {},
): Promise<MonitoredStartResult> {
  let monitored: MonitorRef | undefined;
  const result = await startFrom(self, body, options, false, (ref) => {
    monitored = ref;
  });
  return result.type === "ok" ? { ...result, ref: monitored as MonitorRef } : result;
}

/** Starts `body` on its own: its parent is itself, as in OTP. */
export function start(caller: Caller, body: StartBody, options: StartOptions = {}): Promise<StartResult> {
  return isContext(caller)
    ? startFrom(caller, body, options, false)
    : startFromOutside(caller, body, options);
}

/** The pid of a start that has to succeed. @throws Exit with the start's reason. */
export function startedPid(result: StartResult): Pid {
  if (result.type === "ok") return result.pid;
  throw new Exit(result.type === "ignore" ? "ignore" : result.reason);
}

function taken(caller: Caller, options: StartOptions): StartResult | undefined {
  const pid = options.name === undefined ? undefined : caller.whereis(options.name);
  return pid === undefined ? undefined : { type: "error", reason: tuple("already_started", pid) };
}

function spawnOptions({ timeoutMs: _, ...options }: StartOptions): SpawnOptions {
  return options;
}

async function startFrom(
  starter: Context,
  body: StartBody,
  options: StartOptions,
  link: boolean,
  /** Gets the monitor of a process that has acknowledged; without it that monitor is removed. */
  keep?: (ref: MonitorRef) => void,
): Promise<StartResult> {
  const known = taken(starter, options);
  if (known !== undefined) return known;
  const since = starter.process.mailbox.position;
  const initialCall = options.initialCall ?? body.name;
  const [pid, ref] = starter.spawnMonitor(
    (self) =>
      body(
        self,
        (result) =>
          starter.runtime.isAlive(starter.pid) && self.send(starter.pid, tuple(ACK, self.pid, result)),
        link || keep !== undefined ? starter.pid : self.pid,
      ),
    { ...spawnOptions(options), link, initialCall },
  );
  const receive = { timeoutMs: options.timeoutMs ?? Number.POSITIVE_INFINITY, since };
  const message = await starter.receive(
    (candidate) => isAck(candidate, pid) || isDown(candidate, ref),
    receive,
  );
  if (message === undefined) {
    giveUp(starter, pid);
    await flush(starter, pid, ref, since);
    return { type: "error", reason: "timeout" };
  }
  if (isDown(message, ref)) {
    await flush(starter, pid, ref, since);
    return { type: "error", reason: message.reason };
  }
  const result = resultOf((message as Tuple)[2]);
  if (result.type === "ok" && keep !== undefined) {
    keep(ref);
    return result;
  }
  // Who failed ends now: its exit is there before the starter goes on, and ends one that is linked and does not trap (S142).
  if (result.type !== "ok") await starter.receiveTagged(ref, { timeoutMs: receive.timeoutMs });
  starter.demonitor(ref, { flush: true });
  return result;
}

function giveUp(starter: Context, pid: Pid): void {
  starter.unlink(pid);
  starter.exitSignal(pid, "kill");
}

async function flush(starter: Context, pid: Pid, ref: Ref, since: number): Promise<void> {
  starter.demonitor(ref, { flush: true });
  await starter.receive((message) => isExit(message) && message.from.equals(pid), { timeoutMs: 0, since });
}

function isAck(message: unknown, pid: Pid): boolean {
  return isTuple(message) && message.length === 3 && message[0] === ACK && pid.equals(message[1]);
}

/** An acknowledgement of ours, or the `{ok, Pid}`, `ignore`, `{error, Reason}` of an Erlang or guest process. */
function resultOf(value: unknown): StartResult {
  if (isTuple(value) && value[0] === OK && value[1] instanceof Pid) return { type: "ok", pid: value[1] };
  if (isTuple(value) && value.length === 2) return { type: "error", reason: reasonFromTerm(value[1]) };
  if (value === atom("ignore")) return { type: "ignore" };
  return value as StartResult;
}

function startFromOutside(runtime: Runtime, body: StartBody, options: StartOptions): Promise<StartResult> {
  if (options.timeoutMs !== undefined)
    return inProcess(runtime, (self) => startFrom(self, body, options, false));
  const known = taken(runtime, options);
  if (known !== undefined) return Promise.resolve(known);
  return new Promise((resolve) => {
    const initialCall = options.initialCall ?? body.name;
    const pid = runtime.spawn((self) => body(self, resolve, self.pid), {
      ...spawnOptions(options),
      initialCall,
    });
    void runtime.exited(pid).then((reason) => resolve({ type: "error", reason }));
  });
}
