// Kinds of faults that a seed spreads over a run (swarm testing: each run draws which kinds are on, and how strong they are).
import type { Random } from "./random.ts";

/** What a fault kind may look at to decide whom it spares. */
export interface FaultTarget {
  readonly address: string;
  readonly label: string | undefined;
  readonly name: string | undefined;
  readonly isGuest: boolean;
}

export interface KillFault {
  readonly kind: "kill";
  readonly options: KillFaultOptions;
}

/** One kind of fault; made by `faults`. */
export type Fault = KillFault;

export interface KillFaultOptions {
  /** Whom it may hit. Default: guests. */
  readonly only?: (target: FaultTarget) => boolean;
  /** Kills in one run at most. Default 3. */
  readonly max?: number;
}

export const faults = {
  /** Kills processes: guests at any unit of fuel and before or after any host call, JavaScript processes after any event. */
  kill: (options: KillFaultOptions = {}): Fault => ({ kind: "kill", options }),
};

/** When one process is to be killed, as far as the seed has it. */
export interface KillPlan {
  /** Infinity for never. */
  readonly fuel: number;
  readonly event: number;
  /** Probability for each place before and after a host call. */
  readonly callRate: number;
}

const NEVER: KillPlan = { fuel: Number.POSITIVE_INFINITY, event: Number.POSITIVE_INFINITY, callRate: 0 };

/** The kills of one run: how strong they are is drawn once, whom they hit per process. */
export class KillGenerator {
  readonly options: KillFaultOptions;
  left: number;
  readonly #isOn: boolean;
  readonly #callRate: number;
  readonly #meanFuel: number;
  readonly #meanEvents: number;

  constructor(options: KillFaultOptions, random: Random) {
    this.options = options;
    this.#isOn = random.float() < 0.9;
    this.left = 1 + random.below(options.max ?? 3);
    this.#callRate = random.logUniform(0.001, 0.1);
    this.#meanFuel = random.logUniform(100, 1_000_000);
    this.#meanEvents = random.logUniform(5, 500);
  }

  plan(target: FaultTarget, random: Random): KillPlan {
    const [a, b, c] = [random.float(), random.float(), random.float()];
    const { only = (process: FaultTarget) => process.isGuest } = this.options;
    if (!this.#isOn || !only(target)) return NEVER;
    const exponential = (mean: number, draw: number) => Math.ceil(-mean * Math.log(1 - draw)) || 1;
    return {
      fuel: target.isGuest && a < 0.5 ? exponential(this.#meanFuel, b) : Number.POSITIVE_INFINITY,
      event: target.isGuest ? Number.POSITIVE_INFINITY : exponential(this.#meanEvents, c),
      callRate: target.isGuest && a >= 0.25 ? this.#callRate : 0,
    };
  }
}
