// Starting a gen_statem, and its client side. The wire is gen_server's (S163).
import type { Context } from "../context.ts";
import { explained, request, type ServerRef, serverTerm, timeTerm } from "../gen/call.ts";
import { type Caller, inProcess } from "../gen/caller.ts";
import {
  type MonitoredStartResult,
  type StartBody,
  type StartOptions,
  type StartResult,
  start as startProcess,
  startLink as startProcessLink,
  startMonitor as startProcessMonitor,
} from "../gen/start.ts";
import { GEN_CALL } from "../gen/wire.ts";
import type { GenStatemCallbacks } from "./callbacks.ts";
import { Machine } from "./machine.ts";

/** Starts a machine linked to `self` and waits for init. */
export function startLink<S, D, A>(
  self: Context,
  callbacks: GenStatemCallbacks<S, D, A>,
  args: A,
  options: StartOptions = {},
): Promise<StartResult> {
  return startProcessLink(self, body(callbacks, args), { initialCall: "gen_statem", ...options });
}

/** Starts a machine on its own. */
export function start<S, D, A>(
  caller: Caller,
  callbacks: GenStatemCallbacks<S, D, A>,
  args: A,
  options: StartOptions = {},
): Promise<StartResult> {
  return startProcess(caller, body(callbacks, args), { initialCall: "gen_statem", ...options });
}

/** Starts a machine that `self`, its parent, monitors instead of being linked to it: `ref` is the monitor's. */
export function startMonitor<S, D, A>(
  self: Context,
  callbacks: GenStatemCallbacks<S, D, A>,
  args: A,
  options: StartOptions = {},
): Promise<MonitoredStartResult> {
  return startProcessMonitor(self, body(callbacks, args), { initialCall: "gen_statem", ...options });
}

function body<S, D, A>(callbacks: GenStatemCallbacks<S, D, A>, args: A): StartBody {
  const general = callbacks as unknown as GenStatemCallbacks<unknown, unknown, unknown>;
  return (self, acknowledge, parent) => new Machine(self, parent, general).run(args, acknowledge);
}

/**
 * Calls a machine. Default: waits for ever.
 * @throws Exit `{Reason, {gen_statem, call, [Server, Request, Timeout]}}`.
 */
export function call<T = unknown>(
  caller: Caller,
  server: ServerRef,
  content: unknown,
  timeoutMs = Number.POSITIVE_INFINITY,
): Promise<T> {
  const args = (): unknown[] => [serverTerm(server), content, timeTerm(timeoutMs)];
  return inProcess(caller, (self) =>
    explained(request(self, server, GEN_CALL, content, timeoutMs), "gen_statem", "call", args),
  ) as Promise<T>;
}
