// Searches that stop on their way and go on later, while the table changes.
import { describe, expect, it } from "vitest";
import type { Context } from "../../../host/otp/context.ts";
import { Ets } from "../../../host/otp/index.ts";
import { atom, tuple } from "../../../host/otp/term/index.ts";
import { play } from "../support/play.ts";

const ROWS = 1000;
const ALL = [tuple(tuple(atom("$1"), atom("_")), [], [atom("$1")])];
const badarg = expect.objectContaining({ code: "badarg" });

function filled(self: Context, type: Ets.TableOptions["type"]): Ets.TableId {
  const table = Ets.new(self, "t", { type: type ?? "set" });
  for (let i = 0; i < ROWS; i++) Ets.insert(self, table, tuple(i, "x"));
  return table;
}

describe.each(["set", "ordered_set", "bag"] as const)("a search of a %s", (type) => {
  it("finds in steps what it finds at once", () =>
    play(async (self) => {
      const table = filled(self, type);
      const search = Ets.selecting(self, table, ALL);
      let steps = 1;
      let step = search.next();
      for (; step.done !== true; step = search.next()) steps++;
      expect(steps).toBeGreaterThan(2);
      expect(step.value).toEqual(Ets.select(self, table, ALL));
    }));

  it("goes on though what it stands on is deleted, and finds nothing twice", () =>
    play(async (self) => {
      const table = filled(self, type);
      const search = Ets.selecting(self, table, ALL);
      search.next();
      // The last one that it has seen, those around it, and new ones at both ends.
      for (let i = 200; i < 300; i++) Ets.deleteKey(self, table, i);
      for (const key of [-1, -2, 2000]) Ets.insert(self, table, tuple(key, "new"));
      const found = Ets.finish(search) as number[];
      expect(new Set(found).size).toBe(found.length);
      for (let i = 300; i < ROWS; i++) expect(found).toContain(i);
    }));

  it("fails when the table goes on its way", () =>
    play(async (self) => {
      const table = filled(self, type);
      for (const begin of [Ets.selecting, Ets.selectCounting, Ets.selectDeleting]) {
        const search = begin(self, filled(self, type), [tuple(tuple(atom("$1"), atom("_")), [], [false])]);
        search.next();
        for (const other of Ets.allTables(self)) if (other !== table) Ets.deleteTable(self, other);
        expect(() => search.next()).toThrow(badarg);
      }
      expect(Ets.size(self, table)).toBe(ROWS);
    }));

  it("that deletes leaves what came behind it", () =>
    play(async (self) => {
      const table = filled(self, type);
      const search = Ets.selectDeleting(self, table, [tuple(tuple(atom("_"), "x"), [], [true])]);
      search.next();
      Ets.insert(self, table, tuple(5000, "y"));
      expect(Ets.finish(search)).toBe(ROWS);
      expect(Ets.select(self, table, ALL)).toEqual([5000]);
    }));
});

it("what is searched counts as work of who searches", () =>
  play(async (self) => {
    const table = filled(self, "set");
    const before = self.process.reductions;
    Ets.selectCount(self, table, ALL);
    expect(self.process.reductions - before).toBeGreaterThan(ROWS * 50);
  }));
