import { describe, expect, it } from "vitest";
import { capture } from "../../instrument/capture/capture.ts";
import { InstrumentError, instrument, parseWat } from "../../instrument/index.ts";
import { assemble, engineRuns } from "./support/assemble.ts";

interface Refused {
  readonly what: string;
  readonly source: Uint8Array;
  readonly message: RegExp;
  readonly suspending?: readonly string[];
}

const REFUSED: readonly Refused[] = [
  {
    what: "a memory that threads share",
    source: assemble(
      '(module (memory 1 2 shared) (func (export "f") (drop (i32.atomic.load (i32.const 0)))))',
    ),
    message: /^x\.wasm cannot be instrumented: memory 0: it is shared between threads, and /,
  },
  {
    what: "a memory that leaves no room for frames",
    source: assemble('(module (memory 65534 65536) (func (export "f") (loop $l (br $l))))'),
    message: /^x\.wasm cannot be instrumented: memory 0: it has 65534 pages at the start; 65529 is the most/,
  },
  {
    what: "a table larger than any process may have",
    source: assemble('(module (table 2000000 funcref) (func (export "f") (loop $l (br $l))))'),
    message:
      /^x\.wasm cannot be instrumented: table 0: it has 2000000 elements at the start; 1000000 is the most/,
  },
  {
    what: "an export under a name of the pass's own",
    source: assemble('(module (func (export "moonlet:fuel") (loop $l (br $l))))'),
    message:
      /^x\.wasm cannot be instrumented: export "moonlet:fuel": names that begin with "moonlet:" are reserved/,
  },
  {
    what: "an import that suspends and has several results",
    source: assemble(
      '(module (import "env" "two" (func $two (result i32 i32))) (func (export "f") (tuple.drop 2 (call $two))))',
    ),
    suspending: ["env.two"],
    message:
      /^x\.wasm cannot be instrumented: import env\.two: it may suspend and has 2 results; only one can be given/,
  },
  {
    what: "a function that returns what nothing can stand in for",
    source: assemble(`(module
      (type $endless (struct (field (ref $endless))))
      (func $never (param $x (ref $endless)) (result (ref $endless)) (loop $l (br_if $l (i32.const 0))) (local.get $x))
      (export "f" (func $never)))`),
    message:
      /^x\.wasm cannot be instrumented: function "never" \(0\), loop at 0x[0-9a-f]+: it can be stopped here, and the function returns a reference that must not be null/,
  },
  {
    what: "a function that is too large once it can be stopped",
    source: assemble(
      `(module (func $large (export "f") (param $n i32) ${"(local i64)".repeat(40_000)} (loop $l (br_if $l (local.get $n)))))`,
    ),
    message:
      /^x\.wasm cannot be instrumented: function "large" \(0\): its locals take \d+ bytes of stack; \d+ is the most/,
  },
];

describe("what cannot be instrumented", () => {
  it.each(REFUSED)("is refused by name, with the reason: $what", async ({ source, message, suspending }) => {
    if (!engineRuns(source)) return;
    const refused = instrument(source, { name: "x.wasm", ...(suspending && { suspending }) });
    await expect(refused).rejects.toThrow(message);
    await expect(refused).rejects.toBeInstanceOf(InstrumentError);
    await expect(refused).rejects.toMatchObject({ code: "E_NOT_INSTRUMENTABLE" });
  });

  // No engine here takes these, so the pass is asked directly: what it does not know may change the meaning of all that follows.
  const HEADER = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0];
  it.each([
    [
      "an instruction, with its function's number where there are no names",
      [1, 4, 1, 0x60, 0, 0, 3, 2, 1, 0, 7, 5, 1, 1, 0x66, 0, 0, 10, 6, 1, 4, 0, 0xfc, 99, 0x0b],
      "function 0, instruction 0xfc 99 at 0x1e: the pass does not know it",
    ],
    [
      "a value type",
      [1, 5, 1, 0x60, 1, 0x62, 0],
      "it has a value type 0x62 at 0xd, which the pass does not know",
    ],
    [
      "a heap type",
      [1, 6, 1, 0x60, 1, 0x64, 0x62, 0],
      "it has a heap type 0x62 at 0xe, which the pass does not know",
    ],
    [
      "a form of type",
      [1, 3, 1, 0x5d, 0],
      "it has a type of the form 0x5d at 0xb, which the pass does not know",
    ],
    ["limits", [5, 3, 1, 8, 1], "it has limits with flags 0x8 at 0xb, which the pass does not know"],
    [
      "a kind of import",
      [2, 7, 1, 1, 0x61, 1, 0x62, 0x20, 0],
      "it has an import (a.b) of the kind 0x20 at 0xf, which the pass does not know",
    ],
    [
      "a constant expression",
      [6, 5, 1, 0x7f, 0, 0x45, 0x0b],
      "it has a constant expression with 0x45 at 0xd, which the pass does not know",
    ],
    ["a section", [14, 1, 0], "it has a section 14 at 0xa, which the pass does not know"],
  ])("is refused when it is not known: %s", (_, bytes, message) => {
    const options = { suspends: () => false, stackBytes: 65_536, customSections: () => [] };
    expect(() => capture(Uint8Array.from([...HEADER, ...bytes]), options)).toThrow(
      expect.objectContaining({ message }),
    );
  });

  it("is not more than that: atomic instructions on a memory of one's own are fine", async () => {
    const source = parseWat(
      '(module (memory 1) (func (export "f") (result i32) (i32.atomic.rmw.add (i32.const 0) (i32.const 5))))',
    );
    await expect(instrument(source)).resolves.toBeDefined();
  });
});
