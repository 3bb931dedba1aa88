import { describe, expect, it } from "vitest";
import { createCoroutine, instrument, parseWat } from "../../instrument/index.ts";

describe("a loop that calls into a recursion", () => {
  it("has its stack credit back when the call has come back, so that no look at the stack's depth stops it", async () => {
    const { wasm, manifest } = await instrument(
      parseWat(`(module
        (func $down (param i32) (result i32)
          (if (i32.eqz (local.get 0)) (then (return (i32.const 0))))
          (i32.add (call $down (i32.sub (local.get 0) (i32.const 1))) (i32.const 1)))
        (func (export "run") (param i32) (result i32) (local i32)
          (loop $l
            (local.set 1 (i32.add (local.get 1) (call $down (i32.const 1000))))
            (br_if $l (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))
          (local.get 1)))`),
    );
    const coroutine = createCoroutine(manifest);
    const instance = new WebAssembly.Instance(new WebAssembly.Module(wasm as BufferSource));
    const { exports } = instance;
    const cell = (name: string) => (exports[`moonlet:${name}`] as WebAssembly.Global).value as number;
    coroutine.attach(instance);
    coroutine.fuel = 10_000_000;
    expect(coroutine.start(exports.run as never, [100])).toBe("returned");
    expect(coroutine.returned).toBe(100_000);
    expect(cell("checkpoint") - cell("until_checkpoint")).toBeLessThan(1_000);
    // 100,000 entries take 84 each, 64 of which are a unit; an iteration is one.
    expect(10_000_000 - coroutine.fuel).toBe(131_250 + 100);
  });
});
