// Very many timers: started and cancelled, due all at once, and waiting while others work.
import { argument, cancelTimer, monotonicTime, receive, Ref, self, sendAfter } from "moonlet/guest-sdk";
import { Job } from "./job";
import { pings } from "./ping-pong";

const HOUR: i64 = 3600000;
const PENDING = 1000000;
/** Nanoseconds to start one in, until all are due. */
const DUE_NS: i64 = 8000;

@message class Due { constructor(public n: i32) {} }

/** Far away, and in no order. */
function later(n: i32): f64 {
  return <f64>(HOUR + (<i64>n * 7919) % HOUR);
}

/** All stay pending; then each is cancelled, the youngest first. */
export function timers(): void {
  const job = argument<Job>();
  const me = self();
  const started = new Array<Ref>();
  const start = monotonicTime();
  for (let n = 0; n < job.count; n++) started.push(sendAfter(later(n), me, n));
  for (let n = job.count - 1; n >= 0; n--) cancelTimer(started[n]);
  job.report(start);
}

/** All are due at the same moment; counts from there until the last message was received. */
export function timersExpire(): void {
  const job = argument<Job>();
  const me = self();
  const due = monotonicTime() + <i64>job.count * DUE_NS;
  for (let n = 0; n < job.count; n++) {
    const left = Math.round(<f64>(due - monotonicTime()) / 1000000);
    sendAfter(Math.max(0, left), me, new Due(n));
  }
  const start = monotonicTime();
  for (let n = 0; n < job.count; n++) receive<Due>();
  job.report(start > due ? start : due);
}

/** A ping-pong while others wait. */
export function timersPingPong(): void {
  const job = argument<Job>();
  const me = self();
  for (let n = 0; n < PENDING; n++) sendAfter(later(n), me, new Due(n));
  pings(job);
}
