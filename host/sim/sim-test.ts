// Simulations as tests of vitest, jest or node:test. It gets the runner's `it`, so that nothing here depends on one.
import { Host } from "../host.ts";
import { MoonletError } from "../otp/error.ts";
import { type CrashSweepOptions, crashSweep } from "./crash-sweep.ts";
import { decodeReplay } from "./replay-token.ts";
import { checkDeterminism, type Scenario, simulate } from "./run.ts";
import { SimulationFailure, type SwarmOptions, swarm } from "./swarm.ts";

/** A test runner's `it`. */
export type TestRunner = (name: string, run: () => Promise<void>) => void;

export interface SimTest {
  /**
   * A scenario as a test: without `runs` it runs once, with the default schedule; with `runs` that many seeds, with a random one.
   * MOONLET_SIM_SEED runs one seed only, MOONLET_SIM_REPLAY what the token says.
   */
  (name: string, scenario: Scenario): void;
  (name: string, options: SwarmOptions, scenario: Scenario): void;
  /** Fails unless the scenario passes with a guest killed before and after each of its host calls. */
  crashSweep(name: string, options: CrashSweepOptions, scenario: Scenario): void;
}

/**
 * @example
 * import { it } from "vitest";
 * import { createSimTest, faults } from "moonlet/sim";
 * const simTest = createSimTest(it);
 * simTest("the bank survives crashes", { runs: 500, faults: [faults.kill()] }, async (sim) => { ... });
 */
export function createSimTest(it: TestRunner): SimTest {
  const test = (name: string, ...rest: readonly [Scenario] | readonly [SwarmOptions, Scenario]): void => {
    const [options, scenario] = rest.length === 1 ? [{ runs: 1, schedule: "fifo" } as const, rest[0]] : rest;
    it(name, () => runTest(name, options, scenario));
  };
  const sweep = (name: string, options: CrashSweepOptions, scenario: Scenario): void =>
    it(name, async () => {
      const result = await crashSweep(scenario, options);
      if (result.failed.length > 0)
        throw new MoonletError(
          "E_SIM_FAILED",
          `${name}: ${result.failed.length} crashes break it\n${result}`,
        );
    });
  return Object.assign(test, { crashSweep: sweep });
}

async function runTest(name: string, options: SwarmOptions, scenario: Scenario): Promise<void> {
  const env = (globalThis as { process?: { env?: Record<string, string | undefined> } }).process?.env ?? {};
  const { runs, firstSeed, checkEvery, ...world } = options;
  if (env.MOONLET_SIM_REPLAY) {
    const { seed, deviations } = await decodeReplay(env.MOONLET_SIM_REPLAY);
    const run = await checkDeterminism(scenario, { ...world, seed, deviations, loader: new Host() });
    if (!run.passed) throw new SimulationFailure(run, name);
  } else if (env.MOONLET_SIM_SEED) {
    const run = await simulate(scenario, { schedule: "random", ...world, seed: env.MOONLET_SIM_SEED });
    if (!run.passed) throw new SimulationFailure(run, name);
  } else {
    await swarm(scenario, options, name);
  }
}
