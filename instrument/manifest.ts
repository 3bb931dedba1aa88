// The manifest: what the host needs to know of an instrumented module, kept in its custom section `moonlet`.
import type { Manifest } from "./contract.ts";

/** Name of the custom section. */
export const MANIFEST_SECTION = "moonlet";
export const ABI_VERSION = 1;
/** Changes whenever any program's fuel count would. */
export const COST_MODEL = 5;

export function encodeManifest(manifest: Manifest): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(manifest));
}

/** The module of each manifest read, for what is looked up seldom. */
const modules = new WeakMap<Manifest, WebAssembly.Module>();

/** The module that this manifest was read from. */
export function moduleOf(manifest: Manifest): WebAssembly.Module | undefined {
  return modules.get(manifest);
}

/** The manifest of a compiled module; undefined when it was not instrumented. */
export function readManifest(module: WebAssembly.Module): Manifest | undefined {
  const section = WebAssembly.Module.customSections(module, MANIFEST_SECTION)[0];
  if (!section) return undefined;
  const manifest = JSON.parse(new TextDecoder().decode(section)) as Manifest;
  modules.set(manifest, module);
  return manifest;
}
