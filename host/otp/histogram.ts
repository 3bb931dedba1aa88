// A histogram with fixed bounds: adding a value allocates nothing.

/** How many values were at most `le`, for each bound and Infinity, cumulative as Prometheus counts. */
export interface HistogramSnapshot {
  readonly buckets: readonly { readonly le: number; readonly count: number }[];
  readonly sum: number;
  readonly count: number;
}

export class Histogram {
  readonly #bounds: readonly number[];
  readonly #counts: number[];
  #sum = 0;

  /** `bounds` rise. */
  constructor(bounds: readonly number[]) {
    this.#bounds = bounds;
    this.#counts = new Array<number>(bounds.length + 1).fill(0);
  }

  add(value: number): void {
    let i = 0;
    while (i < this.#bounds.length && value > this.#bounds[i]!) i++;
    this.#counts[i]!++;
    this.#sum += value;
  }

  snapshot(): HistogramSnapshot {
    let count = 0;
    const buckets = this.#counts.map((own, i) => {
      count += own;
      return { le: this.#bounds[i] ?? Number.POSITIVE_INFINITY, count };
    });
    return { buckets, sum: this.#sum, count };
  }
}
