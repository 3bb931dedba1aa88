// Time that only goes forward, and the time of day. In a simulation both are virtual.
import * as abi from "./abi/clock";
import { failed } from "./fault";

/** Nanoseconds since some point. */
export function monotonicTime(): i64 {
  return abi.monotonic();
}

/** Nanoseconds since 1970 in UTC. Ends the process with `not_granted` without the grant `clock`. */
export function wallTime(): i64 {
  const time = abi.wall();
  if (time < 0) failed(<i32>time, "wallTime");
  return time;
}

/** Milliseconds since the same point. */
export function monotonicMs(): i64 {
  return abi.monotonic() / 1_000_000;
}
