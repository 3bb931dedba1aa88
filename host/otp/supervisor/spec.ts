// What a supervisor is told: its flags and the specifications of its children (stdlib manual, supervisor).
import type { Context } from "../context.ts";
import type { StartResult } from "../gen/start.ts";
import type { Pid } from "../pid.ts";

/** `simple_one_for_one` is the dynamic one: children of one kind, started on demand. */
export type Strategy = "one_for_one" | "one_for_all" | "rest_for_one" | "simple_one_for_one";
/** When a child is restarted: always, after an abnormal end, never (S186). */
export type RestartType = "permanent" | "transient" | "temporary";
export type AutoShutdown = "never" | "any_significant" | "all_significant";
export type ChildType = "worker" | "supervisor";
/** Milliseconds that a child has to end by itself after `shutdown` (Infinity: as long as it takes), or kill it at once (S184). */
export type Shutdown = number | "brutal_kill";

/**
 * Starts a child, linked to the supervisor in whose process it runs: JavaScript or guest alike. Gives its pid, or how the start went.
 * A throw is a failed start. A `simple_one_for_one` supervisor adds the arguments of startChild.
 */
export type ChildStart = (self: Context, ...args: never[]) => Pid | StartResult | Promise<Pid | StartResult>;

export interface ChildSpec {
  /** Unique within the supervisor; any term. */
  readonly id: unknown;
  readonly start: ChildStart;
  /** Default "permanent". */
  readonly restart?: RestartType;
  /** Default 5000 for a worker, Infinity for a supervisor. */
  readonly shutdown?: Shutdown;
  /** Default "worker". */
  readonly type?: ChildType;
  /** Whether its end counts for autoShutdown (S201). Default false. */
  readonly significant?: boolean;
  /** For upgrades and listings. Default []. */
  readonly modules?: readonly unknown[] | "dynamic";
}

/** A specification for a supervisor that is no JavaScript: how a child starts is a term there, as a guest's exported function. */
export interface ChildSpecTerm extends Omit<ChildSpec, "start"> {
  readonly start: unknown;
  /** Registered under it, by a guest's supervisor. Default none. */
  readonly name?: string;
}

export interface SupervisorSpec {
  /** Default "one_for_one". */
  readonly strategy?: Strategy;
  /** So many restarts within `period` are borne, one more ends the supervisor (S190). Default 1. */
  readonly intensity?: number;
  /** Whole seconds. Default 5. */
  readonly period?: number;
  /** Default "never". */
  readonly autoShutdown?: AutoShutdown;
  /** Started in this order; exactly one, the kind, for `simple_one_for_one`. Default []. */
  readonly children?: readonly ChildSpec[];
}

/** A supervisor's specification, or a function that gives it in the supervisor's process. */
export type SupervisorInit =
  | SupervisorSpec
  | ((
      self: Context,
    ) =>
      | SupervisorSpec
      | { readonly type: "ignore" }
      | Promise<SupervisorSpec | { readonly type: "ignore" }>);

/** Flags with nothing left out. */
export interface Flags {
  readonly strategy: Strategy;
  readonly intensity: number;
  readonly period: number;
  readonly autoShutdown: AutoShutdown;
}
