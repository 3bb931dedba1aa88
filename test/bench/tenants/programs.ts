// The versions of the tenants' program. Each cycle loads them anew, from bytes, as a host does that gets its programs from strangers.
import { join } from "node:path";
import { compileAssemblyScript } from "../../../guest-sdk/compiler/index.ts";
import type { Host, Program } from "../../../host/index.ts";
import { parseWat } from "../../../instrument/index.ts";
import { sourceFolder } from "../programs.ts";

const SOURCES = ["ledger-1", "ledger-2"] as const;
/** The third wants more than a tenant is granted. */
const VERSIONS = [...SOURCES, "greedy"] as const;
const GREEDY = `(module
  (import "stdio" "write" (func $write (param i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (func (export "code_change") (drop (call $write (i32.const 1) (i32.const 0) (i32.const 64)))))`;

/** What a tenant can begin with. */
export type Version = (typeof SOURCES)[number];

/** What a tenant hands in: modules that nobody has instrumented. */
export type Modules = Readonly<Record<(typeof VERSIONS)[number], Uint8Array>>;
export type Programs = Readonly<Record<(typeof VERSIONS)[number], Program>>;

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

export async function loadVersions(host: Host, modules: Modules): Promise<Programs> {
  const loaded: [string, Program][] = [];
  for (const version of VERSIONS)
    loaded.push([version, await host.load(modules[version], { name: version })]);
  return Object.fromEntries(loaded) as Programs;
}

export async function unloadVersions(host: Host, programs: Programs): Promise<void> {
  for (const version of VERSIONS) await host.unload(programs[version]);
}
