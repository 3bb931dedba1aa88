import { describe, expect, it } from "vitest";
import { compareScript, tally } from "./compare.ts";
import { readScript } from "./script.ts";

async function run(script: string) {
  const result = tally();
  await compareScript(readScript(script), [1, 1_000, 2 ** 40], result);
  return result;
}

describe("the harness of the specification's suite", () => {
  it("runs modules, actions and assertions of every kind of value, and finds no difference", async () => {
    const result = await run(`(module $m
        (import "spectest" "memory" (memory 1))
        (func (export "loop") (param i32 i64 f32 f64 v128 externref) (result i32 i64 f32 f64 v128)
          (loop $l (br_if $l (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))
          (local.get 0) (local.get 1) (local.get 2) (local.get 3) (local.get 4))
        (func (export "vector") (param v128 f32) (result v128 f32) (local $n i32)
          (local.set $n (i32.const 9))
          (loop $l (br_if $l (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
          (local.get 0) (local.get 1))
        (func $deep (export "deep") (call $deep))
        (func (export "trap") (loop unreachable)))
      (register "M" $m)
      (module (import "M" "trap" (func $trap)) (func (export "far") (call $trap)))
      ;; a comment (; (; nested ;) ;)
      (assert_return (invoke $m "vector" (v128.const f32x4 nan:0x200001 -0x1.8p+1 inf 0) (f32.const -nan:0x300000))
        (v128.const f32x4 nan:0x200001 -0x1.8p+1 inf 0) (f32.const nan:0x300000))
      (assert_exhaustion (invoke $m "deep") "call stack exhausted")
      (assert_trap (invoke $m "trap") "unreachable")
      (assert_trap (invoke "far") "unreachable")
      (assert_invalid (module (func (result i32))) "type mismatch")
      (assert_unlinkable (module (import "M" "nothing" (func))) "unknown import")
      (assert_trap (module (func $f unreachable) (start $f)) "unreachable")`);
    expect(result).toMatchObject({ failures: [], modules: 2, failed: 0, passed: 3 * 6 });
    expect([...result.leftOut.keys()]).toEqual([]);
  });

  it("says what it leaves out, and why", async () => {
    const result = await run(`(module (func (export "f") (frobnicate)))
      (assert_return (invoke "f"))
      (module (func (export "g") (param f32 externref)))
      (assert_return (invoke "g" (f32.const 1) (ref.extern 1)))`);
    expect([...result.leftOut]).toEqual([
      ["syntax that neither wabt nor binaryen reads", { modules: 1, assertions: 1 }],
      ["call with both floating point numbers and references", { modules: 0, assertions: 1 }],
    ]);
  });
});
