// Stopping children and waiting for their ends (S183, S184, S204, S205, S208).
import type { Context } from "../context.ts";
import type { DownMessage } from "../envelope.ts";
import { isExit } from "../gen/wire.ts";
import type { Pid } from "../pid.ts";
import type { Ref } from "../ref.ts";
import { emitReport } from "../reports.ts";
import { type Child, childReport, pidOf } from "./child.ts";
import { endOf } from "./decision.ts";

/** Stops a child if it runs, and waits as long as its `shutdown` says. */
export async function stopChild(self: Context, supervisor: unknown, child: Child): Promise<void> {
  const pid = pidOf(child);
  if (pid === undefined) return;
  const { shutdown } = child;
  const ref = self.monitor(pid);
  self.exitSignal(pid, shutdown === "brutal_kill" ? "kill" : "shutdown");
  const timeoutMs = shutdown === "brutal_kill" ? Number.POSITIVE_INFINITY : shutdown;
  let down = await self.receiveTagged<DownMessage>(ref, { timeoutMs });
  if (down === undefined) {
    self.exitSignal(pid, "kill");
    down = await self.receiveTagged<DownMessage>(ref);
  }
  await ended(self, supervisor, child, down as DownMessage);
}

/** Stops all children of one kind at once, with one time limit for all of them. */
export async function stopDynamicChildren(
  self: Context,
  supervisor: unknown,
  kind: Child,
  pids: readonly Pid[],
): Promise<void> {
  const { shutdown } = kind;
  const waiting: { readonly pid: Pid; readonly ref: Ref }[] = [];
  for (const pid of pids) {
    waiting.push({ pid, ref: self.monitor(pid) });
    self.exitSignal(pid, shutdown === "brutal_kill" ? "kill" : "shutdown");
  }
  const { environment } = self.runtime;
  const end = shutdown === "brutal_kill" ? Number.POSITIVE_INFINITY : environment.now() + shutdown;
  let overdue = false;
  for (let i = 0; i < waiting.length; i++) {
    const { pid, ref } = waiting[i]!;
    const timeoutMs =
      overdue || end === Number.POSITIVE_INFINITY
        ? Number.POSITIVE_INFINITY
        : Math.max(0, Math.ceil(end - environment.now()));
    let down = await self.receiveTagged<DownMessage>(ref, { timeoutMs });
    if (down === undefined) {
      overdue = true;
      for (const late of waiting.slice(i)) self.exitSignal(late.pid, "kill");
      down = await self.receiveTagged<DownMessage>(ref);
    }
    await ended(self, supervisor, { ...kind, state: { type: "running", pid } }, down as DownMessage);
  }
}

/** Forgets the child's link, and reports an end that was not asked for. */
async function ended(self: Context, supervisor: unknown, child: Child, down: DownMessage): Promise<void> {
  const pid = pidOf(child) as Pid;
  self.unlink(pid);
  const exit = await self.receive<unknown>((message) => isExit(message) && message.from.equals(pid), {
    timeoutMs: 0,
  });
  const reason = isExit(exit) ? exit.reason : down.reason;
  if (isExpected(child, reason)) return;
  emitReport(self, () => ({
    type: "supervisor",
    supervisor,
    context: "shutdown_error",
    reason,
    child: childReport(child),
  }));
}

function isExpected({ shutdown, restart }: Child, reason: unknown): boolean {
  if (reason === (shutdown === "brutal_kill" ? "killed" : "shutdown")) return true;
  return restart !== "permanent" && endOf(reason) !== "abnormal";
}
