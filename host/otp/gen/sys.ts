// System messages: looking into a behaviour's process and changing it while it runs (sys.erl; S156 to S162).

import { MoonletError } from "../error.ts";
import type { SystemEvent } from "../reports.ts";
import { atom, atomTerm } from "../term/atom.ts";
import { exactlyEqual } from "../term/compare.ts";
import { reasonToTerm } from "../term/reason.ts";
import { isTuple, type Tuple, tuple } from "../term/tuple.ts";
import { explained, request, type ServerRef, serverTerm, timeTerm } from "./call.ts";
import { type Caller, inProcess } from "./caller.ts";
import type { DebugFunction } from "./debug.ts";
import { ERROR, SYSTEM } from "./wire.ts";

/** How long a system request waits by default, milliseconds. */
const DEFAULT_MS = 5000;

/**
 * Sends a system request and gives its answer.
 * @throws Exit `{Reason, {sys, Fn, Args}}`: noproc, timeout.
 */
export function system(
  caller: Caller,
  server: ServerRef,
  content: unknown,
  fn: string | Tuple,
  args: readonly unknown[] = [],
  timeoutMs?: number,
): Promise<unknown> {
  const terms = (): unknown[] => [
    serverTerm(server),
    ...args,
    ...(timeoutMs === undefined ? [] : [timeTerm(timeoutMs)]),
  ];
  return inProcess(caller, (self) =>
    explained(request(self, server, SYSTEM, content, timeoutMs ?? DEFAULT_MS), "sys", fn, terms),
  );
}

/** Serves nothing but system messages from now on (S158). */
export async function suspend(caller: Caller, server: ServerRef, timeoutMs?: number): Promise<void> {
  await system(caller, server, atom("suspend"), "suspend", [], timeoutMs);
}

export async function resume(caller: Caller, server: ServerRef, timeoutMs?: number): Promise<void> {
  await system(caller, server, atom("resume"), "resume", [], timeoutMs);
}

/** The server's state; of a gen_statem `{State, Data}`. @throws MoonletError E_CALLBACK_FAILED. */
export async function getState(caller: Caller, server: ServerRef, timeoutMs?: number): Promise<unknown> {
  return stateOrError(await system(caller, server, atom("get_state"), "get_state", [], timeoutMs));
}

/** Replaces the state with what `change`, which runs in the server, makes of it. @throws MoonletError E_CALLBACK_FAILED (S157). */
export async function replaceState(
  caller: Caller,
  server: ServerRef,
  change: (state: never) => unknown,
  timeoutMs?: number,
): Promise<unknown> {
  const content = tuple(atom("replace_state"), change);
  // OTP names the request where others have the function.
  return stateOrError(await system(caller, server, content, content, [], timeoutMs));
}

/** `{status, Pid, {module, M}, [Dictionary, running | suspended, Parent, Debug, Misc]}` (S160). */
export function getStatus(caller: Caller, server: ServerRef, timeoutMs?: number): Promise<unknown> {
  return system(caller, server, atom("get_status"), "get_status", [], timeoutMs);
}

/**
 * Runs codeChange in a suspended server (S161). `module` names the new code to servers that are no JavaScript; in JavaScript there is none.
 * @throws MoonletError E_CODE_CHANGE when it is not suspended, or codeChange fails; `cause` is the reason.
 */
export async function changeCode(
  caller: Caller,
  server: ServerRef,
  oldVersion: unknown,
  extra: unknown,
  timeoutMs?: number,
  module?: unknown,
): Promise<void> {
  const content = tuple(atom("change_code"), module, oldVersion, extra);
  const answer = await system(caller, server, content, "change_code", [module, oldVersion, extra], timeoutMs);
  if (isTuple(answer) && answer[0] === ERROR) {
    throw new MoonletError("E_CODE_CHANGE", "the server did not change its code", {
      hint: "suspend it first",
      cause: answer[1],
    });
  }
}

/** Ends the server; does not wait for that (see `stop`). */
export async function terminate(
  caller: Caller,
  server: ServerRef,
  reason: unknown,
  timeoutMs?: number,
): Promise<void> {
  const term = reasonToTerm(reason);
  await system(caller, server, tuple(atom("terminate"), term), "terminate", [term], timeoutMs);
}

/** Reports every event of the server in the runtime's event stream. */
export async function trace(
  caller: Caller,
  server: ServerRef,
  flag: boolean,
  timeoutMs?: number,
): Promise<void> {
  await debug(caller, server, "trace", flag, timeoutMs);
}

/** Keeps the last events (10, or `true` with a number), stops that, or gives them, oldest first. */
export async function log(
  caller: Caller,
  server: ServerRef,
  flag: boolean | number | "get",
  timeoutMs?: number,
): Promise<unknown> {
  const answer = await debug(
    caller,
    server,
    "log",
    typeof flag === "number" ? tuple(true, flag) : word(flag),
    timeoutMs,
  );
  return isTuple(answer) ? answer[1] : undefined;
}

export interface Statistics {
  /** Unix milliseconds. */
  readonly startTime: number;
  readonly currentTime: number;
  readonly reductions: number;
  readonly messagesIn: number;
  readonly messagesOut: number;
}

/** Starts or stops counting, or gives what was counted: undefined when it was not on. */
export async function statistics(
  caller: Caller,
  server: ServerRef,
  flag: boolean | "get",
  timeoutMs?: number,
): Promise<Statistics | undefined> {
  const answer = await debug(caller, server, "statistics", word(flag), timeoutMs);
  const list = isTuple(answer) ? answer[1] : undefined;
  if (!Array.isArray(list)) return undefined;
  const [startTime, currentTime, reductions, messagesIn, messagesOut] = list.map(
    (pair: readonly unknown[]) => pair[1] as number,
  );
  return { startTime, currentTime, reductions, messagesIn, messagesOut } as Statistics;
}

export async function noDebug(caller: Caller, server: ServerRef, timeoutMs?: number): Promise<void> {
  const content = tuple(atom("debug"), atom("no_debug"));
  await system(caller, server, content, content, [], timeoutMs);
}

/** Calls `fn` for each event until it returns "done" or throws. */
export async function install(
  caller: Caller,
  server: ServerRef,
  fn: DebugFunction,
  state: unknown,
  timeoutMs?: number,
): Promise<void> {
  await debug(caller, server, "install", tuple(fn, state), timeoutMs);
}

export async function remove(
  caller: Caller,
  server: ServerRef,
  fn: DebugFunction,
  timeoutMs?: number,
): Promise<void> {
  await debug(caller, server, "remove", fn, timeoutMs);
}

function debug(
  caller: Caller,
  server: ServerRef,
  fn: string,
  flag: unknown,
  timeoutMs: number | undefined,
): Promise<unknown> {
  return system(caller, server, tuple(atom("debug"), tuple(atom(fn), flag)), fn, [flag], timeoutMs);
}

function word(flag: boolean | "get"): unknown {
  return typeof flag === "string" ? atomTerm(flag) : flag;
}

/** `{error, {callback_failed, _, {Class, Reason}}}` is an error, all else the state. */
function stateOrError(answer: unknown): unknown {
  if (
    isTuple(answer) &&
    answer[0] === ERROR &&
    isTuple(answer[1]) &&
    exactlyEqual(answer[1][0], atom("callback_failed"))
  ) {
    throw new MoonletError("E_CALLBACK_FAILED", "a callback failed in the server, whose state is as it was", {
      cause: answer[1],
    });
  }
  return answer;
}

export type { DebugFunction, SystemEvent };
