// What this process may do: looked up, asked for, lent and taken back while it runs. A grant is a text, `spawn` or `register:cart.*`.
import { NOT_GRANTED, REVOKED } from "./abi/code";
import * as abi from "./abi/grant";
import { check } from "./fault";
import { answer, capacity, inbox, settle } from "./inbox";
import { Pid } from "./pid";
import { Ref } from "./ref";
import * as decoder from "./term/decoder";
import { encodedFrom } from "./term/encoded";
import { __moonletRead } from "./term/read";

/** Whether this process may do that now, by a grant of its own or one that is lent to it. Ends it with `badarg` for what is no grant. */
export function hasGrant(grant: string): bool {
  const text = String.UTF8.encode(grant);
  const result = abi.has(changetype<usize>(text), text.byteLength);
  check(result, "hasGrant: '" + grant + "' is no grant");
  return result == 1;
}

/** All that this process may do, loans included. */
export function grants(): string[] {
  const length = abi.list(inbox(), capacity());
  check(length, "grants");
  settle(length);
  decoder.open(answer(), length);
  return __moonletRead<string[]>("grants");
}

/** Asks whoever runs the host, and waits for the answer: whether this process may do that from now on. */
export function askGrant(grant: string): bool {
  const text = String.UTF8.encode(grant);
  const result = abi.ask(changetype<usize>(text), text.byteLength);
  if (result == NOT_GRANTED || result == REVOKED) return false;
  check(result, "askGrant: '" + grant + "' is no grant");
  return true;
}

/**
 * Lends another process something that this one may do, until `revokeGrant` of the reference or the end of either; it may lend it on, its
 * children do not get it. Ends this process with `not_granted` for what it has not got, `revoked` for what is no longer lent to it.
 */
export function lendGrant(grant: string, to: Pid): Ref {
  const text = String.UTF8.encode(grant);
  const length = abi.lend(changetype<usize>(text), text.byteLength, to.pointer, to.byteLength, inbox(), capacity());
  if (length < 0) check(length, "lendGrant: '" + grant + "'");
  settle(length);
  return encodedFrom<Ref>(answer(), length);
}

/** Ends a loan, and those that were lent on from it; false when it is over, or none of this process's business. */
export function revokeGrant(loan: Ref): bool {
  return abi.revoke(loan.pointer, loan.byteLength) == 1;
}
