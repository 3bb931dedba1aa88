// Random modules from binaryen's generator: wasm-opt -ttf turns bytes into a valid module.
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { Random } from "./random.ts";

const FEATURES = [
  "--enable-mutable-globals",
  "--enable-sign-ext",
  "--enable-nontrapping-float-to-int",
  "--enable-bulk-memory",
  "--enable-multivalue",
  "--enable-simd",
  "--enable-reference-types",
  "--enable-tail-call",
];

/** The module of a seed, always the same one; undefined for a seed that the generator fails on. `-O` levels vary with the seed. */
export function generate(seed: number): Uint8Array | undefined {
  const random = new Random(seed);
  const input = new Uint8Array(400 + random.below(6_000));
  for (let i = 0; i < input.length; i++) input[i] = random.next();
  const folder = mkdtempSync(join(tmpdir(), "moonlet-fuzz-"));
  try {
    writeFileSync(join(folder, "in"), input);
    const level = ["-O0", "-O1", "-O3"][random.below(3)]!;
    execFileSync(
      process.execPath,
      [
        tool("wasm-opt"),
        join(folder, "in"),
        "-ttf",
        "--denan",
        level,
        ...FEATURES,
        "-o",
        join(folder, "out"),
      ],
      {
        stdio: "ignore",
      },
    );
    return new Uint8Array(readFileSync(join(folder, "out")));
  } catch {
    return undefined;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A tool of the binaryen package. */
function tool(name: string): string {
  const main = createRequire(import.meta.url).resolve("binaryen");
  return join(dirname(main), "bin", name);
}
