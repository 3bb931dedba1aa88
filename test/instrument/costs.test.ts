import { describe, expect, it } from "vitest";
import { readBody } from "../../instrument/capture/body.ts";
import { costsOf } from "../../instrument/capture/costs.ts";
import { readModule } from "../../instrument/capture/module-reader.ts";
import { Op } from "../../instrument/capture/opcodes.ts";
import { parseWat } from "../../instrument/index.ts";

function costs(code: string, callee = 0) {
  const info = readModule(parseWat(`(module (func $f (param i32) ${code}) (func $g))`, "costs.wat"));
  const body = readBody(info, 0);
  return costsOf(body, (i) => (body.ops[i] === Op.call ? callee : 0));
}

const NOPS = (count: number) => "(nop) ".repeat(count);

describe("what a function costs its caller", () => {
  it("is the longer arm of an if, not both", () => {
    const one = costs(`(if (local.get 0) (then ${NOPS(50)}))`).entry;
    const both = costs(`(if (local.get 0) (then ${NOPS(50)}) (else ${NOPS(40)}))`).entry;
    expect(both).toBe(one);
  });

  it("is the longest way, also where branches leave early", () => {
    const { entry } = costs(
      `(block (br_if 0 (local.get 0)) ${NOPS(100)} (br_if 0 (local.get 0)) ${NOPS(7)})`,
    );
    expect(entry).toBeGreaterThan(107);
    expect(entry).toBeLessThan(120);
  });

  it("includes what it calls, as often as one way leads there", () => {
    expect(costs("(call $g) (if (local.get 0) (then (call $g)) (else (call $g)))", 1_000).entry).toBeLessThan(
      2_020,
    );
  });

  it("leaves out loops, which charge for themselves", () => {
    const { entry, loops } = costs(`(loop ${NOPS(500)} (br_if 0 (local.get 0)))`);
    expect(entry).toBeLessThan(20);
    expect([...loops.values()]).toEqual([503]);
  });

  it("counts all code where an exception can lead anywhere", () => {
    const info = readModule(
      parseWat(
        `(module (tag $t) (func (param i32) (try (do (if (local.get 0) (then ${NOPS(50)}) (else ${NOPS(40)}))) (catch $t))))`,
        "costs.wat",
      ),
    );
    expect(costsOf(readBody(info, 0), () => 0).entry).toBeGreaterThan(90);
  });
});
