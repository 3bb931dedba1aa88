// Compiles what the benchmarks run on Wasm, once per folder: each side of a subject runs in a program of its own, and they share them.
import { existsSync } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type binaryen from "binaryen";
import { compileAssemblyScript } from "../../guest-sdk/compiler/index.ts";
import { packageRoot } from "../../guest-sdk/compiler/package-root.ts";
import { WAITING_SYSCALLS } from "../../host/wasm/syscalls/index.ts";
import { instrumentModule } from "../../instrument/index.ts";

/** The folder of the benchmarks' sources, also when what runs is their compiled form. */
export function sourceFolder(): string {
  return join(packageRoot(), "test", "bench");
}

/** Path of the instrumented module of guests/. */
export async function messagePrograms(folder: string): Promise<string> {
  const [path] = await compiled(folder, ["guests.wasm"], join("guests", "index.ts"), (module) => [
    instrumentModule(module, "", { name: "guests", suspending: WAITING_SYSCALLS }).wasm,
  ]);
  return path!;
}

/** A kernel as AssemblyScript's compiler leaves it, and instrumented. */
export async function kernelModules(
  folder: string,
  name: string,
): Promise<{ raw: Uint8Array; instrumented: Uint8Array }> {
  const names = [`${name}.raw.wasm`, `${name}.instrumented.wasm`];
  const source = join("kernels", `${name}.guest.ts`);
  const paths = await compiled(folder, names, source, (module) => [
    module.emitBinary(),
    instrumentModule(module, "", { name }).wasm,
  ]);
  const [raw, instrumented] = await Promise.all(paths.map((path) => readFile(path)));
  return { raw: raw!, instrumented: instrumented! };
}

async function compiled(
  folder: string,
  names: readonly string[],
  source: string,
  emit: (module: binaryen.Module) => Uint8Array[],
): Promise<string[]> {
  const paths = names.map((name) => join(folder, name));
  if (paths.every(existsSync)) return paths;
  const { transformed } = await compileAssemblyScript(join(sourceFolder(), source), {
    transformModule: emit,
  });
  await mkdir(folder, { recursive: true });
  await Promise.all(paths.map((path, i) => writeFile(path, transformed[i]!)));
  return paths;
}
