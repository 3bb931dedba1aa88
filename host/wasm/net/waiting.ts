// How syscalls wait for the network: they are tried again when a socket says that something has changed, and the process sleeps meanwhile.
import { encodeTerm } from "../../otp/term/index.ts";
import { type Guest, timeoutOf } from "../guest.ts";
import { ERROR } from "../syscall.ts";
import { UNITS } from "./costs.ts";
import { giveAway } from "./handover.ts";
import type { Cancel, Done, Failure, ReadResult } from "./network.ts";
import { Pending } from "./pending.ts";
import { CONNECTION_BYTES, ownResource, type Resource } from "./resource.ts";

/** The socket of this kind with this reference, if it is the guest's. */
export function ownSocket<T extends Resource>(
  guest: Guest,
  kind: abstract new (...args: never[]) => T,
  pointer: number,
  length: number,
  what: string,
): T | undefined {
  const found = ownResource(guest.process, guest.readRef(pointer, length, what));
  return found instanceof kind ? found : undefined;
}

/** The result of `attempt`, now or when it has one; `timeout` when the time is over. */
export function whenPossible(
  guest: Guest,
  resource: Resource,
  timeoutMs: number,
  attempt: () => number | undefined,
): number {
  const result = attempt();
  if (result !== undefined) return guest.inTurn(result);
  if (timeoutMs === 0) return ERROR.timeout;
  resource.await();
  return guest.wait(() => {
    const { process } = guest;
    const late = attempt() ?? (process.timedOut ? ERROR.timeout : undefined);
    // The clock runs for one wait: what comes next has its own time.
    if (late !== undefined) process.waitForMessage(undefined);
    else resource.await();
    return late;
  }, timeoutOf(timeoutMs));
}

/**
 * Begins something and waits for what comes of it: a resource, whose reference is the answer, or the reason that there is none.
 * `timeoutMs`: as the ABI has it.
 */
export function begin<T extends object>(
  guest: Guest,
  start: (done: Done<T>) => Cancel,
  make: (result: T) => Resource,
  { out, cap, timeoutMs }: { readonly out: number; readonly cap: number; readonly timeoutMs: number },
): number {
  if (!guest.hasRoomForSocket(CONNECTION_BYTES)) return ERROR.system_limit;
  guest.charge(UNITS.connection);
  const pending = new Pending<T>(guest.process, start);
  const attempt = () => {
    const { result } = pending;
    if (result === undefined) {
      if (!guest.process.timedOut) return undefined;
      pending.close();
      return guest.answerFailure("timeout");
    }
    pending.finish();
    if (isFailure(result)) return guest.answerFailure(result.reason);
    return guest.answer(encodeTerm(make(result).ref), out, cap);
  };
  // Nothing is ever there at once.
  return whenPossible(guest, pending, timeoutMs === 0 ? 1 : timeoutMs, attempt);
}

/** Reads into the guest's memory: how many bytes, 0 at the end, `closed` for what is broken, undefined when there is nothing yet. */
export function readInto(
  guest: Guest,
  read: (maxBytes: number) => ReadResult,
  out: number,
  cap: number,
  what: string,
): number | undefined {
  const result = read(cap >>> 0);
  if (result.type === "empty") return undefined;
  if (result.type === "end") return 0;
  if (result.type === "broken") return ERROR.closed;
  guest.charge(UNITS.transfer + ((result.pieces ?? 1) - 1) * UNITS.piece);
  guest.memory.check(out, result.bytes.length, what);
  guest.memory.write(out, result.bytes);
  return result.bytes.length;
}

/** Writes from the guest's memory: how many bytes, undefined when there is no room yet. */
export function writeFrom(
  guest: Guest,
  write: (bytes: Uint8Array) => number | Failure | undefined,
  pointer: number,
  length: number,
  what: string,
): number | undefined {
  const taken = write(guest.memory.borrow(pointer, length, what));
  if (taken === undefined) return ERROR.badarg;
  if (typeof taken !== "number") return ERROR.closed;
  if (taken === 0) return undefined;
  guest.charge(UNITS.transfer);
  return taken;
}

export function isFailure(result: object): result is Failure {
  return "type" in result && result.type === "failure";
}

/**
 * Gives a socket to another guest of its family. 0, `badarg`, `noproc`, `not_granted` for a stranger, towards whose limits it would count, or
 * `system_limit` when that has no room for it.
 */
export function give(
  guest: Guest,
  resource: Resource | undefined,
  pid: number,
  length: number,
  what: string,
): number {
  const { process } = guest;
  const target = process.runtime.process(guest.readPid(pid, length, what));
  if (!resource) return ERROR.badarg;
  if (!target) return ERROR.noproc;
  if (target === process) return 0;
  // A JavaScript process has no use for it.
  if (!target.readsEncoded) return ERROR.badarg;
  if (!target.family?.equals(process.family)) return guest.log.refuse(what, "a process of another family");
  return giveAway(guest, resource, target);
}
