// A bound that is asked for when something comes near it: how much memory there is takes Node a millisecond to say, which most starts need not.

export type Bound = number | (() => number);

export class LateBound {
  #bound: Bound;
  /** Below this it is not asked for. */
  #from: number;

  /** `from`: less than this is below the bound whatever it is. */
  constructor(bound: Bound, from: number) {
    this.#bound = bound;
    this.#from = typeof bound === "number" ? bound : from;
  }

  get value(): number {
    if (typeof this.#bound === "function") {
      this.#bound = this.#bound();
      this.#from = this.#bound;
    }
    return this.#bound;
  }

  /** Whether there is no room for more than `used`. */
  isReached(used: number): boolean {
    return used >= this.#from && used >= this.value;
  }

  /** How much more than `used` there may be; Infinity while `used` and `wanted` together are below what it is asked for from. */
  room(used: number, wanted: number): number {
    return used + wanted < this.#from ? Number.POSITIVE_INFINITY : this.value - used;
  }
}
