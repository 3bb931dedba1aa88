// The core against a BEAM: processes, signals, names, timers and groups.
import type { Suite } from "../support/differential.ts";
import { replay } from "./replay.ts";
import { FLAVOURS, type Flavour, generate, type Scenario } from "./scenario.ts";
import type { StepTrace, Trace } from "./trace.ts";

export const core: Suite<Scenario, Trace> = {
  name: "core",
  folder: "test/otp/differential",
  sources: ["test/otp/differential/player.erl"],
  flavours: FLAVOURS,
  scenarioMs: 15_000,
  generate: (seed, flavour) => generate(seed, flavour as Flavour),
  input: ({ initial, steps }) => [initial, steps],
  traceOf(played) {
    if (!Array.isArray(played)) return undefined;
    const [steps, final] = played as [unknown[][], Trace["final"]];
    return {
      steps: steps.map(
        ([results, deaths, arrivals]) => ({ results, deaths, arrivals }) as unknown as StepTrace,
      ),
      final,
    };
  },
  replay,
  comparable: (_scenario, { steps, final }) => [
    ...steps.map(({ results, deaths, arrivals }) => ({ results, deaths, arrivals })),
    final,
  ],
  show({ seed, flavour, initial, steps }, entry) {
    const until = steps.slice(0, entry + 1).map((step, i) => `${i}: ${JSON.stringify(step)}`);
    return `seed ${seed} (${flavour}, ${initial} processes), step ${entry}\n${until.join("\n")}`;
  },
};
