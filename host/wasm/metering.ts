// The accounts of guests: one for each process that is bound by what an account counts, and one for each subtree with limits of its own.
import { MoonletError } from "../otp/error.ts";
import { Account, type Process, UNBOUNDED } from "../otp/index.ts";
import { Guest } from "./guest.ts";
import type { GuestPlan } from "./guest-plan.ts";
import type { SubtreeLimits } from "./limits.ts";
import type { Trap } from "./trap.ts";

/** The account of a subtree, for the process that it begins with. */
export function subtreeAccount(limits: SubtreeLimits, outer: Account | undefined): Account {
  return new Account("subtree", { ...UNBOUNDED, ...limits }, outer, endInTime);
}

/** The account of a process that is to be spawned in a subtree, or in none. */
export function processAccount({ bounds }: GuestPlan, subtree: Account | undefined): Account | undefined {
  if (bounds === undefined && subtree === undefined) return undefined;
  return new Account("process", bounds ?? UNBOUNDED, subtree, endInTime);
}

/** The innermost subtree that a process is in. */
export function subtreeOf(process: Process): Account | undefined {
  return process.account?.outer;
}

/** A process has lived as long as it may, or its subtree has. */
function endInTime(process: Process, { scope, bounds }: Account): void {
  const { body } = process;
  const ms = bounds.wallTimeMs;
  body?.limitReached?.("wallTimeMs", scope, ms);
  const reason: Trap = {
    type: "trap",
    kind: "wall_time_exhausted",
    message: `${scope === "process" ? "it has" : "its subtree has"} lived for ${ms} ms`,
    frames: body instanceof Guest ? body.whereabouts() : [],
  };
  process.terminate(reason);
}

/** @throws MoonletError system_limit when a subtree holds as many processes as it may. */
export function expectProcess(spawner: Process | undefined, subtree: Account): void {
  const full = subtree.lacking("processes", 1);
  if (full === undefined) return;
  const max = full.bounds.processes;
  spawner?.body?.limitReached?.("processes", full.scope, max);
  throw new MoonletError("system_limit", `there are ${max} processes in this subtree, and no more may be`, {
    hint: "raise limits.subtree.processes",
  });
}
