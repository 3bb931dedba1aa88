// An event handler: callbacks and what they return (stdlib manual, gen_event).
import type { Context } from "../context.ts";

/** Which handler: its name, and an id when several of the same name are there. */
export type HandlerId = string | { readonly name: string; readonly id: unknown };

/** A handler to add: callbacks, and an id when several of the same name are to be there. */
export type HandlerSpec =
  | EventHandler<never, never>
  | { readonly handler: EventHandler<never, never>; readonly id: unknown };

export type EventResult<S> =
  | { readonly type: "handled"; readonly state: S }
  /** Ends the handler; its terminate gets "remove_handler". */
  | { readonly type: "remove" }
  /** The handler gives way: its terminate gets `args`, and the other's init `[otherArgs, what terminate gave]`. */
  | {
      readonly type: "swap";
      readonly args: unknown;
      readonly state: S;
      readonly handler: HandlerSpec;
      readonly otherArgs: unknown;
    };

export type EventCallResult<S> = EventResult<S> & { readonly reply?: unknown };

/** Why a handler ends, as its terminate gets it. */
export type HandlerEnd =
  | { readonly type: "delete" | "swap"; readonly args: unknown }
  | { readonly type: "remove_handler" }
  /** The event manager ends, or the process that the handler was added for did. */
  | { readonly type: "stop"; readonly reason: unknown }
  | { readonly type: "error"; readonly reason: unknown };

/** All but `name` and `init` may be left out. A throw ends the handler, never the manager. */
export interface EventHandler<State, Args = unknown> {
  /** Its module's name in OTP, an atom on the wire. */
  readonly name: string;
  /** Gives the state; a throw refuses. */
  init(args: Args, self: Context): State | Promise<State>;
  handleEvent?(event: unknown, state: State, self: Context): EventResult<State> | Promise<EventResult<State>>;
  handleCall?(
    request: unknown,
    state: State,
    self: Context,
  ): EventCallResult<State> | Promise<EventCallResult<State>>;
  /** Messages that are no events. Default: dropped. */
  handleInfo?(
    message: unknown,
    state: State,
    self: Context,
  ): EventResult<State> | Promise<EventResult<State>>;
  /** What it gives is the answer of deleteHandler, and goes to the handler that it is swapped for. */
  terminate?(end: HandlerEnd, state: State, self: Context): unknown;
  codeChange?(oldVersion: unknown, state: State, extra: unknown, self: Context): State | Promise<State>;
}

export function handled<S>(state: S): EventResult<S> & { readonly type: "handled" } {
  return { type: "handled", state };
}

/** `{ok, Reply, State}` of handleCall. */
export function handledCall<S>(reply: unknown, state: S): EventCallResult<S> {
  return { type: "handled", state, reply };
}

/** From handleCall with a reply. */
export function removeHandler(reply?: unknown): EventCallResult<never> {
  return { type: "remove", reply };
}

export function swapHandler<S>(
  args: unknown,
  state: S,
  handler: HandlerSpec,
  otherArgs: unknown,
  reply?: unknown,
): EventCallResult<S> {
  return { type: "swap", args, state, handler, otherArgs, reply };
}
