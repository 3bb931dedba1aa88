import { describe, expect, it } from "vitest";
import { instrument, parseWat } from "../../instrument/index.ts";

/** Adds to a global of each type in a loop; the memory grows in between; a segment is dropped. */
const SOURCE = `(module
  (memory (export "memory") 1)
  (data $bytes "abcd")
  (global $i32 (mut i32) (i32.const 1)) (global $i64 (mut i64) (i64.const 2)) (global $f32 (mut f32) (f32.const 0.5))
  (global $f64 (mut f64) (f64.const 0.25)) (global $v128 (mut v128) (v128.const i64x2 3 4))
  (func (export "work") (param $n i32) (result i64)
    (memory.init $bytes (i32.const 0) (i32.const 0) (i32.const 4))
    (data.drop $bytes)
    (drop (memory.grow (i32.const 2)))
    (loop $again
      (global.set $i32 (i32.add (global.get $i32) (i32.const 1)))
      (global.set $i64 (i64.mul (global.get $i64) (i64.const 3)))
      (global.set $f32 (f32.add (global.get $f32) (f32.const 1)))
      (global.set $f64 (f64.add (global.get $f64) (f64.const 1)))
      (global.set $v128 (i64x2.add (global.get $v128) (v128.const i64x2 5 7)))
      (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (i64.add (global.get $i64) (i64.add (i64.extend_i32_u (global.get $i32)) (i64.add
      (i64.trunc_f32_s (global.get $f32)) (i64.add (i64.trunc_f64_s (global.get $f64))
      (i64.add (i64x2.extract_lane 0 (global.get $v128)) (i64x2.extract_lane 1 (global.get $v128))))))))
  (func (export "use-dropped") (memory.init $bytes (i32.const 0) (i32.const 0) (i32.const 1))))`;

type Exports = Record<string, (...args: number[]) => number> & Record<string, WebAssembly.Memory>;

async function program() {
  const { wasm, manifest } = await instrument(parseWat(SOURCE));
  const module = new WebAssembly.Module(wasm as BufferSource);
  return { manifest, fresh: () => new WebAssembly.Instance(module).exports as unknown as Exports };
}

/** Stopped after some iterations; what it would have returned is in the result cell at the end. */
function stopped(exports: Exports): number {
  exports["moonlet:begin"]!(5);
  exports.work!(20);
  exports["moonlet:left"]!();
  return exports["moonlet:save"]!();
}

const result = (exports: Exports) => (exports["moonlet:result_i64"] as unknown as WebAssembly.Global).value;

describe("the functions that save and load a stopped instance's state", () => {
  it("move it to another instance together with one piece of memory", async () => {
    const { fresh } = await program();
    const from = fresh();
    const to = fresh();
    const address = stopped(from);
    to["moonlet:memory"]!.grow(2);
    new Uint8Array(to["moonlet:memory"]!.buffer).set(new Uint8Array(from["moonlet:memory"]!.buffer));
    to["moonlet:load"]!(address);
    to["moonlet:resume"]!(1_000);
    from["moonlet:resume"]!(1_000);
    expect(result(to)).toBe(result(from));
    expect(result(to)).toBe(2n * 3n ** 20n + 21n + 20n + 20n + 3n + 100n + 4n + 140n);
  });

  it("put the state right below the captured frames, in as many bytes as the manifest says", async () => {
    const { manifest, fresh } = await program();
    const exports = fresh();
    const address = stopped(exports);
    const head = (exports["moonlet:head"] as unknown as WebAssembly.Global).value as number;
    expect(head - address).toBe(manifest.state.bytes);
    expect(manifest.state.bytes).toBeLessThan(100);
  });

  it("drop in the new instance the segments that were dropped in the old one", async () => {
    const { fresh } = await program();
    const to = fresh();
    const from = fresh();
    const address = stopped(from);
    to["moonlet:memory"]!.grow(2);
    new Uint8Array(to["moonlet:memory"]!.buffer).set(new Uint8Array(from["moonlet:memory"]!.buffer));
    expect(() => to["use-dropped"]!()).not.toThrow();
    to["moonlet:load"]!(address);
    expect(() => to["use-dropped"]!()).toThrow(WebAssembly.RuntimeError);
  });

  it("refuse an address outside the frame region, and credit beyond what the native stack has room for", async () => {
    const { fresh, manifest } = await program();
    const exports = fresh();
    const end = manifest.frameBytes;
    for (const address of [-8, end, end - manifest.state.bytes + 8, 2 ** 31]) {
      expect(() => exports["moonlet:load"]!(address)).toThrow(WebAssembly.RuntimeError);
    }
    const address = end - manifest.state.bytes;
    new Uint8Array(exports["moonlet:memory"]!.buffer).fill(0x7f, address, end);
    exports["moonlet:load"]!(address);
    expect((exports["moonlet:until_checkpoint"] as unknown as WebAssembly.Global).value).toBe(512 * 1024);
  });
});
