import binaryen from "binaryen";
import { expect, it } from "vitest";
import { instrument, parseWat } from "../../instrument/index.ts";

it("text is assembled to the same, and instrumented to the same, whatever binaryen was set to before", async () => {
  const text = '(module (func (export "f") (nop) (loop (nop) (nop))))';
  const before = parseWat(text);
  const { wasm } = await instrument(before);
  binaryen.setGenerateStackIR(true);
  binaryen.setOptimizeStackIR(true);
  try {
    expect(parseWat(text)).toEqual(before);
    expect((await instrument(before)).wasm).toEqual(wasm);
  } finally {
    binaryen.setGenerateStackIR(false);
    binaryen.setOptimizeStackIR(false);
  }
});
