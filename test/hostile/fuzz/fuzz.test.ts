// A few fixed seeds of `npm run fuzz:host`.
import { describe, expect, it } from "vitest";
import { runCases } from "./run-cases.ts";

describe("guests beside a victim", () => {
  it.each([1, 10_001, 20_001])(
    "that make any calls with any arguments harm nobody, from seed %i",
    async (first) => {
      expect((await runCases("syscalls", first, 50)).complaints).toEqual([]);
    },
  );

  it("made of damaged modules harm nobody", async () => {
    expect((await runCases("modules", 1, 50)).complaints).toEqual([]);
  }, 120_000);
});
