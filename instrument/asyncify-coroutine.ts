// Drives an instance that binaryen's Asyncify pass has instrumented. The captured stack is kept outside the guest: the bytes
// that Asyncify overwrites are saved before and put back after, so that the guest's memory never shows it.
import type { Coroutine, GuestFrame, Manifest, Stop } from "./contract.ts";
import { FUEL_EXPORT, MAX_PAGES_EXPORT } from "./reserved-names.ts";

type HostFunction = (...args: never[]) => unknown;
interface AsyncifyExports {
  asyncify_start_unwind(data: number): void;
  asyncify_stop_unwind(): void;
  asyncify_start_rewind(data: number): void;
  asyncify_stop_rewind(): void;
}
/** Asyncify's data structure: current and end of the stack, 4 bytes each. */
const HEADER_BYTES = 8;

export class AsyncifyCoroutine implements Coroutine {
  returned: unknown;
  readonly #suspending: ReadonlySet<string>;
  readonly #stackBytes: number;
  #exports: AsyncifyExports | undefined;
  #memory: WebAssembly.Memory | undefined;
  #fuel: WebAssembly.Global | undefined;
  #maxPages: WebAssembly.Global | undefined;
  #entry: HostFunction | undefined;
  #state: "idle" | "running" | "unwinding" | "stopped" | "rewinding" = "idle";
  #reason: Stop = "preempted";
  #value: number | bigint | undefined;
  /** The captured stack while stopped. */
  #stack: Uint8Array | undefined;
  #saved: Uint8Array | undefined;
  #depth = 0;

  constructor(manifest: Manifest) {
    this.#suspending = new Set(manifest.suspending);
    this.#stackBytes = manifest.stackBytes;
  }

  get fuel(): number {
    return this.#fuel ? (this.#fuel.value as number) : 0;
  }
  set fuel(units: number) {
    if (this.#fuel) this.#fuel.value = units;
  }
  get stopped(): boolean {
    return this.#state === "stopped";
  }

  imports(imports: WebAssembly.Imports): WebAssembly.Imports {
    const wrapped: Record<string, WebAssembly.ModuleImports> = {};
    for (const [module, entries] of Object.entries(imports)) {
      const copy: Record<string, WebAssembly.ImportValue> = { ...entries };
      for (const [name, value] of Object.entries(entries)) {
        if (this.#suspending.has(`${module}.${name}`)) copy[name] = this.#resumable(value as HostFunction);
      }
      wrapped[module] = copy;
    }
    wrapped.moonlet = {
      ...wrapped.moonlet,
      out_of_fuel: this.#resumable(() => {
        this.suspend();
        this.#reason = "preempted";
      }),
    };
    return wrapped;
  }

  attach(instance: WebAssembly.Instance): void {
    const exports = instance.exports;
    this.#exports = exports as unknown as AsyncifyExports;
    this.#memory = exports.memory as WebAssembly.Memory;
    this.#fuel = exports[FUEL_EXPORT] as WebAssembly.Global;
    this.#maxPages = exports[MAX_PAGES_EXPORT] as WebAssembly.Global | undefined;
  }

  limitMemory(bytes: number): void {
    if (this.#maxPages) this.#maxPages.value = Math.min(65_536, Math.floor(bytes / 65_536));
  }

  start(fn: (...args: never[]) => unknown, args: readonly unknown[] = []): Stop {
    if (this.#state !== "idle") throw new Error("a guest that is stopped or running cannot be entered");
    this.#entry = (() => (fn as (...all: unknown[]) => unknown)(...args)) as HostFunction;
    return this.#enter();
  }

  resume(value?: number | bigint): Stop {
    if (this.#state !== "stopped" || !this.#stack) throw new Error("only a stopped guest can be resumed");
    this.#value = value;
    const at = this.#borrow();
    new Uint8Array(this.#memory!.buffer).set(this.#stack, at);
    this.#state = "rewinding";
    this.#exports!.asyncify_start_rewind(at);
    return this.#enter();
  }

  suspend(): void {
    if (this.#state !== "running" || this.#depth !== 1)
      throw new Error("a guest that the host called back cannot suspend");
    this.#reason = "suspended";
    this.#state = "unwinding";
    const at = this.#borrow();
    const header = new DataView(this.#memory!.buffer, at, HEADER_BYTES);
    header.setInt32(0, at + HEADER_BYTES, true);
    header.setInt32(4, at + this.#stackBytes, true);
    this.#exports!.asyncify_start_unwind(at);
  }

  frames(error?: unknown): readonly GuestFrame[] {
    return error instanceof Error ? framesOf(error) : [];
  }

  #enter(): Stop {
    this.#depth++;
    try {
      if (this.#state === "idle") this.#state = "running";
      const returned = this.#entry!();
      if ((this.#state as string) === "unwinding") return this.#captured();
      this.returned = returned;
      this.#state = "idle";
      return "returned";
    } catch (error) {
      const wasCapturing = (this.#state as string) === "unwinding";
      this.#state = "idle";
      throw wasCapturing ? tooDeep(error) : error;
    } finally {
      this.#depth--;
    }
  }

  #captured(): Stop {
    this.#exports!.asyncify_stop_unwind();
    const at = this.#memory!.buffer.byteLength - this.#stackBytes;
    const end = new DataView(this.#memory!.buffer).getInt32(at, true);
    this.#stack = new Uint8Array(this.#memory!.buffer.slice(at, end));
    this.#giveBack(at);
    this.#state = "stopped";
    return this.#reason;
  }

  /** Saves the last bytes of the guest's memory, for Asyncify to write there. */
  #borrow(): number {
    const at = this.#memory!.buffer.byteLength - this.#stackBytes;
    this.#saved = new Uint8Array(this.#memory!.buffer.slice(at));
    return at;
  }

  #giveBack(at: number): void {
    new Uint8Array(this.#memory!.buffer).set(this.#saved!, at);
  }

  /** An import that may stop its caller: called again while the stack is rebuilt, when it answers with the given value. */
  #resumable(fn: HostFunction): HostFunction {
    return ((...args: unknown[]) => {
      if (this.#state === "rewinding") {
        this.#exports!.asyncify_stop_rewind();
        this.#giveBack(this.#memory!.buffer.byteLength - this.#stackBytes);
        this.#state = "running";
        return this.#value;
      }
      return (fn as (...all: unknown[]) => unknown)(...args);
    }) as HostFunction;
  }
}

/** The stack did not fit into its place: the same to a guest as a stack that V8 finds too deep. */
function tooDeep(error: unknown): RangeError {
  const overflow = new RangeError("Maximum call stack size exceeded while the stack was captured");
  if (error instanceof Error && error.stack !== undefined) overflow.stack = error.stack;
  return overflow;
}

const FRAME = /^\s*at (?:(.*?) \()?wasm:\/\/.*?wasm-function\[(\d+)\]:0x([0-9a-f]+)/;

/** Reads the Wasm frames of V8's stack string. */
function framesOf(error: Error): GuestFrame[] {
  const frames: GuestFrame[] = [];
  for (const line of (error.stack ?? "").split("\n")) {
    const match = FRAME.exec(line);
    if (!match) continue;
    const name = match[1]?.replace(/^.*?\.(?=[^.]*$)/, (prefix) =>
      prefix.startsWith("wasm:") ? "" : prefix,
    );
    frames.push({
      functionIndex: Number(match[2]),
      offset: Number.parseInt(match[3] as string, 16),
      ...(name && { functionName: name }),
    });
  }
  return frames;
}
