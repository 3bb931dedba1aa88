// Fuel per second: an allowance that fills up steadily, by the clock of the Environment, to a second's worth. Who finds it empty waits in a
// queue, outside of the run queue and whatever arrives, and goes on when its turn has come: the first in the queue first.
import type { Process } from "./process.ts";
import { Timer } from "./timers.ts";

/** Parts of a second's worth that have to be there before somebody goes on, unless a slice is less. */
const PARTS = 10;

export class Throttle {
  readonly #perSecond: number;
  #left: number;
  /** When `#left` was so much. */
  #at = Number.NEGATIVE_INFINITY;
  readonly #waiting = new Set<Process>();
  #refill: Refill | undefined;
  #needed = 1;
  #toldAt = Number.NEGATIVE_INFINITY;

  constructor(perSecond: number) {
    this.#perSecond = perSecond;
    this.#left = perSecond;
  }

  /** What may be used now; less than nothing after somebody used more than was there. */
  available(now: number): number {
    if (now > this.#at) {
      if (this.#at !== Number.NEGATIVE_INFINITY)
        this.#left = Math.min(this.#perSecond, this.#left + ((now - this.#at) / 1000) * this.#perSecond);
      this.#at = now;
    }
    return this.#left;
  }

  /** Whether nobody was told within the last second that it is empty. */
  isNews(now: number): boolean {
    if (now - this.#toldAt < 1000) return false;
    this.#toldAt = now;
    return true;
  }

  /** So much was used. */
  spend(fuel: number): void {
    this.#left -= fuel;
    if (this.#waiting.size > 0 && this.#left >= this.#needed) this.#letNext();
  }

  /** Keeps a process whose body has just said `PAUSED` until there is something for it; a slice of its takes `budget` at most. */
  wait(process: Process, budget: number): void {
    this.#waiting.add(process);
    this.#needed = Math.max(1, Math.min(budget, this.#perSecond / PARTS));
    this.#refill ??= new Refill(() => this.#letNext());
    this.#arm(process);
  }

  /** The process is gone. */
  forget(process: Process): void {
    if (this.#waiting.delete(process) && this.#waiting.size === 0)
      process.runtime.timers.remove(this.#refill!);
  }

  /** The one that waits longest goes on; the next one a slice's worth later, or when it has used less. */
  #letNext(): void {
    const [next] = this.#waiting;
    if (next === undefined) return;
    this.#waiting.delete(next);
    next.unpause();
    next.runtime.timers.remove(this.#refill!);
    if (this.#waiting.size > 0) this.#arm(next, this.#needed);
  }

  #arm({ runtime }: Process, more = 0): void {
    if (this.#refill!.pending) return;
    const now = runtime.environment.now();
    const missing = this.#needed + more - this.available(now);
    runtime.timers.add(this.#refill!, now + Math.max(0, (missing / this.#perSecond) * 1000));
  }
}

class Refill extends Timer {
  readonly #fire: () => void;

  constructor(fire: () => void) {
    super();
    this.#fire = fire;
  }

  fire(): void {
    this.#fire();
  }
}
