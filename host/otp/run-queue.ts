// Runnable processes: one FIFO per priority, chained through the processes themselves so that queueing allocates nothing. Max goes
// before high, high before the rest; low gets every ninth turn while normal ones want to run (OTP: 8 to 1).
import type { Environment } from "./environment.ts";
import type { Pid } from "./pid.ts";
import type { Process } from "./process.ts";

export type Priority = "max" | "high" | "normal" | "low";

/** Turns of normal processes for one of a low process. */
const NORMAL_TURNS_PER_LOW = 8;

class Fifo {
  length = 0;
  #first: Process | undefined = undefined;
  #last: Process | undefined = undefined;

  push(process: Process): void {
    if (this.#last === undefined) this.#first = process;
    else this.#last.nextInQueue = process;
    this.#last = process;
    this.length++;
  }

  get first(): Process | undefined {
    return this.#first;
  }

  pidAt(index: number): Pid {
    let process = this.#first!;
    for (let i = 0; i < index && process.nextInQueue !== undefined; i++) process = process.nextInQueue;
    return process.pid;
  }

  /** Takes out the one at `index`, 0 being the oldest. The queue is not empty. */
  shift(index: number): Process {
    let before: Process | undefined;
    let process = this.#first!;
    for (let i = 0; i < index && process.nextInQueue !== undefined; i++) {
      before = process;
      process = process.nextInQueue;
    }
    if (before === undefined) this.#first = process.nextInQueue;
    else before.nextInQueue = process.nextInQueue;
    if (this.#last === process) this.#last = before;
    process.nextInQueue = undefined;
    this.length--;
    return process;
  }
}

export class RunQueue {
  length = 0;
  readonly #max = new Fifo();
  readonly #high = new Fifo();
  readonly #normal = new Fifo();
  readonly #low = new Fifo();
  readonly #choose: Environment["choose"];
  #normalTurns = 0;

  constructor(choose?: Environment["choose"]) {
    this.#choose = choose;
  }

  push(process: Process): void {
    this.#fifo(process.priority).push(process);
    this.length++;
  }

  /** Whose turn it is if nothing but their order counts; undefined when nobody wants to run or the priorities have to be looked at. */
  get first(): Process | undefined {
    return this.length === this.#normal.length ? this.#normal.first : undefined;
  }

  /** Whose turn it is; undefined when nobody wants to run. */
  shift(): Process | undefined {
    if (this.length === 0) return undefined;
    this.length--;
    const fifo = this.#next();
    if (this.#choose === undefined || fifo.length === 1) return fifo.shift(0);
    return fifo.shift(this.#choose(fifo.length, (index) => fifo.pidAt(index)));
  }

  #next(): Fifo {
    if (this.#max.length > 0) return this.#max;
    if (this.#high.length > 0) return this.#high;
    if (this.#low.length === 0) return this.#normal;
    if (this.#normal.length === 0 || this.#normalTurns >= NORMAL_TURNS_PER_LOW) {
      this.#normalTurns = 0;
      return this.#low;
    }
    this.#normalTurns++;
    return this.#normal;
  }

  #fifo(priority: Priority): Fifo {
    switch (priority) {
      case "max":
        return this.#max;
      case "high":
        return this.#high;
      case "normal":
        return this.#normal;
      case "low":
        return this.#low;
    }
  }
}
