// What a guest has the host do for it counts as its own: memory in tables, searches, selective receives over long mailboxes.
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createHost, type Host, type Program } from "../../host/index.ts";
import type { GuestSpawnOptions } from "../../host/options.ts";
import { tablesOf } from "../../host/otp/table/tables.ts";

let host: Host;
let program: Program;

beforeAll(async () => {
  host = await createHost({ grants: "all", maxTableBytes: 20_000_000, log: { level: "off" } });
  program = await host.load(fileURLToPath(new URL("guests/work.ts", import.meta.url)));
}, 120_000);
afterAll(() => host.close());

const run = (entry: string, options?: GuestSpawnOptions) => host.exited(host.spawn(program, entry, options));
const SYSTEM_LIMIT = -4;

describe("what a table holds", () => {
  test("counts towards its owner's memory limit; what replaces another object, and what was deleted, makes room", async () => {
    const [count, result, replaced, later] = (await run("fill", {
      limits: { memoryBytes: 4_000_000 },
    })) as number[];
    expect(count).toBeGreaterThan(20);
    expect(count).toBeLessThan(40);
    expect([result, replaced, later]).toEqual([SYSTEM_LIMIT, 0, 0]);
  });

  test("ends with system_limit the program that does not ask", async () => {
    expect(await run("overfill", { limits: { memoryBytes: 4_000_000 } })).toMatchObject([
      "system_limit",
      expect.stringContaining("TermTable.insert"),
    ]);
  });

  test("counts also when it is nothing: a guest cannot have tables without end", async () => {
    expect(await run("manyTables", { limits: { memoryBytes: 2_000_000 } })).toMatchObject([
      "system_limit",
      expect.stringContaining("newTable"),
    ]);
  });

  test("counts towards the limit of all tables, and towards nothing once it is gone", async () => {
    const [count, result] = (await run("fill")) as number[];
    expect(count).toBeGreaterThan(190);
    expect(count).toBeLessThan(200);
    expect(result).toBe(SYSTEM_LIMIT);
    expect(tablesOf(host.runtime).bytes).toBe(0);
  });

  test("is told, of all tables there are", async () => {
    const [found, memory] = (await run("lists")) as [boolean, number];
    expect(found).toBe(true);
    expect(memory).toBeGreaterThan(1000);
  });

  test("cannot be given to a process whose limit it exceeds", async () => {
    expect(await run("giver", { args: 1_000_000 })).toBe(SYSTEM_LIMIT);
    expect(await run("giver", { args: 100_000_000 })).toBe(0);
  });
});

describe("what waits", () => {
  test("in a mailbox is bounded in bytes, too", async () => {
    const [count, again] = (await run("floods", { limits: { memoryBytes: 4_000_000 } })) as [number, boolean];
    expect(count).toBe(40);
    expect(again).toBe(true);
  });

  test("for timers counts towards the memory limit until it is sent or cancelled", async () => {
    const [count, again] = (await run("manyTimers", { limits: { memoryBytes: 4_000_000 } })) as [
      number,
      boolean,
    ];
    expect(count).toBeGreaterThan(20);
    expect(count).toBeLessThan(40);
    expect(again).toBe(true);
  });
});

describe("fuel", () => {
  test("is charged for each object that a search looks at", async () => {
    const [few, fuelOfFew] = (await run("search", { args: 100 })) as [number, number];
    const [many, fuelOfMany] = (await run("search", { args: 10_100 })) as [number, number];
    expect([few, many]).toEqual([90, 10_090]);
    expect((fuelOfMany - fuelOfFew) / 10_000).toBeGreaterThan(100);
    expect((fuelOfMany - fuelOfFew) / 10_000).toBeLessThan(300);
  });

  test("is charged for each message that a receive looks at in vain", async () => {
    const [, fuelOfFew] = (await run("scan", { args: 100 })) as [unknown, number];
    const [missed, fuelOfMany] = (await run("scan", { args: 10_100 })) as [unknown, number];
    expect(missed).toBe(true);
    expect((fuelOfMany - fuelOfFew) / 10_000).toBeGreaterThan(5);
    expect((fuelOfMany - fuelOfFew) / 10_000).toBeLessThan(20);
  });

  test("that is over ends a search on its way", async () => {
    let used = 0;
    const stop = host.runtime.subscribe((event) => {
      if (event.type === "exited") used = event.reductions;
    });
    await run("search", { args: 20_000 });
    const whole = used;
    const fuel = whole - 1_000_000;
    expect(await run("search", { args: 20_000, limits: { fuel } })).toMatchObject({ kind: "fuel_exhausted" });
    expect(used - fuel).toBeLessThan(200_000);
    stop();
  });

  test.each(["scanForEver", "searchForEver"])(
    "of %s ends it at its limit, and it starves nobody till then",
    async (entry) => {
      const pid = host.spawn(program, entry, { limits: { fuel: 30_000_000 } });
      let turns = 0;
      const other = host.runtime.spawn(async (self) => {
        for (;;) {
          await self.yield();
          turns++;
        }
      });
      expect(await host.exited(pid)).toMatchObject({ type: "trap", kind: "fuel_exhausted" });
      expect(turns).toBeGreaterThan(20);
      host.kill(other);
    },
  );

  test("ends a receive with more patterns and messages than can be compared in a turn", async () => {
    expect(await run("manyPatterns")).toMatchObject({
      kind: "fuel_exhausted",
      message: expect.stringContaining("patterns"),
    });
  });
});

test("a search whose table goes while it is under way fails with badarg", async () => {
  expect(await run("searchGone")).toBe("badarg");
});
