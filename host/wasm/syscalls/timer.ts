// timer.*: messages that are sent later.
import type { Guest } from "../guest.ts";
import { attempt, ERROR, type Namespace, type } from "../syscall.ts";

function starter(method: "send_after" | "start") {
  const what = `timer.${method}`;
  return (
    guest: Guest,
    ms: number,
    to: number,
    toLength: number,
    pointer: number,
    length: number,
    out: number,
    cap: number,
  ) => {
    if (length >>> 0 > guest.limits.messageBytes) return guest.log.refuseMessage(length >>> 0);
    const bytes = guest.copyTerm(pointer, length, what);
    const address = guest.readAddress(to, toLength, what);
    return attempt(guest, () => {
      // Decoded also where it is not needed: when the timer fires nobody is there to be told that the bytes are no term.
      const term = guest.decode(bytes, what);
      const ref =
        method === "start"
          ? guest.process.startTimer(ms, address, term)
          : guest.process.sendAfterEncoded(ms, address, bytes);
      return guest.answerTerm(ref, out, cap);
    });
  };
}

/** Milliseconds left, or the code for nothing. */
function left(result: number | false): number {
  return result === false ? ERROR.timeout : result;
}

export const timer: Namespace = {
  send_after: { type: type("f64 i32 i32 i32 i32 i32 i32 -> i32"), call: starter("send_after") },
  start: { type: type("f64 i32 i32 i32 i32 i32 i32 -> i32"), call: starter("start") },
  cancel: {
    type: type("i32 i32 -> f64"),
    call: (guest, ref: number, length: number) =>
      left(guest.process.cancelTimer(guest.readRef(ref, length, "timer.cancel"))),
  },
  read: {
    type: type("i32 i32 -> f64"),
    call: (guest, ref: number, length: number) =>
      left(guest.process.readTimer(guest.readRef(ref, length, "timer.read"))),
  },
};
