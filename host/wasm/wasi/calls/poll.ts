// poll_oneoff: waits for clocks and descriptors. The process is suspended, never the host; files are always ready.
import type { Guest } from "../../guest.ts";
import type { Calls } from "../call.ts";
import { assertClock, clockTime, isWallClock } from "../clock.ts";
import type { Descriptor } from "../descriptors.ts";
import { ERRNO, type Errno, errnoOf, fail } from "../errno.ts";
import { RIGHT } from "../rights.ts";

const SUBSCRIPTION_BYTES = 48;
const EVENT_BYTES = 32;
const MAX_SUBSCRIPTIONS = 4096;
/** `$eventtype`. */
const EVENT = { clock: 0, fdRead: 1, fdWrite: 2 } as const;
const ABSOLUTE_TIME = 1;
const HANGUP = 1;

interface Subscription {
  readonly userdata: bigint;
  readonly type: number;
  /** The clock, or the descriptor. */
  readonly subject: number;
  /** When a clock's time comes, on that clock. */
  readonly deadline: bigint;
  /** What is wrong with it. */
  readonly error: Errno;
}

interface Event {
  readonly subscription: Subscription;
  readonly error: Errno;
  readonly bytes: bigint;
  readonly flags: number;
}

function readSubscription(guest: Guest, at: number): Subscription {
  const view = guest.memory.view();
  const userdata = view.getBigUint64(at, true);
  const type = view.getUint8(at + 8);
  const subject = view.getUint32(at + 16, true);
  if (type > EVENT.fdWrite) fail(ERRNO.inval);
  if (type !== EVENT.clock) return { userdata, type, subject, deadline: 0n, error: ERRNO.success };
  const timeout = view.getBigUint64(at + 24, true);
  const isAbsolute = (view.getUint16(at + 40, true) & ABSOLUTE_TIME) !== 0;
  try {
    assertClock(subject);
    // By asking whether a time has come one reads the clock as well.
    if (isAbsolute && isWallClock(subject) && !guest.grants.has("clock")) {
      guest.log.refuseGrant("wasi_snapshot_preview1.poll_oneoff", "clock");
      fail(ERRNO.perm);
    }
    const deadline = isAbsolute ? timeout : clockTime(guest, subject) + timeout;
    return { userdata, type, subject, deadline, error: ERRNO.success };
  } catch (error) {
    return { userdata, type, subject, deadline: 0n, error: errnoOf(error) ?? ERRNO.inval };
  }
}

/** The event of a subscription that has something to tell. */
function eventOf(guest: Guest, subscription: Subscription): Event | undefined {
  const { type, subject, deadline, error } = subscription;
  const event = (more: Partial<Event> = {}): Event => ({ subscription, error, bytes: 0n, flags: 0, ...more });
  if (error !== ERRNO.success) return event();
  if (type === EVENT.clock) return clockTime(guest, subject) >= deadline ? event() : undefined;
  let descriptor: Descriptor;
  try {
    descriptor = guest.wasi.descriptors.get(subject);
  } catch {
    return event({ error: ERRNO.badf });
  }
  if ((descriptor.rights & RIGHT.pollFdReadwrite) === 0n) return event({ error: ERRNO.notcapable });
  if (descriptor.type === "directory") return event();
  if (descriptor.type === "file") {
    const left =
      type === EVENT.fdRead && descriptor.isSeekable
        ? descriptor.file.stat().size - BigInt(descriptor.position)
        : 0n;
    return event({ bytes: left > 0n ? left : 0n });
  }
  const isInput = descriptor.stream === 0;
  if (isInput !== (type === EVENT.fdRead)) return event({ error: ERRNO.badf });
  const { input } = guest.surroundings;
  if (!isInput) return event();
  if (!input || !guest.grants.has("stdin")) return event({ flags: HANGUP });
  if (!input.isReady) return undefined;
  return event({ bytes: BigInt(input.available), flags: input.available === 0 ? HANGUP : 0 });
}

/** Milliseconds until the first clock's time comes; undefined without clocks. */
function timeLeft(guest: Guest, subscriptions: readonly Subscription[]): number | undefined {
  let least: number | undefined;
  for (const { type, subject, deadline } of subscriptions) {
    if (type !== EVENT.clock) continue;
    const ms = Number(deadline - clockTime(guest, subject)) / 1e6;
    if (least === undefined || ms < least) least = ms;
  }
  return least;
}

function writeEvent(view: DataView, at: number, { subscription, error, bytes, flags }: Event): void {
  view.setBigUint64(at, subscription.userdata, true);
  view.setUint32(at + 8, error | (subscription.type << 16), true);
  view.setUint32(at + 12, 0, true);
  view.setBigUint64(at + 16, bytes, true);
  view.setBigUint64(at + 24, BigInt(flags), true);
}

export const pollCalls: Calls = {
  poll_oneoff: (guest, subscriptions: number, events: number, count: number, out: number) => {
    const n = count >>> 0;
    if (n === 0 || n > MAX_SUBSCRIPTIONS) return ERRNO.inval;
    const start = guest.memory.check(subscriptions, n * SUBSCRIPTION_BYTES, "poll_oneoff");
    const eventsAt = guest.memory.check(events, n * EVENT_BYTES, "poll_oneoff");
    const outAt = guest.memory.check(out, 4, "poll_oneoff");
    const wanted = Array.from({ length: n }, (_, i) =>
      readSubscription(guest, start + i * SUBSCRIPTION_BYTES),
    );
    const answer = (): number | undefined => {
      const found = wanted.flatMap((subscription) => eventOf(guest, subscription) ?? []);
      if (found.length === 0) return undefined;
      const view = guest.memory.view();
      for (const [i, event] of found.entries()) writeEvent(view, eventsAt + i * EVENT_BYTES, event);
      view.setUint32(outAt, found.length, true);
      return ERRNO.success;
    };
    return answer() ?? wait(guest, wanted, answer);
  },
};

function wait(guest: Guest, wanted: readonly Subscription[], answer: () => number | undefined): number {
  const { process, wasi, surroundings } = guest;
  const readsInput = wanted.some(({ type }) => type === EVENT.fdRead);
  const listen = () => {
    if (readsInput && surroundings.input) wasi.beginWait(surroundings.input.whenReady(() => process.wake()));
  };
  // A timer of an earlier wait that ended before its time.
  process.waitForMessage(undefined);
  listen();
  const left = timeLeft(guest, wanted);
  return guest.wait(
    () => {
      const errno = answer();
      if (errno !== undefined) {
        wasi.endWait();
        process.waitForMessage(undefined);
        return errno;
      }
      listen();
      return undefined;
    },
    left === undefined ? undefined : Math.max(1, Math.ceil(left)),
  );
}
