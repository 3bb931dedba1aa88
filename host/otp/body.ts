// The contract between the core and whatever a process runs on: a JavaScript function, a Wasm instance, a scripted model.
// The core schedules bodies in slices and never looks inside one.
import type { LimitInfo, Scope } from "./account.ts";
import type { Process } from "./process.ts";

/** What the body wants after a slice. */
export type Outcome =
  /** The budget is used up; run me again when it is my turn. */
  | { readonly type: "yielded" }
  /** It may not run on, whatever arrives; `Process.unpause` ends that. */
  | { readonly type: "paused" }
  /** Nothing to do until a message arrives or the time set with `Process.waitForMessage` is over. */
  | { readonly type: "waiting" }
  /** The process ends with this reason. */
  | { readonly type: "exited"; readonly reason: unknown };

/** Shared values, so that a slice allocates nothing for its outcome. */
export const YIELDED: Outcome = Object.freeze({ type: "yielded" });
export const WAITING: Outcome = Object.freeze({ type: "waiting" });
export const PAUSED: Outcome = Object.freeze({ type: "paused" });

export interface Body {
  /**
   * Runs until `budget` reductions are used, it has to wait, or it ends. Never called again after `exited`, never re-entered.
   * It reports what it used with `Process.addReductions`. A body that throws ends its process with that error.
   */
  run(budget: number): Outcome;

  /** The process is gone, for whatever reason: frees what the body holds. Called exactly once, never from inside `run`. */
  dispose(): void;

  /**
   * Takes work that the core did for the process, in reductions, off its budget; called in a slice and between two. Default: it is only
   * counted.
   */
  charge?(units: number): void;

  /**
   * What the core keeps for the process is going to change, or has changed, and both have to do with a bound that the process shares with
   * others: the body tells its account what it holds itself now, and looks anew at how much more it may. Default: nothing.
   */
  settleMemory?(): void;

  /** A limit stood in the way of the process. Default: nobody is told. */
  limitReached?(limit: string, scope: Scope, max: number): void;

  /** What it has used of limits that its account knows nothing of, for `info`. Default none. */
  limitInfos?(): readonly LimitInfo[];

  /** Its next `run` only settles a promise: nothing of the process runs inside it but the match of its receive. Default false. */
  readonly isResumable?: boolean;
  /** Bytes the body holds, for `info`. */
  readonly memoryBytes?: number;
  /** Where the body is right now, for `info`. */
  currentFunction?(): string | undefined;
}

/** Makes the body of a process that has just been created; a throw here becomes the process's exit reason. */
export type BodyFactory = (process: Process) => Body;
