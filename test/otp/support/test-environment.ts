// Virtual time: an Environment whose clock moves only when a test says so, and whose deferred work runs when it says so.
import type { Environment } from "../../../host/otp/environment.ts";

interface Armed {
  readonly fn: () => void;
  readonly due: number;
}

export class TestEnvironment implements Environment {
  /** Which process runs next, if a test wants to decide that. */
  choose?: (n: number) => number;
  #now = 0;
  #seed = 1;
  readonly #deferred: (() => void)[] = [];
  readonly #armed = new Set<Armed>();

  now(): number {
    return this.#now;
  }

  wallTime(): number {
    return 1_700_000_000_000 + this.#now;
  }

  randomBytes(into: Uint8Array): void {
    for (let i = 0; i < into.length; i++) {
      this.#seed = (Math.imul(this.#seed, 1_103_515_245) + 12_345) >>> 0;
      into[i] = this.#seed >>> 24;
    }
  }

  defer(fn: () => void): void {
    this.#deferred.push(fn);
  }

  setTimer(fn: () => void, ms: number): unknown {
    const armed = { fn, due: this.#now + ms };
    this.#armed.add(armed);
    return armed;
  }

  clearTimer(handle: unknown): void {
    this.#armed.delete(handle as Armed);
  }

  /** How many timers are armed: a runtime never has more than one. */
  get armedTimers(): number {
    return this.#armed.size;
  }

  /** How many pieces of work are deferred. */
  get deferred(): number {
    return this.#deferred.length;
  }

  /** Moves the clock without running anything, as a long computation would. */
  spend(ms: number): void {
    this.#now += ms;
  }

  /** Runs the oldest deferred piece of work, as one turn of an event loop. */
  async turn(): Promise<void> {
    await microtasks();
    this.#deferred.shift()?.();
    await microtasks();
  }

  /** Lets everything run that can run without time passing. */
  async settle(): Promise<void> {
    await microtasks();
    while (this.#deferred.length > 0) await this.turn();
  }

  /** Lets everything run, and lets `ms` milliseconds pass, with each timer going off at its time. */
  async advance(ms: number): Promise<void> {
    const end = this.#now + ms;
    await this.settle();
    for (;;) {
      let next: Armed | undefined;
      for (const armed of this.#armed) {
        if (armed.due <= end && (next === undefined || armed.due < next.due)) next = armed;
      }
      if (next === undefined) break;
      this.#armed.delete(next);
      this.#now = Math.max(this.#now, next.due);
      next.fn();
      await this.settle();
    }
    this.#now = end;
  }
}

/** Lets all microtasks run, and those that they start. */
function microtasks(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
