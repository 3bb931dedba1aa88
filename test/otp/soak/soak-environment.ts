// Virtual time for the soak: every look at the clock lets a little of it pass, and work is run turn by turn when the driver says so.
import type { Environment } from "../../../host/otp/environment.ts";

/** What passes between two looks at the clock. */
const LOOK_MS = 0.01;

interface Armed {
  readonly fn: () => void;
  readonly due: number;
}

export class SoakEnvironment implements Environment {
  #now = 0;
  #armed: Armed | undefined = undefined;
  #deferred: (() => void)[] = [];

  now(): number {
    this.#now += LOOK_MS;
    return this.#now;
  }

  /** The time, without any passing. */
  get time(): number {
    return this.#now;
  }

  wallTime(): number {
    return 1_700_000_000_000 + this.#now;
  }

  randomBytes(into: Uint8Array): void {
    into.fill(7);
  }

  defer(fn: () => void): void {
    this.#deferred.push(fn);
  }

  setTimer(fn: () => void, ms: number): unknown {
    if (this.#armed !== undefined) throw new Error("a second timer of the environment is armed");
    const armed = { fn, due: this.#now + ms };
    this.#armed = armed;
    return armed;
  }

  clearTimer(handle: unknown): void {
    if (this.#armed === handle) this.#armed = undefined;
  }

  get timerArmed(): boolean {
    return this.#armed !== undefined;
  }

  /** Lets time pass, so that the turn that runs comes to its end. */
  spend(ms: number): void {
    this.#now += ms;
  }

  /** Runs what was deferred, else the timer, else says that there is nothing. */
  turn(): boolean {
    const deferred = this.#deferred;
    const armed = this.#armed;
    if (deferred.length > 0) {
      this.#deferred = [];
      for (const fn of deferred) fn();
    } else if (armed !== undefined) {
      this.#armed = undefined;
      this.#now = Math.max(this.#now, armed.due);
      armed.fn();
    } else return false;
    return true;
  }
}
