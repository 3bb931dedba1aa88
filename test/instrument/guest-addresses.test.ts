import binaryen from "binaryen";
import { describe, expect, it } from "vitest";
import { createCoroutine, instrument } from "../../instrument/index.ts";

type Fn = (...args: number[]) => number;
const PAGE = 65_536;

async function load(source: string, imports: WebAssembly.Imports = {}) {
  const module = binaryen.parseText(source);
  module.setFeatures(binaryen.Features.MVP | binaryen.Features.BulkMemory | binaryen.Features.BulkMemoryOpt);
  const { wasm, manifest } = await instrument(module.emitBinary(), { name: "test.wat" });
  const coroutine = createCoroutine(manifest);
  const instance = new WebAssembly.Instance(
    new WebAssembly.Module(wasm as BufferSource),
    coroutine.imports(imports),
  );
  coroutine.attach(instance);
  const exports = instance.exports as Record<string, Fn>;
  const call = (name: string, ...args: number[]) => {
    coroutine.fuel = 1_000_000;
    coroutine.start(exports[name] as never, args);
    return coroutine.returned;
  };
  return { call, manifest, memory: instance.exports.memory as WebAssembly.Memory };
}

/** One page, and a loop, so that there is a region for frames. */
const SOURCE = `(module
  (memory (export "memory") 1 3)
  (data (i32.const 8) "\\2a\\00\\00\\00")
  (func (export "load") (param i32) (result i32) (i32.load (local.get 0)))
  (func (export "load_far") (param i32) (result i32) (i32.load offset=4294967295 (local.get 0)))
  (func (export "store") (param i32 i32) (i32.store (local.get 0) (local.get 1)))
  (func (export "fill") (param i32 i32) (memory.fill (local.get 0) (i32.const 7) (local.get 1)))
  (func (export "copy") (param i32 i32 i32) (memory.copy (local.get 0) (local.get 1) (local.get 2)))
  (func (export "size") (result i32) (memory.size))
  (func (export "grow") (param i32) (result i32) (memory.grow (local.get 0)))
  (func (export "forever") (loop $l (br $l))))`;

describe("an instrumented guest's memory", () => {
  it("begins at its own address 0, with its data where it put them", async () => {
    const { call, manifest, memory } = await load(SOURCE);
    expect(call("load", 8)).toBe(42);
    expect(new DataView(memory.buffer).getInt32(manifest.frameBytes + 8, true)).toBe(42);
  });

  it.each([PAGE - 3, PAGE, 2 * PAGE, 5 * PAGE, 2 ** 31, -4, -1])(
    "ends where the guest believes: a load at %i traps",
    async (at) => {
      const { call } = await load(SOURCE);
      expect(call("load", PAGE - 4)).toBe(0);
      expect(() => call("load", at)).toThrow(WebAssembly.RuntimeError);
      expect(() => call("store", at, 1)).toThrow(WebAssembly.RuntimeError);
    },
  );

  it("cannot be left with an offset of 4 GB", async () => {
    const { call } = await load(SOURCE);
    expect(() => call("load_far", 0)).toThrow(WebAssembly.RuntimeError);
    expect(() => call("load_far", 1)).toThrow(WebAssembly.RuntimeError);
  });

  it("has the same bounds for bulk instructions, also for none at all", async () => {
    const { call } = await load(SOURCE);
    call("fill", 0, PAGE);
    expect(call("load", PAGE - 4)).toBe(0x07070707);
    call("fill", PAGE, 0);
    expect(() => call("fill", 1, PAGE)).toThrow("out of bounds");
    expect(() => call("fill", PAGE + 1, 0)).toThrow("out of bounds");
    expect(() => call("fill", -1, 0)).toThrow("out of bounds");
    expect(() => call("fill", -PAGE, PAGE)).toThrow("out of bounds");
    expect(() => call("copy", 0, -8, 8)).toThrow("out of bounds");
    expect(() => call("copy", -8, 0, 8)).toThrow("out of bounds");
  });

  it("grows to its own maximum, with zeros, and keeps what it held", async () => {
    const { call } = await load(SOURCE);
    call("store", PAGE - 4, 5);
    expect(call("size")).toBe(1);
    expect(call("grow", 2)).toBe(1);
    expect(call("grow", 1)).toBe(-1);
    expect(call("size")).toBe(3);
    expect(call("load", PAGE - 4)).toBe(5);
    expect(call("load", 3 * PAGE - 4)).toBe(0);
    expect(() => call("load", 3 * PAGE)).toThrow(WebAssembly.RuntimeError);
  });

  describe("with data at an imported address", () => {
    const PLACED = `(module
      (import "at" "base" (global $base i32))
      (memory (export "memory") 1)
      (data (global.get $base) "\\2a\\00\\00\\00")
      (data (i32.const 16) "\\2b\\00\\00\\00")
      (func (export "load") (param i32) (result i32) (i32.load (local.get 0)))
      (func (export "forever") (loop $l (br $l))))`;
    const at = (base: number) => ({ at: { base: new WebAssembly.Global({ value: "i32" }, base) } });

    it("has them there before anything runs", async () => {
      const { call } = await load(PLACED, at(100));
      expect([call("load", 100), call("load", 16)]).toEqual([42, 43]);
    });

    it.each([PAGE - 2, PAGE, -1, -300_000])("is not made when they do not fit at %i", async (base) => {
      await expect(load(PLACED, at(base))).rejects.toThrow(WebAssembly.RuntimeError);
    });
  });
});
