// `$fstflags` of WASI preview 1: which times of a file are set, and to what.
import type { Guest } from "../guest.ts";
import { wallTime } from "./clock.ts";
import { ERRNO, fail } from "./errno.ts";
import type { FileTimes } from "./file-system.ts";

const FLAG = { accessed: 1, accessedNow: 2, modified: 4, modifiedNow: 8 } as const;

/** INVAL for flags that contradict each other or mean nothing. */
export function readTimes(guest: Guest, accessed: bigint, modified: bigint, flags: number): FileTimes {
  if (flags >>> 0 > 15) fail(ERRNO.inval);
  const now = flags & (FLAG.accessedNow | FLAG.modifiedNow) ? wallTime(guest) : 0n;
  return {
    accessed: timeOf(accessed, flags & FLAG.accessed, flags & FLAG.accessedNow, now),
    modified: timeOf(modified, flags & FLAG.modified, flags & FLAG.modifiedNow, now),
  };
}

function timeOf(given: bigint, isGiven: number, isNow: number, now: bigint): bigint | undefined {
  if (isGiven && isNow) fail(ERRNO.inval);
  if (isNow) return now;
  return isGiven ? BigInt.asUintN(64, given) : undefined;
}
