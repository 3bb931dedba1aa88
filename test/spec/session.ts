// The instances of one script, raw or driven by coroutines, and their calls of each other.
import { type Coroutine, createCoroutine, readManifest } from "../../instrument/running.ts";
import type { Action, Value } from "./convert.ts";
import { callWithVectors } from "./vectors.ts";

/** What a script asks for and the harness or the pass does not do. */
export class LeftOut extends Error {}

type Fn = (...args: unknown[]) => unknown;
interface Entry {
  readonly instance: WebAssembly.Instance;
  readonly coroutine: Coroutine | undefined;
}

export class Session {
  readonly #fuel: number | undefined;
  readonly #entries = new Map<string, Entry>();
  readonly #registered = new Map<string, Entry>();
  readonly #spectest: WebAssembly.ModuleImports;
  readonly #externs = new Map<string, object>();

  /** `fuel` is the size of a slice; undefined runs raw modules. */
  constructor(fuel: number | undefined) {
    this.#fuel = fuel;
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
      memory: new WebAssembly.Memory({ initial: 1, maximum: 2 }),
    };
  }

  /** With `willFail`, functions of other modules are linked as they are, so that the engine checks their types. */
  instantiate(key: string, bytes: Uint8Array, willFail: boolean): void {
    const module = new WebAssembly.Module(bytes as BufferSource);
    const manifest = readManifest(module);
    const coroutine = manifest && createCoroutine(manifest);
    const imports = this.#imports(module, manifest?.frameBytes ?? 0, willFail);
    const instance = new WebAssembly.Instance(module, coroutine ? coroutine.imports(imports) : imports);
    coroutine?.attach(instance);
    const entry = { instance, coroutine };
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
    const args = action.args ?? [];
    const fn = exported as Fn;
    if ([...args, ...expected].some(({ type }) => type === "v128")) {
      const call = callWithVectors(fn, args, expected);
      if (!call) throw new LeftOut("call with vectors and references");
      if (!entry.coroutine || this.#fuel === undefined) return call();
      entry.coroutine.fuel = this.#fuel;
      let stop = entry.coroutine.start(this.#noting(call));
      if (stop !== "returned") {
        while (stop !== "returned") {
          entry.coroutine.fuel = this.#fuel;
          stop = entry.coroutine.resume();
        }
        throw new LeftOut("vector result of a call that was stopped");
      }
      return this.#noted;
    }
    return show(
      this.#drive(
        entry,
        fn,
        args.map((arg) => this.#value(arg)),
      ),
    );
  }

  #noted = "";
  #noting(call: () => string): () => void {
    return () => {
      this.#noted = call();
    };
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
      if (kind === "memory" && value instanceof WebAssembly.Memory && this.#fuel !== undefined) {
        if (from !== "spectest") throw new LeftOut("module that shares another one's memory");
        if (frameBytes > 0) {
          // The script's memory has no room for frames.
          const pages = frameBytes / 65_536;
          value = new WebAssembly.Memory({ initial: 1, maximum: 2 + pages });
        }
      }
      if (!willFail && kind === "function" && entry?.coroutine && value instanceof Function) {
        const fn = value as Fn;
        value = (...args: unknown[]) => this.#drive(entry, fn, args);
      }
      if (value !== undefined) imports[from]![name] = value;
    }
    return imports;
  }

  #value(value: Value): unknown {
    const text = value.value as string | undefined;
    switch (value.type) {
      case "i32":
        return Number(text) | 0;
      case "i64":
        return BigInt.asIntN(64, BigInt(text!));
      case "f32": {
        const view = new DataView(new ArrayBuffer(4));
        view.setUint32(0, Number(text));
        return text!.startsWith("nan") ? Number.NaN : view.getFloat32(0);
      }
      case "f64": {
        const view = new DataView(new ArrayBuffer(8));
        if (text!.startsWith("nan")) return Number.NaN;
        view.setBigUint64(0, BigInt(text!));
        return view.getFloat64(0);
      }
      case "externref": {
        if (text === "null") return null;
        let object = this.#externs.get(text!);
        if (!object) {
          object = { extern: text };
          this.#externs.set(text!, object);
        }
        return object;
      }
      case "funcref":
        if (text === "null") return null;
    }
    throw new LeftOut(`argument of type ${value.type}`);
  }
}

export function show(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(show).join(", ")}]`;
  if (typeof value === "number") return Object.is(value, -0) ? "-0" : String(value);
  if (typeof value === "bigint") return `${value}n`;
  if (typeof value === "function") return "function";
  if (typeof value === "object" && value !== null && "extern" in value)
    return `extern ${String(value.extern)}`;
  return String(value);
}
