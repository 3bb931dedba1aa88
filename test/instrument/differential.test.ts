import { describe, expect, it } from "vitest";
import { compareModule } from "../fuzz/differential.ts";
import { generate } from "../fuzz/generate.ts";

/** Seeds that once found something (a loop whose end no resume point reaches, operands behind dead code), and some that did not. */
const SEEDS = [7, 12, 34, 59, 68, 71];

describe("a random module", () => {
  it.each(SEEDS)("does the same raw and stopped at random, seed %i", async (seed) => {
    const bytes = generate(seed);
    expect(bytes).toBeDefined();
    expect((await compareModule(bytes as Uint8Array, seed)).type).toBe("same");
  });
});
