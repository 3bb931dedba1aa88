// A short soak; `npm run soak` is the long one.
import { describe, expect, it } from "vitest";
import { Soak } from "./soak/soak.ts";

describe("the soak", () => {
  it.each([1, 2, 3])(
    "a hundred thousand random signals leave every invariant intact (seed %i)",
    async (seed) => {
      const report = await new Soak({ signals: 100_000, processes: 300, seed, checkEvery: 2000 }).run();
      expect(report.violations).toEqual([]);
      expect(Object.values(report.left).every((count) => count === 0)).toBe(true);
      expect(report.checks).toBeGreaterThan(20);
      // All of it was really there.
      expect(Math.min(...Object.values(report.operations))).toBeGreaterThan(50);
      const { message, exit, down, timer, group } = report.received;
      expect(Math.min(message, exit, down, timer, group)).toBeGreaterThan(100);
      expect(Math.min(...Object.values(report.deaths))).toBeGreaterThan(100);
    },
  );

  it("one seed is one run", async () => {
    const run = () => new Soak({ signals: 20_000, processes: 100, seed: 7 }).run();
    expect(await run()).toEqual(await run());
  });
});
