// The core against a real BEAM: each recorded scenario is played on the core, and must give the same trace. See record.ts.
import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { replay } from "./replay.ts";
import { FLAVOURS, generate, type Scenario } from "./scenario.ts";
import type { Trace } from "./trace.ts";

interface Recorded {
  readonly scenario: Scenario;
  readonly trace: Trace;
}

const file = new URL("traces.jsonl.gz", import.meta.url);
const recorded = gunzipSync(readFileSync(file))
  .toString()
  .trimEnd()
  .split("\n")
  .map((line) => JSON.parse(line) as Recorded);

it("at least 2,000 scenarios were recorded", () => {
  expect(recorded.length).toBeGreaterThanOrEqual(2000);
});

describe.each(FLAVOURS)("scenarios of %s", (flavour) => {
  const ours = recorded.filter(({ scenario }) => scenario.flavour === flavour);

  it("go on the core as they went on the BEAM", async () => {
    expect(ours.length).toBeGreaterThan(0);
    for (const { scenario, trace } of ours) {
      const actual = await replay(scenario);
      for (const [i, step] of trace.steps.entries()) {
        expect({ step: i, ...actual.steps[i] }, where(scenario, i)).toEqual({ step: i, ...step });
      }
      expect(actual.final, where(scenario, trace.steps.length)).toEqual(trace.final);
    }
  });

  it("come from their seeds", () => {
    for (const { scenario } of ours) expect(generate(scenario.seed, flavour)).toEqual(scenario);
  });
});

/** The scenario up to the step that differs. */
function where({ seed, flavour, initial, steps }: Scenario, step: number): string {
  const until = steps.slice(0, step + 1).map((s, i) => `${i}: ${JSON.stringify(s)}`);
  return `seed ${seed} (${flavour}, ${initial} processes)\n${until.join("\n")}`;
}
