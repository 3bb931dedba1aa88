// Drives an instance of a module that the capture pass has instrumented. A switch is one call into the module and allocates nothing.

import { around, aroundThrowing } from "./around.ts";
import { OVERFLOWN, STOPPED } from "./capture/run-protocol.ts";
import type { Coroutine, Growth, GuestFrame, Manifest, Stop } from "./contract.ts";
import { SnapshotError } from "./error.ts";
import { GrowthLimits } from "./growth-limits.ts";
import { frameTableOf, readCapturedFrames, readNativeFrames } from "./guest-frames.ts";
import { ImportErrors } from "./import-errors.ts";
import { assertMemoryIsFree, joinMemory } from "./memory-owners.ts";
import { enterNested } from "./nested-entry.ts";
import { readResult, writeAnswer } from "./result-cells.ts";
import { type ReferenceNames, restoreSnapshot, saveSnapshot } from "./snapshot.ts";
import type { SnapshotState } from "./snapshot-format.ts";

type HostFunction = (...args: unknown[]) => unknown;
/** Units of one entry into the module; a larger budget is handed in by parts. */
const MAX_UNITS = 2 ** 28;
/** Entries from imports into a running guest, one inside the other. */
const MAX_NESTING = 16;
const NOWHERE = -8;
/** Beginning of the names of the tables with references of frames; JavaScript cannot write to that of exceptions. */
const KEPT = "moonlet:kept_";

interface RunExports {
  "moonlet:begin"(units: number): void;
  "moonlet:left"(): number;
  "moonlet:resume"(units: number): number;
  "moonlet:resume_with"?(units: number, value: number): number;
  "moonlet:stop"(): void;
  "moonlet:charge"(units: number): number;
  "moonlet:save"?(): number;
  "moonlet:load"?(address: number): void;
}

export class CaptureCoroutine implements Coroutine {
  returned: unknown;
  fuel = 0;
  readonly #manifest: Manifest;
  readonly #suspending: ReadonlySet<string>;
  #exports: RunExports | undefined;
  #begin: (units: number) => void = unattached;
  #left: () => number = unattached;
  #resume: (units: number) => number = unattached;
  #resumeWith: ((units: number, value: number) => number) | undefined;
  #stop: () => void = unattached;
  #charge: (units: number) => number = unattached;
  #save: (() => number) | undefined;
  #load: ((address: number) => void) | undefined;
  #memory: WebAssembly.Memory | undefined;
  #owners: ReturnType<typeof joinMemory> | undefined;
  #growth: GrowthLimits | undefined;
  #stopped = false;
  /** While it is stopped: an import did that. */
  #suspended = false;
  /** Imports that may suspend are not wrapped. */
  #asTheyAre = false;
  /** An import has asked to stop. */
  #asked = false;
  /** Entries into the module that have not come back: more than one when an import calls the guest. */
  #depth = 0;
  /** The depth at which a suspending import runs, or 0. */
  #suspendable = 0;
  /** A trap or a host's error has left the module's cells as they were in mid-run. */
  #broken = false;
  /** Result types of the function that was started. */
  #results = "";
  /** The last function that was started, and its result types: what a function is called takes the engine 50 ns to say. */
  #started: ((...args: never[]) => unknown) | undefined;
  #startedResults = "";
  /** The result is not what the call gave but lies in the module's result cells. */
  #resultInCells = false;
  /** Fuel not handed to the module yet. */
  #reserve = 0;
  /** Fuel of the running entry. */
  #handed = 0;
  readonly #importErrors = new ImportErrors();

  constructor(manifest: Manifest) {
    this.#manifest = manifest;
    this.#suspending = new Set(manifest.suspending);
  }

  get stopped(): boolean {
    return this.#stopped;
  }

  imports(imports: WebAssembly.Imports, options?: { readonly asTheyAre?: boolean }): WebAssembly.Imports {
    this.#asTheyAre = options?.asTheyAre === true;
    if (this.#asTheyAre && !this.#manifest.catches) return imports;
    const wrapped: Record<string, WebAssembly.ModuleImports> = {};
    for (const [module, entries] of Object.entries(imports)) {
      const copy: Record<string, WebAssembly.ImportValue> = { ...entries };
      for (const [name, value] of Object.entries(entries)) {
        if (typeof value !== "function") continue;
        let fn = value as HostFunction;
        if (!this.#asTheyAre && this.#suspending.has(`${module}.${name}`))
          fn = this.#suspendingImport(fn, this.#manifest.parameters[`${module}.${name}`]);
        if (this.#manifest.catches) fn = this.#importErrors.wrap(fn);
        copy[name] = fn;
      }
      wrapped[module] = copy;
    }
    return wrapped;
  }

  attach(instance: WebAssembly.Instance): void {
    const exports = instance.exports as unknown as RunExports;
    this.#exports = exports;
    if (this.#manifest.catches) this.#importErrors.attach(instance.exports);
    this.#begin = exports["moonlet:begin"];
    this.#left = exports["moonlet:left"];
    this.#resume = exports["moonlet:resume"];
    this.#resumeWith = exports["moonlet:resume_with"];
    this.#stop = exports["moonlet:stop"];
    this.#charge = exports["moonlet:charge"];
    this.#save = exports["moonlet:save"];
    this.#load = exports["moonlet:load"];
    this.#memory = (instance.exports as Record<string, unknown>)["moonlet:memory"] as
      | WebAssembly.Memory
      | undefined;
    this.#growth = new GrowthLimits(exports, this.#manifest.state.elements);
    this.#owners = this.#memory && joinMemory(this.#memory, instance.exports, this);
    this.#stopped = false;
    this.#asked = false;
    this.#broken = false;
  }

  limitMemory(bytes: number): void {
    this.#growth?.limitMemory(bytes);
  }

  limitTables(elements: number): void {
    this.#growth?.limitTables(elements);
  }

  get tableElements(): number {
    return this.#growth?.tableElements ?? 0;
  }

  watchGrowth(told: (growth: Growth) => void): void {
    this.#growth?.watch(told);
  }

  start(fn: (...args: never[]) => unknown, args: readonly unknown[] = []): Stop {
    if (this.#stopped) throw new Error("a guest that is stopped cannot be entered");
    if (this.#owners && this.#owners.length > 1) assertMemoryIsFree(this.#owners, this);
    if (this.#depth > 0) return this.#startNested(fn as HostFunction, args);
    if (this.#broken) this.#repair();
    if (fn !== this.#started) this.#learn(fn);
    this.#depth = 1;
    this.#broken = true;
    this.#resultInCells = false;
    this.#results = this.#startedResults;
    try {
      this.#begin(this.#units());
      const returned = (fn as HostFunction)(...args);
      const stop = this.#settle(this.#left());
      if (stop === "returned")
        this.returned = this.#resultInCells ? readResult(this.#exports!, this.#results) : returned;
      this.#broken = false;
      return stop;
    } catch (error) {
      this.#takeBackStop();
      this.#readFuelAfterThrow();
      throw this.#importErrors.original(error);
    } finally {
      this.#depth = 0;
      this.#suspendable = 0;
    }
  }

  resume(value?: number | bigint): Stop {
    if (!this.#stopped) throw new Error("only a stopped guest can be resumed");
    this.#stopped = false;
    this.#depth = 1;
    this.#broken = true;
    this.#resultInCells = true;
    try {
      let answer: number;
      if (value === undefined) answer = this.#resume(this.#units());
      else if (this.#resumeWith) answer = this.#resumeWith(this.#units(), value as number);
      else {
        writeAnswer(this.#exports!, this.#manifest.answers, value);
        answer = this.#resume(this.#units());
      }
      const stop = this.#settle(answer);
      if (stop === "returned") this.returned = readResult(this.#exports!, this.#results);
      this.#broken = false;
      return stop;
    } catch (error) {
      this.#takeBackStop();
      this.#readFuelAfterThrow();
      throw this.#importErrors.original(error);
    } finally {
      this.#depth = 0;
      this.#suspendable = 0;
    }
  }

  suspend(): void {
    if (this.#depth !== 1 || (this.#suspendable !== 1 && !this.#asTheyAre)) {
      throw new Error(
        "this import cannot suspend: it is not declared as suspending, or another host frame lies below it",
      );
    }
    this.#asked = true;
    this.#stop();
  }

  frames(error?: unknown): readonly GuestFrame[] {
    const table = frameTableOf(this.#manifest);
    const frames = error instanceof Error ? readNativeFrames(error, table) : [];
    if (!table || !this.#memory || !(this.#stopped || this.#broken)) return frames;
    const head = this.#cell("head")!.value as number;
    const captured = new Uint8Array(this.#memory.buffer, head, this.#frameRegion() - head);
    return [...frames, ...readCapturedFrames(captured, table)];
  }

  charge(units: number): void {
    if (this.#depth === 0) {
      this.fuel -= units;
      return;
    }
    // From what the module counts down, so that its next check stops it when that is gone; the rest is taken off when it comes back. One that
    // has been asked to stop counts below zero, and a call from inside an import has a count of its own.
    const whole = Math.min(Math.trunc(units), MAX_UNITS);
    const taken = this.#depth === 1 && whole > 0 ? this.#charge(whole) : 0;
    this.#reserve -= units - taken;
  }

  save(names?: ReferenceNames): Uint8Array {
    const exports = this.#atRest("saved");
    const state = !this.#stopped ? "idle" : this.#suspended ? "suspended" : "preempted";
    return saveSnapshot(this.#manifest, exports, { state, fuel: this.fuel, results: this.#results }, names);
  }

  restore(snapshot: Uint8Array, names?: ReferenceNames): SnapshotState {
    const { state, fuel, results } = restoreSnapshot(
      this.#manifest,
      this.#atRest("overwritten"),
      snapshot,
      names,
    );
    this.#stopped = state !== "idle";
    this.#suspended = state === "suspended";
    this.#asked = false;
    this.#broken = false;
    this.fuel = fuel;
    this.#results = results;
    this.returned = undefined;
    return state;
  }

  saveState(): number {
    return this.#save!();
  }

  loadState(address: number, state: SnapshotState): void {
    this.#load!(address);
    this.#stopped = state !== "idle";
    this.#suspended = state === "suspended";
    this.#asked = false;
    this.#broken = false;
    this.#results = "";
  }

  #atRest(done: string): Readonly<Record<string, unknown>> {
    if (this.#depth > 0) {
      throw new SnapshotError(
        "E_GUEST_RUNNING",
        `a guest that is running cannot be ${done}`,
        "Do it between two slices, not from inside an import.",
      );
    }
    if (this.#broken) this.#repair();
    return this.#exports as unknown as Readonly<Record<string, unknown>>;
  }

  #learn(fn: (...args: never[]) => unknown): void {
    this.#started = fn;
    this.#startedResults = this.#manifest.results[fn.name] ?? "";
  }

  /** What a function holds in a local when the guest throws is lost: the fuel is that of its last call. */
  #readFuelAfterThrow(): void {
    const left = this.#left();
    // More than was handed in: it threw before the module took it.
    if (left > this.#handed) return;
    if (left >= STOPPED / 2) this.fuel = left + this.#reserve;
  }

  #units(): number {
    const units = Math.min(Math.max(0, this.fuel), MAX_UNITS);
    this.#reserve = this.fuel - units;
    this.#handed = units;
    return units;
  }

  /** Says how an entry ended, after going on where it stopped only for a checkpoint or for more fuel. */
  #settle(answer: number): Stop {
    let left = answer;
    for (;;) {
      if (left === OVERFLOWN) throw new WebAssembly.RuntimeError("stack overflow");
      if (left >= STOPPED / 2) {
        this.fuel = left + this.#reserve;
        return "returned";
      }
      left -= STOPPED;
      this.fuel = left + this.#reserve;
      if (this.#asked) {
        this.#asked = false;
        this.#stopped = true;
        this.#suspended = true;
        return "suspended";
      }
      if (this.fuel <= 0) {
        this.#stopped = true;
        this.#suspended = false;
        return "preempted";
      }
      this.#resultInCells = true;
      left = this.#resume(this.#units());
    }
  }

  #cell(name: string): WebAssembly.Global | undefined {
    return (this.#exports as unknown as Record<string, WebAssembly.Global | undefined>)[`moonlet:${name}`];
  }

  /** After a trap: no frame is left, nor what frames referred to. */
  #repair(): void {
    for (const name of this.#manifest.state.tables) {
      if (!name.startsWith(KEPT) || name === `${KEPT}exnref`) continue;
      const table = (this.#exports as unknown as Record<string, WebAssembly.Table>)[name]!;
      for (let i = 0; i < table.length; i++) table.set(i, null);
    }
    this.#cell("head")!.value = this.#frameRegion();
    this.#cell("scratch")!.value = NOWHERE;
    this.#cell("until_checkpoint")!.value = this.#cell("checkpoint")!.value;
    this.#broken = false;
  }

  #frameRegion(): number {
    return this.#cell("frame_bytes")!.value as number;
  }

  /** A call from inside an import. It cannot be captured, so it has to end within what it is given, or it traps. */
  #startNested(fn: HostFunction, args: readonly unknown[]): Stop {
    if (this.#depth > MAX_NESTING) throw new Error("too many entries of the guest from inside its imports");
    const isOutermost = this.#depth === 1;
    const suspendable = this.#suspendable;
    this.#depth++;
    try {
      this.returned = enterNested(
        (name) => this.#cell(name)!,
        isOutermost,
        () => fn(...args),
        // Taken from what is not handed out yet, so that the running slice stays what it was.
        (units) => {
          this.#reserve -= units;
        },
      );
      return "returned";
    } finally {
      this.#depth--;
      this.#suspendable = suspendable;
    }
  }

  #suspendingImport(fn: HostFunction, parameters: number | undefined): HostFunction {
    const enter = () => {
      const before = this.#suspendable;
      this.#suspendable = this.#depth;
      return before;
    };
    const leave = (before: number) => {
      this.#suspendable = before;
    };
    if (!this.#manifest.catches) return around(fn, parameters, { enter, leave });
    return aroundThrowing(fn, { enter, leave }, () => {
      if (this.#suspendable === 1) this.#takeBackStop();
    });
  }

  /** An import that throws does not suspend any more. */
  #takeBackStop(): void {
    if (!this.#asked) return;
    this.#asked = false;
    const fuel = this.#cell("fuel")!;
    fuel.value = (fuel.value as number) & 0x7fffffff;
    this.#cell("stopping")!.value = 0;
  }
}

function unattached(): never {
  throw new Error("the coroutine has no instance");
}
