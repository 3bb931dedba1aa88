import { describe, expect, it } from "vitest";
import { SUBJECTS } from "./attacks/index.ts";
import { play } from "./play.ts";

describe.each(SUBJECTS)("$name: a guest that", ({ attacks }) => {
  it.each(attacks)("$tries harms nobody", async (attack) => {
    const { complaints, answers } = await play(attack);
    expect(complaints).toEqual([]);
    expect(answers).toBeGreaterThan(0);
  });
});
