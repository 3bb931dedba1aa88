// message.*: sending and selective receive. The hot path of guests: a message is copied out once and in once, never decoded.
import { errorStacks } from "../../otp/error.ts";
import type { Address } from "../../otp/index.ts";
import { Atom } from "../../otp/term/index.ts";
import type { Guest } from "../guest.ts";
import { attempt, ERROR, errorCode, FAILURE_UNITS, type Namespace, type } from "../syscall.ts";

/** Fuel for each of many receivers of a message. */
const SEND_UNITS = 50;
/** Addresses of a list that are sent to before it is the others' turn. */
const SENT_PER_TURN = 1000;

export const message: Namespace = {
  send: {
    type: type("i32 i32 i32 i32 -> i32"),
    call: send,
    link: (seated) => (to: number, toLength: number, pointer: number, length: number) =>
      send(seated(), to, toLength, pointer, length),
  },
  send_all: {
    type: type("i32 i32 i32 i32 -> i32"),
    waits: true,
    call: (guest, to: number, toLength: number, pointer: number, length: number) => {
      if (length >>> 0 > guest.limits.messageBytes) return guest.log.refuseMessage(length >>> 0);
      const addresses = guest.readTerm(to, toLength, "message.send_all");
      if (!Array.isArray(addresses)) return ERROR.badarg;
      // One copy for all of them: nobody changes it.
      const bytes = guest.copyTerm(pointer, length, "message.send_all");
      let [missed, next] = [0, 0];
      return guest.work(() => {
        const end = Math.min(addresses.length, next + SENT_PER_TURN);
        for (; next < end; next++) {
          guest.charge(SEND_UNITS);
          const result = attempt(guest, () => {
            guest.process.sendEncoded(addresses[next] as Address, bytes);
            return 0;
          });
          if (result < 0) missed++;
        }
        guest.leaveIfDoomed();
        return next < addresses.length ? undefined : missed;
      });
    },
  },
  receive: {
    type: type("i32 i32 i32 i32 i32 -> i32"),
    waits: true,
    call: receive,
    link:
      (seated) => (patterns: number, patternsLength: number, out: number, cap: number, timeoutMs: number) =>
        receive(seated(), patterns, patternsLength, out, cap, timeoutMs),
  },
  receive_tagged: {
    type: type("i32 i32 i32 i32 i32 -> i32"),
    waits: true,
    call: (guest, ref: number, refLength: number, out: number, cap: number, timeoutMs: number) => {
      guest.wantTag(guest.readRef(ref, refLength, "message.receive_tagged"));
      return guest.awaitMessage(out, cap, timeoutMs);
    },
  },
  read: {
    type: type("i32 i32 -> i32"),
    call: (guest, out: number, cap: number) => guest.readPending(out, cap),
  },
};

function send(guest: Guest, to: number, toLength: number, pointer: number, length: number): number {
  return guest.sendShort(to, toLength, pointer, length) ? 0 : sendAny(guest, to, toLength, pointer, length);
}

function sendAny(guest: Guest, to: number, toLength: number, pointer: number, length: number): number {
  if (length >>> 0 > guest.limits.messageBytes) return guest.log.refuseMessage(length >>> 0);
  const bytes = guest.copyMessage(pointer, length, "message.send");
  const address = guest.readAddress(to, toLength, "message.send");
  // The usual failure, without an error.
  if (address instanceof Atom && guest.process.runtime.named(address.name) === undefined) return ERROR.badarg;
  // As `attempt`, without a function of its own.
  errorStacks.wanted = false;
  try {
    guest.process.sendEncoded(address, bytes);
  } catch (error) {
    guest.charge(FAILURE_UNITS);
    const code = errorCode(error);
    if (code === ERROR.system_limit) guest.log.mailboxFull(address);
    return code;
  } finally {
    errorStacks.wanted = true;
  }
  guest.leaveIfDoomed();
  return 0;
}

function receive(
  guest: Guest,
  patterns: number,
  patternsLength: number,
  out: number,
  cap: number,
  timeoutMs: number,
): number {
  guest.wantPrefixes(patterns, patternsLength);
  return guest.awaitMessage(out, cap, timeoutMs);
}
