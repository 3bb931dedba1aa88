// Starting one child.
import type { Context } from "../context.ts";
import { reasonOfThrown } from "../exit.ts";
import type { StartResult } from "../gen/start.ts";
import { Pid } from "../pid.ts";
import { emitReport } from "../reports.ts";
import { type Child, type ChildState, childReport, STOPPED } from "./child.ts";

/** The child's new state, stopped for one whose start said ignore; or why it did not start. */
export type ChildStarted =
  | { readonly ok: true; readonly state: ChildState }
  | { readonly ok: false; readonly reason: unknown };

export async function startChild(
  self: Context,
  supervisor: unknown,
  child: Child,
  args: readonly unknown[] = [],
): Promise<ChildStarted> {
  let result: Pid | StartResult;
  try {
    result = await child.start(self, ...(args as never[]));
  } catch (error) {
    return { ok: false, reason: reasonOfThrown(error) };
  }
  if (result instanceof Pid) return up(self, supervisor, child, result);
  switch (result?.type) {
    case "ok":
      return up(self, supervisor, child, result.pid);
    case "ignore":
      return { ok: true, state: STOPPED };
    case "error":
      return { ok: false, reason: result.reason };
    default:
      return { ok: false, reason: result };
  }
}

function up(self: Context, supervisor: unknown, child: Child, pid: Pid): ChildStarted {
  const state: ChildState = { type: "running", pid };
  emitReport(self, () => ({ type: "progress", supervisor, child: childReport({ ...child, state }) }));
  return { ok: true, state };
}
