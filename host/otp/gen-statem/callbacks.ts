// The callbacks of a gen_statem (stdlib manual, gen_statem).
import type { Context } from "../context.ts";
import type { Event, InitStateResult, StateResult } from "./results.ts";

export type StateFunction<S, D> = (
  event: Event<S>,
  data: D,
  self: Context,
) => StateResult<S, D> | Promise<StateResult<S, D>>;

/**
 * Either `states`, a function per state, or `handleEvent`, one for all (S164). A thrown Error crashes the machine, any other thrown
 * value counts as returned (S179).
 */
export interface GenStatemCallbacks<S, D, Args = unknown> {
  init(args: Args, self: Context): InitStateResult<S, D> | Promise<InitStateResult<S, D>>;
  /** The state is the function's name. */
  readonly states?: Readonly<Record<string, StateFunction<S, D>>>;
  /** The state is any term; a change is what is not exactly equal. */
  handleEvent?(
    event: Event<S>,
    state: S,
    data: D,
    self: Context,
  ): StateResult<S, D> | Promise<StateResult<S, D>>;
  /** Whether entering a state is an event (S167). Default false. */
  readonly stateEnter?: boolean;
  terminate?(reason: unknown, state: S, data: D, self: Context): unknown;
  /** Gives state and data of the new version. Default: as they were. */
  codeChange?(
    oldVersion: unknown,
    state: S,
    data: D,
    extra: unknown,
    self: Context,
  ): readonly [S, D] | Promise<readonly [S, D]>;
  /** What get_status shows. Default: state and data. */
  formatStatus?(state: S, data: D): unknown;
}
