// The WebAssembly features that modules may use.
import binaryen from "binaryen";

const F = binaryen.Features;

/** What Node 20 runs. binaryen's `All` would include encodings that Node 20 refuses. */
export const FEATURES: binaryen.Features =
  F.MutableGlobals |
  F.NontrappingFPToInt |
  F.SIMD128 |
  F.BulkMemory |
  F.BulkMemoryOpt |
  F.CallIndirectOverlong |
  F.SignExt |
  F.ReferenceTypes |
  F.Multivalue |
  F.ExceptionHandling |
  F.TailCall |
  F.ExtendedConst;
