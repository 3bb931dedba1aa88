// Instruments a module, or a live binaryen one, which it optimises before if asked. What needs no binaryen is in instrument-bytes.ts.
import binaryen from "binaryen";
import type { Instrumented, InstrumentOptions } from "./contract.ts";
import { InstrumentError } from "./error.ts";
import { FEATURES } from "./features.ts";
import { checkSource, instrumentBytes } from "./instrument-bytes.ts";

/** Instruments a Wasm binary. Throws `InstrumentError`. The input is not changed. */
export async function instrument(bytes: Uint8Array, options: InstrumentOptions = {}): Promise<Instrumented> {
  const name = options.name ?? "module";
  checkSource(bytes, name);
  const sourceHash = await sha256(bytes);
  if (!options.optimizeLevel) return instrumentBytes(bytes, sourceHash, options);
  let module: binaryen.Module;
  try {
    module = binaryen.readBinaryWithFeatures(bytes, FEATURES);
  } catch (cause) {
    throw new InstrumentError(
      "E_NOT_INSTRUMENTABLE",
      `${name} holds something that cannot be read: ${String(cause)}`,
      undefined,
      cause,
    );
  }
  try {
    return instrumentModule(module, sourceHash, options);
  } finally {
    module.dispose();
  }
}

/** Optimises a live binaryen module in place, emits it and instruments the result; debug locations survive into the source map. */
export function instrumentModule(
  module: binaryen.Module,
  sourceHash: string,
  options: InstrumentOptions = {},
): Instrumented {
  module.setFeatures(FEATURES);
  // binaryen's settings are the process's, and writing a module heeds them, too.
  binaryen.setOptimizeLevel(options.optimizeLevel ?? 0);
  binaryen.setShrinkLevel(0);
  if (options.optimizeLevel) module.optimize();
  binaryen.setDebugInfo(true);
  const { binary, sourceMap } = module.emitBinary(options.sourceMapUrl ?? null);
  return instrumentBytes(binary, sourceHash, { ...options, ...(sourceMap && { sourceMap }) });
}

async function sha256(bytes: Uint8Array): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes as BufferSource));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
