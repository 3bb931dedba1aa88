// Starting a gen_server: from a process or from outside, linked or not.
import type { Context } from "../context.ts";
import type { Caller } from "../gen/caller.ts";
import {
  type MonitoredStartResult,
  type StartBody,
  type StartOptions,
  type StartResult,
  start as startProcess,
  startLink as startProcessLink,
  startMonitor as startProcessMonitor,
} from "../gen/start.ts";
import type { GenServerCallbacks } from "./callbacks.ts";
import { Server } from "./server.ts";

export interface GenServerOptions extends StartOptions {
  /** Accepted for the sake of Erlang's habits. `Differs from OTP:` a JavaScript process has no stack and heap to shrink. */
  readonly hibernateAfterMs?: number;
}

/** Starts a server linked to `self`, its parent, and waits for init. A name that is taken gives `already_started` (S143). */
export function startLink<S, A>(
  self: Context,
  callbacks: GenServerCallbacks<S, A>,
  args: A,
  options: GenServerOptions = {},
): Promise<StartResult> {
  return startProcessLink(self, serverBody(callbacks, args), startOptions(options));
}

/** Starts a server on its own. */
export function start<S, A>(
  caller: Caller,
  callbacks: GenServerCallbacks<S, A>,
  args: A,
  options: GenServerOptions = {},
): Promise<StartResult> {
  return startProcess(caller, serverBody(callbacks, args), startOptions(options));
}

/** Starts a server that `self`, its parent, monitors instead of being linked to it: `ref` is the monitor's. */
export function startMonitor<S, A>(
  self: Context,
  callbacks: GenServerCallbacks<S, A>,
  args: A,
  options: GenServerOptions = {},
): Promise<MonitoredStartResult> {
  return startProcessMonitor(self, serverBody(callbacks, args), startOptions(options));
}

/** The body of a server's process; behaviours built on gen_server give their own module name. */
export function serverBody<S, A>(
  callbacks: GenServerCallbacks<S, A>,
  args: A,
  module = "gen_server",
): StartBody {
  return (self, acknowledge, parent) => new Server(self, parent, callbacks, module).run(args, acknowledge);
}

function startOptions({ hibernateAfterMs: _, ...options }: GenServerOptions): StartOptions {
  return { initialCall: "gen_server", ...options };
}
