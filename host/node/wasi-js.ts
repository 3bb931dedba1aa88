// wasi-js: bundled by the build, so that no install ever runs its preinstall script; from node_modules in a checkout.
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import type { WasiConstructor } from "../wasm/wasi/wasi.ts";

/** Loads it when it is first needed. */
export function loadWasi(): WasiConstructor {
  const bundle = fileURLToPath(new URL("../../vendor/wasi-js.cjs", import.meta.url));
  const required: unknown = createRequire(import.meta.url)(existsSync(bundle) ? bundle : "wasi-js");
  return (required as { default: WasiConstructor }).default;
}
