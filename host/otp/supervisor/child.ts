// A child as its supervisor knows it.
import type { Pid } from "../pid.ts";
import type { ChildReport } from "../reports.ts";
import { atom } from "../term/atom.ts";
import { type Tuple, tuple } from "../term/tuple.ts";
import type { ChildStart, ChildType, RestartType, Shutdown } from "./spec.ts";

/** Where a child is: up, not running, or waiting for another attempt to start it (S195). */
export type ChildState =
  | { readonly type: "running"; readonly pid: Pid }
  | { readonly type: "stopped" }
  | { readonly type: "restarting" };

export const STOPPED: ChildState = Object.freeze({ type: "stopped" });
export const RESTARTING: ChildState = Object.freeze({ type: "restarting" });

/** A checked specification, nothing left out, and the child's state. Immutable; the supervisor replaces it. */
export interface Child {
  readonly id: unknown;
  readonly start: ChildStart;
  readonly restart: RestartType;
  readonly shutdown: Shutdown;
  readonly type: ChildType;
  readonly significant: boolean;
  readonly modules: readonly unknown[] | "dynamic";
  readonly state: ChildState;
}

export function pidOf(child: Child): Pid | undefined {
  return child.state.type === "running" ? child.state.pid : undefined;
}

export function childReport(child: Child): ChildReport {
  const { id, restart, shutdown, type } = child;
  return { id, pid: pidOf(child), restart, shutdown, type };
}

/** The specification as a map with atoms, as OTP shows it; `start` is the JavaScript function. */
export function specTerm(child: Child): Record<string, unknown> {
  const { id, start, restart, significant, type } = child;
  const shutdown = shutdownTerm(child);
  return {
    id,
    start,
    restart: atom(restart),
    shutdown,
    type: atom(type),
    significant,
    modules: modulesTerm(child),
  };
}

function shutdownTerm({ shutdown }: Child): unknown {
  if (shutdown === "brutal_kill") return atom(shutdown);
  return shutdown === Number.POSITIVE_INFINITY ? atom("infinity") : shutdown;
}

export function modulesTerm(child: Child): unknown {
  return child.modules === "dynamic" ? atom("dynamic") : child.modules;
}

/** OTP's child record, as it stands in the error of a failed start_child (S197). */
export function childTerm(child: Child): Tuple {
  const { id, restart, significant, type } = child;
  const record = [
    pidOf(child),
    id,
    undefined,
    atom(restart),
    significant,
    shutdownTerm(child),
    atom(type),
    modulesTerm(child),
  ];
  return tuple(atom("child"), ...record);
}
