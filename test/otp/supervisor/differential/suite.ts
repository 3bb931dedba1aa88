// Supervisors against OTP's.
import type { Suite } from "../../support/differential.ts";
import { replay, type Trace } from "./replay.ts";
import { FLAVOURS, type Flavour, generate, type Scenario } from "./scenario.ts";

export const supervisors: Suite<Scenario, Trace> = {
  name: "supervisor",
  folder: "test/otp/supervisor/differential",
  sources: ["test/otp/supervisor/differential/player.erl"],
  flavours: FLAVOURS,
  generate: (seed, flavour) => generate(seed, flavour as Flavour),
  scenarioMs: 15_000,
  // Of a dynamic child whose restart says ignore, OTP 25 keeps what it falls over when it stops: see dynamic-children.ts.
  isFair: ({ flavour, steps }) =>
    flavour !== "simple_one_for_one" || !steps.some(([name, , , how]) => name === "fail" && how === "ignore"),
  traceOf: (played) => (Array.isArray(played) ? (played as unknown as Trace) : undefined),
  replay,
  comparable: (scenario, trace) =>
    trace.map(([answer, log], i) => ({ answer, log: sortedDeaths(scenario, i, log) })),
  show({ seed, flavour, flags, children, steps }, entry) {
    const until = steps.slice(0, entry).map((step, i) => `${i + 1}: ${JSON.stringify(step)}`);
    return [
      `seed ${seed} (${flavour}), step ${entry}`,
      JSON.stringify(flags),
      ...children.map((child) => JSON.stringify(child)),
      ...until,
    ].join("\n");
  },
};

/** Children that die at the same time do so in any order: those of a killed supervisor, and those of a simple_one_for_one. */
function sortedDeaths({ flavour, steps }: Scenario, i: number, log: readonly string[]): readonly string[] {
  const [name, reason] = steps[i - 1] ?? [];
  if (flavour !== "simple_one_for_one" && !(name === "stop" && reason === "kill")) return log;
  const result: string[] = [];
  let deaths: string[] = [];
  for (const entry of [...log, ""]) {
    if (entry.startsWith("-")) {
      deaths.push(entry);
      continue;
    }
    result.push(...deaths.sort(), entry);
    deaths = [];
  }
  return result;
}
