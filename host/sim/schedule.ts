// Who runs next, where several could: the default is the one that has waited longest; a seed or a list of deviations says otherwise.
import type { Deviation } from "./deviation.ts";
import type { Random } from "./random.ts";

/** "fifo": the default everywhere. "random": any runnable process, with equal chances. */
export type ScheduleStrategy = "fifo" | "random";

/** A process that could run, and how much it has used so far. */
export interface Candidate {
  readonly address: string;
  readonly used: number;
}

export class Schedule {
  readonly #random: Random | undefined;
  readonly #replayed: ReadonlyMap<string, string>;
  readonly #record: (deviation: Deviation) => void;
  /** The last place at which there was a choice, and how often in a row of visits it was reached. */
  #visits = new Map<string, { used: number; nth: number }>();

  /** With deviations to replay, nothing is random. `record` is told of every choice that is not the default. */
  constructor(
    random: Random | undefined,
    replayed: readonly Deviation[],
    record: (deviation: Deviation) => void,
  ) {
    this.#random = random;
    this.#replayed = new Map(
      replayed.flatMap((entry) =>
        entry.do === "run" ? [[place(entry.process, entry.used, entry.nth), entry.to]] : [],
      ),
    );
    this.#record = record;
  }

  /** The index of the candidate that runs, among `n`; 0 is the default. */
  choose(n: number, candidateAt: (index: number) => Candidate): number {
    if (this.#random === undefined && this.#replayed.size === 0) return 0;
    const { address, used } = candidateAt(0);
    const nth = this.#visit(address, used);
    const index = this.#random?.below(n) ?? this.#replay(place(address, used, nth), n, candidateAt);
    if (index > 0) this.#record({ do: "run", process: address, used, nth, to: candidateAt(index).address });
    return index;
  }

  #replay(where: string, n: number, candidateAt: (index: number) => Candidate): number {
    const to = this.#replayed.get(where);
    if (to === undefined) return 0;
    for (let index = 0; index < n; index++) if (candidateAt(index).address === to) return index;
    // It cannot run here any more: the place has its default.
    return 0;
  }

  #visit(address: string, used: number): number {
    const last = this.#visits.get(address);
    if (last?.used === used) return ++last.nth;
    this.#visits.set(address, { used, nth: 1 });
    return 1;
  }
}

function place(address: string, used: number, nth: number): string {
  return `${address}@${used}/${nth}`;
}
