// Events, actions and returns of a gen_statem: closed unions, and a function for each member that a callback makes
// (stdlib manual, gen_statem).
import type { From } from "../gen/wire.ts";
import type { GenStatemCallbacks } from "./callbacks.ts";

/** What a machine handles (S163). `content` of a timeout is what it was set with. */
export type Event<S = unknown> =
  | { readonly type: "call"; readonly from: From; readonly content: unknown }
  | { readonly type: "cast" | "info" | "internal" | "timeout" | "stateTimeout"; readonly content: unknown }
  | { readonly type: "namedTimeout"; readonly name: unknown; readonly content: unknown }
  /** The state is being entered; only with `stateEnter`. `previous` is the state itself at the start (S167). */
  | { readonly type: "enter"; readonly previous: S };

/** An event that `nextEvent` can insert. */
export type InsertedEvent = Exclude<Event, { readonly type: "enter" }>;

/** Which timer: of the next event, of the state, or one of those with a name. */
export type TimeoutKind = "event" | "state" | { readonly name: unknown };

export type Action =
  | { readonly type: "reply"; readonly from: From; readonly reply: unknown }
  | { readonly type: "postpone"; readonly postpone: boolean }
  | { readonly type: "hibernate" }
  | { readonly type: "nextEvent"; readonly event: InsertedEvent }
  /** Infinity cancels; "update" changes the content and not the time; `absolute` takes a time on the runtime's clock. */
  | {
      readonly type: "timeout";
      readonly kind: TimeoutKind;
      readonly ms: number | "update";
      readonly content: unknown;
      readonly absolute: boolean;
    }
  /** The machine goes on with other callbacks: in place of these, on top of them, or with those below. */
  | {
      readonly type: "changeCallbacks" | "pushCallbacks";
      readonly callbacks: GenStatemCallbacks<never, never, never>;
    }
  | { readonly type: "popCallbacks" }
  /** An event timeout whose content is its time. */
  | number;

export type StateResult<S, D> =
  | { readonly type: "nextState"; readonly state: S; readonly data: D; readonly actions: readonly Action[] }
  | { readonly type: "keepState"; readonly data: D; readonly actions: readonly Action[] }
  | { readonly type: "keepStateAndData"; readonly actions: readonly Action[] }
  | { readonly type: "repeatState"; readonly data: D; readonly actions: readonly Action[] }
  | { readonly type: "repeatStateAndData"; readonly actions: readonly Action[] }
  | { readonly type: "stop"; readonly reason: unknown; readonly state?: D }
  | {
      readonly type: "stopAndReply";
      readonly reason: unknown;
      readonly replies: readonly Action[];
      readonly data?: D;
    };

export type InitStateResult<S, D> =
  | { readonly type: "initial"; readonly state: S; readonly data: D; readonly actions: readonly Action[] }
  | { readonly type: "stop"; readonly reason: unknown }
  | { readonly type: "ignore" };

/** `{ok, State, Data, Actions}` of init. */
export function initial<S, D>(state: S, data: D, ...actions: Action[]): InitStateResult<S, D> {
  return { type: "initial", state, data, actions };
}

export function nextState<S, D>(state: S, data: D, ...actions: Action[]): StateResult<S, D> {
  return { type: "nextState", state, data, actions };
}

export function keepState<D>(data: D, ...actions: Action[]): StateResult<never, D> {
  return { type: "keepState", data, actions };
}

export function keepStateAndData(...actions: Action[]): StateResult<never, never> {
  return { type: "keepStateAndData", actions };
}

/** As `keepState`, and the state is entered once more (S167); not a change (S166). */
export function repeatState<D>(data: D, ...actions: Action[]): StateResult<never, D> {
  return { type: "repeatState", data, actions };
}

export function repeatStateAndData(...actions: Action[]): StateResult<never, never> {
  return { type: "repeatStateAndData", actions };
}

/** Sends the replies, then terminates (S177). */
export function stopAndReply<D = never>(
  reason: unknown,
  replies: Action | readonly Action[],
  data?: D,
): StateResult<never, D> {
  const list = Array.isArray(replies) ? (replies as readonly Action[]) : [replies as Action];
  return { type: "stopAndReply", reason, replies: list, ...(data === undefined ? {} : { data }) };
}

export function replyTo(from: From, value: unknown): Action {
  return { type: "reply", from, reply: value };
}

/** Keeps the event until the state has changed (S165). */
export function postpone(flag = true): Action {
  return { type: "postpone", postpone: flag };
}

export function hibernate(): Action {
  return { type: "hibernate" };
}

/** Handles an event before everything that waits (S170). */
export function nextEvent(event: InsertedEvent): Action {
  return { type: "nextEvent", event };
}

export interface TimeoutOptions {
  /** `ms` is a point on the clock of `Environment.now` instead of a distance. Default false. */
  readonly absolute?: boolean;
}

/** Times out unless any event comes first (S172). */
export function timeout(ms: number, content?: unknown, options?: TimeoutOptions): Action {
  return timer("event", ms, content, options);
}

/** Times out unless the state changes first (S173). */
export function stateTimeout(ms: number, content?: unknown, options?: TimeoutOptions): Action {
  return timer("state", ms, content, options);
}

/** Times out, whatever comes; setting it again replaces it (S174). */
export function namedTimeout(name: unknown, ms: number, content?: unknown, options?: TimeoutOptions): Action {
  return timer({ name }, ms, content, options);
}

export function cancelTimeout(kind: TimeoutKind): Action {
  return timer(kind, Number.POSITIVE_INFINITY, undefined);
}

/** Changes what a timer brings, not when; one that does not run fires at once (S175). */
export function updateTimeout(kind: TimeoutKind, content: unknown): Action {
  return timer(kind, "update", content);
}

function timer(kind: TimeoutKind, ms: number | "update", content: unknown, options?: TimeoutOptions): Action {
  return { type: "timeout", kind, ms, content, absolute: options?.absolute ?? false };
}
