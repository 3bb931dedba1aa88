// Adds fuel and stack capture to a module: fuel by rewriting binaryen's IR, capture by its Asyncify pass.
// The pass is reached only through `Coroutine` (asyncify-coroutine.ts), so another one can take its place.
import binaryen from "binaryen";
import type { Instrumented, InstrumentOptions, Manifest } from "./contract.ts";
import { InstrumentError } from "./error.ts";
import { FEATURES } from "./features.ts";
import { addFuel } from "./fuel.ts";
import { ABI_VERSION, COST_MODEL, encodeManifest, MANIFEST_SECTION } from "./manifest.ts";
import { YIELD_IMPORT } from "./reserved-names.ts";
import { limitTables } from "./table-limits.ts";

const DEFAULT_STACK_BYTES = 16_384;
const START_EXPORT = "moonlet:start";

/** Instruments a Wasm binary. Throws `InstrumentError`. The input is not changed. */
export async function instrument(bytes: Uint8Array, options: InstrumentOptions = {}): Promise<Instrumented> {
  const name = options.name ?? "module";
  if (!WebAssembly.validate(bytes as BufferSource)) throw malformed(name, bytes);
  const compiled = new WebAssembly.Module(bytes as BufferSource);
  if (WebAssembly.Module.customSections(compiled, MANIFEST_SECTION).length > 0) {
    throw new InstrumentError(
      "E_ALREADY_INSTRUMENTED",
      `${name} is instrumented already`,
      "Instrument the original module.",
    );
  }
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
    return instrumentModule(module, await sha256(bytes), options);
  } finally {
    module.dispose();
  }
}

/** Instruments a live binaryen module in place and emits it; debug locations survive into the source map. */
export function instrumentModule(
  module: binaryen.Module,
  sourceHash: string,
  options: InstrumentOptions = {},
): Instrumented {
  const name = options.name ?? "module";
  const suspending = suspendingImports(module, options.suspending ?? []);
  module.setFeatures(FEATURES);
  if (options.optimizeLevel) {
    binaryen.setOptimizeLevel(options.optimizeLevel);
    binaryen.setShrinkLevel(0);
    module.optimize();
  }
  binaryen.setDebugInfo(true);
  const start = exportStart(module);
  limitTables(module, name);
  addFuel(module, name);
  binaryen.setPassArgument("asyncify-imports", [YIELD_IMPORT, ...suspending].join(","));
  try {
    module.runPasses(["asyncify"]);
  } finally {
    binaryen.clearPassArguments();
  }
  const manifest: Manifest = {
    abiVersion: ABI_VERSION,
    costModel: COST_MODEL,
    sourceHash,
    stackBytes: options.stackBytes ?? DEFAULT_STACK_BYTES,
    suspending,
    ...(start && { start }),
  };
  module.addCustomSection(MANIFEST_SECTION, encodeManifest(manifest));
  const { binary, sourceMap } = module.emitBinary(options.sourceMapUrl ?? null);
  return { wasm: binary, manifest, ...(sourceMap && { sourceMap }) };
}

/** Turns the start function into an export, so that its run can be sliced like any other. */
function exportStart(module: binaryen.Module): string | undefined {
  const start = module.getStart();
  if (!start) return undefined;
  const { name } = binaryen.getFunctionInfo(start);
  module.addFunctionExport(name, START_EXPORT);
  module.setStart(0);
  return START_EXPORT;
}

function suspendingImports(module: binaryen.Module, patterns: readonly string[]): string[] {
  const found: string[] = [];
  for (let i = 0, n = module.getNumFunctions(); i < n; i++) {
    const { module: from, base } = binaryen.getFunctionInfo(module.getFunctionByIndex(i));
    if (from && (patterns.includes(`${from}.${base}`) || patterns.includes(`${from}.*`)))
      found.push(`${from}.${base}`);
  }
  return found;
}

function malformed(name: string, bytes: Uint8Array): InstrumentError {
  if (bytes.length < 8 || bytes[0] !== 0 || bytes[1] !== 0x61 || bytes[2] !== 0x73 || bytes[3] !== 0x6d) {
    return new InstrumentError(
      "E_MALFORMED_WASM",
      `${name} is not a WebAssembly module: it does not begin with "\\0asm"`,
    );
  }
  let detail = "";
  try {
    new WebAssembly.Module(bytes as BufferSource);
  } catch (error) {
    detail = (error as Error).message.replace(/^WebAssembly\.Module\(\): /, "");
  }
  return new InstrumentError("E_MALFORMED_WASM", `${name} is not a valid WebAssembly module: ${detail}`);
}

async function sha256(bytes: Uint8Array): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes as BufferSource));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
