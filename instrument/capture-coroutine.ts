// Drives an instance of a module that the capture pass has instrumented. A switch is one call into the module and allocates nothing.
import { OVERFLOWN, STOPPED } from "./capture/run-functions.ts";
import type { Coroutine, GuestFrame, Manifest, Stop } from "./contract.ts";

type HostFunction = (...args: unknown[]) => unknown;
/** Units of one entry into the module; a larger budget is handed in by parts. */
const MAX_UNITS = 2 ** 28;

interface RunExports {
  "moonlet:begin"(units: number): void;
  "moonlet:left"(): number;
  "moonlet:resume"(units: number): number;
  "moonlet:stop"(): void;
}

export class CaptureCoroutine implements Coroutine {
  returned: unknown;
  fuel = 0;
  readonly #suspending: ReadonlySet<string>;
  #exports: RunExports | undefined;
  #resume: (units: number) => number = () => 0;
  #stopped = false;
  /** An import has asked to stop. */
  #asked = false;
  /** Entries into the module that have not come back: more than one when an import calls the guest. */
  #depth = 0;
  /** The depth at which a suspending import is running, or 0. */
  #suspendable = 0;
  /** A trap or a host's error left frames behind. */
  #broken = false;

  constructor(manifest: Manifest) {
    this.#suspending = new Set(manifest.suspending);
  }

  get stopped(): boolean {
    return this.#stopped;
  }

  imports(imports: WebAssembly.Imports): WebAssembly.Imports {
    const wrapped: Record<string, WebAssembly.ModuleImports> = {};
    for (const [module, entries] of Object.entries(imports)) {
      const copy: Record<string, WebAssembly.ImportValue> = { ...entries };
      for (const [name, value] of Object.entries(entries)) {
        if (this.#suspending.has(`${module}.${name}`) && typeof value === "function")
          copy[name] = this.#suspendingImport(value as HostFunction);
      }
      wrapped[module] = copy;
    }
    return wrapped;
  }

  attach(instance: WebAssembly.Instance): void {
    this.#exports = instance.exports as unknown as RunExports;
    this.#resume = this.#exports["moonlet:resume"];
    this.#stopped = false;
    this.#asked = false;
    this.#broken = false;
  }

  limitMemory(bytes: number): void {
    const limit = this.#global("max_pages");
    if (limit) limit.value = Math.min(limit.value as number, Math.floor(bytes / 65_536));
  }

  start(fn: (...args: never[]) => unknown, args: readonly unknown[] = []): Stop {
    if (this.#stopped) throw new Error("a guest that is stopped cannot be entered");
    if (this.#depth > 0) return this.#startNested(fn as HostFunction, args);
    if (this.#broken) this.#repair();
    const exports = this.#exports!;
    this.#depth = 1;
    this.#broken = true;
    try {
      exports["moonlet:begin"](this.#units());
      const returned = (fn as HostFunction)(...args);
      const stop = this.#settle(exports["moonlet:left"]());
      if (stop === "returned" && !this.#resumed) this.returned = returned;
      this.#broken = false;
      return stop;
    } finally {
      this.#depth = 0;
    }
  }

  resume(value?: number | bigint): Stop {
    if (!this.#stopped) throw new Error("only a stopped guest can be resumed");
    if (value !== undefined) this.#answer(value);
    this.#stopped = false;
    this.#depth = 1;
    this.#broken = true;
    try {
      const stop = this.#settle(this.#resume(this.#units()));
      if (stop === "returned") this.returned = this.#result();
      this.#broken = false;
      return stop;
    } finally {
      this.#depth = 0;
    }
  }

  suspend(): void {
    if (this.#suspendable !== 1 || this.#depth !== 1) {
      throw new Error("this import cannot suspend: it is not declared as suspending, or another host frame lies below");
    }
    this.#asked = true;
    this.#exports!["moonlet:stop"]();
  }

  frames(error?: unknown): readonly GuestFrame[] {
    return error instanceof Error ? framesOf(error) : [];
  }

  /** True when the last `start` went on through `resume`, so that its result is in the result globals. */
  #resumed = false;
  /** Fuel not handed to the module yet. */
  #reserve = 0;

  #units(): number {
    const units = Math.min(Math.max(0, this.fuel), MAX_UNITS);
    this.#reserve = this.fuel - units;
    return units;
  }

  /** Says how an entry ended, after going on where it stopped only for a checkpoint or for more fuel. */
  #settle(answer: number): Stop {
    this.#resumed = false;
    let left = answer;
    for (;;) {
      if (left === OVERFLOWN) throw new WebAssembly.RuntimeError("stack overflow");
      if (left >= STOPPED / 2) {
        this.fuel = left + this.#reserve;
        return "returned";
      }
      this.fuel = left - STOPPED + this.#reserve;
      if (this.#asked) {
        this.#asked = false;
        this.#stopped = true;
        return "suspended";
      }
      if (this.fuel < 0 || (this.fuel === 0 && left - STOPPED <= 0)) {
        this.#stopped = true;
        return "preempted";
      }
      this.#resumed = true;
      left = this.#resume(this.#units());
    }
  }

  #global(name: string): WebAssembly.Global | undefined {
    return (this.#exports as unknown as Record<string, WebAssembly.Global | undefined>)[`moonlet:${name}`];
  }

  #answer(value: number | bigint): void {
    const types = typeof value === "bigint" ? ["i64"] : ["i32", "f32", "f64"];
    for (const type of types) {
      const cell = this.#global(`result_${type}`);
      if (cell) cell.value = value;
    }
  }

  /** The value that the outermost function returned, when it had exactly one type that can be told. */
  #result(): unknown {
    return undefined;
  }

  #repair(): void {
    const base = this.#global("base")!;
    this.#global("scratch")!.value = base.value;
    this.#broken = false;
  }

  #startNested(fn: HostFunction, args: readonly unknown[]): Stop {
    void fn;
    void args;
    throw new Error("a guest that is running cannot be entered");
  }

  #suspendingImport(fn: HostFunction): HostFunction {
    const call = (args: unknown[]): unknown => {
      const before = this.#suspendable;
      this.#suspendable = this.#depth;
      try {
        return fn(...args);
      } finally {
        this.#suspendable = before;
      }
    };
    return (...args) => call(args);
  }
}

const FRAME = /^\s*at (?:(.*?) \()?wasm:\/\/.*?wasm-function\[(\d+)\]:0x([0-9a-f]+)/;

/** Reads the Wasm frames of V8's stack string. */
function framesOf(error: Error): GuestFrame[] {
  const frames: GuestFrame[] = [];
  for (const line of (error.stack ?? "").split("\n")) {
    const match = FRAME.exec(line);
    if (!match) continue;
    frames.push({
      functionIndex: Number(match[2]),
      offset: Number.parseInt(match[3] as string, 16),
      ...(match[1] && { functionName: match[1] }),
    });
  }
  return frames;
}
