// Compiles the tenants' programs into a folder, in a process of its own: no compiler shall lie in the heap of the host that is measured.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { compileAssemblyScript } from "../../../guest-sdk/compiler/index.ts";
import { parseWat } from "../../../instrument/index.ts";
import { sourceFolder } from "../programs.ts";
import { type Modules, SOURCES } from "./programs.ts";

const GREEDY = `(module
  (import "stdio" "write" (func $write (param i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (func (export "code_change") (drop (call $write (i32.const 1) (i32.const 0) (i32.const 64)))))`;

export async function compileVersions(): Promise<Modules> {
  const made: [string, Uint8Array][] = [["greedy", parseWat(GREEDY)]];
  for (const version of SOURCES) {
    const source = join(sourceFolder(), "tenants", "guests", `${version}.ts`);
    const { transformed } = await compileAssemblyScript(source, {
      transformModule: (module) => module.emitBinary(),
    });
    made.push([version, transformed]);
  }
  return Object.fromEntries(made) as Modules;
}

const [, script = "", folder] = process.argv;
if (folder !== undefined && pathToFileURL(script).href === import.meta.url) {
  for (const [version, bytes] of Object.entries(await compileVersions()))
    writeFileSync(join(folder, `${version}.wasm`), bytes);
}
