// The same trap at the same place: at once, after waiting, after preemption, below frames that were captured, and in such a frame.
import { sleep } from "moonlet/guest-sdk";

const AT_ONCE = 0;
const AFTER_SLEEP = 1;
const AFTER_LOOP = 2;

let sum = 0;

function work(how: i32): void {
  if (how == AFTER_SLEEP) sleep(1);
  if (how == AFTER_LOOP) for (let i = 0; i < 100_000; i++) sum += i ^ (sum << 1);
}

/** Recursive, so that it stays a function of its own. */
function descend(n: i32, how: i32, quotient: i32): i32 {
  if (n == 0) {
    work(how);
    return 100 / quotient;
  }
  const below = descend(n - 1, how, quotient);
  sum += below;
  return below + 1;
}

/** Traps in itself, in what may be a frame that was captured. */
function divideAfter(n: i32, how: i32): i32 {
  const below = n > 0 ? divideAfter(n - 1, how) : 0;
  work(how);
  return 100 / (n - 2) + below;
}

export function belowAtOnce(): void { descend(3, AT_ONCE, sum); }
export function belowAfterSleep(): void { descend(3, AFTER_SLEEP, sum); }
export function belowAfterLoop(): void { sum = 0; descend(3, AFTER_LOOP, 0); }
export function insideAtOnce(): void { divideAfter(3, AT_ONCE); }
export function insideAfterSleep(): void { divideAfter(3, AFTER_SLEEP); }
export function insideAfterLoop(): void { divideAfter(3, AFTER_LOOP); }
