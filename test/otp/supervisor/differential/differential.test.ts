// Supervisors against OTP's: each recorded scenario is played on ours, and must give the same trace. See record.ts.
import { describe, expect, it } from "vitest";
import { recordings } from "../../support/record-on-beam.ts";
import { replay, type Trace } from "./replay.ts";
import { FLAVOURS, generate, type Scenario } from "./scenario.ts";

const recorded = recordings<Scenario>(new URL("traces.jsonl.gz", import.meta.url));

it("at least 500 scenarios were recorded", () => {
  expect(recorded.length).toBeGreaterThanOrEqual(500);
});

describe.each(FLAVOURS)("supervisors: %s", (flavour) => {
  const ours = recorded.filter(({ scenario }) => scenario.flavour === flavour);

  it("do what OTP's did", async () => {
    expect(ours.length).toBeGreaterThan(0);
    for (const { scenario, trace } of ours) {
      const actual = await replay(scenario);
      for (const [i, [answer, log]] of (trace as Trace).entries()) {
        const ours = { step: i, answer: actual[i]?.[0], log: comparable(scenario, i, actual[i]?.[1] ?? []) };
        expect(ours, where(scenario, i)).toEqual({ step: i, answer, log: comparable(scenario, i, log) });
      }
    }
  });

  it("come from their seeds", () => {
    for (const { scenario } of ours) expect(generate(scenario.seed, flavour)).toEqual(scenario);
  });
});

/** Children that die at the same time do so in any order: those of a killed supervisor, and those of a simple_one_for_one. */
function comparable({ flavour, steps }: Scenario, i: number, log: readonly string[]): readonly string[] {
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

/** The scenario up to the step that differs. */
function where({ seed, flavour, flags, children, steps }: Scenario, step: number): string {
  const until = steps.slice(0, step).map((s, i) => `${i + 1}: ${JSON.stringify(s)}`);
  return `seed ${seed} (${flavour})\n${JSON.stringify(flags)}\n${children.map((c) => JSON.stringify(c)).join("\n")}\n${until.join("\n")}`;
}
