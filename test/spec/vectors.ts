// JavaScript cannot pass vectors to Wasm: a small module passes them as constants and stores the results in its memory.
import { ByteWriter } from "../../instrument/capture/bytes.ts";
import type { Value } from "./convert.ts";

const TYPES: Readonly<Record<string, number>> = { i32: 0x7f, i64: 0x7e, f32: 0x7d, f64: 0x7c, v128: 0x7b };
const STORES: Readonly<Record<string, readonly number[]>> = {
  i32: [0x36, 0],
  i64: [0x37, 0],
  f32: [0x38, 0],
  f64: [0x39, 0],
  v128: [0xfd, 11, 0],
};
const LANE_BYTES: Readonly<Record<string, number>> = { i8: 1, i16: 2, i32: 4, i64: 8, f32: 4, f64: 8 };

/** A function that calls `fn` with these arguments and gives its results' bytes; undefined when a type is no number or vector. */
export function callWithVectors(
  fn: unknown,
  args: readonly Value[],
  expected: readonly Value[],
): (() => string) | undefined {
  if ([...args, ...expected].some(({ type }) => TYPES[type] === undefined)) return undefined;
  const out = new ByteWriter(256);
  out.bytes(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0);
  const section = (id: number, write: (part: ByteWriter) => void) => {
    const part = new ByteWriter(256);
    write(part);
    out.u8(id);
    out.sized(part);
  };
  section(1, (part) => {
    part.bytes(2, 0x60);
    part.u32(args.length);
    for (const { type } of args) part.u8(TYPES[type]!);
    part.u32(expected.length);
    for (const { type } of expected) part.u8(TYPES[type]!);
    part.bytes(0x60, 0, 0);
  });
  section(2, (part) => {
    part.u8(1);
    part.name("t");
    part.name("f");
    part.bytes(0, 0);
  });
  section(3, (part) => part.bytes(1, 1));
  section(5, (part) => part.bytes(1, 0, 1));
  section(7, (part) => {
    part.u8(2);
    part.name("run");
    part.bytes(0, 1);
    part.name("memory");
    part.bytes(2, 0);
  });
  section(10, (part) => {
    const body = new ByteWriter(256);
    body.u32(expected.length);
    for (const { type } of expected) body.bytes(1, TYPES[type]!);
    for (const arg of args) constant(body, arg);
    body.bytes(0x10, 0);
    for (let k = expected.length - 1; k >= 0; k--) {
      body.u8(0x21);
      body.u32(k);
    }
    expected.forEach(({ type }, k) => {
      body.bytes(0x41, 0, 0x20);
      body.u32(k);
      body.bytes(...STORES[type]!);
      body.u32(16 * k);
    });
    body.u8(0x0b);
    part.u8(1);
    part.sized(body);
  });
  const module = new WebAssembly.Module(out.view().slice() as BufferSource);
  const { exports } = new WebAssembly.Instance(module, { t: { f: fn as WebAssembly.ImportValue } });
  return () => {
    (exports.run as () => void)();
    return [...new Uint8Array((exports.memory as WebAssembly.Memory).buffer, 0, 16 * expected.length)].join(
      " ",
    );
  };
}

function constant(out: ByteWriter, { type, value, lane_type }: Value): void {
  const bytes = new Uint8Array(16);
  const lanes = type === "v128" ? (value as readonly string[]) : [value as string];
  const width = LANE_BYTES[type === "v128" ? lane_type! : type]!;
  lanes.forEach((lane, k) => {
    let rest = lane.startsWith("nan") ? (width === 4 ? 0x7fc00000n : 0x7ff8000000000000n) : BigInt(lane);
    for (let i = 0; i < width; i++, rest >>= 8n) bytes[k * width + i] = Number(rest & 0xffn);
  });
  const view = new DataView(bytes.buffer);
  if (type === "i32") {
    out.u8(0x41);
    out.s32(view.getInt32(0, true));
  } else if (type === "i64") {
    out.u8(0x42);
    out.s64(view.getBigInt64(0, true));
  } else {
    out.bytes(...(type === "f32" ? [0x43] : type === "f64" ? [0x44] : [0xfd, 12]));
    out.raw(bytes, 0, type === "f32" ? 4 : type === "f64" ? 8 : 16);
  }
}
