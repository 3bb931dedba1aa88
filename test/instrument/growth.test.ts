// Growth within the limits that the driver sets, of memory and of all tables together, and what the driver is told.
import { describe, expect, it } from "vitest";
import { type Coroutine, createCoroutine, instrument, parseWat } from "../../instrument/index.ts";

const MODULE = parseWat(`(module
  (memory (export "memory") 1 100)
  (table $a 10 funcref) (table $b 20 500 funcref) (table $c 3 externref)
  (elem declare func $f) (func $f)
  (func (export "memory.grow") (param i32) (result i32) (memory.grow (local.get 0)))
  (func (export "a") (param i32) (result i32) (table.grow $a (ref.func $f) (local.get 0)))
  (func (export "b") (param i32) (result i32) (table.grow $b (ref.null func) (local.get 0)))
  (func (export "small") (param i32) (result i32) (table.grow $a (ref.null func) (i32.const 3)))
  (func (export "sizes") (param i32) (result i32)
    (i32.add (i32.mul (table.size $a) (i32.const 1000)) (i32.add (table.size $b) (table.size $c)))))`);

interface Driven {
  readonly coroutine: Coroutine;
  readonly call: (name: string, argument?: number) => unknown;
  /** What was refused. */
  readonly told: unknown[];
  readonly grown: unknown[];
}

async function drive(source: Uint8Array = MODULE, watched = true): Promise<Driven> {
  const { wasm, manifest } = await instrument(source);
  const coroutine = createCoroutine(manifest);
  const { exports } = new WebAssembly.Instance(
    new WebAssembly.Module(wasm as BufferSource),
    coroutine.imports({}),
  );
  coroutine.attach({ exports });
  const told: unknown[] = [];
  const grown: unknown[] = [];
  if (watched)
    coroutine.watchGrowth(({ of, wanted, isRefused }) => (isRefused ? told : grown).push([of, wanted]));
  const call = (name: string, argument = 0) => {
    coroutine.fuel = 1_000_000_000;
    expect(coroutine.start(exports[name] as never, [argument])).toBe("returned");
    return coroutine.returned;
  };
  return { coroutine, call, told, grown };
}

describe("tables that grow", () => {
  it("have together no more elements than the driver allows", async () => {
    const { coroutine, call, told } = await drive();
    expect(coroutine.tableElements).toBe(33);
    coroutine.limitTables(40);
    expect([call("a", 5), call("b", 3), call("b", 2), call("small"), call("a", 0)]).toEqual([
      10, -1, 20, -1, 15,
    ]);
    expect(coroutine.tableElements).toBe(40);
    expect(call("sizes")).toBe(15_025);
    expect(told).toEqual([
      ["table", 3],
      ["table", 3],
    ]);
  });

  it("have together no more than a million, whatever the driver allows", async () => {
    const { coroutine, call, told } = await drive();
    coroutine.limitTables(Number.POSITIVE_INFINITY);
    expect([call("a", 999_967), call("b", 1), call("a", -1)]).toEqual([10, -1, -1]);
    expect(told).toEqual([
      ["table", 1],
      ["table", 2 ** 32 - 1],
    ]);
  });

  it("may be larger than a limit that was lowered later, and grow by nothing", async () => {
    const { coroutine, call } = await drive();
    coroutine.limitTables(5);
    expect([call("a", 0), call("a", 1)]).toEqual([10, -1]);
  });

  it("are refused their own maximum without a word", async () => {
    const { call, told } = await drive();
    expect(call("b", 481)).toBe(-1);
    expect(told).toEqual([]);
  });
});

describe("memory that grows", () => {
  it("beyond the limit is told, with the pages that were wanted", async () => {
    const { coroutine, call, told } = await drive();
    coroutine.limitMemory(3 * 65_536);
    expect([call("memory.grow", 2), call("memory.grow", 1), call("memory.grow", -1)]).toEqual([1, -1, -1]);
    expect(told).toEqual([
      ["memory", 1],
      ["memory", 2 ** 32 - 1],
    ]);
  });

  it("beyond the module's own maximum is not told", async () => {
    const { call, told } = await drive();
    expect(call("memory.grow", 100)).toBe(-1);
    expect(told).toEqual([]);
  });

  it("fails as quietly where nobody watches", async () => {
    const { coroutine, call } = await drive(MODULE, false);
    coroutine.limitMemory(65_536);
    coroutine.limitTables(33);
    expect([call("memory.grow", 1), call("a", 1)]).toEqual([-1, -1]);
  });
});

it("a module whose tables cannot grow says how many elements they have", async () => {
  const { coroutine } = await drive(
    parseWat(`(module (memory (export "memory") 1) (table 7 funcref) (table 8 funcref))`),
  );
  expect(coroutine.tableElements).toBe(15);
});

describe("growth that is charged for by whoever is told", () => {
  const LOOP = parseWat(`(module
    (memory (export "memory") 1 100)
    (table $t 1 funcref)
    (func $grow (result i32) (memory.grow (i32.const 0)))
    (func (export "here") (param i32) (result i32)
      (loop $l (drop (memory.grow (i32.const 0)))
        (br_if $l (local.tee 0 (i32.sub (local.get 0) (i32.const 1))))) (i32.const 7))
    (func (export "called") (param i32) (result i32)
      (loop $l (drop (call $grow))
        (br_if $l (local.tee 0 (i32.sub (local.get 0) (i32.const 1))))) (i32.const 7))
    (func (export "table") (param i32) (result i32)
      (loop $l (drop (table.grow $t (ref.null func) (i32.const 0)))
        (br_if $l (local.tee 0 (i32.sub (local.get 0) (i32.const 1))))) (i32.const 7)))`);

  it.each(["here", "called", "table"])(
    "costs what it was charged, however it is sliced: %s",
    async (name) => {
      const { wasm, manifest } = await instrument(LOOP);
      const used = (slice: number) => {
        const coroutine = createCoroutine(manifest);
        const { exports } = new WebAssembly.Instance(
          new WebAssembly.Module(wasm as BufferSource),
          coroutine.imports({}),
        );
        coroutine.attach({ exports });
        coroutine.watchGrowth(() => coroutine.charge(1000));
        let [given, most] = [slice, 0];
        coroutine.fuel = slice;
        let stop = coroutine.start(exports[name] as never, [50]);
        while (stop !== "returned") {
          for (; coroutine.fuel <= 0; given += slice) coroutine.fuel += slice;
          const before = coroutine.fuel;
          stop = coroutine.resume();
          most = Math.max(most, before - coroutine.fuel);
        }
        expect(coroutine.returned).toBe(7);
        return { spent: given - coroutine.fuel, most };
      };
      const whole = used(1_000_000);
      expect(whole.spent).toBeGreaterThan(50_000);
      for (const slice of [1, 7, 999, 5000]) {
        const { spent, most } = used(slice);
        expect(spent).toBe(whole.spent);
        // A turn ends at the next check.
        expect(most).toBeLessThan(slice + 1100);
      }
    },
  );
});
