// Parks guests that have not run for a while, so that their instances go and what they hold is bytes again. Only a timer: nothing of this
// is on the way of a message, and it is set while there is a guest in an instance at all.
import { type Environment, Timer, type Timers } from "../otp/index.ts";
import type { InstancePool } from "./instance-pool.ts";

/** Guests of one turn: some 2 us each. */
const MOST_AT_ONCE = 256;

export class IdleParking extends Timer {
  readonly #pool: InstancePool;
  readonly #timers: Timers;
  readonly #environment: Environment;
  readonly #idleMs: number;

  constructor(pool: InstancePool, timers: Timers, environment: Environment, idleMs: number) {
    super();
    this.#pool = pool;
    this.#timers = timers;
    this.#environment = environment;
    this.#idleMs = idleMs;
  }

  /** A guest has taken a seat. */
  watch(): void {
    if (!this.pending) this.#timers.add(this, this.#environment.now() + this.#idleMs);
  }

  fire(): void {
    const left = this.#pool.parkIdle(MOST_AT_ONCE);
    if (left === "nobody") return;
    this.#timers.add(this, this.#environment.now() + (left === "idle" ? 0 : this.#idleMs));
  }
}
