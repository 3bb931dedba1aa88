// stream.*: bounded byte streams. An end is named by its reference; who owns it may use it, and whoever it is given to owns it then.
import { openStream, StreamReader, StreamWriter } from "../../otp/index.ts";
import { encodeTerm, tuple } from "../../otp/term/index.ts";
import { type Guest, timeoutOf } from "../guest.ts";
import { attempt, ERROR, type Namespace, type } from "../syscall.ts";

type End = StreamReader | StreamWriter;

/** The end with this reference, if it is the guest's. */
function ownEnd(guest: Guest, pointer: number, length: number, what: string): End | undefined {
  const ref = guest.readRef(pointer, length, what);
  const { runtime } = guest.process;
  const end = runtime.isOwn(ref) ? runtime.streamEnds.get(ref.number) : undefined;
  return end?.owner === guest.process ? (end as End) : undefined;
}

/** Tries until it succeeds, whenever the end says that something has changed. */
function whenPossible(guest: Guest, end: End, timeoutMs: number, attempt: () => number | undefined): number {
  const result = attempt();
  if (result !== undefined) return guest.inTurn(result);
  if (timeoutMs === 0) return expired(end);
  const again = () => {
    guest.process.mailbox.takeTagged(end.ref);
    return attempt() ?? (guest.process.timedOut ? expired(end) : undefined);
  };
  return guest.wait(again, timeoutOf(timeoutMs));
}

function expired(end: End): number {
  end.stopWaiting();
  return ERROR.timeout;
}

export const stream: Namespace = {
  open: {
    type: type("i32 i32 i32 -> i32"),
    grant: "streams",
    call: (guest, capacity: number, out: number, cap: number) => {
      return attempt(guest, () => {
        const { reader, writer } = openStream(guest.process, capacity >>> 0);
        return guest.answer(encodeTerm(tuple(reader.ref, writer.ref)), out, cap);
      });
    },
  },
  read: {
    type: type("i32 i32 i32 i32 i32 -> i32"),
    grant: "streams",
    waits: true,
    call: (guest, ref: number, refLength: number, out: number, cap: number, timeoutMs: number) => {
      const end = ownEnd(guest, ref, refLength, "stream.read");
      if (!(end instanceof StreamReader) || cap === 0) return ERROR.badarg;
      guest.memory.check(out, cap, "stream.read");
      return whenPossible(guest, end, timeoutMs, () => {
        const result = end.read(guest.process, cap >>> 0);
        if (result.type === "empty") return undefined;
        if (result.type === "broken") return ERROR.closed;
        if (result.type === "end") return 0;
        guest.memory.write(out, result.bytes);
        return result.bytes.length;
      });
    },
  },
  write: {
    type: type("i32 i32 i32 i32 i32 -> i32"),
    grant: "streams",
    waits: true,
    call: (guest, ref: number, refLength: number, pointer: number, length: number, timeoutMs: number) => {
      const end = ownEnd(guest, ref, refLength, "stream.write");
      if (!(end instanceof StreamWriter)) return ERROR.badarg;
      guest.memory.check(pointer, length, "stream.write");
      if (length === 0) return 0;
      return whenPossible(guest, end, timeoutMs, () => {
        if (!end.isOpen) return ERROR.closed;
        return end.write(guest.process, guest.memory.borrow(pointer, length, "stream.write")) || undefined;
      });
    },
  },
  close: {
    type: type("i32 i32 -> i32"),
    grant: "streams",
    call: (guest, ref: number, length: number) => {
      const end = ownEnd(guest, ref, length, "stream.close");
      end?.close(guest.process);
      return end ? 0 : ERROR.badarg;
    },
  },
  give: {
    type: type("i32 i32 i32 i32 -> i32"),
    grant: "streams",
    call: (guest, ref: number, refLength: number, pid: number, pidLength: number) => {
      const end = ownEnd(guest, ref, refLength, "stream.give");
      const target = guest.process.runtime.process(guest.readPid(pid, pidLength, "stream.give"));
      if (!end) return ERROR.badarg;
      if (target) end.give(guest.process, target);
      else end.close(guest.process);
      return 0;
    },
  },
};
