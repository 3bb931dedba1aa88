// What instrumenting a module gives, and what drives an instance of the result. One pass implements it today; the host sees this only.

import type { StateFacts } from "./capture/state-functions.ts";
import type { ReferenceNames } from "./snapshot.ts";
import type { SnapshotState } from "./snapshot-format.ts";

export type { StateFacts };

export interface InstrumentOptions {
  /** Shown in errors. Default "module". */
  readonly name?: string;
  /** Imports that may suspend their caller, as `module.name` or `module.*`. All others run to their end. Default none. */
  readonly suspending?: readonly string[];
  /** Bytes for a captured call stack; deeper recursion traps with `stack overflow`. Default 262,144. */
  readonly stackBytes?: number;
  /** URL written into the module for its source map. Default none. */
  readonly sourceMapUrl?: string;
  /** Source map of the input; the one of the output is made from it. */
  readonly sourceMap?: string;
  /** Told now and then which share is done, 0 to 1. Default nobody is. */
  readonly onProgress?: (share: number) => void;
  /** Optimise before instrumenting, as `wasm-opt -O<n>`. Default 0: the module is taken as it is. */
  readonly optimizeLevel?: 0 | 1 | 2 | 3;
}

/** Travels in the module as the custom section `moonlet`, as UTF-8 JSON. */
export interface Manifest {
  readonly abiVersion: number;
  /** Version of the table that says what each instruction costs; two modules with the same one can be compared. */
  readonly costModel: number;
  /** SHA-256 of the module before instrumentation, hexadecimal. */
  readonly sourceHash: string;
  readonly stackBytes: number;
  /** `module.name` of each import that may suspend. */
  readonly suspending: readonly string[];
  /** How many parameters each of these has; without those that are imported with different types. */
  readonly parameters: Readonly<Record<string, number>>;
  /** The export that runs the module's original start function, if it had one; the host calls it as the first slice. */
  readonly start?: string;
  /** In each memory with 32-bit addresses: bytes at the memory's start that hold captured frames and are not the guest's: its address 0 lies behind them. */
  readonly frameBytes: number;
  /** Results of exported functions that can be stopped, by function index: a letter each: i32 i, i64 I, f32 f, f64 F, v128 v; references by their top type, extern r, func c, any a, exn x. */
  readonly results: Readonly<Record<string, string>>;
  /** Result types, as in `results`, of the imports that may suspend. */
  readonly answers: string;
  /** Some instruction catches exceptions: errors of imports may meet a handler. */
  readonly catches: boolean;
  /** It makes structs, arrays, or exceptions that hold exceptions: values on the engine's heap, where no limit of a process reaches. */
  readonly allocates: boolean;
  /** Where a process keeps what is not in its first memory. */
  readonly state: StateFacts;
  /** Of the instrumented code: only a module with the same one understands the frames. */
  readonly buildHash: string;
}

export interface Instrumented {
  readonly wasm: Uint8Array;
  readonly sourceMap?: string;
  readonly manifest: Manifest;
}

/** memory.grow or table.grow, by so many pages or elements. */
export interface Growth {
  readonly of: "memory" | "table";
  readonly wanted: number;
  /** A limit of the driver's does not allow it; otherwise it is about to happen, unless a maximum of the module's or the engine refuses it. */
  readonly isRefused: boolean;
}

/** How a stretch of guest code ended. */
export type Stop =
  /** The called export returned; its value is in `Coroutine.returned`. */
  | "returned"
  /** The fuel ran out; the stack is captured. */
  | "preempted"
  /** An import called `suspend()`; the stack is captured, and `resume(value)` gives the import's result. */
  | "suspended";

/** One frame of a guest's stack, innermost first. */
export interface GuestFrame {
  readonly functionIndex: number;
  /** From the name section; undefined when the module has none. */
  readonly functionName?: string;
  /** Byte offset in the instrumented module. */
  readonly offset?: number;
}

/** Drives one instance: starts an export, stops it at a fuel check or in an import, and goes on later. */
export interface Coroutine {
  /**
   * Wraps what is handed to `WebAssembly.Instance`, so that the imports listed as suspending may call `suspend`. A host whose imports call it
   * only where they are listed, and throw nothing afterwards, says so with `asTheyAre`: then these are called without a function around each.
   */
  imports(imports: WebAssembly.Imports, options?: { readonly asTheyAre?: boolean }): WebAssembly.Imports;
  attach(instance: WebAssembly.Instance): void;

  /**
   * Calls a function of the instance. What an import throws can be caught by the guest, as in raw Wasm, unless it has a property
   * `uncatchable` that is true. Throws what the guest throws (a WebAssembly.RuntimeError for a trap). */
  start(fn: (...args: never[]) => unknown, args?: readonly unknown[]): Stop;
  /** Goes on after `preempted` or `suspended`; `value` is the result of the import that suspended. */
  resume(value?: number | bigint): Stop;
  /** From inside a suspending import: stop here. What the import itself returns is ignored. Throws `MoonletError` E_REENTRANT when another host frame lies between. */
  suspend(): void;

  /** `memory.grow` beyond this many bytes fails as it does at the module's own maximum. Default no limit. */
  limitMemory(bytes: number): void;
  /** `table.grow` fails where all tables of the module together would have more elements than this. Default 1,000,000, which is the most. */
  limitTables(elements: number): void;
  /** Elements of all tables of the module. */
  readonly tableElements: number;
  /** From now on `told` is called, from inside the guest, whenever it wants to grow; it may charge, and must neither throw nor suspend. */
  watchGrowth(told: (growth: Growth) => void): void;

  readonly returned: unknown;
  /** Units left; may be a little below zero after `preempted`, and that debt is part of the exact count. */
  fuel: number;
  /**
   * Takes units off, also from inside an import: from what the guest has left in this slice first, so that its next check after that stops
   * it, the rest as a debt.
   */
  charge(units: number): void;
  /** True between a stop and its resume. */
  readonly stopped: boolean;
  /**
   * All of the guest as bytes, between two slices: memory, globals, tables, dropped segments, fuel, captured stack. What its imports hold
   * for it is not in there. `names` are for references to what is not the program's. Throws SnapshotError.
   */
  save(names?: ReferenceNames): Uint8Array;
  /**
   * Makes the guest of a new instance, of the same instrumented module, what `save` found, and says how it goes on: with `resume()` after
   * "preempted", `resume(value)` after "suspended", `start` after "idle". The bytes need not be trusted: what is wrong with them is refused or
   * harms that guest only; who can write snapshots decides on the guest's fuel. Throws SnapshotError.
   */
  restore(snapshot: Uint8Array, names?: ReferenceNames): SnapshotState;
  /**
   * For a `plain` program, between two slices: writes what the guest is besides its memory and captured stack right below that stack, and
   * gives the address there. From it up to `frameBytes` lies all of it; the instance may then be given to another guest.
   */
  saveState(): number;
  /** Takes up a guest whose memory and whose bytes from `address` to `frameBytes` have been put into the instance. */
  loadState(address: number, state: SnapshotState): void;
  /** The guest frames of an error thrown out of `start` or `resume`, or of the captured stack when there is no error. */
  frames(error?: unknown): readonly GuestFrame[];
}
