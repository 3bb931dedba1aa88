// Very many timers: what starting and cancelling one costs, what one costs that fires, and whether those that wait cost others anything.
import type { Context, TimerRef } from "../../../host/otp/index.ts";
import type { Subject } from "../subject.ts";
import { beam, guest, javascript, nanosecondsSince } from "./message-sides.ts";
import { ping } from "./ping-pong.ts";

const HOUR = 3_600_000;
const PENDING = 1_000_000;
/** Time to start one in, until all are due. */
const DUE_MS = 0.008;

/** Far away, and in no order. */
const later = (n: number): number => HOUR + ((n * 7919) % HOUR);

/** Starts timers that all stay pending, then cancels each, the youngest first. The figure is one start and one cancel. */
async function cancelled(self: Context, count: number): Promise<number> {
  const timers: TimerRef[] = [];
  const start = performance.now();
  for (let n = 0; n < count; n++) timers.push(self.sendAfter(later(n), self.pid, n));
  for (let n = count - 1; n >= 0; n--) self.cancelTimer(timers[n]!);
  return nanosecondsSince(start);
}

/** Starts timers that are all due at the same moment. The figure counts from there until the last message was received. */
async function expired(self: Context, count: number): Promise<number> {
  const due = performance.now() + Math.ceil(count * DUE_MS);
  for (let n = 0; n < count; n++)
    self.sendAfter(Math.max(0, Math.round(due - performance.now())), self.pid, n);
  const start = Math.max(due, performance.now());
  for (let n = 0; n < count; n++) await self.receive();
  return nanosecondsSince(start);
}

async function pingPong(self: Context, count: number): Promise<number> {
  for (let n = 0; n < PENDING; n++) self.sendAfter(later(n), self.pid, n);
  return ping(self, count);
}

const subject = (name: string, title: string, sides: Subject["sides"]): Subject => ({
  name,
  title,
  group: "messages",
  unit: "ns",
  baseline: "beam",
  sides,
});

export const timers: readonly Subject[] = [
  subject("timers", "1,000,000 timers, start + cancel", {
    guest: guest("timers", 1_000_000),
    javascript: javascript(cancelled, 1_000_000),
    beam: beam(1_000_000),
  }),
  subject("timers_expire", "250,000 timers due at once, each", {
    guest: guest("timersExpire", 250_000),
    javascript: javascript(expired, 250_000),
    beam: beam(250_000),
  }),
  subject("timers_ping_pong", "ping-pong, 1,000,000 timers wait", {
    guest: guest("timersPingPong", 100_000),
    javascript: javascript(pingPong, 200_000),
    beam: beam(500_000),
  }),
];
