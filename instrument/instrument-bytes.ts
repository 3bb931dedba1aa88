// Instruments the bytes of a module: checks them and adds fuel and stack capture (capture/). Loads nothing of binaryen.
import { capture } from "./capture/capture.ts";
import { Refusal } from "./capture/refusal.ts";
import type { Instrumented, InstrumentOptions, Manifest } from "./contract.ts";
import { InstrumentError } from "./error.ts";
import { ABI_VERSION, COST_MODEL, encodeManifest, MANIFEST_SECTION } from "./manifest.ts";
import { mappedOffsets, moveSourceMap } from "./source-map.ts";

const DEFAULT_STACK_BYTES = 262_144;

/** Throws `InstrumentError` for what is no valid module, or has been instrumented. */
export function checkSource(bytes: Uint8Array, name: string): void {
  if (!WebAssembly.validate(bytes as BufferSource)) throw malformed(name, bytes);
  const compiled = new WebAssembly.Module(bytes as BufferSource);
  if (WebAssembly.Module.customSections(compiled, MANIFEST_SECTION).length > 0) {
    throw new InstrumentError(
      "E_ALREADY_INSTRUMENTED",
      `${name} is instrumented already`,
      "Instrument the original module.",
    );
  }
}

/** Instruments bytes that `checkSource` has passed, or that a compiler has just made. */
export function instrumentBytes(
  bytes: Uint8Array,
  sourceHash: string,
  options: InstrumentOptions,
): Instrumented {
  const name = options.name ?? "module";
  const patterns = new Set(options.suspending ?? []);
  const stackBytes = options.stackBytes ?? DEFAULT_STACK_BYTES;
  let manifest: Manifest | undefined;
  try {
    const captured = capture(bytes, {
      suspends: (importName) =>
        patterns.has(importName) || patterns.has(`${importName.slice(0, importName.lastIndexOf("."))}.*`),
      stackBytes,
      ...(options.onProgress && { onProgress: options.onProgress }),
      ...(options.sourceMap !== undefined && { offsets: mappedOffsets(options.sourceMap) }),
      customSections: (facts) => {
        manifest = {
          abiVersion: ABI_VERSION,
          costModel: COST_MODEL,
          sourceHash,
          stackBytes,
          suspending: facts.suspending,
          parameters: facts.parameters,
          ...(facts.start && { start: facts.start }),
          frameBytes: facts.frameBytes,
          results: facts.results,
          answers: facts.answers,
          state: facts.state,
          catches: facts.catches,
          allocates: facts.allocates,
          buildHash: facts.buildHash,
        };
        return [
          { name: MANIFEST_SECTION, contents: encodeManifest(manifest) },
          ...(options.sourceMapUrl !== undefined ? [urlSection(options.sourceMapUrl)] : []),
        ];
      },
    });
    const sourceMap = options.sourceMap && moveSourceMap(options.sourceMap, captured.sourceOffsets);
    return {
      wasm: captured.wasm,
      manifest: manifest as unknown as Manifest,
      ...(sourceMap && { sourceMap }),
    };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    throw new InstrumentError(
      "E_NOT_INSTRUMENTABLE",
      `${name} cannot be instrumented: ${error.message}`,
      error.hint,
      error,
    );
  }
}

function urlSection(url: string): { name: string; contents: Uint8Array } {
  const text = new TextEncoder().encode(url);
  const length: number[] = [];
  for (let rest = text.length; ; rest >>>= 7) {
    if (rest < 128) {
      length.push(rest);
      break;
    }
    length.push((rest & 127) | 128);
  }
  return { name: "sourceMappingURL", contents: Uint8Array.of(...length, ...text) };
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
