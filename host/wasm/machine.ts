// A Wasm instance and what drives it. Guests of one program take turns in it: while one sits in it, its imports act for that guest.
import { type Coroutine, createCoroutine } from "../../instrument/running.ts";
import type { Guest } from "./guest.ts";
import { GuestFault } from "./guest-fault.ts";
import { GuestMemory } from "./guest-memory.ts";
import type { Image } from "./image.ts";
import { MemoryDifference } from "./memory-difference.ts";
import type { Program } from "./program.ts";
import type { Entry } from "./spawn-request.ts";

/** What the host copies in the time of one unit of fuel. */
const BULK_BYTES_PER_UNIT = 8;

export type Stage = () => unknown;
/** Makes the imports of one machine. */
export type Link = (machine: Machine) => WebAssembly.Imports;

export class Machine {
  readonly program: Program;
  readonly coroutine: Coroutine;
  readonly memory: GuestMemory;
  /** Its program's tables are of its own, and may grow. */
  readonly hasOwnTables: boolean;
  /** Faults may be injected into its calls. */
  readonly watchesCalls: boolean;
  /** The pid of its guest in the external term format, once that was needed. */
  selfTerm: Uint8Array | undefined = undefined;
  /** Who sits in it. */
  guest: Guest | undefined;
  /** Its guest's code is on the native stack. */
  isRunning = false;
  /** Its guest has run since the pool last looked for one to park. */
  wasUsed = true;
  /** Nobody sits in it, and its memory is that of the program's image: who left has put back what was changed. */
  isAsImage = false;
  /** Its place in the pool's list of machines that are in use. */
  place = -1;
  /** Bytes of its memories and elements of its tables that the pool knows of. */
  countedBytes = 0;
  countedElements = 0;
  /** Something of it has grown since the pool took note. */
  hasGrown = false;
  /** Its guest may not have what it may have by itself, as others have it. */
  isTight = false;
  readonly #exports: WebAssembly.Exports;
  readonly #linearMemory: WebAssembly.Memory;
  #difference: MemoryDifference | undefined = undefined;
  #limitBytes = -1;
  #lastEntry: Entry | undefined = undefined;
  #lastStage: Stage | undefined = undefined;

  /** Throws RangeError where the engine has no room for another instance, and what the instantiation throws. */
  constructor(program: Program, link: Link, watchesCalls = false) {
    this.program = program;
    this.hasOwnTables = !program.manifest.state.plain;
    this.watchesCalls = watchesCalls;
    this.coroutine = createCoroutine(program.manifest);
    this.memory = new GuestMemory((bytes) => this.guest?.charge(Math.ceil(bytes / BULK_BYTES_PER_UNIT)));
    const instance = new WebAssembly.Instance(
      program.module,
      this.coroutine.imports(link(this), { asTheyAre: true }),
    );
    this.coroutine.attach(instance);
    this.#exports = instance.exports;
    this.#linearMemory = instance.exports.memory as WebAssembly.Memory;
    this.memory.attach(this.#linearMemory, program.manifest.frameBytes);
    this.coroutine.watchGrowth((growth) => this.guest?.grows(growth));
  }

  /** Bytes of all memories that the guest has. */
  get memoryBytes(): number {
    const { memories } = this.program.manifest.state;
    if (memories.length < 2) return this.memory.byteLength;
    const sizes = memories.map((name) => (this.#exports[name] as WebAssembly.Memory).buffer.byteLength);
    return sizes.reduce((sum, size) => sum + size, -this.program.manifest.frameBytes);
  }

  /** The function of an entry: an export, or an element of the exported table. */
  stage(entry: Entry): Stage {
    if (typeof entry === "string") return this.#exports[entry] as Stage;
    // Only a program of which no instance is used twice can change its table.
    if (entry === this.#lastEntry) return this.#lastStage!;
    const table = this.#exports[this.program.tableExport ?? ""] as WebAssembly.Table;
    const fn: unknown = entry < table.length ? table.get(entry) : null;
    if (!(fn instanceof Function) || fn.length > 0) {
      throw new GuestFault(
        "bad_argument",
        `entry ${entry} of the function table of ${this.program.name} is no function () -> ()`,
      );
    }
    this.#lastEntry = entry;
    this.#lastStage = fn as Stage;
    return fn as Stage;
  }

  /** Bytes that the guest's memory may grow to. */
  limitMemory(bytes: number): void {
    if (bytes === this.#limitBytes) return;
    this.coroutine.limitMemory(bytes);
    this.#limitBytes = bytes;
  }

  /** Makes the memory so large for the guest, if it is not yet. Throws RangeError where there is no room. */
  growTo(bytes: number): void {
    const missing = bytes - this.memory.byteLength;
    if (missing > 0) this.#linearMemory.grow(missing / 65_536);
  }

  /** Takes what its guest has changed out of its memory, and puts it in. */
  get difference(): MemoryDifference {
    this.#difference ??= new MemoryDifference(
      this.memory,
      this.#linearMemory,
      this.program.manifest.frameBytes,
    );
    return this.#difference;
  }

  /** The memory as it was when the image was taken; it must not be larger than it was then. */
  resetMemory(image: Image): void {
    if (this.isAsImage) return;
    this.growTo(image.memoryBytes);
    const memory = this.memory.bytes();
    let end = 0;
    for (const { parts } of image.chunks) {
      for (const { address, bytes } of parts) {
        if (address > end) memory.fill(0, end, address);
        memory.set(bytes, address);
        end = address + bytes.length;
      }
    }
    memory.fill(0, end);
  }

  /** Everything else as it was then. */
  resetState(image: Image): void {
    const address = this.program.manifest.frameBytes - image.state.length;
    this.region().set(image.state, address);
    this.coroutine.loadState(address, "idle");
  }

  /** The bytes before the guest's own. */
  region(): Uint8Array {
    return this.memory.region();
  }
}
