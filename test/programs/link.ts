// Links modules that a package leaves to JavaScript with small ones of ours, so that a whole program for WASI comes out.
import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import wabt from "wabt";
import { type FunctionImport, readModuleTypes } from "../../host/wasm/module-types.ts";

const require = createRequire(import.meta.url);

export interface Part {
  /** What the others import it as. */
  readonly name: string;
  readonly wat: string;
}

/** One module of a file and the parts around it. The first part's exports stay, and so do those of the others. */
export async function link(
  file: string,
  name: string,
  parts: readonly Part[],
  folder: string,
): Promise<string> {
  const { parseWat } = await wabt();
  mkdirSync(folder, { recursive: true });
  const files = parts.flatMap((part) => {
    const path = join(folder, `${part.name}.part.wasm`);
    const module = parseWat(`${part.name}.wat`, part.wat, { bulk_memory: true });
    writeFileSync(path, module.toBinary({}).buffer);
    module.destroy();
    return [path, part.name];
  });
  const output = join(folder, `${name}.wasm`);
  const merge = join(require.resolve("binaryen/package.json"), "..", "bin", "wasm-merge");
  const argv = [merge, "--all-features", "-g", file, name, ...files, "-o", output];
  const { status, stderr } = spawnSync(process.execPath, argv, { encoding: "utf8" });
  if (status !== 0) throw new Error(`wasm-merge failed: ${stderr}`);
  return output;
}

/** A module that answers the imports which a file has of another: `body` gives a function's instructions. */
export function standIn(file: string, name: string, body: (imported: FunctionImport) => string): Part {
  const { functionImports } = readModuleTypes(readFileSync(file));
  const functions = functionImports
    .filter((imported) => imported.module === name)
    .map((imported) => {
      const { params, results } = imported.type;
      const type = [...params.map((type) => `(param ${type})`), ...results.map((type) => `(result ${type})`)];
      return `(func (export ${JSON.stringify(imported.name)}) ${type.join(" ")} ${body(imported)})`;
    });
  return { name, wat: `(module ${functions.join("\n")})` };
}

/** The bytes of a text as WebAssembly's text format takes them. */
export function escaped(text: string): string {
  return [...Buffer.from(text)].map((byte) => `\\${byte.toString(16).padStart(2, "0")}`).join("");
}
