import { describe, expect, it } from "vitest";
import { Progress } from "../../host/cli/progress.ts";
import { TestTerminal } from "./support/terminal.ts";

function shown(isTerminal: boolean, steps: readonly [now: number, share: number][]): string {
  const terminal = new TestTerminal();
  terminal.isTerminal = () => isTerminal;
  let now = 0;
  const progress = new Progress(terminal, "working", () => now);
  for (const [time, share] of steps) {
    now = time;
    progress.show(share);
  }
  progress.clear();
  return terminal.errText;
}

describe("progress", () => {
  it("is shown on one line that goes away at the end", () => {
    expect(
      shown(true, [
        [10, 0.01],
        [400, 0.5],
        [450, 0.6],
        [600, 1],
      ]),
    ).toBe("\rworking: 50 %\rworking: 100 %\r              \r");
  });

  it("is not shown for what is done in a moment, nor where nobody watches", () => {
    expect(shown(true, [[200, 0.9]])).toBe("");
    expect(shown(false, [[2_000, 0.9]])).toBe("");
  });
});
