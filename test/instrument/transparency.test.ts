import { describe, expect, it } from "vitest";
import { createCoroutine, instrument, parseWat } from "../../instrument/index.ts";
import { outcome, SLICES } from "./support/both-ways.ts";

/** The module with custom sections behind all others. */
function withSections(bytes: Uint8Array, sections: Readonly<Record<string, string>>): Uint8Array {
  const encoder = new TextEncoder();
  const parts = [...bytes];
  for (const [name, text] of Object.entries(sections)) {
    const contents = [name.length, ...encoder.encode(name), ...encoder.encode(text)];
    parts.push(0, contents.length, ...contents);
  }
  return Uint8Array.from(parts);
}

const PROGRAM = `(module
  (import "env" "counter" (global $counter (mut i32)))
  (import "env" "table" (table $theirs 4 funcref))
  (memory (export "memory") 1)
  (global $own (export "own") (mut i64) (i64.const 7))
  (table $ours (export "ours") 3 5 funcref)
  (elem (table $ours) (i32.const 1) func $double)
  (data (i32.const 3) "data")
  (type $step (func (param i32) (result i32)))
  (func $double (export "double") (type $step) (i32.mul (i32.const 2) (local.get 0)))
  (func $begin (local $i i32)
    (loop $l
      (global.set $counter (i32.add (global.get $counter) (i32.const 1)))
      (br_if $l (i32.lt_s (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 20)))))
  (start $begin)
  (func $count (export "count") (param $n i32) (result i32)
    (loop $l
      (global.set $counter (i32.add (global.get $counter) (i32.const 1)))
      (br_if $l (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (table.set $theirs (i32.const 2) (ref.func $double))
    (i32.add (call_indirect $ours (type $step) (i32.const 21) (i32.const 1)) (table.size $ours))))`;

async function instrumented(bytes: Uint8Array) {
  const { wasm, manifest } = await instrument(bytes);
  const module = new WebAssembly.Module(wasm as BufferSource);
  const coroutine = createCoroutine(manifest);
  const counter = new WebAssembly.Global({ value: "i32", mutable: true }, 0);
  const table = new WebAssembly.Table({ initial: 4, element: "anyfunc" });
  const instance = new WebAssembly.Instance(module, coroutine.imports({ env: { counter, table } }));
  coroutine.attach(instance);
  return { module, manifest, coroutine, counter, table, exports: instance.exports };
}

describe("an instrumented module", () => {
  it("keeps the custom sections, but for those whose offsets would be wrong", async () => {
    const sections = {
      mine: "as it was",
      producers: "\0",
      sourceMappingURL: "x.map",
      ".debug_line": "old offsets",
    };
    const { module } = await instrumented(withSections(parseWat(PROGRAM), sections));
    const textOf = (name: string) =>
      WebAssembly.Module.customSections(module, name).map((bytes) => new TextDecoder().decode(bytes));
    expect(textOf("mine")).toEqual(["as it was"]);
    expect(textOf("producers")).toEqual(["\0"]);
    expect(textOf("name")[0]).toContain("double");
    expect(textOf("sourceMappingURL")).toEqual([]);
    expect(textOf(".debug_line")).toEqual([]);
  });

  it("exports what it did, in the same order, and behind that only reserved names", async () => {
    const source = parseWat(PROGRAM);
    const before = WebAssembly.Module.exports(new WebAssembly.Module(source as BufferSource));
    const after = WebAssembly.Module.exports((await instrumented(source)).module);
    expect(after.slice(0, before.length)).toEqual(before);
    expect(after.slice(before.length).filter(({ name }) => !name.startsWith("moonlet:"))).toEqual([]);
  });

  it("imports what it did", async () => {
    const source = parseWat(PROGRAM);
    expect(WebAssembly.Module.imports((await instrumented(source)).module)).toEqual(
      WebAssembly.Module.imports(new WebAssembly.Module(source as BufferSource)),
    );
  });

  it("runs its start function when it is told to, in slices", async () => {
    const { coroutine, counter, exports, manifest } = await instrumented(parseWat(PROGRAM));
    expect(counter.value).toBe(0);
    coroutine.fuel = 5;
    expect(coroutine.start(exports[manifest.start!] as never)).toBe("preempted");
    const seen = counter.value as number;
    expect(seen).toBeGreaterThan(0);
    expect(seen).toBeLessThan(20);
    coroutine.fuel = 1_000;
    expect(coroutine.resume()).toBe("returned");
    expect(counter.value).toBe(20);
  });

  it("shares imported globals and tables with the host, also while it is stopped", async () => {
    const { coroutine, counter, table, exports } = await instrumented(parseWat(PROGRAM));
    coroutine.fuel = 4;
    expect(coroutine.start(exports.count as never, [30])).toBe("preempted");
    const seen = counter.value as number;
    expect(seen).toBeGreaterThan(0);
    counter.value = 1_000;
    coroutine.fuel = 1_000;
    expect(coroutine.resume()).toBe("returned");
    expect(coroutine.returned).toBe(45);
    expect(counter.value).toBe(1_000 + 30 - seen);
    expect((table.get(2) as (n: number) => number)(4)).toBe(8);
    expect((exports.own as WebAssembly.Global).value).toBe(7n);
    expect((exports.ours as WebAssembly.Table).length).toBe(3);
  });
});

describe("a hostile guest", () => {
  /** At every level of a recursion everything that the guest can reach is overwritten. */
  const VANDAL = `(module
    (import "env" "wait" (func $wait (param i32) (result i32)))
    (memory (export "memory") 1 3)
    (table $t 8 funcref)
    (global $g (mut i32) (i32.const 0))
    (func $smash (param $with i32) (local $at i32) (local $end i32)
      (drop (memory.grow (i32.const 1)))
      (local.set $end (i32.mul (memory.size) (i32.const 65536)))
      (memory.fill (i32.const 0) (local.get $with) (local.get $end))
      (loop $l
        (i32.store (local.get $at) (i32.sub (i32.const 0) (local.get $with)))
        (br_if $l (i32.lt_u (local.tee $at (i32.add (local.get $at) (i32.const 512))) (local.get $end))))
      (table.fill $t (i32.const 0) (ref.null func) (table.size $t))
      (global.set $g (i32.const -1)))
    (func $down (param $n i32) (result i32)
      (call $smash (local.get $n))
      (if (result i32) (local.get $n)
        (then (i32.add (i32.mul (call $wait (local.get $n)) (i32.const 3)) (call $down (i32.sub (local.get $n) (i32.const 1)))))
        (else (i32.const 100))))
    (func (export "down") (param $n i32) (result i32) (call $down (local.get $n)))
    (func (export "reads what is not its own") (param $at i32) (result i32)
      (drop (call $wait (i32.const 1)))
      (i32.load (local.get $at))))`;

  it("cannot reach its captured stack by writing everywhere it can", async () => {
    const call = { name: "down", args: [12] };
    const raw = await outcome(VANDAL, [call], "raw");
    const fuels = new Set<number>();
    for (const slice of SLICES) {
      const ours = await outcome(VANDAL, [call], slice);
      expect(ours.results).toEqual(raw.results);
      fuels.add(ours.fuel);
    }
    expect(fuels.size).toBe(1);
  });

  it.each([65_536 * 3 - 3, 65_536 * 3, 65_536 * 4, -4, -65_536, -400_000, 2 ** 31])(
    "cannot read it from address %i, however it computes that",
    async (at) => {
      const call = { name: "reads what is not its own", args: [at] };
      for (const slice of SLICES) {
        expect((await outcome(VANDAL, [call], slice)).results).toEqual([
          "RuntimeError: memory access out of bounds",
        ]);
      }
    },
  );
});

it("a function that does nothing has its frame counted where it has many locals", async () => {
  const source = `(module (func $idle (local ${"i64 ".repeat(8000)}))
    (func (export "main") (param $n i32) (result i32)
      (loop $l (call $idle) (br_if $l (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
      (i32.const 7)))`;
  for (const slice of [1, 1000]) {
    const { results } = await outcome(source, [{ name: "main", args: [20] }], slice);
    expect(results).toEqual([7]);
  }
});
