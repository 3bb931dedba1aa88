import { expect, it } from "vitest";
import { nodeEnvironment } from "../../host/node/environment.ts";

it("the clock counts from the start of the process, as performance.now does, and not of the machine", () => {
  const environment = nodeEnvironment();
  const before = performance.now();
  const now = environment.now();
  const after = performance.now();
  // Node has two beginnings, a few milliseconds apart.
  expect(now).toBeGreaterThan(before - 50);
  expect(now).toBeLessThan(after + 50);
});
