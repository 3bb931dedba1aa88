// Many seeds of one scenario, to find the one that breaks it.
import { Host } from "../host.ts";
import { MoonletError } from "../otp/error.ts";
import { assertSame, describeFailure, type Scenario, type SimRun, simulate } from "./run.ts";
import type { SimulationOptions } from "./simulation-options.ts";

export interface SwarmOptions extends Omit<SimulationOptions, "seed" | "deviations"> {
  /** How many seeds. Default 100. */
  readonly runs?: number;
  /** The first seed; the others follow it. Default 1. */
  readonly firstSeed?: number;
  /** Every so many runs the same seed runs twice and both logs are compared, beginning with the first; 0 is never. Default 100. */
  readonly checkEvery?: number;
}

export interface SwarmResult {
  readonly runs: number;
  /** Runs that were not like any before, by their logs. */
  readonly distinct: number;
  /** Points of `sim.reachable`, with the number of runs that passed them. */
  readonly reached: ReadonlyMap<string, number>;
}

/** A seed broke the scenario. The message holds all that is needed to see it again. */
export class SimulationFailure extends MoonletError {
  readonly run: SimRun;

  constructor(run: SimRun, title?: string) {
    super("E_SIM_FAILED", describeFailure(run, title), { cause: run.error });
    this.run = run;
  }
}

/** Runs a scenario with one seed after the other. @throws SimulationFailure for the first that fails. */
export async function swarm(
  scenario: Scenario,
  options: SwarmOptions = {},
  title?: string,
): Promise<SwarmResult> {
  const { runs = 100, firstSeed = 1, checkEvery = 100, ...rest } = options;
  // One loader for all, so that a program is compiled once.
  const shared: SimulationOptions = { schedule: "random", loader: new Host(), ...rest };
  const hashes = new Set<string>();
  const reached = new Map<string, number>();
  for (let i = 0; i < runs; i++) {
    const seed = firstSeed + i;
    const run = await simulate(scenario, { ...shared, seed });
    if (checkEvery > 0 && i % checkEvery === 0)
      assertSame(run, await simulate(scenario, { ...shared, seed }));
    if (!run.passed) throw new SimulationFailure(run, title);
    hashes.add(run.log.hash);
    for (const point of run.reached.keys()) reached.set(point, (reached.get(point) ?? 0) + 1);
  }
  return { runs, distinct: hashes.size, reached };
}
