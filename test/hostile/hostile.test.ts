import { describe, expect, it } from "vitest";
import { SUBJECTS } from "./attacks/index.ts";
import { play } from "./play.ts";

describe.each(SUBJECTS)("$name: a guest that", ({ attacks }) => {
  // Some come over a real network, and some look at the collector: a hole shows twice, a busy machine does not.
  it.each(attacks)("$tries harms nobody", { retry: 1 }, async (attack) => {
    const { complaints, answers } = await play(attack);
    expect(complaints).toEqual([]);
    expect(answers).toBeGreaterThan(0);
  });
});
