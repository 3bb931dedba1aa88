// What every program here is spawned with, and how it reports.
import { monotonicTime, Pid, send } from "moonlet/guest-sdk";

@message
export class Job {
  constructor(public reporter: Pid, public count: i32) {}

  /** Tells the reporter how many nanoseconds have passed since `start`. */
  report(start: i64): void {
    send(this.reporter, monotonicTime() - start);
  }
}
