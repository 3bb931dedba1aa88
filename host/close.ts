// An orderly end: what was spawned from outside is told to shut down, as a supervisor tells its children.
import { invariant, MoonletError } from "./otp/error.ts";
import { type Context, formatTerm, type Pid, type Runtime, reasonToTerm } from "./otp/index.ts";
import { isAbnormal } from "./otp/reports.ts";

const DEFAULT_TIMEOUT_MS = 5000;

/**
 * Sends the exit signal `shutdown` to the processes that have no parent, the newest first, each after the one before has ended.
 * Resolves when all have ended, or when the time for all together is over; the time is the runtime's.
 */
export async function stopRoots(runtime: Runtime, timeoutMs = DEFAULT_TIMEOUT_MS): Promise<void> {
  const roots = runtime.processes().filter((pid) => runtime.process(pid)?.parent === undefined);
  if (roots.length === 0 || timeoutMs <= 0) return;
  try {
    const stopper = runtime.spawn((self) => stop(self, roots.reverse(), timeoutMs), { priority: "high" });
    const reason = await runtime.exited(stopper);
    invariant(!isAbnormal(reason), `closing failed: ${formatTerm(reasonToTerm(reason))}`);
  } catch (error) {
    // So many processes that not one more may be: they are killed.
    if (!(error instanceof MoonletError && error.code === "system_limit")) throw error;
  }
}

async function stop(self: Context, pids: readonly Pid[], timeoutMs: number): Promise<void> {
  const { environment } = self.runtime;
  const deadline = environment.now() + timeoutMs;
  for (const pid of pids) {
    const ref = self.monitor(pid);
    self.exitSignal(pid, "shutdown");
    const left = Math.ceil(deadline - environment.now());
    if (left <= 0 || (await self.receiveTagged(ref, { timeoutMs: left })) === undefined) return;
  }
}
