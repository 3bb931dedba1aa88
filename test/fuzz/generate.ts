// Random modules: from binaryen's generator (wasm-opt -ttf turns bytes into a valid module) and from our own, turn about.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { assembleByWabt } from "../spec/assemble.ts";
import { BinaryenTool } from "./binaryen-tool.ts";
import { programText } from "./program.ts";
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
const OPTIMIZATIONS = ["-O0", "-O1", "-O3", "-Os"];

/** The module of a seed, always the same one; undefined for a seed that the generator fails on. Even seeds are binaryen's, odd ones ours. */
export async function generate(seed: number): Promise<Uint8Array | undefined> {
  return seed % 2 === 0 ? generateByBinaryen(seed) : assembleByWabt(programText(seed));
}

let tool: BinaryenTool | undefined;

async function generateByBinaryen(seed: number): Promise<Uint8Array | undefined> {
  const random = new Random(seed);
  const input = new Uint8Array(400 + random.below(6_000));
  for (let i = 0; i < input.length; i++) input[i] = random.next();
  const level = OPTIMIZATIONS[random.below(OPTIMIZATIONS.length)]!;
  tool ??= new BinaryenTool("wasm-opt");
  const [from, to] = [join(scratch(), "in"), join(scratch(), "out")];
  writeFileSync(from, input);
  const { exitCode } = await tool.run([from, "-ttf", "--denan", level, ...FEATURES, "-o", to]);
  return exitCode === 0 ? new Uint8Array(readFileSync(to)) : undefined;
}

let folder: string | undefined;

/** A folder of this process, gone when it ends. */
function scratch(): string {
  if (folder === undefined) {
    const made = mkdtempSync(join(tmpdir(), "moonlet-fuzz-"));
    process.on("exit", () => rmSync(made, { recursive: true, force: true }));
    folder = made;
  }
  return folder;
}
