// Exit reasons as JavaScript sees them: atoms are plain strings, `{shutdown, T}` is a tuple, a guest's trap and an uncaught
// JavaScript error are objects, anything else is any term.
import { MoonletError } from "./error.ts";
import type { ExitReason } from "./term/reason.ts";
import { tuple } from "./term/tuple.ts";

export type { ErrorReason, ExitReason, TrapReason } from "./term/reason.ts";

/** What `Context.exit` throws: erlang:exit/1. Catching it keeps the process alive, as in Erlang (S21). */
export class Exit extends Error {
  override readonly name = "Exit";
  readonly reason: ExitReason;

  constructor(reason: ExitReason) {
    super("the process exits");
    this.reason = reason;
  }
}

/**
 * The reason of a process whose code threw `thrown` and did not catch it (S18 to S20). `Differs from OTP:` of an Error it is an object with
 * its name, message and stack, as a term `{error, Name, Message}`, where Erlang has `{Reason, Stack}`.
 */
export function reasonOfThrown(thrown: unknown): ExitReason {
  if (thrown instanceof Exit) return normalizeReason(thrown.reason);
  if (!(thrown instanceof Error)) return tuple(tuple("nocatch", thrown), []);
  const reason = {
    type: "error",
    name: thrown.name,
    message: thrown.message,
    stack: thrown.stack ?? "",
  } as const;
  return thrown instanceof MoonletError ? { ...reason, code: thrown.code } : reason;
}

/** Gives atoms of JavaScript's own their text, and `["shutdown", T]` its tuple. */
export function normalizeReason(reason: ExitReason): ExitReason {
  if (reason === undefined || reason === null) return String(reason);
  if (Array.isArray(reason) && reason.length === 2 && reason[0] === "shutdown")
    return tuple("shutdown", reason[1]);
  return reason;
}
