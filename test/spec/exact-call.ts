// JavaScript cannot pass vectors to Wasm, nor NaNs with their bits: a small module passes them as constants and stores results in its memory.
import { ByteWriter } from "../../instrument/capture/bytes.ts";
import { assembleByWabt } from "./assemble.ts";
import type { Value } from "./script.ts";

const NUMBERS = ["i32", "i64", "f32", "f64", "v128"];
const TYPES: Readonly<Record<string, number>> = { i32: 0x7f, i64: 0x7e, f32: 0x7d, f64: 0x7c, v128: 0x7b };
const STORES: Readonly<Record<string, readonly number[]>> = {
  i32: [0x36, 0],
  i64: [0x37, 0],
  f32: [0x38, 0],
  f64: [0x39, 0],
  v128: [0xfd, 11, 0],
};
const BYTES_PER_RESULT = 16;

/** True for a call whose values JavaScript would change, or cannot hold. */
export function needsExactness(types: readonly string[]): boolean {
  return types.some((type) => type === "v128" || type === "f32" || type === "f64");
}

/** A module that makes the call; undefined when a type is no number or vector. Its import is `t.f`; run it with `runExactly`. */
export function exactCall(
  args: readonly Value[],
  results: readonly string[],
): WebAssembly.Module | undefined {
  if ([...args.map(({ type }) => type), ...results].some((type) => !NUMBERS.includes(type))) return undefined;
  const sets = results.map((_, k) => `(local.set ${results.length - 1 - k})`).join(" ");
  const stores = results.map(
    (type, k) => `(${type}.store offset=${k * BYTES_PER_RESULT} (i32.const 0) (local.get ${k}))`,
  );
  const text = `(module
    (import "t" "f" (func $f (param ${args.map(({ type }) => type).join(" ")}) (result ${results.join(" ")})))
    (memory (export "memory") 1)
    (func (export "run") ${results.map((type) => `(local ${type})`).join(" ")}
      ${args.map((arg) => arg.text).join(" ")} call $f ${sets} ${stores.join(" ")}))`;
  return new WebAssembly.Module(assembleByWabt(text) as BufferSource);
}

/** Gives a function that calls `fn` and one that reads its results' bytes afterwards. Throws LinkError when `fn` has another type. */
export function runExactly(
  module: WebAssembly.Module,
  fn: unknown,
): { run: () => void; read(count: number): string } {
  const { exports } = new WebAssembly.Instance(module, { t: { f: fn as WebAssembly.ImportValue } });
  return {
    run: exports.run as () => void,
    read: (count) => show(exports.memory as WebAssembly.Memory, count),
  };
}

/** The bytes of global variables of these types, which JavaScript cannot read as they are. */
export function readExactly(globals: readonly WebAssembly.Global[], types: readonly string[]): string {
  const out = new ByteWriter(256);
  out.bytes(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0);
  const section = (id: number, write: (part: ByteWriter) => void) => {
    const part = new ByteWriter(256);
    write(part);
    out.u8(id);
    out.sized(part);
  };
  section(1, (part) => part.bytes(1, 0x60, 0, 0));
  section(2, (part) => {
    part.u32(globals.length);
    types.forEach((type, k) => {
      part.name("g");
      part.name(`${k}`);
      part.bytes(3, TYPES[type]!, 1);
    });
  });
  section(3, (part) => part.bytes(1, 0));
  section(5, (part) => part.bytes(1, 0, 1));
  section(7, (part) => {
    part.u8(2);
    part.name("run");
    part.bytes(0, 0);
    part.name("memory");
    part.bytes(2, 0);
  });
  section(10, (part) => {
    const body = new ByteWriter(256);
    body.u8(0);
    types.forEach((type, k) => {
      body.bytes(0x41, 0, 0x23);
      body.u32(k);
      body.bytes(...STORES[type]!);
      body.u32(BYTES_PER_RESULT * k);
    });
    body.u8(0x0b);
    part.u8(1);
    part.sized(body);
  });
  const module = new WebAssembly.Module(out.view().slice() as BufferSource);
  const { exports } = new WebAssembly.Instance(module, { g: Object.fromEntries(globals.entries()) });
  (exports.run as () => void)();
  return show(exports.memory as WebAssembly.Memory, types.length);
}

function show(memory: WebAssembly.Memory, count: number): string {
  const hex = Buffer.from(memory.buffer, 0, BYTES_PER_RESULT * count).toString("hex");
  return hex.replace(/(?=(.{32})+$)/g, " ").trim();
}
