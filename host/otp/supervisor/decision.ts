// The heart of a supervisor: what happens when a child has ended by itself. Pure; every row of the table is tested.
import { atomName } from "../term/atom.ts";
import { isTuple } from "../term/tuple.ts";
import type { AutoShutdown, RestartType } from "./spec.ts";

/** The kinds of ends that supervisors tell apart: `shutdown` includes `{shutdown, Term}`, `abnormal` is all else. */
export type End = "normal" | "shutdown" | "abnormal";

export interface ChildEnd {
  readonly restart: RestartType;
  readonly end: End;
  readonly significant: boolean;
  readonly autoShutdown: AutoShutdown;
  /** Whether another significant child is still up, or being restarted. */
  readonly othersSignificant: boolean;
}

export type Decision =
  /** Start it again, as the strategy says; that counts against the intensity. */
  | { readonly type: "restart" }
  /** Leave it: `forget` drops the specification of a temporary child. */
  | { readonly type: "leave"; readonly forget: boolean }
  /** Leave it, and end the supervisor with `shutdown`. */
  | { readonly type: "shutdown"; readonly forget: boolean };

/** S186, S187, S201 (supervisor.erl, do_restart and do_auto_shutdown). */
export function decide(child: ChildEnd): Decision {
  if (isRestarted(child.restart, child.end)) return { type: "restart" };
  return { type: endsSupervisor(child) ? "shutdown" : "leave", forget: child.restart === "temporary" };
}

function isRestarted(restart: RestartType, end: End): boolean {
  switch (restart) {
    case "permanent":
      return true;
    case "transient":
      return end === "abnormal";
    case "temporary":
      return false;
  }
}

function endsSupervisor({ significant, autoShutdown, othersSignificant }: ChildEnd): boolean {
  if (!significant) return false;
  switch (autoShutdown) {
    case "never":
      return false;
    case "any_significant":
      return true;
    case "all_significant":
      return !othersSignificant;
  }
}

/** Which kind of end a reason is. */
export function endOf(reason: unknown): End {
  if (isTuple(reason)) return reason.length === 2 && word(reason[0]) === "shutdown" ? "shutdown" : "abnormal";
  const text = word(reason);
  return text === "normal" || text === "shutdown" ? text : "abnormal";
}

function word(reason: unknown): string | undefined {
  return typeof reason === "string" ? reason : atomName(reason);
}
