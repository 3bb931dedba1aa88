// The versions of the tenants' program. Each cycle loads them anew, from bytes, as a host does that gets its programs from strangers.
import type { Host, Program } from "../../../host/index.ts";

/** What a tenant can begin with. */
export const SOURCES = ["ledger-1", "ledger-2"] as const;
/** The third wants more than a tenant is granted. */
export const VERSIONS = [...SOURCES, "greedy"] as const;

export type Version = (typeof SOURCES)[number];
/** What a tenant hands in: modules that nobody has instrumented. */
export type Modules = Readonly<Record<(typeof VERSIONS)[number], Uint8Array>>;
export type Programs = Readonly<Record<(typeof VERSIONS)[number], Program>>;

export async function loadVersions(host: Host, modules: Modules): Promise<Programs> {
  const load = async (version: (typeof VERSIONS)[number]) => [
    version,
    await host.load(modules[version], { name: version, background: true }),
  ];
  return Object.fromEntries(await Promise.all(VERSIONS.map(load))) as Programs;
}

export async function unloadVersions(host: Host, programs: Programs): Promise<void> {
  for (const version of VERSIONS) await host.unload(programs[version]);
}
