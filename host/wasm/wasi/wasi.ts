// wasi_snapshot_preview1.*: wasi-js does what needs no door to the outside; time, randomness, standard streams, waiting and exit are
// moonlet's own, so that they go through the Environment, the grants and the scheduler. No directory is open to a guest.
import { tuple } from "../../otp/term/index.ts";
import type { Guest } from "../guest.ts";
import { GuestExit, GuestFault } from "../guest-fault.ts";
import { type Namespace, type Syscall, type } from "../syscall.ts";
import { ERRNO, PREVIEW1 } from "./preview1-types.ts";

/** The part of wasi-js's class that is used. */
export interface WasiImplementation {
  readonly wasiImport: Readonly<Record<string, ((...args: (number | bigint)[]) => unknown) | undefined>>;
  setMemory(memory: { readonly buffer: ArrayBuffer }): void;
}
export type WasiConstructor = new (config: object) => WasiImplementation;

type Call = (...args: never[]) => number | undefined;

const CLOCK_REALTIME = 0;
const CLOCKS = 4;
const CLOCK_RESOLUTION_NS = 1000n;
const SUBSCRIPTION_BYTES = 48;
const EVENT_BYTES = 32;
const EVENT_CLOCK = 0;
const ABSOLUTE_TIME = 1;

/** Nanoseconds of a WASI clock; processes have no CPU clock of their own, theirs is the monotonic one. */
function clockNanoseconds(guest: Guest, clock: number): bigint {
  const { environment } = guest.process.runtime;
  return BigInt(Math.round((clock === CLOCK_REALTIME ? environment.wallTime() : environment.now()) * 1e6));
}

/** The functions that are moonlet's own. */
const OWN: Readonly<Record<string, (guest: Guest) => Call>> = {
  clock_time_get: (guest) => (clock: number, _precision: bigint, out: number) => {
    if (clock >>> 0 >= CLOCKS) return ERRNO.inval;
    const at = guest.memory.check(out, 8, "clock_time_get");
    guest.memory.view().setBigUint64(at, clockNanoseconds(guest, clock), true);
    return ERRNO.success;
  },
  clock_res_get: (guest) => (clock: number, out: number) => {
    if (clock >>> 0 >= CLOCKS) return ERRNO.inval;
    guest.memory.view().setBigUint64(guest.memory.check(out, 8, "clock_res_get"), CLOCK_RESOLUTION_NS, true);
    return ERRNO.success;
  },
  random_get: (guest) => (pointer: number, length: number) => {
    guest.process.runtime.environment.randomBytes(guest.memory.borrow(pointer, length, "random_get"));
    return ERRNO.success;
  },
  fd_write: (guest) => (fd: number, vectors: number, count: number, out: number) => {
    if (fd !== 1 && fd !== 2) return ERRNO.badf;
    if (!guest.grants.has("stdio")) return ERRNO.badf;
    const bytes = gather(guest, vectors, count);
    const at = guest.memory.check(out, 4, "fd_write");
    if (bytes.length > 0) guest.services.write(fd, bytes, guest.process.pid);
    guest.memory.view().setUint32(at, bytes.length, true);
    return ERRNO.success;
  },
  fd_read: (guest) => (fd: number, _vectors: number, _count: number, out: number) => {
    if (fd !== 0) return ERRNO.badf;
    // Standard input is at its end.
    guest.memory.view().setUint32(guest.memory.check(out, 4, "fd_read"), 0, true);
    return ERRNO.success;
  },
  // The standard streams cannot be positioned, and no other descriptor is open.
  fd_pread: () => (fd: number) => (fd >>> 0 <= 2 ? ERRNO.spipe : ERRNO.badf),
  fd_pwrite: () => (fd: number) => (fd >>> 0 <= 2 ? ERRNO.spipe : ERRNO.badf),
  proc_exit: () => (code: number) => {
    throw new GuestExit(code === 0 ? "normal" : tuple("exit_code", code));
  },
  proc_raise: () => () => ERRNO.notsup,
  sched_yield: (guest) => () => {
    guest.yieldTurn();
    return ERRNO.success;
  },
  poll_oneoff: (guest) => (subscriptions: number, events: number, count: number, out: number) =>
    pollClocks(guest, subscriptions, events, count, out),
};

/** Which of these may suspend their caller. */
const WAITING = ["sched_yield", "poll_oneoff"];

/** The namespace as syscalls. */
export const wasiPreview1: Namespace = Object.fromEntries(
  Object.entries(PREVIEW1).map(([name, params]): [string, Syscall] => [
    name,
    {
      type: type(`${params} -> ${name === "proc_exit" ? "" : "i32"}`),
      waits: WAITING.includes(name),
      call: (guest, ...args) => {
        const own = OWN[name];
        return own ? own(guest)(...args) : otherwise(guest, name, args);
      },
    },
  ]),
);

/** What wasi-js does of it. Where it throws, an argument leads outside the memory or means nothing: the guest's fault. */
function otherwise(guest: Guest, name: string, args: (number | bigint)[]): number {
  const wasi = guest.wasi();
  const call = wasi?.wasiImport[name];
  if (!call) return ERRNO.nosys;
  // wasi-js takes a pointer for an offset in the whole buffer, which the guest's are not: it works on a copy.
  const buffer = guest.memory.copyOut(0, guest.memory.byteLength, name).buffer as ArrayBuffer;
  try {
    wasi!.setMemory({ buffer });
    const result = Number(call(...args) ?? ERRNO.success);
    guest.memory.bytes().set(new Uint8Array(buffer));
    // It keeps a view until the buffer is detached.
    structuredClone(buffer, { transfer: [buffer] });
    return result;
  } catch {
    throw new GuestFault(
      "bad_argument",
      `wasi_snapshot_preview1.${name}: arguments that lead outside the memory or mean nothing`,
    );
  }
}

function gather(guest: Guest, vectors: number, count: number): Uint8Array {
  const { memory } = guest;
  const start = memory.check(vectors, (count >>> 0) * 8, "fd_write");
  const parts: Uint8Array[] = [];
  let length = 0;
  for (let i = 0; i < count >>> 0; i++) {
    const view = memory.view();
    const part = memory.borrow(
      view.getUint32(start + i * 8, true),
      view.getUint32(start + i * 8 + 4, true),
      "fd_write",
    );
    length += part.length;
    if (length > guest.limits.messageBytes)
      throw new GuestFault("bad_argument", "fd_write: more bytes at once than a message may have");
    parts.push(part);
  }
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

/** Waits for the earliest of the clocks that are subscribed to, while others run; anything else than a clock is not supported. */
function pollClocks(guest: Guest, subscriptions: number, events: number, count: number, out: number): number {
  if (count >>> 0 === 0) return ERRNO.inval;
  const start = guest.memory.check(subscriptions, (count >>> 0) * SUBSCRIPTION_BYTES, "poll_oneoff");
  const eventsAt = guest.memory.check(events, (count >>> 0) * EVENT_BYTES, "poll_oneoff");
  const outAt = guest.memory.check(out, 4, "poll_oneoff");
  let earliest: { readonly ns: bigint; readonly userdata: bigint } | undefined;
  for (let i = 0; i < count >>> 0; i++) {
    const view = guest.memory.view();
    const at = start + i * SUBSCRIPTION_BYTES;
    if (view.getUint8(at + 8) !== EVENT_CLOCK) return ERRNO.notsup;
    const clock = view.getUint32(at + 16, true);
    const timeout = view.getBigUint64(at + 24, true);
    const absolute = (view.getUint16(at + 40, true) & ABSOLUTE_TIME) !== 0;
    if (clock >= CLOCKS) return ERRNO.inval;
    const left = absolute ? timeout - clockNanoseconds(guest, clock) : timeout;
    if (!earliest || left < earliest.ns) earliest = { ns: left, userdata: view.getBigUint64(at, true) };
  }
  const view = guest.memory.view();
  guest.memory.bytes().fill(0, eventsAt, eventsAt + EVENT_BYTES);
  view.setBigUint64(eventsAt, earliest!.userdata, true);
  view.setUint8(eventsAt + 10, EVENT_CLOCK);
  view.setUint32(outAt, 1, true);
  const ms = Number(earliest!.ns) / 1e6;
  if (ms <= 0) return ERRNO.success;
  guest.sleep(Math.min(Math.ceil(ms), 0xffff_fffe));
  return ERRNO.success;
}
