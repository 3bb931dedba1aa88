import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, it } from "vitest";
import { Host } from "../../host/host.ts";
import type { Program } from "../../host/wasm/program.ts";
import type { Trap, TrapFrame } from "../../host/wasm/trap.ts";

const SOURCE = fileURLToPath(new URL("guests/positions.ts", import.meta.url));
const lines = readFileSync(SOURCE, "utf8").split("\n");
const lineOf = (text: string): number => lines.findIndex((line) => line.includes(text)) + 1;

let host: Host;
let program: Program;
beforeAll(async () => {
  host = new Host({ grants: "all" });
  program = await host.load(SOURCE, { name: "positions.ts" });
}, 60_000);

/** Where the guest was when it trapped: function, line and column of each frame but the entry's. */
async function placesOf(entry: string): Promise<string[]> {
  const reason = (await host.exited(host.spawn(program, entry))) as Trap;
  expect(reason).toMatchObject({ type: "trap", kind: "integer_divide_by_zero" });
  return reason.frames
    .slice(0, -1)
    .map(({ functionName, line, column }: TrapFrame) => `${functionName} ${line}:${column}`);
}

describe("the position of a trap", () => {
  it.each(["belowAtOnce", "belowAfterSleep", "belowAfterLoop"])(
    "is the same whether frames were captured below it or not: %s",
    async (entry) => {
      const places = await placesOf(entry);
      expect(places).toEqual(await placesOf("belowAtOnce"));
      expect(places).toHaveLength(4);
      expect(places[0]).toMatch(new RegExp(`descend ${lineOf("return 100 / quotient")}:\\d+$`));
      for (const place of places.slice(1))
        expect(place).toMatch(new RegExp(`descend ${lineOf("const below = descend")}:\\d+$`));
    },
  );

  it.each(["insideAtOnce", "insideAfterSleep", "insideAfterLoop"])(
    "is the same in a function that was stopped itself: %s",
    async (entry) => {
      const places = await placesOf(entry);
      expect(places).toEqual(await placesOf("insideAtOnce"));
      expect(places).toHaveLength(2);
      expect(places[0]).toMatch(new RegExp(`divideAfter ${lineOf("return 100 / (n - 2)")}:\\d+$`));
    },
  );
});
