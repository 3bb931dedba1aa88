// Imports that do nothing, so that a program that was made for some host can be measured without it. The same in raw and instrumented runs:
// what they answer depends on their arguments and on how often they were called, never on the clock.

import { readModule } from "../../../instrument/capture/module-reader.ts";
import { F32, F64, FUNCREF, I32, I64 } from "../../../instrument/capture/opcodes.ts";

/** Where a program's memory lies: set once it is instantiated. `shift` is the address of the guest's address 0. */
export interface StubbedMemory {
  memory?: WebAssembly.Memory;
  readonly shift: number;
}

/** Thrown by proc_exit. */
export class Exit extends Error {
  readonly code: number;
  constructor(code: number) {
    super(`exit ${code}`);
    this.code = code;
  }
}

const BADF = 8;
const NOSYS = 52;

/** Every import of the module (`bytes`) as a stub. Memories have the same size for the guest, raw and instrumented. */
export function stubs(
  module: WebAssembly.Module,
  bytes: Uint8Array,
  place: StubbedMemory,
): WebAssembly.Imports {
  const info = readModule(bytes);
  const memories = info.memories.filter(({ imported }) => imported);
  const globals = info.globals.filter(({ imported }) => imported);
  const imports: Record<string, WebAssembly.ModuleImports> = {};
  for (const { module: from, name, kind } of WebAssembly.Module.imports(module)) {
    imports[from] ??= {};
    if (kind === "function")
      imports[from][name] = from.startsWith("wasi_") ? wasi(name, place) : plain(from, name);
    else if (kind === "memory") {
      const { min, max } = memories.shift()!;
      const initial = Math.min(Math.max(min, MEMORY_PAGES + place.shift / 65_536), max ?? 65_535);
      place.memory = new WebAssembly.Memory({ initial, maximum: max ?? 65_535 });
      imports[from][name] = place.memory;
    } else if (kind === "table")
      imports[from][name] = new WebAssembly.Table({ initial: 1024, element: "anyfunc" });
    else if (kind === "global") {
      const { type, mutable } = globals.shift()!;
      const value = GLOBALS[type] ?? "externref";
      const zero = value === "i64" ? 0n : value === "externref" || value === "anyfunc" ? null : 0;
      imports[from][name] = new WebAssembly.Global({ value, mutable }, zero as never);
    }
  }
  return imports;
}

const MEMORY_PAGES = 256;
const GLOBALS: Readonly<Record<number, "i32" | "i64" | "f32" | "f64" | "anyfunc">> = {
  [I32]: "i32",
  [I64]: "i64",
  [F32]: "f32",
  [F64]: "f64",
  [FUNCREF]: "anyfunc",
};

function plain(from: string, name: string): (...args: unknown[]) => unknown {
  if (from === "env" && name === "abort") {
    return () => {
      throw new Error("the program aborted");
    };
  }
  return (x) => (typeof x === "number" ? (x * 31) | 0 : 0);
}

function wasi(name: string, place: StubbedMemory): (...args: number[]) => number {
  const view = () => new DataView(place.memory!.buffer, place.shift);
  const zeros = (...addresses: number[]) => {
    for (const address of addresses) view().setUint32(address, 0, true);
    return 0;
  };
  let time = 0n;
  switch (name) {
    case "fd_write":
      return (_fd, vectors, count, written) => {
        let bytes = 0;
        for (let i = 0; i < count!; i++) bytes += view().getUint32(vectors! + 8 * i + 4, true);
        view().setUint32(written!, bytes, true);
        return 0;
      };
    case "fd_read":
      return (_fd, _vectors, _count, read) => zeros(read!);
    case "args_sizes_get":
    case "environ_sizes_get":
      return (count, bytes) => zeros(count!, bytes!);
    case "args_get":
    case "environ_get":
    case "fd_close":
    case "sched_yield":
      return () => 0;
    case "fd_fdstat_get":
      return (_fd, at) => {
        new Uint8Array(place.memory!.buffer, place.shift + at!, 24).fill(0);
        view().setUint8(at!, 2); // a terminal, as far as anybody can tell
        return 0;
      };
    case "clock_time_get":
    case "clock_res_get":
      return (...args) => {
        time += 1_000_000n;
        view().setBigUint64(args[args.length - 1]!, time, true);
        return 0;
      };
    case "random_get":
      return (at, length) => {
        const bytes = new Uint8Array(place.memory!.buffer, place.shift + at!, length!);
        for (let i = 0; i < bytes.length; i++) bytes[i] = i * 167 + 13;
        return 0;
      };
    case "proc_exit":
      return (code) => {
        throw new Exit(code!);
      };
    case "fd_prestat_get":
    case "fd_prestat_dir_name":
      return () => BADF;
    default:
      return () => NOSYS;
  }
}
