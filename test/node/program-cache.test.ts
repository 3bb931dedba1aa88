import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { ProgramStore } from "../../host/node/program-store.ts";

const WAT = '(module (memory (export "memory") 1) (func (export "main")))';
let folder: string;
let cache: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "moonlet-cache-"));
  cache = join(folder, "cache");
});
afterEach(() => {
  rmSync(folder, { recursive: true });
  vi.doUnmock("../../host/node/program-compiler.ts");
});

/** Loads with a store of its own, as another start of the program would; tells whether it compiled. */
async function load(name: string): Promise<{ bytes: Uint8Array; compiled: boolean }> {
  let compiled = false;
  vi.doMock("../../host/node/program-compiler.ts", async (original) => {
    compiled = true;
    return original();
  });
  vi.resetModules();
  const { ProgramStore: Fresh } = (await import("../../host/node/program-store.ts")) as {
    ProgramStore: typeof ProgramStore;
  };
  const program = await new Fresh(cache).load(join(folder, name), {});
  return { bytes: program.bytes, compiled };
}

function entryFile(): string {
  const [name] = readdirSync(cache);
  return join(cache, name!);
}

describe("the cache of compiled programs", () => {
  it("gives a second start the same program without compiling", async () => {
    writeFileSync(join(folder, "a.wat"), WAT);
    const first = await load("a.wat");
    const second = await load("a.wat");
    expect([first.compiled, second.compiled]).toEqual([true, false]);
    expect(second.bytes).toEqual(first.bytes);
  });

  it("compiles again when a source that went in has changed, and when a file comes to exist that would change it", async () => {
    writeFileSync(
      join(folder, "a.ts"),
      'import { n } from "./b"; export function main(): void { assert(n == 1); }',
    );
    writeFileSync(join(folder, "b.ts"), "export const n = 1;");
    expect((await load("a.ts")).compiled).toBe(true);
    expect((await load("a.ts")).compiled).toBe(false);
    writeFileSync(join(folder, "b.ts"), "export const n = 2;");
    expect((await load("a.ts")).compiled).toBe(true);
  });

  it("passes over an entry that is damaged, and replaces it", async () => {
    writeFileSync(join(folder, "a.wat"), WAT);
    const { bytes } = await load("a.wat");
    appendFileSync(entryFile(), "x");
    const again = await load("a.wat");
    expect(again).toEqual({ bytes, compiled: true });
    writeFileSync(entryFile(), readFileSync(entryFile()).subarray(0, 3));
    expect((await load("a.wat")).compiled).toBe(true);
    expect((await load("a.wat")).compiled).toBe(false);
  });

  it("is no obstacle where nothing can be written", async () => {
    writeFileSync(join(folder, "a.wat"), WAT);
    writeFileSync(cache, "a file where the folder should be");
    expect((await load("a.wat")).compiled).toBe(true);
  });
});
