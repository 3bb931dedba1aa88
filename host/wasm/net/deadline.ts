// Something to be done when a time is over, by the clock of the Environment.
import type { Runtime } from "../../otp/index.ts";
import { Timer } from "../../otp/timers.ts";

export class Deadline extends Timer {
  readonly #runtime: Runtime;
  readonly #over: () => void;

  constructor(runtime: Runtime, over: () => void) {
    super();
    this.#runtime = runtime;
    this.#over = over;
  }

  /** Starts the clock, or starts it again. Infinity: it never goes off. */
  start(ms: number): void {
    this.stop();
    const { timers, environment } = this.#runtime;
    if (ms !== Number.POSITIVE_INFINITY) timers.add(this, environment.now() + ms);
  }

  stop(): void {
    this.#runtime.timers.remove(this);
  }

  fire(): void {
    this.#over();
  }
}
