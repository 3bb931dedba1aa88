// The callbacks of a gen_server (stdlib manual, gen_server).
import type { Context } from "../context.ts";
import type { From } from "../gen/wire.ts";
import type { CallResult, HandleResult, InitResult } from "./results.ts";

/**
 * All but `init` may be left out. Each may be async; the server handles one message at a time. What a callback throws: an Error
 * crashes the server, any other value counts as returned (S150).
 */
export interface GenServerCallbacks<State, Args = unknown> {
  /** Called once, in the new process; start waits for it (S141). */
  init(args: Args, self: Context): InitResult<State> | Promise<InitResult<State>>;
  /** Default: the server crashes, as on a BEAM. */
  handleCall?(
    request: unknown,
    from: From,
    state: State,
    self: Context,
  ): CallResult<State> | Promise<CallResult<State>>;
  /** Default: the server crashes. */
  handleCast?(
    message: unknown,
    state: State,
    self: Context,
  ): HandleResult<State> | Promise<HandleResult<State>>;
  /** Every message that is no call, cast or system message. Default: a report, and the message is dropped (S134). */
  handleInfo?(
    message: unknown,
    state: State,
    self: Context,
  ): HandleResult<State> | Promise<HandleResult<State>>;
  /** Default: the server crashes. */
  handleContinue?(
    content: unknown,
    state: State,
    self: Context,
  ): HandleResult<State> | Promise<HandleResult<State>>;
  /** Called when the server ends, unless it is killed or does not trap exits (S147, S148). */
  terminate?(reason: unknown, state: State, self: Context): unknown;
  /** Gives the state of the new version. Default: as it was. `Differs from OTP:` there, sys:change_code fails without it. */
  codeChange?(oldVersion: unknown, state: State, extra: unknown, self: Context): State | Promise<State>;
  /** What get_status shows of the state. Default: the state. */
  formatStatus?(state: State): unknown;
}
