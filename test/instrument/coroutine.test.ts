import binaryen from "binaryen";
import { describe, expect, it } from "vitest";
import { createCoroutine, instrument, readManifest } from "../../instrument/index.ts";

/** A module with a loop, a recursion, a suspending import and a trap. */
const SOURCE = `(module
  (import "test" "wait" (func $wait (param i32) (result i32)))
  (import "test" "back" (func $back (param i32) (result i32)))
  (memory (export "memory") 1)
  (func $sum (export "sum") (param $n i32) (result i32) (local $s i32)
    (loop $again
      (local.set $s (i32.add (local.get $s) (local.get $n)))
      (local.set $n (i32.sub (local.get $n) (i32.const 1)))
      (br_if $again (local.get $n)))
    (local.get $s))
  (func $fib (export "fib") (param $n i32) (result i32)
    (if (result i32) (i32.lt_s (local.get $n) (i32.const 2))
      (then (local.get $n))
      (else (i32.add (call $fib (i32.sub (local.get $n) (i32.const 1))) (call $fib (i32.sub (local.get $n) (i32.const 2)))))))
  (func (export "ask") (param $n i32) (result i32) (i32.add (call $wait (local.get $n)) (call $wait (i32.const 5))))
  (func $deep (param $n i32) (if (local.get $n) (then (call $deep (i32.sub (local.get $n) (i32.const 1)))) (else unreachable)))
  (func (export "callback") (param $n i32) (result i32) (call $back (local.get $n)))
  (func $bottomless (export "bottomless") (call $bottomless) (call $bottomless))
  (func $crash (export "crash") (call $deep (i32.const 2)))
  (func (export "forever") (loop $l (br $l))))`;

async function load() {
  binaryen.setDebugInfo(true);
  const source = binaryen.parseText(SOURCE).emitBinary();
  const { wasm, manifest } = await instrument(source, { name: "test.wat", suspending: ["test.wait"] });
  const coroutine = createCoroutine(manifest);
  const asked: number[] = [];
  const module = new WebAssembly.Module(wasm as BufferSource);
  const instance = new WebAssembly.Instance(
    module,
    coroutine.imports({
      test: {
        back: (n: number) => {
          coroutine.start(instance.exports.fib as never, [n]);
          return coroutine.returned;
        },
        wait: (n: number) => {
          asked.push(n);
          coroutine.suspend();
        },
      },
    }),
  );
  coroutine.attach(instance);
  return {
    module,
    manifest,
    coroutine,
    asked,
    exports: instance.exports as Record<string, (...args: never[]) => unknown>,
  };
}

/** Runs an export in slices; gives its result, the number of slices and the fuel used. */
async function sliced(name: string, args: readonly number[], slice: number) {
  const { coroutine, exports } = await load();
  coroutine.fuel = slice;
  let given = slice;
  let slices = 1;
  let stop = coroutine.start(exports[name] as never, args);
  while (stop === "preempted") {
    coroutine.fuel += slice;
    given += slice;
    slices++;
    stop = coroutine.resume();
  }
  return { stop, returned: coroutine.returned, slices, used: given - coroutine.fuel };
}

describe("an instrumented module", () => {
  it("computes the same in one slice and in thousands", async () => {
    const whole = await sliced("fib", [15], 1_000_000);
    const many = await sliced("fib", [15], 1);
    expect(whole).toMatchObject({ stop: "returned", returned: 610, slices: 1 });
    expect(many.returned).toBe(610);
    expect(many.slices).toBeGreaterThan(500);
  });

  it("uses the same fuel however time is sliced", async () => {
    const used = await Promise.all(
      [1, 7, 100, 1_000_000].map(async (slice) => (await sliced("sum", [500], slice)).used),
    );
    expect(new Set(used).size).toBe(1);
  });

  it("is stopped in an endless loop", async () => {
    const { coroutine, exports } = await load();
    coroutine.fuel = 10_000;
    expect(coroutine.start(exports.forever as never)).toBe("preempted");
    expect(coroutine.stopped).toBe(true);
  });

  it("suspends in an import and goes on with the value it is given", async () => {
    const { coroutine, exports, asked } = await load();
    coroutine.fuel = 10_000;
    expect(coroutine.start(exports.ask as never, [3])).toBe("suspended");
    expect(coroutine.resume(40)).toBe("suspended");
    expect(coroutine.resume(2)).toBe("returned");
    expect(coroutine.returned).toBe(42);
    expect(asked).toEqual([3, 5]);
  });

  it("names the guest's functions in the frames of a trap", async () => {
    const { coroutine, exports } = await load();
    coroutine.fuel = 10_000;
    try {
      coroutine.start(exports.crash as never);
      expect.unreachable();
    } catch (error) {
      expect(error).toBeInstanceOf(WebAssembly.RuntimeError);
      expect(coroutine.frames(error).map((frame) => frame.functionName)).toEqual([
        "deep",
        "deep",
        "deep",
        "crash",
      ]);
    }
  });

  it("runs what an import calls in it however little the slice has left", async () => {
    const results = await Promise.all(
      [1, 3, 1_000_000].map(async (slice) => {
        const { coroutine, exports } = await load();
        coroutine.fuel = slice;
        let given = slice;
        let stop = coroutine.start(exports.callback as never, [9]);
        while (stop !== "returned") {
          coroutine.fuel += slice;
          given += slice;
          stop = coroutine.resume();
        }
        return [coroutine.returned, given - coroutine.fuel];
      }),
    );
    expect(new Set(results.map(String)).size).toBe(1);
    expect(results[0]![0]).toBe(34);
  });

  it("has not more fuel than before when its stack overflows", async () => {
    const { coroutine, exports } = await load();
    coroutine.fuel = 100_000_000;
    expect(() => {
      for (
        let stop = coroutine.start(exports.bottomless as never);
        stop !== "returned";
        stop = coroutine.resume()
      );
    }).toThrow("stack overflow");
    expect(coroutine.fuel).toBeLessThan(100_000_000);
  });

  it("carries its manifest", async () => {
    const { module, manifest } = await load();
    expect(readManifest(module)).toEqual(manifest);
    expect(manifest.suspending).toEqual(["test.wait"]);
  });

  it("refuses what is not Wasm, naming it", async () => {
    await expect(instrument(new Uint8Array([1, 2, 3]), { name: "x.wasm" })).rejects.toThrow(
      /x\.wasm is not a WebAssembly module/,
    );
  });
});

/** Its loop calls imports that do not suspend: itself, through a function that cannot stop, and through a table. */
const WORKING = `(module
  (import "test" "work" (func $work))
  (import "test" "wait" (func $wait))
  (memory (export "memory") 1)
  (table 1 funcref) (elem (i32.const 0) $indirectly)
  (type $nothing (func))
  (func $indirectly (call $work))
  (func $directly (call $work))
  (func (export "direct") (loop $l (call $work) (br $l)))
  (func (export "through a function") (loop $l (call $directly) (br $l)))
  (func (export "through a table") (loop $l (call_indirect (type $nothing) (i32.const 0)) (br $l)))
  (func (export "in straight line") (call $work) (call $work) (call $work)))`;

describe("work that an import charges for", () => {
  async function working(units: number) {
    const source = binaryen.parseText(WORKING).emitBinary();
    const { wasm, manifest } = await instrument(source, { name: "working.wat", suspending: ["test.wait"] });
    const coroutine = createCoroutine(manifest);
    const counted = { calls: 0 };
    const imports = coroutine.imports({
      test: {
        work: () => {
          counted.calls++;
          coroutine.charge(units);
        },
        wait: () => coroutine.suspend(),
      },
    });
    const instance = new WebAssembly.Instance(new WebAssembly.Module(wasm as BufferSource), imports);
    coroutine.attach(instance);
    return { coroutine, counted, exports: instance.exports as Record<string, () => void> };
  }

  it.each(["direct", "through a function", "through a table"])(
    "ends the slice at the loop's next check: %s",
    async (name) => {
      const { coroutine, counted, exports } = await working(400);
      coroutine.fuel = 1000;
      expect(coroutine.start(exports[name]!)).toBe("preempted");
      expect(counted.calls).toBe(3);
      expect(coroutine.fuel).toBeLessThan(-200);
      expect(coroutine.fuel).toBeGreaterThan(-210);
      const debt = coroutine.fuel;
      coroutine.fuel = 1000 + debt;
      expect(coroutine.resume()).toBe("preempted");
      expect(counted.calls).toBe(5);
    },
  );

  it("is owed by a guest that passes no check, however much it is", async () => {
    const { coroutine, counted, exports } = await working(2 ** 29);
    coroutine.fuel = 1000;
    expect(coroutine.start(exports["in straight line"]!)).toBe("returned");
    expect(counted.calls).toBe(3);
    expect(coroutine.fuel).toBe(1000 - 3 * 2 ** 29);
  });
});
