// How the library ends a process that used it wrongly: with Erlang's word as the reason and a text that names the function.
// Needs nothing but the encoder, so that every other file may use it.
import * as abi from "./abi/process";
import { BADARG, NOPROC, NOT_EXPORTED, NOT_GRANTED, REVOKED, SYSTEM_LIMIT, TIMEOUT } from "./abi/code";
import * as encoder from "./term/encoder";

/** Ends the process with `{Reason, Text}`. Never returns. */
export function fail(reason: string, text: string): void {
  encoder.begin();
  encoder.tuple(2);
  encoder.atom(reason);
  encoder.text(text);
  raise();
}

/** Ends the process with the term in the encoder as its reason. Never returns. */
export function raise(): void {
  abi.exit(encoder.start(), encoder.length());
  unreachable();
}

/** Ends the process when a syscall failed. `what` says in the caller's words what was tried; it follows the function's name. */
@inline
export function check(result: i32, what: string): void {
  if (result < 0) failed(result, what);
}

/** Ends the process with the reason that belongs to a negative result. Never returns. */
export function failed(result: i32, what: string): void {
  if (result == NOPROC) {
    // As in Erlang, the bare word: supervisors and monitors match on it.
    encoder.begin();
    encoder.atom("noproc");
    raise();
  }
  if (result == SYSTEM_LIMIT) {
    const end = what.indexOf(":");
    fail("system_limit", (end < 0 ? what : what.substring(0, end)) + ": a limit of this process, of its receiver or of the host is reached");
  }
  if (result == NOT_GRANTED) fail("not_granted", what);
  if (result == REVOKED) fail("revoked", what);
  if (result == NOT_EXPORTED) fail("not_exported", what);
  if (result == TIMEOUT) fail("timeout", what);
  fail("badarg", what);
}
