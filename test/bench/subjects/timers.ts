// Starts a million timers that all stay pending, then cancels each, the youngest first. The figure is one start and one cancel.
import type { Context, TimerRef } from "../../../host/otp/index.ts";
import type { Subject } from "../subject.ts";
import { beam, guest, javascript, nanosecondsSince } from "./message-sides.ts";

const HOUR = 3_600_000;

async function timekeeper(self: Context, count: number): Promise<number> {
  const timers: TimerRef[] = [];
  const start = performance.now();
  for (let n = 0; n < count; n++) timers.push(self.sendAfter(HOUR + ((n * 7919) % HOUR), self.pid, n));
  for (let n = count - 1; n >= 0; n--) self.cancelTimer(timers[n]!);
  return nanosecondsSince(start);
}

export const timers: Subject = {
  name: "timers",
  title: "1,000,000 timers, start + cancel",
  group: "messages",
  unit: "ns",
  baseline: "beam",
  sides: {
    guest: guest("timers", 1_000_000),
    javascript: javascript(timekeeper, 1_000_000),
    beam: beam(1_000_000),
  },
};
