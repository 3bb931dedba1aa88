// The one door for everything nondeterministic: time, randomness, deferral, and which process runs next. The real one stands on
// standard globals, so that the core runs in Node, in a worker and in a browser; a simulated one makes a run repeatable.
import type { Pid } from "./pid.ts";

export interface Environment {
  /** Monotonic milliseconds, fractional, since some point. Never goes back. */
  now(): number;
  /** Milliseconds since 1970 in UTC. */
  wallTime(): number;
  /** Fills `into` with random bytes. */
  randomBytes(into: Uint8Array): void;
  /** Calls `fn` soon, after waiting I/O and timers of the embedder had their turn. */
  defer(fn: () => void): void;
  /** Calls `fn` once, at the earliest in `ms` milliseconds. At most one timer of a runtime is pending at a time. */
  setTimer(fn: () => void, ms: number): unknown;
  clearTimer(handle: unknown): void;
  /**
   * Which of `n` runnable processes of equal priority runs next, 0 being the one that waits longest; `pidAt` tells who they are.
   * Default: always 0.
   */
  choose?(n: number, pidAt: (index: number) => Pid): number;
  /**
   * With this, every turn of the scheduler is one slice and begins in a `defer`; it is told whose slice it was and how many reductions
   * that process has used over its life. For simulations, whose clock goes by what is done. Default: a turn lasts 1 ms.
   */
  sliced?(pid: Pid, reductions: number): void;
}

/** What `setTimeout` can wait for; longer waits are made of several. */
const LONGEST_TIMEOUT_MS = 0x7fff_ffff;

/** The real environment, on `performance`, `crypto`, `setTimeout` and `setImmediate` or `MessageChannel`. */
export function defaultEnvironment(): Environment {
  // Looked for late, as `crypto` is: Node loads both with the first look at them.
  let clock: Performance | undefined;
  return {
    now: () => {
      clock ??= globalThis.performance;
      return clock.now();
    },
    wallTime: () => {
      clock ??= globalThis.performance;
      return clock.timeOrigin + clock.now();
    },
    randomBytes: (into) => {
      // getRandomValues refuses more than 65,536 bytes at a time.
      for (let at = 0; at < into.length; at += 65_536) {
        globalThis.crypto.getRandomValues(into.subarray(at, at + 65_536) as Uint8Array<ArrayBuffer>);
      }
    },
    defer: macrotask(),
    setTimer: (fn, ms) => setTimeout(fn, Math.min(Math.ceil(ms), LONGEST_TIMEOUT_MS)),
    clearTimer: (handle) => clearTimeout(handle as ReturnType<typeof setTimeout>),
  };
}

/** The quickest way to get behind waiting I/O on this platform. */
function macrotask(): (fn: () => void) => void {
  if (typeof globalThis.setImmediate === "function") {
    const { setImmediate } = globalThis;
    return (fn) => {
      setImmediate(fn);
    };
  }
  const waiting: (() => void)[] = [];
  const { port1, port2 } = new MessageChannel();
  port1.onmessage = () => waiting.shift()?.();
  return (fn) => {
    waiting.push(fn);
    port2.postMessage(undefined);
  };
}
