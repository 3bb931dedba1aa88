// Lets a simulated world go on, one step after the other, and stops where it is told to. All microtasks of a step are done before the
// next one begins.
import { MoonletError } from "../otp/error.ts";
import { defaultEnvironment } from "../otp/index.ts";
import { formatTime } from "./duration.ts";
import { guardGlobals } from "./global-guard.ts";
import type { SimEnvironment } from "./sim-environment.ts";

/** Taken from the real world before anybody can replace its globals. */
const { defer } = defaultEnvironment();

/** Resolves when all microtasks are done. */
export function microtasksDone(): Promise<void> {
  return new Promise((resolve) => defer(resolve));
}

export interface DriverOptions {
  readonly maxSteps: number;
  readonly guardsGlobals: boolean;
  /** Called after each step. */
  stepped(): void;
  /** The last events, for errors. */
  tail(): string;
}

export class Driver {
  readonly #environment: SimEnvironment;
  readonly #options: DriverOptions;
  #steps = 0;
  #isRunning = false;
  #isClosed = false;

  constructor(environment: SimEnvironment, options: DriverOptions) {
    this.#environment = environment;
    this.#options = options;
  }

  /** Steps until `isDone` ("stopped"), or until nothing is left or the next thing lies after `end` ("idle"). */
  async drive(
    isDone: () => boolean,
    end = Number.POSITIVE_INFINITY,
    atLeastOnce = true,
  ): Promise<"stopped" | "idle"> {
    if (this.#isRunning) {
      throw new MoonletError("E_SIM_RUNNING", "this world is going on already", {
        hint: "Await one step, run, until or advance before the next.",
      });
    }
    this.#isRunning = true;
    const environment = this.#environment;
    try {
      await microtasksDone();
      for (let isFirst = atLeastOnce; ; isFirst = false) {
        if (!isFirst && isDone()) return "stopped";
        const isOver = environment.now() > end || (!environment.busy && environment.nextTimer > end);
        if (this.#isClosed || isOver || !(await this.#step())) return "idle";
      }
    } finally {
      this.#isRunning = false;
    }
  }

  close(): void {
    this.#isClosed = true;
  }

  async #step(): Promise<boolean> {
    const { maxSteps, guardsGlobals, stepped, tail } = this.#options;
    if (++this.#steps > maxSteps) {
      const message = `${maxSteps} steps, and the world goes on at ${formatTime(this.#environment.now())}${tail()}`;
      throw new MoonletError("E_SIM_STEPS", message, {
        hint: "A process may be looping; else raise maxSteps, or run for a time with advance.",
      });
    }
    const unguard = guardsGlobals ? guardGlobals() : undefined;
    let happened: boolean;
    try {
      happened = this.#environment.runNext();
      if (happened) await microtasksDone();
    } finally {
      unguard?.();
    }
    stepped();
    return happened;
  }
}
