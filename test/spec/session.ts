// The instances of one script, raw or driven by coroutines, and their calls of each other.
import { typeName } from "../../instrument/capture/additions.ts";
import { type ModuleInfo, readModule } from "../../instrument/capture/module-reader.ts";
import {
  type Coroutine,
  createCoroutine,
  readManifest,
  stoppableFunctions,
} from "../../instrument/running.ts";
import { exactCall, needsExactness, readExactly, runExactly } from "./exact-call.ts";
import type { Action, Value } from "./script.ts";

/** What a script asks for and the harness or the pass does not do. */
export class LeftOut extends Error {}

type Fn = (...args: unknown[]) => unknown;
interface Entry {
  readonly bytes: Uint8Array;
  readonly instance: WebAssembly.Instance;
  readonly coroutine: Coroutine | undefined;
  /** Numbers of the functions that have to be driven; others are linked as they are. */
  readonly stoppable: ReadonlySet<number>;
  /** Bytes before the guest's own in its memory. */
  readonly frameBytes: number;
}
const PAGE_BYTES = 65_536;

export class Session {
  readonly #fuel: number | undefined;
  readonly #entries = new Map<string, Entry>();
  readonly #registered = new Map<string, Entry>();
  readonly #spectest: WebAssembly.ModuleImports;
  readonly #objects = new Map<string, object>();
  /** Calls of one command are the same at every fuel setting. */
  readonly #calls: Map<Action, WebAssembly.Module | undefined>;
  #memoryFrameBytes: number | undefined;

  /** `fuel` is the size of a slice; undefined runs raw modules. `calls` is filled, for all sessions of a script. */
  constructor(fuel: number | undefined, calls: Map<Action, WebAssembly.Module | undefined>) {
    this.#fuel = fuel;
    this.#calls = calls;
    const nothing = () => {};
    this.#spectest = {
      print: nothing,
      print_i32: nothing,
      print_i64: nothing,
      print_f32: nothing,
      print_f64: nothing,
      print_i32_f32: nothing,
      print_f64_f64: nothing,
      global_i32: new WebAssembly.Global({ value: "i32" }, 666),
      global_i64: new WebAssembly.Global({ value: "i64" }, 666n),
      global_f32: new WebAssembly.Global({ value: "f32" }, 666.6),
      global_f64: new WebAssembly.Global({ value: "f64" }, 666.6),
      table: new WebAssembly.Table({ initial: 10, maximum: 20, element: "anyfunc" }),
      table64: newTable64() as WebAssembly.ImportValue,
    };
  }

  /** With `willFail`, functions of other modules are linked as they are, so that the engine checks their types. */
  instantiate(key: string, bytes: Uint8Array, willFail: boolean): void {
    const module = new WebAssembly.Module(bytes as BufferSource);
    const manifest = readManifest(module);
    const coroutine = manifest && createCoroutine(manifest);
    const frameBytes = manifest?.frameBytes ?? 0;
    const imports = this.#imports(module, frameBytes, willFail);
    const instance = new WebAssembly.Instance(module, coroutine ? coroutine.imports(imports) : imports);
    coroutine?.attach({ exports: this.#counting(instance.exports) });
    const stoppable = new Set(
      stoppableFunctions(module)?.stoppable.map(({ functionIndex }) => functionIndex),
    );
    const entry = { bytes, instance, coroutine, frameBytes, stoppable };
    if (manifest?.start) this.#drive(entry, instance.exports[manifest.start] as Fn, []);
    this.#entries.set(key, entry);
  }

  register(name: string, key: string): void {
    const entry = this.#entries.get(key);
    if (entry) this.#registered.set(name, entry);
  }

  act(key: string, action: Action, expected: readonly Value[]): string {
    const entry = this.#entries.get(key);
    if (!entry) throw new LeftOut("assertion on a module that could not be made");
    const exported = entry.instance.exports[action.field];
    if (action.type === "get") return show((exported as WebAssembly.Global).value);
    const fn = exported as Fn;
    if (!needsExactness([...action.args, ...expected].map(({ type }) => type))) {
      const args = action.args.map((arg) => this.#value(arg));
      return show(this.#drive(entry, fn, args));
    }
    return this.#callExactly(entry, fn, action);
  }

  #callExactly(entry: Entry, fn: Fn, action: Action): string {
    const types = resultTypes(entry.bytes, action.field);
    if (!this.#calls.has(action)) this.#calls.set(action, exactCall(action.args, types));
    const module = this.#calls.get(action);
    if (!module) throw new LeftOut("call with both floating point numbers and references");
    let call: ReturnType<typeof runExactly>;
    try {
      call = runExactly(module, fn);
    } catch (error) {
      if (error instanceof WebAssembly.LinkError)
        throw new LeftOut("call that does not fit its function's type");
      throw error;
    }
    const stops = this.#stops;
    this.#drive(entry, call.run, []);
    if (this.#stops === stops) return call.read(types.length);
    // The module that made the call has long returned: the results are in their cells.
    const seen = new Map<string, number>();
    const cells = types.map((type) => {
      const ordinal = seen.get(type) ?? 0;
      seen.set(type, ordinal + 1);
      return entry.instance.exports[
        `moonlet:result_${type}${ordinal === 0 ? "" : `_${ordinal}`}`
      ] as WebAssembly.Global;
    });
    return readExactly(cells, types);
  }

  /** Times that an instance has gone on after its stack was captured, also where the driver does that by itself. */
  #stops = 0;

  #counting(exports: WebAssembly.Exports): WebAssembly.Exports {
    const resume = exports["moonlet:resume"] as Fn;
    const counting = (units: unknown) => {
      this.#stops++;
      return resume(units);
    };
    return { ...exports, "moonlet:resume": counting };
  }

  /** Calls to the end, slice by slice. */
  #drive(entry: Entry, fn: Fn, args: readonly unknown[]): unknown {
    const { coroutine } = entry;
    if (!coroutine || this.#fuel === undefined) return fn(...args);
    coroutine.fuel = this.#fuel;
    let stop = coroutine.start(fn, args);
    while (stop !== "returned") {
      coroutine.fuel = this.#fuel;
      stop = coroutine.resume();
    }
    return coroutine.returned;
  }

  #imports(module: WebAssembly.Module, frameBytes: number, willFail: boolean): WebAssembly.Imports {
    const imports: Record<string, WebAssembly.ModuleImports> = {};
    for (const { module: from, name, kind } of WebAssembly.Module.imports(module)) {
      imports[from] ??= {};
      const entry = this.#registered.get(from);
      let value = from === "spectest" ? this.#spectest[name] : entry?.instance.exports[name];
      if (from === "spectest" && name === "memory" && kind === "memory")
        value = this.#spectestMemory(frameBytes);
      else if (value instanceof WebAssembly.Memory && entry && entry.frameBytes !== frameBytes) {
        throw new LeftOut("module that shares a memory with one whose frames take another size");
      }
      if (
        !willFail &&
        kind === "function" &&
        value instanceof Function &&
        entry?.stoppable.has(Number(value.name))
      ) {
        const fn = value as Fn;
        value = (...args: unknown[]) => this.#drive(entry, fn, args);
      }
      if (value !== undefined) imports[from]![name] = value;
    }
    return imports;
  }

  /** The script's memory of 1 to 2 pages, with room for the frames of the modules that share it. */
  #spectestMemory(frameBytes: number): WebAssembly.Memory {
    this.#memoryFrameBytes ??= frameBytes;
    if (this.#memoryFrameBytes !== frameBytes)
      throw new LeftOut("module that shares a memory with one whose frames take another size");
    const pages = frameBytes / PAGE_BYTES;
    this.#spectest.memory ??= new WebAssembly.Memory({ initial: 1 + pages, maximum: 2 + pages });
    return this.#spectest.memory as WebAssembly.Memory;
  }

  #value({ type, argument }: Value): unknown {
    const text = argument?.replaceAll("_", "");
    if (type === "i32") return Number(integer(text!)) | 0;
    if (type === "i64") return BigInt.asIntN(64, integer(text!));
    if (type === "null") return null;
    if (type === "extern" || type === "host") {
      let object = this.#objects.get(text!);
      if (!object) {
        object = { extern: text };
        this.#objects.set(text!, object);
      }
      return object;
    }
    throw new LeftOut(`argument of type ${type}`);
  }
}

/** Types of the results of an exported function, of which a script says nothing where it expects a trap. */
function resultTypes(bytes: Uint8Array, name: string): string[] {
  let info = infos.get(bytes);
  if (!info) {
    info = readModule(bytes);
    infos.set(bytes, info);
  }
  const { index } = info.exports.find((entry) => entry.kind === 0 && entry.name === name)!;
  return info.typeOf(index).results.map((type) => typeName(type));
}
const infos = new WeakMap<Uint8Array, ModuleInfo>();

function integer(text: string): bigint {
  return text.startsWith("-") ? -BigInt(text.slice(1)) : BigInt(text.replace(/^\+/, ""));
}

/** Undefined where the engine has no tables with 64-bit indices. */
function newTable64(): unknown {
  try {
    const Table = WebAssembly.Table as unknown as new (descriptor: object) => unknown;
    return new Table({ initial: 10n, maximum: 20n, element: "anyfunc", address: "i64" });
  } catch {
    return undefined;
  }
}

export function show(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(show).join(", ")}]`;
  if (typeof value === "number") return Object.is(value, -0) ? "-0" : String(value);
  if (typeof value === "bigint") return `${value}n`;
  if (typeof value === "function") return "function";
  if (typeof value !== "object" || value === null) return String(value);
  // Objects of the guest show nothing to JavaScript.
  return "extern" in value ? `extern ${String(value.extern)}` : "an object";
}
