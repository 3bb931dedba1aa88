import { describe, expect, it } from "vitest";
import { parseWat } from "../../../instrument/index.ts";
import { measure } from "./measure.ts";
import { formatReport } from "./report.ts";

const OPTIONS = { slice: 100, rounds: 1, suspending: [] };
const PROGRAM = parseWat(
  `(module
    (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
    (import "env" "base" (global $base i64))
    (memory (export "memory") 1)
    (global $started (mut i32) (i32.const 0))
    (func $start (global.set $started (i32.const 5)))
    (start $start)
    (func (export "_initialize") (i32.store (i32.const 100) (i32.add (global.get $started) (i32.const 2))))
    (func (export "wide") (param $n i64) (result f64)
      (loop $l (local.set $n (i64.sub (local.get $n) (i64.const 1))) (br_if $l (i64.gt_s (local.get $n) (i64.const -400))))
      (f64.convert_i64_s (i64.add (local.get $n) (i64.extend_i32_u (i32.load (i32.const 100))))))
    (func (export "print") (result i32)
      (i32.store (i32.const 8) (i32.const 64)) (i32.store (i32.const 12) (i32.const 21))
      (drop (call $write (i32.const 1) (i32.const 8) (i32.const 1) (i32.const 16)))
      (i32.load (i32.const 16)))
    (func (export "trap") (param $n i32)
      (loop $l (br_if $l (local.tee $n (i32.sub (local.get $n) (i32.const 1))))) unreachable)
    (func (export "once") (result i32)
      (i32.store (i32.const 200) (i32.add (i32.load (i32.const 200)) (i32.const 1))) (i32.load (i32.const 200))))`,
  "program.wat",
);

describe("a measured program", () => {
  it("is started and initialised, takes 64-bit arguments and gives the same also when every check stops", async () => {
    const result = await measure(PROGRAM, "wide", ["-200"], OPTIONS);
    expect(result).toMatchObject({
      rawResult: "-393",
      instrumentedResult: "-393",
      stoppedResult: "-393",
      same: true,
    });
    expect(result.stoppedAtEveryCheck).toBeGreaterThanOrEqual(199);
    expect(result.instrumentedCodeBytes).toBeGreaterThan(result.rawCodeBytes);
    expect(result.ratio).toBeGreaterThan(0);
  });

  it("finds what WASI stubs write at the guest's own addresses", async () => {
    expect(await measure(PROGRAM, "print", [], OPTIONS)).toMatchObject({ rawResult: "21", same: true });
  });

  it("may trap, and has to do so in both", async () => {
    const result = await measure(PROGRAM, "trap", ["9"], OPTIONS);
    expect(result).toMatchObject({ rawResult: "trap: unreachable", same: true });
  });

  it("gets a new instance for each run when it does not do the same twice", async () => {
    expect(await measure(PROGRAM, "once", [], OPTIONS)).toMatchObject({ rawResult: "1", same: true });
  });

  it("has to export the function; the error says what there is", async () => {
    await expect(measure(PROGRAM, "wade", [], OPTIONS)).rejects.toThrow(
      'no function "wade" is exported; there are: _initialize, wide, print, trap, once',
    );
  });

  it("stands in the table with its results when it is alone", async () => {
    const results = [await measure(PROGRAM, "wide", ["3"], OPTIONS)];
    const text = formatReport({
      node: "v0",
      slice: 100,
      groups: [{ title: "", results }],
      switches: [],
      leftOut: {},
    });
    expect(text).toContain("raw gives -393");
    expect(text).toContain("stopped at each of");
  });
});
