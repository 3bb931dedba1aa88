// Runs every export of a module raw and instrumented, sliced at random, and compares all that can be seen.
import {
  type Coroutine,
  createCoroutine,
  InstrumentError,
  instrument,
  readManifest,
} from "../../instrument/index.ts";
import { Random } from "./random.ts";

export type Verdict =
  | { readonly type: "same"; readonly calls: number; readonly stops: number }
  | { readonly type: "different"; readonly detail: string }
  | { readonly type: "refused"; readonly detail: string };

type Fn = (...args: unknown[]) => unknown;
/** The import that suspends; it gives back its second argument. */
const SUSPENDING = ["fuzzing-support.sleep"];
/** Slices after which a run that does not end is given up. */
const MAX_STOPS = 200_000;

export async function compareModule(bytes: Uint8Array, seed: number): Promise<Verdict> {
  let wasm: Uint8Array;
  try {
    ({ wasm } = await instrument(bytes, { name: `seed ${seed}`, suspending: SUSPENDING }));
  } catch (error) {
    if (error instanceof InstrumentError) return { type: "refused", detail: error.message };
    throw error;
  }
  if (!WebAssembly.validate(wasm as BufferSource)) {
    let detail = "";
    try {
      new WebAssembly.Module(wasm as BufferSource);
    } catch (error) {
      detail = (error as Error).message;
    }
    return { type: "different", detail: `the instrumented module is not valid: ${detail}` };
  }
  const raw = run(bytes, seed, undefined);
  let stops = 0;
  const slicings = new Random(seed ^ 0x5eed);
  for (const slice of [() => 1, () => 1 + slicings.below(50), () => 1_000_000]) {
    const ours = run(wasm, seed, slice);
    stops += ours.stops;
    const events = Math.min(raw.events.length, ours.events.length);
    for (let i = 0; i < events; i++) {
      if (raw.events[i] === "stack overflow" || ours.events[i] === "stack overflow")
        return { type: "same", calls: i, stops };
      if (raw.events[i] !== ours.events[i]) {
        return {
          type: "different",
          detail: `event ${i}: raw ${raw.events[i]}, ours ${ours.events[i]} (after ${raw.events[i - 1]})`,
        };
      }
    }
    if (raw.events.length !== ours.events.length) {
      return { type: "different", detail: `raw has ${raw.events.length} events, ours ${ours.events.length}` };
    }
  }
  return { type: "same", calls: raw.events.length, stops };
}

interface Run {
  readonly events: string[];
  stops: number;
}

function run(bytes: Uint8Array, seed: number, slice: (() => number) | undefined): Run {
  const module = new WebAssembly.Module(bytes as BufferSource);
  const manifest = readManifest(module);
  const coroutine = manifest && createCoroutine(manifest);
  const result: Run = { events: [], stops: 0 };
  const state: State = { coroutine, exports: [], events: result.events, depth: 0, answer: 0 };
  let instance: WebAssembly.Instance;
  try {
    const imports = importsOf(module, state);
    instance = new WebAssembly.Instance(module, coroutine ? coroutine.imports(imports) : imports);
  } catch (error) {
    result.events.push(`no instance: ${nameOf(error)}`);
    return result;
  }
  coroutine?.attach(instance);
  const own = Object.entries(instance.exports).filter(([name]) => !name.startsWith("moonlet:"));
  state.exports = own.flatMap(([, value]) => (typeof value === "function" ? [value as Fn] : []));
  if (manifest?.start) {
    call(instance.exports[manifest.start] as Fn, [], state, slice, result);
    const end = result.events.pop()!;
    if (end !== "gives undefined") {
      result.events.push(`no instance: ${end}`);
      return result;
    }
  }
  const random = new Random(seed ^ 0xca11);
  for (const [name, value] of own) {
    if (typeof value !== "function") continue;
    const args = Array.from({ length: value.length }, () => random.next() | 0);
    result.events.push(`call ${name}`);
    call(value as Fn, args, state, slice, result);
    if (result.events.at(-1) === "stack overflow") return result;
  }
  for (const [name, value] of own) {
    if (value instanceof WebAssembly.Memory)
      result.events.push(`memory ${name}: ${hash(value, manifest?.frameBytes ?? 0)}`);
    else if (value instanceof WebAssembly.Global) result.events.push(`global ${name}: ${globalValue(value)}`);
    else if (value instanceof WebAssembly.Table) result.events.push(`table ${name}: ${value.length}`);
  }
  return result;
}

interface State {
  readonly coroutine: Coroutine | undefined;
  exports: Fn[];
  readonly events: string[];
  /** Calls from imports back into the module. */
  depth: number;
  answer: number;
}

function call(
  fn: Fn,
  args: readonly unknown[],
  state: State,
  slice: (() => number) | undefined,
  result: Run,
): void {
  const { coroutine } = state;
  try {
    let value: unknown;
    if (!coroutine || !slice) value = fn(...args);
    else {
      coroutine.fuel = slice();
      let stop = coroutine.start(fn, args);
      while (stop !== "returned") {
        if (++result.stops > MAX_STOPS) throw new Error("it does not end");
        coroutine.fuel = slice();
        stop = stop === "suspended" ? coroutine.resume(state.answer) : coroutine.resume();
      }
      value = coroutine.returned;
    }
    result.events.push(`gives ${show(value)}`);
  } catch (error) {
    result.events.push(nameOf(error));
  }
}

function importsOf(module: WebAssembly.Module, state: State): WebAssembly.Imports {
  const imports: Record<string, WebAssembly.ModuleImports> = {};
  for (const { module: from, name, kind } of WebAssembly.Module.imports(module)) {
    imports[from] ??= {};
    imports[from][name] = kind === "function" ? importedFunction(name, state) : importedValue(kind, name);
  }
  return imports;
}

function importedFunction(name: string, state: State): Fn {
  const { events } = state;
  if (name === "sleep") {
    return (_ms, id) => {
      events.push(`sleep ${show(id)}`);
      state.answer = id as number;
      if (state.coroutine && state.depth === 0) state.coroutine.suspend();
      return id;
    };
  }
  const back = (fn: Fn | undefined, caught: boolean): unknown => {
    if (!fn || fn.length > 0 || state.depth > 3) return 0;
    state.depth++;
    try {
      if (state.coroutine) state.coroutine.start(fn);
      else fn();
      return 0;
    } catch (error) {
      if (!caught || error instanceof RangeError) throw error;
      return 1;
    } finally {
      state.depth--;
    }
  };
  if (name === "call-export")
    return (index) => void back(state.exports[(index as number) % Math.max(1, state.exports.length)], false);
  if (name === "call-export-catch")
    return (index) => back(state.exports[(index as number) % Math.max(1, state.exports.length)], true);
  if (name === "call-ref") return (fn) => void back(fn as Fn, false);
  if (name === "call-ref-catch") return (fn) => back(fn as Fn, true);
  return (...args) => {
    events.push(`${name} ${args.map(show).join(" ")}`);
    return 0;
  };
}

function importedValue(kind: string, name: string): WebAssembly.ImportValue {
  if (kind === "memory") return new WebAssembly.Memory({ initial: 32, maximum: 64 });
  if (kind === "table") return new WebAssembly.Table({ initial: 64, element: "anyfunc" });
  return name as unknown as WebAssembly.ImportValue;
}

function hash(memory: WebAssembly.Memory, frameBytes: number): string {
  const words = new Uint32Array(memory.buffer, frameBytes);
  let state = words.length;
  for (const word of words) state = (Math.imul(state, 31) + word) | 0;
  return `${words.length} ${state}`;
}

function globalValue(global: WebAssembly.Global): string {
  try {
    return show(global.value);
  } catch {
    return "vector";
  }
}

function nameOf(error: unknown): string {
  const { message } = error as Error;
  if (error instanceof RangeError || message === "stack overflow") return "stack overflow";
  return `${error instanceof WebAssembly.RuntimeError ? "trap" : "error"} ${message}`;
}

function show(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(show).join(", ")}]`;
  if (typeof value === "function") return "function";
  if (typeof value === "bigint") return `${value}n`;
  return Object.is(value, -0) ? "-0" : typeof value === "object" && value !== null ? "object" : String(value);
}
