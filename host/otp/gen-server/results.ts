// What the callbacks of a gen_server return: a closed union, and a function for each of its members.

/** What a server does after a return: wait for so many milliseconds, hibernate, or handle `continue` before any message. */
export type Next = number | "hibernate" | { readonly continue: unknown };

export type InitResult<S> =
  | { readonly type: "started"; readonly state: S; readonly next: Next | undefined }
  | { readonly type: "stop"; readonly reason: unknown; readonly state?: S }
  | { readonly type: "ignore" };

/** Return of handleCast, handleInfo and handleContinue. */
export type HandleResult<S> =
  | { readonly type: "noreply"; readonly state: S; readonly next: Next | undefined }
  | { readonly type: "stop"; readonly reason: unknown; readonly state?: S };

export type CallResult<S> =
  | { readonly type: "reply"; readonly reply: unknown; readonly state: S; readonly next: Next | undefined }
  | { readonly type: "stopReply"; readonly reason: unknown; readonly reply: unknown; readonly state: S }
  | HandleResult<S>;

/** `{ok, State}` of init. */
export function started<S>(state: S, next?: Next): InitResult<S> {
  return { type: "started", state, next };
}

/** `ignore` of init: the process ends with `normal` and the start says so. */
export function ignore(): { readonly type: "ignore" } {
  return { type: "ignore" };
}

/** `{reply, Reply, State}`. */
export function reply<S>(value: unknown, state: S, next?: Next): CallResult<S> & { readonly type: "reply" } {
  return { type: "reply", reply: value, state, next };
}

/** `{noreply, State}`. */
export function noreply<S>(state: S, next?: Next): HandleResult<S> & { readonly type: "noreply" } {
  return { type: "noreply", state, next };
}

/** `{stop, Reason, State}`; without a state from init. */
export function stop<S = never>(
  reason: unknown,
  state?: S,
): { readonly type: "stop"; readonly reason: unknown; readonly state?: S } {
  return state === undefined ? { type: "stop", reason } : { type: "stop", reason, state };
}

/** `{stop, Reason, Reply, State}`: terminate runs, and then the reply goes out (S145). */
export function stopReply<S>(
  reason: unknown,
  value: unknown,
  state: S,
): CallResult<S> & { readonly type: "stopReply" } {
  return { type: "stopReply", reason, reply: value, state };
}

/** Whether `next` is one of its allowed values. */
export function isNext(next: unknown): next is Next | undefined {
  if (next === undefined || next === "hibernate" || next === Number.POSITIVE_INFINITY) return true;
  if (typeof next === "number") return Number.isInteger(next) && next >= 0;
  return typeof next === "object" && next !== null && "continue" in next;
}
