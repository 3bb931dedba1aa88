// Starts timers that all stay pending, then cancels each, the youngest first.
import { argument, cancelTimer, monotonicTime, Ref, self, sendAfter } from "moonlet/guest-sdk";
import { Job } from "./job";

const HOUR: i64 = 3600000;

export function timers(): void {
  const job = argument<Job>();
  const me = self();
  const started = new Array<Ref>();
  const start = monotonicTime();
  for (let n = 0; n < job.count; n++) started.push(sendAfter(<f64>(HOUR + (<i64>n * 7919) % HOUR), me, n));
  for (let n = job.count - 1; n >= 0; n--) cancelTimer(started[n]);
  job.report(start);
}
