// Text to bytes. wabt keeps a module as it is written but does not know the newest syntax; binaryen knows that and rewrites some code.
import binaryen from "binaryen";
import wabtModule from "wabt";

const wabt = await wabtModule();
const WABT_FEATURES = {
  exceptions: true,
  mutable_globals: true,
  sat_float_to_int: true,
  sign_extension: true,
  simd: true,
  threads: true,
  function_references: true,
  multi_value: true,
  multi_memory: true,
  tail_call: true,
  bulk_memory: true,
  reference_types: true,
  annotations: true,
  gc: true,
  memory64: true,
  extended_const: true,
  relaxed_simd: true,
};
const { Features } = binaryen;
/** What is standard: with more, binaryen uses encodings of proposals also for what does not need them. */
const BINARYEN_FEATURES =
  (Features.StackSwitching - 1) |
  Features.BulkMemoryOpt |
  Features.CallIndirectOverlong |
  Features.WideArithmetic;
const ASSEMBLERS = [assembleByWabt, assembleByBinaryen];

/** A binary that this engine accepts, or the reason why there is none. */
export function assemble(text: string): Uint8Array | "not read" | "not accepted" {
  let read = false;
  for (const assembler of ASSEMBLERS) {
    let bytes: Uint8Array;
    try {
      bytes = assembler(text);
    } catch {
      continue;
    }
    read = true;
    if (WebAssembly.validate(bytes as BufferSource)) return bytes;
  }
  return read ? "not accepted" : "not read";
}

export function assembleByWabt(text: string): Uint8Array {
  const module = wabt.parseWat("module.wat", text, WABT_FEATURES);
  try {
    return module.toBinary({ write_debug_names: true }).buffer;
  } finally {
    module.destroy();
  }
}

function assembleByBinaryen(text: string): Uint8Array {
  const module = binaryen.parseText(text);
  try {
    module.setFeatures(BINARYEN_FEATURES);
    return module.emitBinary();
  } finally {
    module.dispose();
  }
}
