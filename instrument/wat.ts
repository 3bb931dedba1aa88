// WebAssembly text to bytes.
import binaryen from "binaryen";
import { InstrumentError } from "./error.ts";
import { FEATURES } from "./features.ts";

/** Assembles a module in the text format. Throws `InstrumentError` with what the parser says, the place and the line. */
export function parseWat(text: string, name = "module"): Uint8Array {
  let module: binaryen.Module;
  try {
    module = binaryen.parseText(text);
  } catch (cause) {
    throw new InstrumentError("E_MALFORMED_WASM", describe(name, text, messageOf(cause)), undefined, cause);
  }
  try {
    module.setFeatures(FEATURES);
    binaryen.setDebugInfo(true);
    return asItIs(() => module.emitBinary());
  } finally {
    module.dispose();
  }
}

/** binaryen's settings are the process's, and what asc has set would make it leave instructions out. */
function asItIs(emit: () => Uint8Array): Uint8Array {
  const generates = binaryen.getGenerateStackIR();
  const optimizes = binaryen.getOptimizeStackIR();
  binaryen.setGenerateStackIR(false);
  binaryen.setOptimizeStackIR(false);
  try {
    return emit();
  } finally {
    binaryen.setGenerateStackIR(generates);
    binaryen.setOptimizeStackIR(optimizes);
  }
}

/** binaryen throws objects of its own that are no `Error`. */
function messageOf(cause: unknown): string {
  const message = (cause as { message?: unknown } | null)?.message;
  return (typeof message === "string" ? message : String(cause)).replace(/^Fatal: /, "").trim();
}

/** `7:12: error: ...` counts lines from 1 and columns from 0. */
function describe(name: string, text: string, message: string): string {
  const [, line, column, what] = /^(\d+):(\d+): error: (.*)$/s.exec(message) ?? [];
  if (line === undefined || column === undefined) return `${name} is not WebAssembly text: ${message}`;
  const excerpt = text.split(/\r?\n/)[Number(line) - 1] ?? "";
  const indent = excerpt.slice(0, Number(column)).replace(/[^\t]/g, " ");
  return [
    `${name}:${line}:${Number(column) + 1}: ${what}`,
    `  ${line} | ${excerpt}`,
    `  ${" ".repeat(line.length)} | ${indent}^`,
  ].join("\n");
}
