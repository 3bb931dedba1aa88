import { describe, expect, it } from "vitest";
import { readModule } from "../../instrument/capture/module-reader.ts";
import { createCoroutine, instrument, parseWat } from "../../instrument/index.ts";

/** Functions that can stop, with loops, calls and branches, as compilers write them; `recursive` of them call themselves. */
function program(functions: number, recursive: number): Uint8Array {
  const bodies = Array.from({ length: functions }, (_, n) => {
    const callee = n < recursive ? n : n - 1;
    return `(func $f${n} (param $a i32) (param $b i32) (result i32) (local $i i32) (local $x f64)
      (if (i32.le_s (local.get $a) (i32.const 0)) (then (return (local.get $b))))
      ${callee < 0 ? "" : `(local.set $b (i32.add (i32.mul (local.get $b) (i32.const 31)) (call $f${callee} (i32.sub (local.get $a) (i32.const 1)) (i32.xor (local.get $b) (i32.const ${n})))))`}
      (local.set $x (f64.convert_i32_s (local.get $b)))
      (loop $l
        (i32.store (i32.const 64) (i32.add (i32.load (i32.const 64)) (i32.mul (local.get $i) (i32.const ${n + 3}))))
        (local.set $x (f64.add (f64.mul (local.get $x) (f64.const 0.5)) (f64.convert_i32_s (local.get $i))))
        (br_if $l (i32.lt_s (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 4))))
      (if (i32.and (local.get $b) (i32.const 1))
        (then (i32.store (i32.const 68) (i32.xor (i32.load (i32.const 68)) (local.get $b))))
        (else (i32.store (i32.const 72) (i32.shl (local.get $b) (i32.and (local.get $a) (i32.const 7))))))
      (i32.add (i32.add (local.get $b) (i32.trunc_sat_f64_s (local.get $x))) (i32.load (i32.const 64))))`;
  });
  const last = functions - 1;
  return parseWat(
    `(module (memory (export "memory") 1) ${bodies.join("\n")}
      (func (export "run") (param i32) (result i32) (call $f${last} (local.get 0) (i32.const 7))))`,
    "program.wat",
  );
}

function codeBytes(bytes: Uint8Array): number {
  const { start, end } = readModule(bytes).sections.find(({ id }) => id === 10)!;
  return end - start;
}

describe("an instrumented module", () => {
  it.each([
    [0, 2.2],
    [20, 2.4],
  ])("with %i recursive functions of 150 is at most %f times as large", async (recursive, limit) => {
    const raw = program(150, recursive);
    const { wasm } = await instrument(raw);
    expect(codeBytes(wasm) / codeBytes(raw)).toBeLessThan(limit);
  });

  it("gives the same from single versions and from copied ones, in slices of any length", async () => {
    const raw = program(12, 2);
    const plain = new WebAssembly.Instance(new WebAssembly.Module(raw as BufferSource));
    const expected = (plain.exports.run as (n: number) => number)(9);
    const { wasm, manifest } = await instrument(raw);
    for (const slice of [1, 2, 7, 1_000]) {
      const coroutine = createCoroutine(manifest);
      const instance = new WebAssembly.Instance(
        new WebAssembly.Module(wasm as BufferSource),
        coroutine.imports({}),
      );
      coroutine.attach(instance);
      coroutine.fuel = slice;
      let stop = coroutine.start(instance.exports.run as never, [9]);
      for (; stop !== "returned"; stop = coroutine.resume()) coroutine.fuel += slice;
      expect(coroutine.returned).toBe(expected);
    }
  });

  it("marks its checks as branches that are hardly ever taken", async () => {
    const { wasm } = await instrument(program(5, 2));
    const info = readModule(wasm);
    const hints = info.sections.find(({ name }) => name === "metadata.code.branch_hint")!;
    const code = info.sections.findIndex(({ id }) => id === 10);
    expect(info.sections.indexOf(hints)).toBeLessThan(code);
    let at = hints.start;
    const u32 = () => {
      let value = 0;
      for (let shift = 0; ; shift += 7) {
        const byte = wasm[at++]!;
        value |= (byte & 0x7f) << shift;
        if (byte < 0x80) return value;
      }
    };
    const nameBytes = u32();
    at += nameBytes;
    const found: number[] = [];
    for (let functions = u32(), before = -1; functions > 0; functions--) {
      const index = u32();
      expect(index).toBeGreaterThan(before);
      before = index;
      for (let count = u32(), last = -1; count > 0; count--) {
        const offset = u32();
        expect(offset).toBeGreaterThan(last);
        last = offset;
        expect([u32(), u32()]).toEqual([1, 0]);
        found.push(wasm[info.functions[index]!.start + offset]!);
      }
    }
    expect(found.length).toBeGreaterThan(10);
    expect(new Set(found)).toEqual(new Set([0x04, 0x0d]));
    expect(at).toBe(hints.end);
  });
});
