// WebAssembly text to bytes.
import binaryen from "binaryen";
import { InstrumentError } from "./error.ts";
import { FEATURES } from "./features.ts";

/** Assembles a module in the text format. Throws `InstrumentError` with what the parser says. */
export function parseWat(text: string, name = "module"): Uint8Array {
  let module: binaryen.Module;
  try {
    module = binaryen.parseText(text);
  } catch (cause) {
    throw new InstrumentError(
      "E_MALFORMED_WASM",
      `${name} is not WebAssembly text: ${describe(cause)}`,
      undefined,
      cause,
    );
  }
  try {
    module.setFeatures(FEATURES);
    binaryen.setDebugInfo(true);
    return module.emitBinary();
  } finally {
    module.dispose();
  }
}

function describe(cause: unknown): string {
  return (cause instanceof Error ? cause.message : String(cause)).replace(/^Fatal: /, "").trim();
}
