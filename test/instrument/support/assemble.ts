// Text to bytes with every feature that some engine has, for modules that the oldest supported Node may not run.
import binaryen from "binaryen";

const F = binaryen.Features;

export function assemble(text: string): Uint8Array {
  const module = binaryen.parseText(text);
  try {
    module.setFeatures(
      F.MutableGlobals |
        F.NontrappingFPToInt |
        F.SIMD128 |
        F.BulkMemory |
        F.BulkMemoryOpt |
        F.SignExt |
        F.ReferenceTypes |
        F.Multivalue |
        F.ExceptionHandling |
        F.TailCall |
        F.ExtendedConst |
        F.GC |
        F.Memory64 |
        F.MultiMemory |
        F.Atomics,
    );
    binaryen.setDebugInfo(true);
    return module.emitBinary();
  } finally {
    module.dispose();
  }
}

export function engineRuns(bytes: Uint8Array): boolean {
  return WebAssembly.validate(bytes as BufferSource);
}
