// One run of a scenario in a world of its own, from beginning to end.
import { MoonletError } from "../otp/error.ts";
import { type Deviation, formatDeviation } from "./deviation.ts";
import { type EventLog, firstDifference, formatEvent } from "./event-log.ts";
import { createSimulation, type Simulation } from "./simulation.ts";
import type { SimulationOptions } from "./simulation-options.ts";

/** What is simulated. The same function serves every seed; it must take time and randomness from the world only. */
export type Scenario = (sim: Simulation) => unknown;

/** How a run ended. */
export interface SimRun {
  readonly seed: number | string;
  readonly log: EventLog;
  readonly deviations: readonly Deviation[];
  /** By `P.2 message.send`, how often each guest made each host call. */
  readonly calls: ReadonlyMap<string, number>;
  /** Points that guests marked with `sim.reachable`. */
  readonly reached: ReadonlyMap<string, number>;
  /** What the scenario threw; undefined when it passed. */
  readonly error: unknown;
  readonly passed: boolean;
  /** The run as text: see `decodeReplay`. */
  readonly token: string;
}

/** Runs a scenario; what it throws is in the result. When it returns, the world is closed. */
export async function simulate(scenario: Scenario, options: SimulationOptions = {}): Promise<SimRun> {
  const sim = createSimulation(options);
  let error: unknown;
  let passed = false;
  try {
    await scenario(sim);
    passed = true;
  } catch (thrown) {
    error = thrown;
  }
  const { seed, log, calls, reached } = sim;
  const token = await sim.token();
  const deviations = [...sim.deviations];
  await sim.close();
  return { seed, log, deviations, calls, reached, error, passed, token };
}

/**
 * Runs a scenario twice from the same options. @throws MoonletError E_SIM_NONDETERMINISTIC naming the first event that differs.
 */
export async function checkDeterminism(scenario: Scenario, options: SimulationOptions = {}): Promise<SimRun> {
  const first = await simulate(scenario, options);
  assertSame(first, await simulate(scenario, options));
  return first;
}

/** @throws MoonletError E_SIM_NONDETERMINISTIC. */
export function assertSame(first: SimRun, second: SimRun): void {
  if (first.log.hash === second.log.hash && first.passed === second.passed) return;
  const difference = firstDifference(first.log, second.log);
  const what =
    difference === undefined
      ? "one of them failed and the other did not"
      : `event ${difference.index + 1} is in one\n  ${difference.first ?? "(the end)"}\nand in the other\n  ${difference.second ?? "(the end)"}`;
  throw new MoonletError(
    "E_SIM_NONDETERMINISTIC",
    `two runs of seed ${first.seed} are not the same: ${what}`,
    {
      hint: "Something got in that is not part of the world: a clock, a random number, I/O, or state that outlives a run. guardGlobals may find it.",
    },
  );
}

const SHOWN_DEVIATIONS = 20;
const SHOWN_EVENTS = 30;
/** Longer ones are not for pasting; the seed does the same. */
const LONGEST_TOKEN = 4000;

/** What a person needs of a run that failed: why, how it differed from the default run, what happened last, and how to get it again. */
export function describeFailure(run: SimRun, title = "the scenario"): string {
  const { error, deviations, log, seed, token } = run;
  const lines = [
    `${title} failed with seed ${seed}: ${error instanceof Error ? error.message.split("\n")[0] : String(error)}`,
  ];
  if (deviations.length > 0) {
    lines.push(
      `${deviations.length} deviation${deviations.length === 1 ? "" : "s"} from the default run${deviations.length > SHOWN_DEVIATIONS ? ", the last" : ""}:`,
    );
    lines.push(...deviations.slice(-SHOWN_DEVIATIONS).map((deviation) => `  ${formatDeviation(deviation)}`));
  }
  lines.push(`the last of ${log.length} events (hash ${log.hash}):`);
  lines.push(...log.events.slice(-SHOWN_EVENTS).map((event) => `  ${formatEvent(event)}`));
  lines.push(
    `once more: MOONLET_SIM_SEED=${seed}${token.length <= LONGEST_TOKEN ? ` or MOONLET_SIM_REPLAY=${token}` : ""}`,
  );
  return lines.join("\n");
}
