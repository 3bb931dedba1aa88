// The instances of a host, bounded well below what the engine can give. A guest that has to run gets one; when all are taken, another
// one is parked for it, mostly the one that ran last. Programs never notice.

import { MoonletError } from "../otp/error.ts";
import { type Bound, LateBound, type Process, type Runtime } from "../otp/index.ts";
import { ByteStore } from "./byte-store.ts";
import type { Guest } from "./guest.ts";
import { GuestExit } from "./guest-fault.ts";
import { IdleParking } from "./idle-parking.ts";
import { type Image, imageOf, isMovable } from "./image.ts";
import { InstanceTotals } from "./instance-totals.ts";
import { linkImports } from "./link.ts";
import { Machine } from "./machine.ts";
import type { Program } from "./program.ts";

/**
 * When a guest that cannot run on gives its instance away: when another one needs it, after every slice, never (then spawns fail when there
 * is no instance left), or after a slice for which this says so.
 */
export type Parking = "pressure" | "always" | "never" | (() => boolean);

export interface PoolOptions {
  /** Wasm instances that exist at the same time. Default 2,000; V8 refuses the 13,000th. */
  readonly maxInstances?: number;
  /** Default "pressure". */
  readonly parking?: Parking;
  /**
   * A guest that has not run for so many milliseconds, or up to twice as many, gives its instance away though nobody needs it, and the
   * instance goes. Default Infinity: never for that reason. Not with parking "never".
   */
  readonly idleMs?: number;
  /** Bytes that guests without an instance may take up; above it spawns give system_limit. Default: half of the machine's memory, at most 4 GiB. */
  readonly maxParkedBytes?: number;
  /**
   * Bytes of linear memory that all instances may have; beyond it memories do not grow, and who needs another instance ends with system_limit when parking
   * makes no room. Default: half of the machine's memory.
   */
  readonly maxMemoryBytes?: number;
  /**
   * Elements of the WebAssembly tables of all instances; the first 4,096 of each do not count. They lie on V8's heap, 16 bytes each; beyond
   * it tables do not grow, and who needs another instance with large tables ends with system_limit. Default: a quarter of the heap.
   */
  readonly maxTableElements?: number;
}

/** What the host adds to an embedder's options. */
export interface PoolSettings
  extends Omit<PoolOptions, "maxParkedBytes" | "maxMemoryBytes" | "maxTableElements"> {
  readonly maxParkedBytes: Bound;
  readonly maxMemoryBytes: Bound;
  readonly maxTableElements: Bound;
  /** Whose processes sit in it. */
  readonly runtime: Runtime;
  /** Faults are injected into syscalls. */
  readonly watchesCalls: boolean;
}

export interface PoolInfo {
  /** Instances that exist. */
  readonly instances: number;
  /** Guests that have run and sit in none. */
  readonly parked: number;
  /** Bytes that these take. */
  readonly parkedBytes: number;
}

export const DEFAULT_MAX_INSTANCES = 2000;
/** Of so many that are parked because there is no instance left, one is chosen by a clock hand over those that have not run lately. */
const HAND_EVERY = 256;
/** As much may be parked on any machine. */
const ALWAYS_PARKED_BYTES = 2 ** 20;

export class InstancePool {
  /** Where parked guests lie. */
  readonly store = new ByteStore();
  /** How many there are. */
  parked = 0;
  /** Whose guest ran last. */
  latest: Machine | undefined = undefined;
  readonly #parking: Parking;
  readonly #watchesCalls: boolean;
  readonly #mostParked: LateBound;
  readonly #totals: InstanceTotals;
  #max: number;
  /** Machines with a guest. */
  readonly #taken: Machine[] = [];
  /** Machines without one, which still hold what the last one left. */
  readonly #free = new Map<Program, Machine[]>();
  #freeCount = 0;
  #hand = 0;
  #parkings = 0;
  #idle: IdleParking | undefined = undefined;
  /** Processes whose program cannot be parked, and how each is taken off this list. */
  readonly #bound = new Map<Process, () => void>();

  /** @throws MoonletError E_POOL for a limit that is none. */
  constructor(options: PoolSettings) {
    const {
      maxInstances = DEFAULT_MAX_INSTANCES,
      maxParkedBytes,
      maxMemoryBytes,
      maxTableElements,
      idleMs = Number.POSITIVE_INFINITY,
    } = options;
    assertLimit("maxInstances", maxInstances, 1);
    assertLimit("maxParkedBytes", maxParkedBytes, 0);
    assertLimit("maxMemoryBytes", maxMemoryBytes, 0);
    assertLimit("maxTableElements", maxTableElements, 0);
    assertLimit("idleMs", idleMs, 1);
    this.#watchesCalls = options.watchesCalls;
    this.#mostParked = new LateBound(maxParkedBytes, ALWAYS_PARKED_BYTES);
    this.#totals = new InstanceTotals(maxMemoryBytes, maxTableElements);
    this.#max = maxInstances;
    this.#parking = options.parking ?? "pressure";
    if (idleMs < Number.POSITIVE_INFINITY && this.#parking !== "never") {
      const { timers, environment } = options.runtime;
      this.#idle = new IdleParking(this, timers, environment, idleMs);
    }
  }

  /** Instances that exist, with and without a guest. */
  get instances(): number {
    return this.#taken.length + this.#freeCount;
  }

  /**
   * Whether there is room for another process: processes that cannot be parked keep their instances for life, and those that are parked take
   * up memory.
   */
  get hasRoom(): boolean {
    return this.#bound.size < this.#max && !this.#mostParked.isReached(this.store.bytes);
  }

  /** Takes note of a process whose program is one that cannot be parked. */
  count(process: Process): void {
    this.#bound.set(
      process,
      process.onExit(() => this.#bound.delete(process)),
    );
  }

  /** The process has got a program that can. */
  uncount(process: Process): void {
    this.#bound.get(process)?.();
    this.#bound.delete(process);
  }

  /** Takes note of how large the memories and tables of an instance have become. */
  settle(machine: Machine): void {
    this.#totals.settle(machine);
  }

  /** Whether somebody might want more memory than there is. */
  get isTight(): boolean {
    return this.#totals.isTight;
  }

  /** What all instances may have. */
  most(limit: "memoryBytes" | "tableElements"): number {
    return this.#totals.most(limit);
  }

  /** Bytes by which memories may grow now; Infinity while so many more, which somebody may want, are no question. */
  memoryRoom(wanted: number): number {
    return this.#totals.memoryRoom(wanted);
  }

  /** Elements by which the tables of an instance that have so many may grow now. */
  tableRoom(elements: number): number {
    return this.#totals.tableRoom(elements);
  }

  /** Whether a guest is to be parked after the slice that it just ended. */
  parksNow(): boolean {
    const parking = this.#parking;
    return parking === "always" || (typeof parking === "function" && parking());
  }

  /**
   * A machine for the guest, with the memory of the program's image, or fresh where there is none. Throws GuestExit `system_limit` when there is none to be
   * had.
   */
  take(guest: Guest): Machine {
    const { program } = guest;
    const image = imageOf(program);
    const machine = this.#freeMachine(program) ?? this.#newMachine(program);
    this.#makeRoom(guest.memoryBytes - machine.countedBytes, machine);
    if (image) machine.resetMemory(image);
    machine.isAsImage = false;
    machine.guest = guest;
    machine.wasUsed = true;
    machine.place = this.#taken.length;
    this.#taken.push(machine);
    this.#idle?.watch();
    return machine;
  }

  /** The guest has been parked or is gone. */
  release(machine: Machine): void {
    const last = this.#taken.pop()!;
    if (last !== machine) {
      this.#taken[machine.place] = last;
      last.place = machine.place;
    }
    machine.place = -1;
    if (this.latest === machine) this.latest = undefined;
    machine.guest = undefined;
    machine.selfTerm = undefined;
    const { program } = machine;
    const image = imageOf(program);
    // A memory that has grown cannot shrink.
    if (!isReusable(machine, image)) {
      this.#totals.drop(machine);
      return;
    }
    this.#keep(machine);
  }

  #keep(machine: Machine): void {
    const free = this.#free.get(machine.program);
    if (free) free.push(machine);
    else this.#free.set(machine.program, [machine]);
    this.#freeCount++;
  }

  /** Lets go of the machines of a program that no guest sits in. */
  forget(program: Program): void {
    const free = this.#free.get(program) ?? [];
    this.#freeCount -= free.length;
    for (const machine of free) this.#totals.drop(machine);
    this.#free.delete(program);
  }

  /**
   * Parks guests that have not run since this, or who looked for an instance, passed them last, and lets their instances go; up to `most` of
   * them. Tells who is left: some that have not run either, others, or nobody who could be parked.
   */
  parkIdle(most: number): "idle" | "others" | "nobody" {
    const taken = this.#taken;
    let left: "others" | "nobody" = "nobody";
    let parked = 0;
    // From the end: the last one takes the place of one that goes.
    for (let place = taken.length - 1; place >= 0; place--) {
      const machine = taken[place]!;
      if (!isMovable(machine.program)) continue;
      if (machine.wasUsed || machine.isRunning) {
        machine.wasUsed = false;
        left = "others";
        continue;
      }
      if (parked === most) return "idle";
      if (this.#mostParked.isReached(this.store.bytes) || !tryToPark(machine.guest!)) return "others";
      this.#dropFree();
      parked++;
    }
    if (left === "nobody") while (this.#dropFree());
    return left;
  }

  #freeMachine(program: Program): Machine | undefined {
    const free = this.#free.get(program);
    const machine = free?.pop();
    if (machine) this.#freeCount--;
    return machine;
  }

  #newMachine(program: Program): Machine {
    for (;;) {
      if (this.instances < this.#max && this.#totals.hasRoomFor(program)) {
        try {
          const machine = new Machine(program, linkImports, this.#watchesCalls);
          this.#totals.settle(machine);
          return machine;
        } catch (error) {
          if (!(error instanceof RangeError)) throw error;
          // The engine has no room: what there is has to do.
          this.#max = this.instances;
        }
      }
      if (this.#dropFree()) continue;
      this.#parkOne();
      const machine = this.#freeMachine(program);
      if (machine) return machine;
    }
  }

  /** For a guest that comes back with a memory that had grown. */
  #makeRoom(bytes: number, machine: Machine): void {
    try {
      while (bytes > 0 && this.#totals.memoryRoom(bytes) < bytes) if (!this.#dropFree()) this.#parkOne();
    } catch (error) {
      this.#keep(machine);
      throw error;
    }
  }

  /** Lets a machine go that no guest sits in; false when there is none. */
  #dropFree(): boolean {
    for (const [program, free] of this.#free) {
      const machine = free.pop();
      if (machine) {
        this.#freeCount--;
        this.#totals.drop(machine);
        return true;
      }
      this.#free.delete(program);
    }
    return false;
  }

  /**
   * Parks the guest that ran last, whose lines are in the cache: of many that take turns it is the one that runs again last. So that two
   * which talk to each other do not park each other for long, one that has not run since the hand passed it goes now and then; and instead
   * of one whose instance could not be used again.
   */
  #parkOne(): void {
    if (this.#parking === "never") throw new GuestExit("system_limit");
    const { latest } = this;
    const isHandsTurn = ++this.#parkings % HAND_EVERY === 0;
    if (
      !isHandsTurn &&
      latest?.guest !== undefined &&
      !latest.isRunning &&
      isReusable(latest, imageOf(latest.program))
    )
      parkIfPossible(latest.guest);
    else this.#parkByHand();
  }

  #parkByHand(): void {
    const taken = this.#taken;
    for (let steps = 2 * taken.length; steps > 0; steps--) {
      this.#hand = this.#hand + 1 < taken.length ? this.#hand + 1 : 0;
      const machine = taken[this.#hand]!;
      if (machine.isRunning || !isMovable(machine.program)) continue;
      if (machine.wasUsed) machine.wasUsed = false;
      else {
        parkIfPossible(machine.guest!);
        return;
      }
    }
    throw new GuestExit("system_limit");
  }
}

function isReusable(machine: Machine, image: Image | undefined): boolean {
  return image !== undefined && machine.memory.byteLength <= image.memoryBytes;
}

/** A guest that keeps its instance because there is no memory to park it in makes the one that needs it end, not itself. */
function parkIfPossible(guest: Guest): void {
  if (!tryToPark(guest)) throw new GuestExit("system_limit");
}

/** False when there is no memory for it. */
function tryToPark(guest: Guest): boolean {
  try {
    guest.park();
    return true;
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}

function assertLimit(name: string, value: Bound, least: number): void {
  if (typeof value === "function") return;
  if (
    typeof value === "number" &&
    value >= least &&
    (Number.isInteger(value) || value === Number.POSITIVE_INFINITY)
  )
    return;
  throw new MoonletError(
    "E_POOL",
    `pool.${name} is ${String(value)}, expected a whole number of ${least} or more`,
  );
}
