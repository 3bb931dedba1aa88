// clock_*, random_get, proc_*, sched_yield and sock_*: the calls that have to do with no file.
import { tuple } from "../../../otp/term/index.ts";
import type { Guest } from "../../guest.ts";
import { GuestExit } from "../../guest-fault.ts";
import type { Calls } from "../call.ts";
import { assertClock, clockTime, isWallClock } from "../clock.ts";
import { ERRNO } from "../errno.ts";

/** At once: some 20 ms. */
const MOST_RANDOM_BYTES = 2 ** 24;
const CLOCK_RESOLUTION_NS = 1000n;

/** No descriptor is a socket: connections are processes, and reach a guest as messages and streams. */
const noSocket = (guest: Guest, fd: number) => {
  guest.wasi.descriptors.get(fd);
  return ERRNO.notsock;
};

export const systemCalls: Calls = {
  clock_time_get: (guest, clock: number, _precision: bigint, out: number) => {
    assertClock(clock);
    if (isWallClock(clock) && !guest.grants.has("clock")) {
      guest.log.refuseGrant("wasi_snapshot_preview1.clock_time_get", "clock");
      return ERRNO.perm;
    }
    const at = guest.memory.check(out, 8, "clock_time_get");
    guest.memory.view().setBigUint64(at, clockTime(guest, clock), true);
    return ERRNO.success;
  },
  clock_res_get: (guest, clock: number, out: number) => {
    assertClock(clock);
    guest.memory.view().setBigUint64(guest.memory.check(out, 8, "clock_res_get"), CLOCK_RESOLUTION_NS, true);
    return ERRNO.success;
  },
  random_get: (guest, pointer: number, length: number) => {
    const into = guest.memory.borrow(pointer, length, "random_get");
    if (into.length > MOST_RANDOM_BYTES) return ERRNO.inval;
    guest.process.runtime.environment.randomBytes(into);
    return ERRNO.success;
  },
  proc_exit: (_guest, code: number) => {
    throw new GuestExit(code === 0 ? "normal" : tuple("exit_code", code));
  },
  proc_raise: () => ERRNO.notsup,
  sched_yield: (guest) => {
    guest.yieldTurn();
    return ERRNO.success;
  },
  sock_accept: noSocket,
  sock_recv: noSocket,
  sock_send: noSocket,
  sock_shutdown: noSocket,
};
