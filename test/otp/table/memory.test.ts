// What tables take up: the same sum whatever way led there, booked with who owns them, and refused above a limit.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Ets, Runtime } from "../../../host/otp/index.ts";
import { tablesOf } from "../../../host/otp/table/tables.ts";
import { atom, tuple } from "../../../host/otp/term/index.ts";
import { play } from "../support/play.ts";

const systemLimit = expect.objectContaining({ code: "system_limit" });
const TYPES = ["set", "ordered_set", "bag", "duplicate_bag"] as const;

type Step = readonly [
  op: "insert" | "delete" | "take" | "replace" | "clear" | "prune",
  key: number,
  size: number,
];
const step: fc.Arbitrary<Step> = fc.tuple(
  fc.constantFrom("insert", "insert", "insert", "delete", "take", "replace", "clear", "prune"),
  fc.integer({ min: 0, max: 9 }),
  fc.integer({ min: 0, max: 50 }),
);

describe("the bytes of a table", () => {
  it.each(TYPES)("are those of a table made anew of what is in it (%s)", (type) =>
    fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), (steps) =>
        play(async (self) => {
          const table = Ets.new(self, "t", { type });
          const isUnique = type === "set" || type === "ordered_set";
          for (const [op, key, size] of steps) {
            if (op === "insert") Ets.insert(self, table, tuple(key, "x".repeat(size)));
            if (op === "delete") Ets.deleteKey(self, table, key);
            if (op === "take") Ets.take(self, table, key);
            if (op === "clear" && key === 0) Ets.deleteAllObjects(self, table);
            if (op === "replace" && isUnique)
              Ets.updateElement(self, table, key, { position: 2, value: "y".repeat(size) });
            if (op === "prune") Ets.matchDelete(self, table, tuple(key, atom("_")));
          }
          const fresh = Ets.new(self, "fresh", { type });
          for (const object of Ets.select(self, table, [tuple(atom("_"), [], [atom("$_")])]))
            Ets.insert(self, fresh, object);
          const bytes = (id: Ets.TableId) => Ets.info(self, id)?.memoryBytes;
          expect(bytes(table)).toBe(bytes(fresh));
          expect(self.process.heldBytes).toBe(bytes(table)! + bytes(fresh)!);
          expect(tablesOf(self.runtime).bytes).toBe(self.process.heldBytes);
        }),
      ),
      { numRuns: 60 },
    ),
  );

  it("count the keys that a fixed table keeps until it is fixed no longer", () =>
    play(async (self) => {
      const table = Ets.new(self, "t");
      const empty = Ets.info(self, table)?.memoryBytes as number;
      Ets.safeFixtable(self, table, true);
      for (let i = 0; i < 100; i++) {
        Ets.insert(self, table, tuple(i, i));
        Ets.deleteKey(self, table, i);
      }
      expect(Ets.info(self, table)?.memoryBytes).toBeGreaterThan(empty + 10_000);
      Ets.safeFixtable(self, table, false);
      expect(Ets.info(self, table)?.memoryBytes).toBe(empty);
    }));

  it("move with the table to its new owner and its heir, and go with it", () =>
    play(async (self) => {
      const { runtime } = self;
      const heir = self.spawn(async (other) => {
        await other.receive();
        await other.receive();
      });
      const table = Ets.new(self, "t", { heir: { pid: heir, data: "yours" } });
      Ets.insert(self, table, tuple(1, "x".repeat(1000)));
      const bytes = self.process.heldBytes;
      expect(bytes).toBeGreaterThan(2000);
      const owner = self.spawn(async (other) => {
        await other.receive();
      });
      Ets.giveAway(self, table, owner, undefined);
      expect([self.process.heldBytes, runtime.process(owner)?.heldBytes]).toEqual([0, bytes]);
      await self.receiveTagged(self.monitor(owner));
      expect(runtime.process(heir)?.heldBytes).toBe(bytes);
      expect(runtime.info(heir)?.memoryBytes).toBe(bytes);
      self.exitSignal(heir, "kill");
      await self.receiveTagged(self.monitor(heir));
      expect(tablesOf(runtime).bytes).toBe(0);
    }));
});

describe("a limit", () => {
  it("of the owner's memory refuses what does not fit, and changes nothing then", () =>
    play(async (self) => {
      const pid = self.spawn(
        async (owner) => {
          const table = Ets.new(owner, "t", { named: true });
          Ets.insert(owner, table, tuple(1, 0));
          const big = "x".repeat(10_000);
          expect(() => Ets.insert(owner, table, [tuple(2, 0), tuple(3, big)])).toThrow(systemLimit);
          expect(() => Ets.insertNew(owner, table, tuple(2, big))).toThrow(systemLimit);
          expect(() => Ets.updateElement(owner, table, 1, { position: 2, value: big })).toThrow(systemLimit);
          expect(() =>
            Ets.updateCounter(owner, table, 2, { position: 2, increment: 1 }, tuple(2, 0, big)),
          ).toThrow(systemLimit);
          expect(() =>
            Ets.selectReplace(owner, table, [tuple(tuple(1, 0), [], [tuple(tuple(1, big))])]),
          ).toThrow(systemLimit);
          expect(() => Ets.setHeir(owner, table, { pid: self.pid, data: big })).toThrow(systemLimit);
          expect(Ets.select(owner, table, [tuple(atom("_"), [], [atom("$_")])])).toEqual([tuple(1, 0)]);
        },
        { maxMemoryBytes: 8000 },
      );
      expect(await self.receiveTagged(self.monitor(pid))).toMatchObject({ reason: "normal" });
    }));

  it("of an heir, or of who is given a table, leaves it what it had", () =>
    play(async (self) => {
      const small = self.spawn(async (other) => other.receive(), { maxMemoryBytes: 2000 });
      const table = Ets.new(self, "t", { heir: { pid: small, data: 0 }, named: true });
      Ets.insert(self, table, tuple(1, "x".repeat(1000)));
      expect(() => Ets.giveAway(self, table, small, 0)).toThrow(systemLimit);
      const large = self.spawn(async (other) => other.receive());
      Ets.giveAway(self, table, large, 0);
      await self.receiveTagged(self.monitor(large));
      expect(Ets.whereis(self, "t")).toBeUndefined();
      expect(self.runtime.process(small)?.heldBytes).toBe(0);
    }));

  it("of all tables together refuses what does not fit in any of them", async () => {
    const runtime = new Runtime({ maxTableBytes: 10_000 });
    let error: unknown;
    await runtime.exited(
      runtime.spawn((self) => {
        const one = Ets.new(self, "one");
        const two = Ets.new(self, "two");
        Ets.insert(self, one, tuple(1, "x".repeat(2000)));
        try {
          Ets.insert(self, two, tuple(1, "x".repeat(2000)));
        } catch (caught) {
          error = caught;
        }
        Ets.deleteTable(self, one);
        Ets.insert(self, two, tuple(1, "x".repeat(2000)));
      }),
    );
    expect(error).toMatchObject({ code: "system_limit", hint: "raise maxTableBytes" });
    runtime.shutdown();
  });
});
