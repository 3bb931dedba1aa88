// One program to measure, raw or instrumented: makes instances and calls the export.
import { readModule } from "../../../instrument/capture/module-reader.ts";
import { I64 } from "../../../instrument/capture/opcodes.ts";
import { type Coroutine, createCoroutine, type Manifest, readManifest } from "../../../instrument/index.ts";
import { Exit, type StubbedMemory, stubs } from "./stubs.ts";

type Fn = (...args: unknown[]) => unknown;

/** A module with an instance of its own. */
export class Subject {
  readonly #bytes: Uint8Array;
  readonly #module: WebAssembly.Module;
  readonly #manifest: Manifest | undefined;
  readonly #export: string;
  readonly #args: readonly unknown[];
  #coroutine: Coroutine | undefined;
  #instance: WebAssembly.Instance | undefined;
  /** Times that a run was stopped, since the last look. */
  stops = 0;
  /** Units of a slice. */
  slice = 20_000;
  /** Time, as performance.now() tells it, at which a run is given up. */
  until = Number.POSITIVE_INFINITY;

  constructor(bytes: Uint8Array, exportName: string, args: readonly unknown[]) {
    this.#bytes = bytes;
    this.#module = new WebAssembly.Module(bytes as BufferSource);
    this.#manifest = readManifest(this.#module);
    this.#export = exportName;
    this.#args = args;
  }

  /** A new instance, started and initialised. */
  renew(): void {
    const coroutine = this.#manifest && createCoroutine(this.#manifest);
    const place: StubbedMemory = { shift: this.#manifest?.frameBytes ?? 0 };
    const imports = stubs(this.#module, this.#bytes, place);
    const instance = new WebAssembly.Instance(
      this.#module,
      coroutine ? coroutine.imports(imports, { asTheyAre: true }) : imports,
    );
    coroutine?.attach(instance);
    for (const value of Object.values(instance.exports)) {
      if (value instanceof WebAssembly.Memory) place.memory ??= value;
    }
    this.#coroutine = coroutine;
    this.#instance = instance;
    if (this.#manifest?.start) this.#call(this.#manifest.start, []);
    if (this.#export !== "_initialize" && "_initialize" in instance.exports) this.#call("_initialize", []);
  }

  /** Calls the export once; gives its result, or how it ended otherwise, as text. Throws GivenUp. */
  run(): string {
    if (!this.#instance) this.renew();
    return this.#call(this.#export, this.#args);
  }

  #call(name: string, args: readonly unknown[]): string {
    const fn = this.#instance!.exports[name] as Fn;
    try {
      return show(this.#coroutine ? this.#drive(this.#coroutine, fn, args) : fn(...args));
    } catch (error) {
      if (error instanceof GivenUp) throw error;
      if (error instanceof Exit) return error.message;
      return `${error instanceof WebAssembly.RuntimeError ? "trap" : "error"}: ${(error as Error).message}`;
    }
  }

  #drive(coroutine: Coroutine, fn: Fn, args: readonly unknown[]): unknown {
    coroutine.fuel = this.slice;
    let stop = coroutine.start(fn, args);
    while (stop !== "returned") {
      if ((++this.stops & 1023) === 0 && performance.now() > this.until) throw new GivenUp();
      coroutine.fuel += this.slice;
      stop = coroutine.resume();
    }
    return coroutine.returned;
  }
}

/** A run took longer than it may. */
export class GivenUp extends Error {}

/** The arguments as the export takes them: i64 as bigint, missing ones 0. Throws with a message for an export that is no function. */
export function argumentsFor(bytes: Uint8Array, exportName: string, given: readonly string[]): unknown[] {
  const info = readModule(bytes);
  const functions = info.exports.filter(({ kind }) => kind === 0);
  const found = functions.find(({ name }) => name === exportName);
  if (!found) {
    const names = functions.map(({ name }) => name).join(", ");
    throw new Error(`no function "${exportName}" is exported; there are: ${names || "none"}`);
  }
  return info
    .typeOf(found.index)
    .params.map((type, k) => (type === I64 ? BigInt(given[k] ?? 0) : Number(given[k] ?? 0)));
}

/** To the bit, but for the payload of a NaN. */
function show(value: unknown): string {
  if (Array.isArray(value)) return value.map(show).join(", ");
  return Object.is(value, -0)
    ? "-0"
    : typeof value === "object" && value !== null
      ? "(reference)"
      : String(value);
}
