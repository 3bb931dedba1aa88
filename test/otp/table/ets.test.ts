import { describe, expect, it } from "vitest";
import type { Context } from "../../../host/otp/context.ts";
import { Ets, MoonletError } from "../../../host/otp/index.ts";
import { atom, Float, formatTerm, ImproperList, type Tuple, tuple } from "../../../host/otp/term/index.ts";
import { play } from "../support/play.ts";

const k = atom("k");
const badarg = expect.objectContaining({ code: "badarg" });
const TYPES = ["set", "ordered_set", "bag", "duplicate_bag"] as const;
const pairs = (objects: readonly Tuple[]): string => formatTerm(objects);

/** A table in a process, and what to do with it. */
const withTable = (
  options: Ets.TableOptions,
  act: (self: Context, table: Ets.TableId) => void | Promise<void>,
) => play(async (self) => act(self, Ets.new(self, "t", options)));

/** Runs `act` in another process to its end. */
async function elsewhere(self: Context, act: (other: Context) => unknown): Promise<unknown> {
  let result: unknown;
  const pid = self.spawn(async (other) => {
    try {
      result = await act(other);
    } catch (error) {
      result = error;
    }
  });
  await self.receiveTagged(self.monitor(pid));
  if (result instanceof Error && !(result instanceof MoonletError)) throw result;
  return result;
}

describe("tables", () => {
  it("S210: default to set, protected, key 1 and a reference; a name is taken once, moves with rename and is free after deletion", () =>
    play(async (self) => {
      const plain = Ets.new(self, "plain");
      expect(Ets.info(self, plain)).toMatchObject({
        type: "set",
        protection: "protected",
        keyPosition: 1,
        named: false,
        size: 0,
      });
      expect(plain).toHaveProperty("number");
      const named = Ets.new(self, "names", { named: true });
      expect(named).toBe(atom("names"));
      expect(() => Ets.new(self, "names", { named: true })).toThrow(badarg);
      Ets.insert(self, "names", tuple(1));
      expect(Ets.rename(self, "names", "others")).toBe(atom("others"));
      expect(Ets.whereis(self, "names")).toBeUndefined();
      expect(Ets.lookup(self, "others", 1)).toEqual([tuple(1)]);
      Ets.deleteTable(self, "others");
      expect(() => Ets.lookup(self, "others", 1)).toThrow(badarg);
      expect(Ets.info(self, "others")).toBeUndefined();
      expect(Ets.new(self, "others", { named: true })).toBe(atom("others"));
    }));

  it("S211: public tables are everybody's, protected ones everybody's to read, private ones the owner's; anybody deletes a public one", () =>
    play(async (self) => {
      for (const [protection, reads, writes] of [
        ["public", true, true],
        ["protected", true, false],
        ["private", false, false],
      ] as const) {
        const table = Ets.new(self, "t", { protection });
        Ets.insert(self, table, tuple(1));
        const read = await elsewhere(self, (other) => Ets.lookup(other, table, 1));
        expect(read).toEqual(reads ? [tuple(1)] : badarg);
        expect(await elsewhere(self, (other) => Ets.insert(other, table, tuple(2)))).toEqual(
          writes ? true : badarg,
        );
        expect(await elsewhere(self, (other) => Ets.deleteTable(other, table))).toEqual(
          writes ? true : badarg,
        );
      }
    }));

  it("S212: in a set 1 and 1.0 are two keys", () =>
    withTable({}, (self, table) => {
      Ets.insert(self, table, [tuple(1, "a"), tuple(new Float(1), "b")]);
      expect(Ets.size(self, table)).toBe(2);
      expect(Ets.lookup(self, table, 1)).toEqual([tuple(1, "a")]);
    }));

  it("S213: in an ordered_set 1 and 1.0 are one key, but patterns match exactly", () =>
    withTable({ type: "ordered_set" }, (self, table) => {
      Ets.insert(self, table, [tuple(2, "b"), tuple(1, "a")]);
      Ets.insert(self, table, tuple(new Float(1), "c"));
      expect(pairs(Ets.toList(self, table))).toBe('[{1.0,<<"c">>},{2,<<"b">>}]');
      expect(Ets.lookup(self, table, 1)).toEqual([tuple(new Float(1), "c")]);
      expect(Ets.member(self, table, 1)).toBe(true);
      expect(Ets.select(self, table, [tuple(tuple(1, atom("$1")), [], [atom("$1")])])).toEqual([]);
    }));

  it.each([
    ["set", "[{k,6}]"],
    ["ordered_set", "[{k,6}]"],
    ["bag", "[{k,3},{k,2},{k,1},{k,4},{k,6},{k,5}]"],
    ["duplicate_bag", "[{k,1},{k,2},{k,3},{k,4},{k,5},{k,1},{k,6}]"],
  ] as const)("S214: a %s holds %s after the inserts that a BEAM was given, too", (type, expected) =>
    withTable({ type }, (self, table) => {
      Ets.insert(self, table, [tuple(k, 1), tuple(k, 2), tuple(k, 3), tuple(atom("j"), 1)]);
      Ets.insert(self, table, tuple(k, 4));
      Ets.insert(self, table, [tuple(k, 5), tuple(k, 1), tuple(k, 6)]);
      expect(pairs(Ets.lookup(self, table, k))).toBe(expected);
    }),
  );

  it("S214: delete_object of a duplicate_bag removes all equal ones", () =>
    withTable({ type: "duplicate_bag" }, (self, table) => {
      Ets.insert(self, table, [tuple(k, 1), tuple(k, 2), tuple(k, 1)]);
      Ets.deleteObject(self, table, tuple(k, 1));
      expect(Ets.lookup(self, table, k)).toEqual([tuple(k, 2)]);
    }));

  it("S215: a list is inserted as a whole or not at all", () =>
    play(async (self) => {
      for (const [type, expected] of [
        ["set", "[{m,1}]"],
        ["ordered_set", "[{m,1}]"],
        ["bag", "[{m,1},{m,2}]"],
        ["duplicate_bag", "[{m,1},{m,2},{m,1}]"],
      ] as const) {
        const table = Ets.new(self, "t", { type });
        const m = atom("m");
        expect(() => Ets.insert(self, table, [tuple(1), 5])).toThrow(badarg);
        expect(Ets.size(self, table)).toBe(0);
        expect(Ets.insertNew(self, table, [tuple(m, 1), tuple(m, 2), tuple(m, 1)])).toBe(true);
        expect(pairs(Ets.lookup(self, table, m))).toBe(expected);
        expect(Ets.insertNew(self, table, [tuple(1), tuple(m, 9)])).toBe(false);
        expect(Ets.member(self, table, 1)).toBe(false);
      }
      const ordered = Ets.new(self, "t", { type: "ordered_set" });
      Ets.insert(self, ordered, tuple(1));
      expect(Ets.insertNew(self, ordered, tuple(new Float(1)))).toBe(false);
    }));

  it("S216: update_counter adds, resets at a threshold, applies a list all or nothing, and takes integers in sets only", () =>
    withTable({ type: "ordered_set" }, (self, table) => {
      expect(() => Ets.updateCounter(self, table, 9, 1)).toThrow(badarg);
      expect(Ets.updateCounter(self, table, 9, 1, tuple(0, 5))).toBe(6);
      const list = [
        { position: 2, increment: 1 },
        { position: 2, increment: 5, threshold: 9, resetTo: 0 },
      ];
      expect(Ets.updateCounter(self, table, 9, list)).toEqual([7, 0]);
      expect(Ets.updateCounter(self, table, 9, [])).toEqual([]);
      expect(() =>
        Ets.updateCounter(self, table, 9, [
          { position: 2, increment: 1 },
          { position: 3, increment: 1 },
        ]),
      ).toThrow(badarg);
      expect(() => Ets.updateCounter(self, table, 9, { position: 1, increment: 1 })).toThrow(badarg);
      expect(Ets.updateCounter(self, table, 9, { increment: -3, threshold: -2, resetTo: 100 })).toBe(100);
      expect(Ets.updateCounter(self, table, 9, 2n ** 60n)).toBe(2n ** 60n + 100n);
      expect(Ets.lookup(self, table, 9)).toEqual([tuple(9, 2n ** 60n + 100n)]);
      Ets.insert(self, table, tuple(1, new Float(1)));
      expect(() => Ets.updateCounter(self, table, 1, 1)).toThrow(badarg);
      const bag = Ets.new(self, "b", { type: "bag" });
      expect(() => Ets.updateCounter(self, bag, 1, 1, tuple(1, 1))).toThrow(badarg);
      expect(Ets.counterOperationOf([tuple(2, 1, 9, 0)])).toEqual([
        { position: 2, increment: 1, threshold: 9, resetTo: 0 },
      ]);
    }));

  it("S217: lookup_element and update_element, take and delete, of what is there and what is not", () =>
    withTable({}, (self, table) => {
      Ets.insert(self, table, tuple(9, 5));
      expect(Ets.lookupElement(self, table, 9, 2)).toBe(5);
      expect(() => Ets.lookupElement(self, table, 9, 3)).toThrow(badarg);
      expect(() => Ets.lookupElement(self, table, 8, 1)).toThrow(badarg);
      const update = (key: number, position: number) =>
        Ets.updateElement(self, table, key, { position, value: "x" });
      expect(() => update(9, 1)).toThrow(badarg);
      expect(() => update(9, 5)).toThrow(badarg);
      expect(update(9, 2)).toBe(true);
      expect(update(99, 1)).toBe(false);
      expect(Ets.updateElement(self, table, 9, [])).toBe(true);
      expect(Ets.take(self, table, 9)).toEqual([tuple(9, "x")]);
      expect(Ets.take(self, table, 9)).toEqual([]);
      expect(Ets.deleteKey(self, table, 9)).toBe(true);
      expect(Ets.deleteObject(self, table, tuple(9))).toBe(true);
    }));

  it("S217: lookup_element of a bag gives those of all objects", () =>
    withTable({ type: "duplicate_bag" }, (self, table) => {
      Ets.insert(self, table, [tuple(k, 1), tuple(k, 2)]);
      expect(Ets.lookupElement(self, table, k, 2)).toEqual([1, 2]);
    }));

  it("S218: an ordered_set steps from absent keys; a set has badarg, unless the table is fixed", () =>
    play(async (self) => {
      const ordered = Ets.new(self, "t", { type: "ordered_set" });
      Ets.insert(
        self,
        ordered,
        [1, 2, 3].map((n) => tuple(n)),
      );
      expect(Ets.first(self, ordered)).toEqual({ key: 1 });
      expect(Ets.last(self, ordered)).toEqual({ key: 3 });
      expect(Ets.next(self, ordered, new Float(1.5))).toEqual({ key: 2 });
      expect(Ets.previous(self, ordered, 100)).toEqual({ key: 3 });
      expect(Ets.next(self, ordered, 3)).toBeUndefined();
      const set = Ets.new(self, "t");
      for (const type of TYPES) {
        const table = Ets.new(self, "t", { type });
        Ets.insert(
          self,
          table,
          Array.from({ length: 50 }, (_, n) => tuple(n)),
        );
        Ets.safeFixtable(self, table, true);
        let seen = 0;
        for (let at = Ets.first(self, table); at !== undefined; at = Ets.next(self, table, at.key)) {
          Ets.deleteKey(self, table, at.key);
          seen++;
        }
        Ets.safeFixtable(self, table, false);
        expect([seen, Ets.size(self, table), Ets.first(self, table)]).toEqual([50, 0, undefined]);
      }
      Ets.insert(self, set, tuple(1));
      expect(() => Ets.next(self, set, 2)).toThrow(badarg);
    }));

  it("S218: a fixing ends with the process that made it", () =>
    play(async (self) => {
      const table = Ets.new(self, "t");
      Ets.insert(self, table, [tuple(1), tuple(2)]);
      await elsewhere(self, (other) => {
        Ets.safeFixtable(other, table, true);
        Ets.safeFixtable(other, table, true);
      });
      expect(Ets.info(self, table)?.fixed).toBe(false);
      Ets.deleteKey(self, table, 1);
      expect(() => Ets.next(self, table, 1)).toThrow(badarg);
    }));
});

describe("matching", () => {
  const [any, $1, $2, $3, $_, $$] = ["_", "$1", "$2", "$3", "$_", "$$"].map(atom);
  const call = (name: string, ...args: unknown[]): Tuple => tuple(atom(name), ...args);
  const numbers = (self: Context): Ets.TableId => {
    const table = Ets.new(self, "t", { type: "ordered_set" });
    Ets.insert(
      self,
      table,
      [1, 2, 3].map((n) => tuple(n, atom(`a${n}`), n === 2 ? 2 : "x")),
    );
    return table;
  };

  it("S219: '_' fits anything, '$N' binds, twice the same has to be equal, match gives bindings by number", () =>
    play(async (self) => {
      const table = numbers(self);
      expect(Ets.match(self, table, tuple($2, $1, any))).toEqual([
        [atom("a1"), 1],
        [atom("a2"), 2],
        [atom("a3"), 3],
      ]);
      expect(Ets.matchObject(self, table, tuple($1, any, $1))).toEqual([tuple(2, atom("a2"), 2)]);
      expect(Ets.match(self, table, any)).toEqual([[], [], []]);
      Ets.matchDelete(self, table, tuple(1, any, any));
      expect(Ets.size(self, table)).toBe(2);
    }));

  it("S219: the first clause that fits decides, a failing guard is false, bodies build terms", () =>
    play(async (self) => {
      const table = numbers(self);
      const pattern = tuple($1, $2, any);
      const run = (...clauses: Tuple[]): string => formatTerm(Ets.select(self, table, clauses));
      expect(run(tuple(pattern, [call(">", $1, 2)], [atom("big")]), tuple(any, [], [atom("other")]))).toBe(
        "[other,other,big]",
      );
      expect(run(tuple(pattern, [call("/", 1, 0)], [$1]), tuple(any, [], [atom("other")]))).toBe(
        "[other,other,other]",
      );
      expect(run(tuple(pattern, [$1], [$1]))).toBe("[]");
      expect(run(tuple(tuple($1, any, 2), [], [$_]))).toBe("[{2,a2,2}]");
      expect(run(tuple(tuple(1, $2, $1), [], [$$]))).toBe('[[<<"x">>,a1]]');
      expect(
        run(
          tuple(tuple(1, $2, any), [], [tuple(tuple($2, call("+", 1, 2), tuple(atom("const"), tuple($1))))]),
        ),
      ).toBe("[{a1,3,{'$1'}}]");
      expect(run(tuple(tuple(1, any, any), [], [call("+", 1, atom("a"))]))).toBe("['EXIT']");
      expect(run(tuple(tuple(1, any, any), [], [call("/", 4, 2)]))).toBe("[2.0]");
      expect(run(tuple(tuple(1, any, any), [], [{ k: call("self") }]))).toBe(`[#{k => ${self.pid}}]`);
      expect(
        run(tuple(pattern, [call("andalso", call("is_atom", $2), call("not", call("==", $1, 1)))], [$1])),
      ).toBe("[2,3]");
      expect(run(tuple(pattern, [call("or", call("<", $1, 2), call("=:=", $2, atom("a3")))], [$1]))).toBe(
        "[1,3]",
      );
    }));

  it.each([
    ["an unbound variable", [tuple(tuple($1), [], [$3])]],
    ["an unknown function", [tuple(tuple($1), [tuple(atom("foo"), 1)], [$1])]],
    ["too few arguments", [tuple(tuple($1), [tuple(atom(">"), 1)], [$1])]],
    ["an empty body", [tuple(tuple($1), [], [])]],
    ["an empty tuple", [tuple(tuple($1), [], [tuple()])]],
    ["a pattern that is no tuple", [tuple(5, [], [true])]],
    ["something else", 5],
  ])("S219: %s is a badarg", (_what, spec) =>
    withTable({}, (self, table) => {
      expect(() => Ets.select(self, table, spec)).toThrow(badarg);
    }),
  );

  it("S219: patterns look into lists and maps", () =>
    withTable({}, (self, table) => {
      Ets.insert(self, table, tuple(1, [1, 2, 3], { a: 1, b: 2 }));
      expect(Ets.match(self, table, tuple(any, new ImproperList([$1], $2), { b: $3 }))).toEqual([
        [1, [2, 3], 2],
      ]);
      expect(Ets.match(self, table, tuple(any, [$1, $2], any))).toEqual([]);
      expect(Ets.match(self, table, tuple(any, any, { c: $1 }))).toEqual([]);
    }));

  it("S219: select_count and select_delete count only true", () =>
    play(async (self) => {
      const table = numbers(self);
      const small = [tuple(tuple($1, any, any), [call("<", $1, 3)], [true])];
      expect(Ets.selectCount(self, table, small)).toBe(2);
      expect(Ets.selectCount(self, table, [tuple(tuple($1, any, any), [], [$1])])).toBe(0);
      expect(Ets.selectDelete(self, table, small)).toBe(2);
      expect(
        Ets.selectReplace(self, table, [tuple(tuple($1, any, any), [], [tuple(tuple($1, "new"))])]),
      ).toBe(1);
      expect(Ets.toList(self, table)).toEqual([tuple(3, "new")]);
      expect(() => Ets.selectReplace(self, table, [tuple(any, [], [tuple(tuple(4))])])).toThrow(badarg);
    }));

  it("S220: a limited select gives objects and a continuation, which survives what is deleted meanwhile", () =>
    play(async (self) => {
      for (const type of TYPES) {
        const table = Ets.new(self, "t", { type });
        Ets.insert(
          self,
          table,
          Array.from({ length: 10 }, (_, n) => tuple(n)),
        );
        const seen: unknown[] = [];
        let page = Ets.selectPage(self, table, [tuple(tuple($1), [], [$1])], 3);
        while (page !== undefined) {
          seen.push(...page.objects);
          for (const key of page.objects) Ets.deleteKey(self, table, key);
          page = Ets.more(self, page.continuation);
        }
        expect(seen.sort()).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
        expect(Ets.matchPage(self, table, tuple($1), 1)).toBeUndefined();
      }
    }));
});

describe("owners", () => {
  it("S221: the owner's death deletes its tables before DOWN arrives; objects go in and out by copy", () =>
    play(async (self) => {
      let table: Ets.TableId | undefined;
      const object = tuple(1, [1]);
      await elsewhere(self, (other) => {
        table = Ets.new(other, "t", { protection: "public" });
        Ets.insert(other, table, object);
        (object[1] as number[]).push(2);
        const [read] = Ets.lookup(other, table, 1);
        expect(read).toEqual(tuple(1, [1]));
        ((read as Tuple)[1] as number[]).push(3);
        expect(Ets.lookup(other, table, 1)).toEqual([tuple(1, [1])]);
      });
      expect(Ets.info(self, table as Ets.TableId)).toBeUndefined();
    }));

  it("S222: a living heir gets the table and ETS-TRANSFER, ahead of the owner's DOWN", () =>
    play(async (self) => {
      const owner = self.spawn(async (other) => {
        const table = Ets.new(other, "t", { named: true, heir: { pid: self.pid, data: "yours" } });
        Ets.insert(other, table, tuple(1));
      });
      const ref = self.monitor(owner);
      expect(await self.receive()).toEqual(tuple(atom("ETS-TRANSFER"), atom("t"), owner, "yours"));
      expect(await self.receive()).toMatchObject({ type: "down", ref });
      expect(Ets.info(self, "t")).toMatchObject({ owner: self.pid, size: 1 });
      Ets.insert(self, "t", tuple(2));
    }));

  it("S223: a dead heir means deletion; the setting survives give_away, and can be changed", () =>
    play(async (self) => {
      const dead = self.spawn(async () => {});
      await self.receiveTagged(self.monitor(dead));
      await elsewhere(self, (other) => Ets.new(other, "gone", { named: true, heir: { pid: dead, data: 1 } }));
      expect(Ets.info(self, "gone")).toBeUndefined();
      const table = Ets.new(self, "t", { heir: { pid: self.pid, data: "back" } });
      const taker = self.spawn(async (other) => void (await other.receive()));
      Ets.giveAway(self, table, taker, "here");
      expect(await self.receive()).toEqual(tuple(atom("ETS-TRANSFER"), table, taker, "back"));
      Ets.setHeir(self, table, undefined);
      expect(Ets.info(self, table)?.heir).toBeUndefined();
    }));

  it("S224: give_away is for the owner, to another living process; the giver loses its rights at once", () =>
    play(async (self) => {
      const table = Ets.new(self, "t");
      const received: unknown[] = [];
      const taker = self.spawn(async (other) => {
        received.push(await other.receive());
        await other.receive();
      });
      expect(() => Ets.giveAway(self, table, self.pid)).toThrow(badarg);
      const dead = self.spawn(async () => {});
      await self.receiveTagged(self.monitor(dead));
      expect(() => Ets.giveAway(self, table, dead)).toThrow(badarg);
      expect(await elsewhere(self, (other) => Ets.giveAway(other, table, taker))).toEqual(badarg);
      Ets.giveAway(self, table, taker, "data");
      expect(() => Ets.insert(self, table, tuple(1))).toThrow(badarg);
      await self.receive(() => false, { timeoutMs: 1 });
      expect(received).toEqual([tuple(atom("ETS-TRANSFER"), table, self.pid, "data")]);
    }));

  it("lets the embedder use public tables, and read protected ones", () =>
    play(async (self, { runtime }) => {
      const open = Ets.new(self, "open", { protection: "public", named: true });
      const closed = Ets.new(self, "closed");
      Ets.insert(runtime, open, tuple(1));
      expect(Ets.toList(runtime, "open")).toEqual([tuple(1)]);
      expect(() => Ets.insert(runtime, closed, tuple(1))).toThrow(badarg);
      expect(Ets.allTables(runtime)).toEqual([open, closed]);
      expect(() => Ets.new(runtime, "mine")).toThrow(badarg);
    }));
});
