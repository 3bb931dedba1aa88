// How many lines a guest may log: a fixed number in each second, by the clock of the Environment.

const WINDOW_MS = 1000;

export class LogThrottle {
  readonly #limit: number;
  #windowEnd = 0;
  #lines = 0;
  #dropped = 0;

  /** `limit`: lines in a second. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Whether one more may be logged now. */
  admits(now: number): boolean {
    if (now >= this.#windowEnd) {
      this.#windowEnd = now + WINDOW_MS;
      this.#lines = 0;
    }
    if (this.#lines < this.#limit) {
      this.#lines++;
      return true;
    }
    this.#dropped++;
    return false;
  }

  /** One that was admitted is not logged after all. */
  drop(): void {
    this.#lines--;
    this.#dropped++;
  }

  /** How many were admitted in the second that `now` is in. */
  recent(now: number): number {
    return now < this.#windowEnd ? this.#lines : 0;
  }

  /** How many were not admitted since this was last asked. */
  takeDropped(): number {
    const dropped = this.#dropped;
    this.#dropped = 0;
    return dropped;
  }
}
