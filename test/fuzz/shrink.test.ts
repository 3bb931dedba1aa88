import { describe, expect, it } from "vitest";
import { assembleByWabt } from "../spec/assemble.ts";
import { shrinkText } from "./shrink.ts";

describe("shrinking a module", () => {
  it("leaves the smallest valid text that still shows what it is about", async () => {
    const text = `(module
      (type $t (func (param i32) (result i32)))
      (memory 1)
      (func $other (param i32) (result i32) (i32.add (local.get 0) (i32.const 3)))
      (func $f (export "f") (param i32) (result i32) (local i64)
        (drop (call $other (i32.const 1)))
        (block (result i32) (i32.add (i32.mul (local.get 0) (call $other (i32.const 7))) (i32.const 2)))))`;
    const fails = (candidate: string) => {
      try {
        return (
          WebAssembly.validate(assembleByWabt(candidate) as BufferSource) && candidate.includes("i32.mul")
        );
      } catch {
        return false;
      }
    };
    const small = await shrinkText(text, fails);
    expect(fails(small)).toBe(true);
    expect(small.length).toBeLessThan(120);
    expect(small).not.toMatch(/other|memory|block/);
  });
});
