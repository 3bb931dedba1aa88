// Runs instrumented modules in processes of their own, under each of the engine's compilers.
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

/** The engine as it is, its baseline compiler alone, its optimizing compiler alone. */
export const COMPILERS: readonly (readonly string[])[] = [[], ["--liftoff-only"], ["--no-liftoff"]];

export interface Job {
  readonly name: string;
  readonly wasm: Uint8Array;
  readonly entry: string;
  readonly args: readonly number[];
  /** Fuel of a slice, and how much there is at most. */
  readonly slice: number;
  readonly fuel: number;
}

export interface Done {
  readonly name: string;
  /** What it returned, or the message of what it threw. */
  readonly end: string;
  readonly isRangeError: boolean;
  readonly fuel: number;
  /** The first word of its memory. */
  readonly word: number;
}

const SCRIPT = `
import { readFileSync } from "node:fs";
const { createCoroutine, readManifest } = await import(process.argv[1]);
const jobs = JSON.parse(readFileSync("jobs.json", "utf8"));
const done = jobs.map(({ name, file, entry, args, slice, fuel }) => {
  const module = new WebAssembly.Module(readFileSync(file));
  const manifest = readManifest(module);
  const coroutine = createCoroutine(manifest);
  let instance;
  const env = { wait: (n) => (coroutine.suspend(), n), back: (n) => { coroutine.start(instance.exports.again, [n]); return coroutine.returned; } };
  instance = new WebAssembly.Instance(module, coroutine.imports({ env }));
  coroutine.attach(instance);
  let end, isRangeError = false, given = slice;
  coroutine.fuel = slice;
  try {
    let stop = coroutine.start(instance.exports[entry], args);
    while (stop !== "returned") {
      if (given >= fuel) throw new Error("out of fuel");
      given += slice;
      coroutine.fuel += slice;
      stop = stop === "suspended" ? coroutine.resume(1) : coroutine.resume();
    }
    end = String(coroutine.returned);
  } catch (error) {
    end = error.message;
    isRangeError = error instanceof RangeError;
  }
  const word = new DataView(instance.exports.memory.buffer).getInt32(manifest.frameBytes, true);
  return { name, end, isRangeError, fuel: given - coroutine.fuel, word };
});
console.log(JSON.stringify(done));
`;

/** Runs the jobs in one process with these flags. Needs a build, as the package's own tests do. */
export function runUnder(flags: readonly string[], jobs: readonly Job[]): Done[] {
  const folder = mkdtempSync(join(tmpdir(), "moonlet-compilers-"));
  try {
    const list = jobs.map(({ wasm, ...job }, k) => {
      writeFileSync(join(folder, `${k}.wasm`), wasm);
      return { ...job, file: `${k}.wasm` };
    });
    writeFileSync(join(folder, "jobs.json"), JSON.stringify(list));
    const running = `file://${resolve("dist/instrument/running.js")}`;
    const child = spawnSync(process.execPath, [...flags, "--input-type=module", "-e", SCRIPT, running], {
      cwd: folder,
      encoding: "utf8",
    });
    if (child.status !== 0) throw new Error(child.stderr);
    return JSON.parse(child.stdout) as Done[];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
