// The simulated Environment: a virtual clock that goes by the work that is done, deferred calls and timers that run when the
// simulation says so. No real time gets in, and nothing happens unless `runNext` is called.
import type { Environment, Pid } from "../otp/index.ts";

/** What the simulation decides for the environment. */
export interface EnvironmentHooks {
  choose(n: number, pidAt: (index: number) => Pid): number;
  randomBytes(into: Uint8Array): void;
}

interface PendingTimer {
  readonly due: number;
  readonly sequence: number;
  readonly fn: () => void;
}

export interface ClockOptions {
  /** Unix milliseconds at virtual time 0. */
  readonly startTime: number;
  /** Units of fuel (of a JavaScript process: reductions) that take one virtual millisecond. */
  readonly fuelPerMs: number;
}

export class SimEnvironment implements Environment {
  readonly #hooks: EnvironmentHooks;
  readonly #clock: ClockOptions;
  readonly #deferred: (() => void)[] = [];
  /** Few at a time: a runtime has one. */
  readonly #timers: PendingTimer[] = [];
  readonly #reductions = new Map<number, number>();
  #now = 0;
  #sequence = 0;

  constructor(hooks: EnvironmentHooks, clock: ClockOptions) {
    this.#hooks = hooks;
    this.#clock = clock;
  }

  now(): number {
    return this.#now;
  }
  wallTime(): number {
    return this.#clock.startTime + this.#now;
  }
  randomBytes(into: Uint8Array): void {
    this.#hooks.randomBytes(into);
  }
  defer(fn: () => void): void {
    this.#deferred.push(fn);
  }
  setTimer(fn: () => void, ms: number): unknown {
    const timer: PendingTimer = { due: this.#now + Math.max(0, ms), sequence: this.#sequence++, fn };
    this.#timers.push(timer);
    return timer;
  }
  clearTimer(handle: unknown): void {
    const at = this.#timers.indexOf(handle as PendingTimer);
    if (at >= 0) this.#timers.splice(at, 1);
  }
  choose(n: number, pidAt: (index: number) => Pid): number {
    return this.#hooks.choose(n, pidAt);
  }
  sliced(pid: Pid, reductions: number): void {
    this.#now += (reductions - this.used(pid)) / this.#clock.fuelPerMs;
    this.#reductions.set(pid.number, reductions);
  }

  /** Reductions that a process had used after its last slice. */
  used(pid: Pid): number {
    return this.#reductions.get(pid.number) ?? 0;
  }

  /** Something can happen without time passing. */
  get busy(): boolean {
    return this.#deferred.length > 0 || this.nextTimer <= this.#now;
  }
  /** When the next timer is due; Infinity if there is none. */
  get nextTimer(): number {
    return this.#first()?.due ?? Number.POSITIVE_INFINITY;
  }

  /** Lets time pass without anything happening. Never goes back. */
  advanceTo(time: number): void {
    this.#now = Math.max(this.#now, time);
  }

  /** Runs what comes next: a timer that is due, else the oldest deferred call, else the next timer. False if there is neither. */
  runNext(): boolean {
    const timer = this.#first();
    if (timer !== undefined && (timer.due <= this.#now || this.#deferred.length === 0)) {
      this.clearTimer(timer);
      this.advanceTo(timer.due);
      timer.fn();
      return true;
    }
    const fn = this.#deferred.shift();
    fn?.();
    return fn !== undefined;
  }

  #first(): PendingTimer | undefined {
    let first: PendingTimer | undefined;
    for (const timer of this.#timers) {
      if (
        first === undefined ||
        timer.due < first.due ||
        (timer.due === first.due && timer.sequence < first.sequence)
      )
        first = timer;
    }
    return first;
  }
}
