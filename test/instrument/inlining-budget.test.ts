import { describe, expect, it } from "vitest";
import { readModule } from "../../instrument/capture/module-reader.ts";
import { instrument, parseWat } from "../../instrument/index.ts";

function smallShare(bytes: Uint8Array): number {
  const info = readModule(bytes);
  const sizes = info.functions.slice(info.importedFunctions).map(({ start, end }) => end - start);
  return sizes.filter((size) => size < 50).length / sizes.length;
}

const WORK = "(local.set 0 (i32.mul (local.get 0) (i32.const 77)))";

function program(functions: number): Uint8Array {
  const bodies = Array.from(
    { length: functions },
    () => `(func (param i32) (loop ${WORK.repeat(12)} (br_if 0 (local.get 0))))`,
  );
  return parseWat(`(module ${bodies.join("\n")})`, "program.wat");
}

describe("an instrumented module", () => {
  it("has half of its functions small, so that engines inline as before", async () => {
    const { wasm } = await instrument(program(40));
    expect(smallShare(wasm)).toBeGreaterThanOrEqual(0.5);
  });

  it("gets no functions for that where nothing can be stopped", async () => {
    const raw = parseWat(`(module (func (param i32) ${WORK.repeat(12)}))`, "plain.wat");
    const { wasm } = await instrument(raw);
    expect(readModule(wasm).functions.some(({ end, start }) => end - start === 2)).toBe(false);
  });

  it("gets a bounded number of them", async () => {
    const { wasm } = await instrument(program(1_100));
    const empty = readModule(wasm).functions.filter(({ start, end }) => end - start === 2);
    expect(empty.length).toBe(1_024);
  });
});
