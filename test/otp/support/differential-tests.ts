// The tests of a differential suite: what was recorded on a BEAM is replayed on ours, and needs no Erlang.
import { describe, expect, it } from "vitest";
import { difference, readRecordings, type Seeded, type Suite } from "./differential.ts";

export function differentialTests<S extends Seeded, T>(suite: Suite<S, T>, least: number): void {
  const recorded = readRecordings(suite);

  it(`at least ${least} scenarios of ${suite.name} were recorded`, () => {
    expect(recorded.length).toBeGreaterThanOrEqual(least);
  });

  describe.each(suite.flavours)(`${suite.name}: %s`, (flavour) => {
    const ours = recorded.filter(({ scenario }) => scenario.flavour === flavour);

    it("goes as it went on the BEAM", async () => {
      expect(ours.length).toBeGreaterThan(0);
      for (const { scenario, trace } of ours) {
        const found = await difference(suite, scenario, trace);
        if (found === undefined) continue;
        expect(found.actual, suite.show(scenario, found.entry)).toEqual(found.expected);
        throw new Error(suite.show(scenario, found.entry));
      }
    });

    it("comes from its seeds", () => {
      for (const { scenario } of ours) expect(suite.generate(scenario.seed, flavour)).toEqual(scenario);
    });
  });
}
