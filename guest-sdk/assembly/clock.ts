// Time that only goes forward. In a simulation it is virtual.
import * as abi from "./abi/clock";

/** Nanoseconds since some point. */
export function monotonicTime(): i64 {
  return abi.monotonic();
}

/** Milliseconds since the same point. */
export function monotonicMs(): i64 {
  return abi.monotonic() / 1_000_000;
}
