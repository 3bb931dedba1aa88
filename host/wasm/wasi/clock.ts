// WASI's clocks on those of the Environment.
import type { Guest } from "../guest.ts";
import { ERRNO, fail } from "./errno.ts";

const REALTIME = 0;
/** Realtime, monotonic, and two for the processor's time; a process has no such clock of its own, its is the monotonic one. */
const CLOCKS = 4;

/** INVAL for a clock that there is not. */
export function assertClock(clock: number): void {
  if (clock >>> 0 >= CLOCKS) fail(ERRNO.inval);
}

/** Whether it is the clock that needs a grant. */
export function isWallClock(clock: number): boolean {
  return clock === REALTIME;
}

/** Nanoseconds of a clock. */
export function clockTime(guest: Guest, clock: number): bigint {
  const { environment } = guest.process.runtime;
  return clock === REALTIME ? wallTime(guest) : BigInt(Math.round(environment.now() * 1e6));
}

/** Nanoseconds since 1970. */
export function wallTime(guest: Guest): bigint {
  const ms = guest.process.runtime.environment.wallTime();
  const whole = Math.floor(ms);
  // In two parts: a number has not got the digits for both.
  return BigInt(whole) * 1_000_000n + BigInt(Math.round((ms - whole) * 1e6));
}
