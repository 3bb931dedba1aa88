// log.*, clock.*, random.*, stdio.* and sim.*: what a guest gets from outside, all of it through the host's services.
import { GuestFault } from "../guest-fault.ts";
import { reportOfTerm } from "../report-terms.ts";
import { LOG_LEVELS } from "../services.ts";
import { ERROR, type Namespace, type } from "../syscall.ts";
import { wallTime } from "../wasi/clock.ts";

/** Fuel of asking for the time. */
const CLOCK_UNITS = 60;
/** At once: some 20 ms. */
const MOST_RANDOM_BYTES = 2 ** 24;

export const log: Namespace = {
  write: {
    type: type("i32 i32 i32 ->"),
    call: (guest, level: number, pointer: number, length: number) => {
      const text = guest.memory.text(pointer, length, "log.write");
      guest.log.write(LOG_LEVELS[level] ?? "info", text);
      return undefined;
    },
  },
  report: {
    type: type("i32 i32 -> i32"),
    call: (guest, pointer: number, length: number) => {
      const { events, environment } = guest.process.runtime;
      if (!events.active) return 0;
      const report = reportOfTerm(guest.readTerm(pointer, length, "log.report"));
      if (report === undefined) return ERROR.badarg;
      events.emit({ type: "report", at: environment.now(), pid: guest.process.pid, report });
      return 0;
    },
  },
};

export const clock: Namespace = {
  monotonic: {
    type: type("-> i64"),
    call: (guest) => {
      guest.charge(CLOCK_UNITS);
      return BigInt(Math.round(guest.process.runtime.environment.now() * 1e6));
    },
  },
  wall: {
    type: type("-> i64"),
    grant: "clock",
    call: (guest) => wallTime(guest),
  },
};

export const random: Namespace = {
  fill: {
    type: type("i32 i32 ->"),
    call: (guest, pointer: number, length: number) => {
      const into = guest.memory.borrow(pointer, length, "random.fill");
      if (into.length > MOST_RANDOM_BYTES)
        throw new GuestFault("bad_argument", `random.fill: more than ${MOST_RANDOM_BYTES} bytes at once`);
      guest.process.runtime.environment.randomBytes(into);
      return undefined;
    },
  },
};

export const stdio: Namespace = {
  write: {
    type: type("i32 i32 i32 -> i32"),
    grant: "stdio",
    waits: true,
    call: (guest, stream: number, pointer: number, length: number) => {
      if (stream !== 1 && stream !== 2) return ERROR.badarg;
      const full = guest.output.write(stream, guest.memory.borrow(pointer, length, "stdio.write"));
      return full ? guest.waitFor(full, 0) : 0;
    },
  },
};

export const sim: Namespace = {
  reachable: {
    type: type("i32 i32 ->"),
    call: (guest, pointer: number, length: number) => {
      guest.services.reachable(guest.memory.text(pointer, length, "sim.reachable"), guest.process.pid);
      return undefined;
    },
  },
};
