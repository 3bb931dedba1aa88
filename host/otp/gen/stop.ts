// Stopping a behaviour from outside and waiting for its end: proc_lib:stop (S144).

import type { DownMessage } from "../envelope.ts";
import { Exit } from "../exit.ts";
import { atom } from "../term/atom.ts";
import { exactlyEqual } from "../term/compare.ts";
import { reasonToTerm } from "../term/reason.ts";
import { tuple } from "../term/tuple.ts";
import { isDown, request, resolveServer, type ServerRef, timeTerm } from "./call.ts";
import { type Caller, inProcess } from "./caller.ts";
import { nested, SYSTEM } from "./wire.ts";

export interface StopOptions {
  /** Default "normal". */
  readonly reason?: unknown;
  /** Default no limit. */
  readonly timeoutMs?: number;
}

/**
 * Stops a server and waits for its end, also one that is suspended.
 * @throws Exit noproc, timeout, or the reason with which it ended when that is another than the one asked for; as `{Reason, {sys,
 *   terminate, Args}}` when it ended before it got to the request.
 */
export function stop(caller: Caller, server: ServerRef, options: StopOptions = {}): Promise<void> {
  const { reason = "normal", timeoutMs = Number.POSITIVE_INFINITY } = options;
  return inProcess(caller, async (self) => {
    const { environment } = self.runtime;
    const end = environment.now() + timeoutMs;
    const pid = resolveServer(self, server);
    const ref = self.monitor(pid);
    try {
      await request(self, pid, SYSTEM, tuple(atom("terminate"), reasonToTerm(reason)), timeoutMs);
    } catch (error) {
      self.demonitor(ref, { flush: true });
      if (!(error instanceof Exit) || error.reason === "noproc" || error.reason === "timeout") throw error;
      const args = [pid, reasonToTerm(reason), timeTerm(timeoutMs)];
      throw new Exit(tuple(nested(error.reason), tuple(atom("sys"), atom("terminate"), args)));
    }
    const left =
      timeoutMs === Number.POSITIVE_INFINITY ? timeoutMs : Math.max(0, Math.ceil(end - environment.now()));
    const down = (await self.receiveTagged(ref, { timeoutMs: left })) as DownMessage | undefined;
    if (!isDown(down, ref)) {
      self.demonitor(ref, { flush: true });
      throw new Exit("timeout");
    }
    if (!exactlyEqual(reasonToTerm(down.reason), reasonToTerm(reason))) throw new Exit(down.reason);
  });
}
