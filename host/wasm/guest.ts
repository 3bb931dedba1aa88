// A guest: the Body of a process that runs a Wasm instance. It turns slices of the scheduler into fuel, keeps what a process waits
// for between two slices, and draws the line between a guest's faults and the host's. One subject: the life of one guest.
import type { Growth, GuestFrame, Stop } from "../../instrument/running.ts";
import {
  type Account,
  type Address,
  type Body,
  type Envelope,
  isFull,
  type LimitInfo,
  type MessageId,
  MOST_BLOCK_BYTES,
  type Outcome,
  PAUSED,
  Pid,
  type Process,
  Ref,
  type Scope,
  WAITING,
  YIELDED,
} from "../otp/index.ts";
import { keyBytes } from "../otp/table/index.ts";
import { decodedParts } from "../otp/term/decode.ts";
import {
  Atom,
  atom,
  decodeTerm,
  encodeInto,
  encodeTerm,
  heldBytes,
  reasonFromTerm,
} from "../otp/term/index.ts";
import type { BlockId } from "./byte-store.ts";
import type { CodeChange, KeptProgram, Trial } from "./code-change.ts";
import type { Grant, GrantSet } from "./grant.ts";
import { GuestExit, GuestFault } from "./guest-fault.ts";
import { GuestLog } from "./guest-log.ts";
import type { GuestMemory } from "./guest-memory.ts";
import { GuestOutput } from "./guest-output.ts";
import type { GuestPlan } from "./guest-plan.ts";
import { imageOf, isMovable, startStages } from "./image.ts";
import type { ProcessLimits } from "./limits.ts";
import type { Machine } from "./machine.ts";
import { openSockets } from "./net/resource.ts";
import { freeParked, park, parkedMemoryBytes, parkedStack, unpark } from "./parking.ts";
import type { Program } from "./program.ts";
import type { ReceiveFilter } from "./receive-filter.ts";
import type { GuestFaults, Services } from "./services.ts";
import type { Entry, SpawnRequest } from "./spawn-request.ts";
import type { Surroundings } from "./surroundings.ts";
import { ERROR, FAILURE_UNITS } from "./syscall.ts";
import { classifyTrap, type Trap, type TrapFrame } from "./trap.ts";
import { WasiProcess } from "./wasi/wasi-process.ts";

/** Tries to end a wait: the result of the import that waits, or undefined to go on waiting. */
export type Attempt = () => number | undefined;

const NO_ARGUMENT = encodeTerm([]);
const NOWHERE: BlockId = -1;
const NOT_BEGUN = -1;
/** What a receive gives that finds none: no error of the ABI. */
const NO_MESSAGE = -1000;
/** The first byte of a term. */
const VERSION = 131;
/** The attempt to take a message, which most waits are: no function of its own, so that a million that wait hold none. */
export const MESSAGE = Symbol("message");
/** Parts of a term that the host decodes for a guest: 20 ms of work. */
const DECODING = { maxParts: 2 ** 17 } as const;
/** For a call that reads a term, and looks something up by it. */
const DECODING_UNITS = 100;
/** Making one and doing something with it: some 50 ns. */
const UNITS_PER_PART = 20;
/** From here on an answer costs a unit of fuel a byte, which is what making and encoding its terms takes. */
const LARGE_ANSWER_BYTES = 1024;
const STACK_TRACE_FRAMES = 100;
/** Tables that are made in no time, and what each element of larger ones costs. */
const SMALL_TABLES = 4096;
const UNITS_PER_ELEMENT = 20;
/** What the engine takes for growing, by however much: 400 ns. */
const GROWTH_UNITS = 400;
/** Units of the host's work after which it is another's turn, as soon as the guest calls an import that may suspend. */
const TURN_UNITS = 20_000;
/** How far a guest may go below zero between two fuel checks: 1 GB of copying, a third of a second of anything else. */
const MAX_OVERDRAFT = 2 ** 27;

export class Guest implements Body {
  readonly process: Process;
  /** What it has in common with its family; another one after a change of code. */
  plan: GuestPlan;
  entry: Entry;
  /** Its argument in the external term format. */
  argument: Uint8Array;
  readonly faults: GuestFaults | undefined;

  /** The instance that it sits in; undefined before it has run and while it is parked. */
  #machine: Machine | undefined = undefined;
  /** Where it is parked. */
  #parkedAt: BlockId = NOWHERE;
  /** How many exports are still to be called, the entry last. */
  #stagesLeft = NOT_BEGUN;
  /** What its receive looks for: messages with this tag or, without, those that fit the filter, which stays for the next receive; any without both. */
  #wantedTag: Ref | undefined = undefined;
  #filter: ReceiveFilter | undefined = undefined;
  /** What a suspended import waits for. */
  #attempt: Attempt | typeof MESSAGE | undefined = undefined;
  #isYielding = false;
  /** What it waits for is work that the host does for it in its turns. */
  #isWorking = false;
  #timeoutMs: number | undefined = undefined;
  #out = 0;
  #cap = 0;
  /** An answer that did not fit, for `message.read`. */
  #answer: Uint8Array | undefined = undefined;
  /** What the guest owes from a slice that it overdrew; at most zero. */
  #debt = 0;
  #usedFuel = 0;
  /** What its account knows of its memory. */
  #bookedBytes = 0;
  /** And of its tables. */
  #bookedElements = 0;
  /** Units for work of the host's in this slice. */
  #bulkUnits = 0;
  /** Set once the guest has to end, so that one which catches the exception that tells it so ends all the same. */
  #leaving: GuestExit | undefined = undefined;
  /** Its program is a new one that is not ready yet. */
  #trial: Trial | undefined = undefined;
  #wasi: WasiProcess | undefined = undefined;
  #output: GuestOutput | undefined = undefined;
  #log: GuestLog | undefined = undefined;

  constructor(process: Process, plan: GuestPlan, entry: Entry, argument: Uint8Array = NO_ARGUMENT) {
    this.process = process;
    this.plan = plan;
    this.entry = entry;
    this.argument = argument;
    this.faults = plan.services.faults?.(process.pid);
  }

  get program(): Program {
    return this.plan.program;
  }
  get limits(): ProcessLimits {
    return this.plan.limits;
  }
  /** What it may do now: what it was spawned with, what it has asked for and got, and what is lent to it. */
  get grants(): GrantSet {
    const held = this.plan.loans.heldBy(this.process);
    return held === undefined ? this.plan.grants : held.all(this.plan.grants);
  }
  /** Those that it can give to its children. */
  get ownGrants(): GrantSet {
    const held = this.plan.loans.heldBy(this.process);
    return held === undefined ? this.plan.grants : held.own(this.plan.grants);
  }
  get surroundings(): Surroundings {
    return this.plan.surroundings;
  }
  get services(): Services {
    return this.plan.services;
  }

  /** Its pid in the external term format. */
  get selfTerm(): Uint8Array {
    const machine = this.#machine ?? this.#sit();
    machine.selfTerm ??= encodeTerm(this.process.pid);
    return machine.selfTerm;
  }

  /** The memory of the instance it sits in; it gets one if it has none. */
  get memory(): GuestMemory {
    return (this.#machine ?? this.#sit()).memory;
  }

  get memoryBytes(): number {
    if (this.#machine) return this.#machine.memoryBytes;
    return this.#parkedAt === NOWHERE ? 0 : parkedMemoryBytes(this.plan.pool.store, this.#parkedAt);
  }
  /** Fuel used so far. */
  get usedFuel(): number {
    return this.#usedFuel;
  }
  /** Whether a syscall has just begun to suspend the guest. */
  get suspending(): boolean {
    return this.#attempt !== undefined;
  }
  currentFunction(): string | undefined {
    return this.#stoppedFrames()[0]?.functionName;
  }

  // ---- slices

  run(budget: number): Outcome {
    const traceLimit = Error.stackTraceLimit;
    Error.stackTraceLimit = STACK_TRACE_FRAMES;
    try {
      if (this.#debt + budget <= 0) {
        // It has had this turn already.
        this.#debt += budget;
        return YIELDED;
      }
      const { account } = this.process;
      const allowed = account === undefined ? budget : this.#allowance(account, budget);
      if (allowed === 0) return PAUSED;
      if (this.#stagesLeft === NOT_BEGUN) this.#begin();
      let value: number | undefined;
      if (this.#attempt !== undefined) {
        value = this.#attempt === MESSAGE ? this.#attemptMessage() : this.#attempt();
        if (value === undefined) return this.#waitOn(budget);
        this.#attempt = undefined;
        this.#isWorking = false;
      }
      return this.#slice(allowed, value);
    } catch (error) {
      return this.#failed(error);
    } finally {
      Error.stackTraceLimit = traceLimit;
    }
  }

  // What is rare in a slice has functions of its own, so that V8 inlines what is not.

  /** How much fuel its accounts let it use now; 0 while it has to wait. */
  #allowance(account: Account, budget: number): number {
    const allowed = account.allowance(this.process, budget);
    if (allowed > 0) return allowed;
    const throttling = account.throttling(this.process.runtime.environment.now());
    if (throttling) this.limitReached("fuelPerSecond", throttling.scope, throttling.bounds.fuelPerSecond);
    return 0;
  }

  /** What it waits for is not there. */
  #waitOn(budget: number): Outcome {
    if (!this.#isWorking) {
      this.process.waitForMessage(this.#timeoutMs);
      return WAITING;
    }
    this.#debt = Math.min(0, this.#debt + budget);
    if (this.#usedFuel > this.#lastUnit()) this.#fuelIsOver();
    return YIELDED;
  }

  #failed(error: unknown): Outcome {
    const reason = this.#reasonOf(error);
    return this.#trial === undefined || isFinal(this.#leaving ?? error)
      ? { type: "exited", reason }
      : this.#fallBack(reason);
  }

  dispose(): void {
    this.#answer = undefined;
    if (this.#machine) this.plan.pool.release(this.#machine);
    if (this.#parkedAt !== NOWHERE) this.#leaveParking();
    this.#machine = undefined;
    this.cancelChange("killed");
    this.#wasi?.close();
    this.#output?.flush();
    this.#log?.tellDropped();
    this.#log?.tellLeftOut();
    const { account, usedDictionary } = this.process;
    if (account === undefined) return;
    let bytes = this.#bookedBytes;
    for (const [key, value] of usedDictionary?.entries() ?? []) bytes += keyBytes(key) + heldBytes(value);
    account.add("memoryBytes", -bytes);
    account.add("tableElements", -this.#bookedElements);
  }

  // ---- where it is

  /** Between two slices: leaves its instance, which another guest then gets. */
  park(): void {
    const machine = this.#machine!;
    const { pool } = this.plan;
    const state = machine.coroutine.stopped ? "suspended" : "idle";
    this.#parkedAt = park(machine, imageOf(this.program)!, pool.store, state);
    pool.parked++;
    this.#machine = undefined;
    pool.release(machine);
  }

  /** Takes a seat in an instance, as what it was when it left one. */
  #sit(): Machine {
    const { pool } = this.plan;
    const machine = pool.take(this);
    this.#machine = machine;
    const image = imageOf(this.program);
    if (this.#parkedAt !== NOWHERE) {
      unpark(machine, image!, pool.store, this.#parkedAt);
      this.#leaveParking();
    } else if (image) machine.resetState(image);
    if (machine.memoryBytes !== machine.countedBytes) this.plan.pool.settle(machine);
    if (this.process.account === undefined) this.#limitMemory(machine);
    else this.settleMemory();
    return machine;
  }

  #leaveParking(): void {
    const { pool } = this.plan;
    freeParked(pool.store, this.#parkedAt);
    pool.parked--;
    this.#parkedAt = NOWHERE;
  }

  #begin(): void {
    const { program } = this;
    if (!this.plan.pool.hasRoom) throw new GuestExit("system_limit");
    this.#stagesLeft = stagesOf(program).length + 1;
    this.#assertSubtreeRoom();
    this.#assertTableRoom();
    const { memoryBytes } = this.#sit();
    if (memoryBytes > this.limits.memoryBytes) {
      throw new GuestFault(
        "memory_limit",
        `${program.name} starts with ${memoryBytes} bytes of memory, more than its limit of ${this.limits.memoryBytes}`,
      );
    }
  }

  /** A new process has as much memory as its program's image, before it has asked for any. */
  #assertSubtreeRoom(): void {
    const bytes = imageOf(this.program)?.memoryBytes ?? 0;
    if (this.process.hasRoomFor("memoryBytes", bytes)) return;
    this.process.tellLimit("memoryBytes", bytes);
    throw new GuestFault(
      "memory_limit",
      `${this.program.name} starts with ${bytes} bytes of memory, more than its subtree has left`,
    );
  }

  /** The same of its tables. Large ones take the engine long to make: 60 ns an element, in which nobody else runs. */
  #assertTableRoom(): void {
    const { name, manifest } = this.program;
    const { elements } = manifest.state;
    if (elements > SMALL_TABLES) this.charge(elements * UNITS_PER_ELEMENT);
    if (elements > this.limits.tableElements) {
      this.limitReached("tableElements", "process", this.limits.tableElements);
      throw new GuestFault(
        "table_limit",
        `${name} starts with ${elements} elements in its tables, more than its limit of ${this.limits.tableElements}`,
      );
    }
    if (!this.#hasOwnTables || this.process.hasRoomFor("tableElements", elements)) return;
    this.process.tellLimit("tableElements", elements);
    throw new GuestFault(
      "table_limit",
      `${name} starts with ${elements} elements in its tables, more than its subtree has left`,
    );
  }

  /** Others share their instances' tables, which are what they were at the start. */
  get #hasOwnTables(): boolean {
    return !this.program.manifest.state.plain;
  }

  /** Elements of the tables that it has for itself. */
  get tableElements(): number {
    return this.#hasOwnTables ? (this.#machine?.coroutine.tableElements ?? 0) : 0;
  }

  /** Tells its account how much memory it has, and its instance how much more it may have. */
  settleMemory(): void {
    const { account } = this.process;
    if (account === undefined) return;
    const { memoryBytes } = this;
    account.add("memoryBytes", memoryBytes - this.#bookedBytes);
    this.#bookedBytes = memoryBytes;
    const machine = this.#machine;
    if (machine === undefined) return;
    const room = Math.min(account.room("memoryBytes"), this.#hostRoom);
    machine.limitMemory(Math.min(this.limits.memoryBytes, memoryBytes + room));
  }

  /** Tells an instance how much memory its guest may have, who has no account. */
  #limitMemory(machine: Machine): void {
    const { memoryBytes } = this.limits;
    const room = this.#hostRoom;
    machine.isTight = room < memoryBytes;
    machine.limitMemory(machine.isTight ? Math.min(memoryBytes, this.memoryBytes + room) : memoryBytes);
  }

  /** What all guests together leave it to grow by. */
  get #hostRoom(): number {
    return this.plan.pool.memoryRoom(this.limits.memoryBytes);
  }

  #hostRoomFor(limit: "memoryBytes" | "tableElements", amount: number): number {
    const { pool } = this.plan;
    return limit === "memoryBytes" ? pool.memoryRoom(amount) : pool.tableRoom(this.tableElements);
  }

  /** The same of its tables, if it has its own, with the host, too. */
  #settleTables(): void {
    const { account } = this.process;
    const machine = this.#machine;
    if (!this.#hasOwnTables && this.#bookedElements === 0) return;
    const { tableElements } = this;
    account?.add("tableElements", tableElements - this.#bookedElements);
    this.#bookedElements = tableElements;
    if (machine === undefined) return;
    const { pool } = this.plan;
    pool.settle(machine);
    const room = Math.min(
      pool.tableRoom(tableElements),
      account?.room("tableElements") ?? Number.POSITIVE_INFINITY,
    );
    machine.coroutine.limitTables(Math.min(this.limits.tableElements, tableElements + room));
  }

  /** Its memory or a table grows, or does not because of a limit: of its own, of a subtree, or of the host. */
  grows({ of, wanted, isRefused }: Growth): void {
    this.charge(isRefused ? FAILURE_UNITS : GROWTH_UNITS);
    const machine = this.#machine!;
    if (!isRefused) {
      machine.hasGrown = true;
      return;
    }
    this.plan.pool.settle(machine);
    const { limits, process } = this;
    const isMemory = of === "memory";
    const limit = isMemory ? "memoryBytes" : "tableElements";
    const used = isMemory ? this.memoryBytes : this.tableElements;
    const booked = isMemory ? this.#bookedBytes : this.#bookedElements;
    const amount = isMemory ? wanted * 65_536 : wanted;
    if (used + amount > limits[limit]) {
      this.limitReached(limit, "process", limits[limit]);
      return;
    }
    const lacking = process.account?.lacking(limit, used - booked + amount);
    if (lacking !== undefined) this.limitReached(limit, lacking.scope, lacking.bounds[limit]);
    else if (this.#hostRoomFor(limit, amount) < amount)
      this.limitReached(limit, "host", this.plan.pool.most(limit));
  }

  limitReached(limit: string, scope: Scope, max: number): void {
    this.log.limitReached(limit, scope, max);
  }

  limitInfos(): readonly LimitInfo[] {
    const { limits, process } = this;
    const used: Readonly<Record<string, number>> = {
      memoryBytes: process.memoryBytes,
      tableElements: this.tableElements,
      fuel: this.#usedFuel,
      mailbox: process.mailbox.length,
      mailboxBytes: process.mailbox.bytes,
      messageBytes: 0,
      openResources: this.openResources,
      logLines: this.#log?.recentLines ?? 0,
    };
    return Object.entries(used).flatMap(([limit, used]): LimitInfo[] => {
      const max = limits[limit as keyof ProcessLimits];
      return max === Number.POSITIVE_INFINITY ? [] : [{ limit, scope: "process", used, max }];
    });
  }

  /** Runs on for up to `budget` units of fuel, through as many stages as that reaches. */
  #slice(budget: number, value: number | undefined): Outcome {
    const machine = this.#machine ?? this.#sit();
    const { coroutine } = machine;
    const { account } = this.process;
    const { pool } = this.plan;
    // Few guests have tables of their own, which is asked of the machine, as that is at hand.
    const isCounted = account !== undefined || machine.hasOwnTables || this.#bookedElements !== 0;
    if (isCounted || machine.isTight || pool.isTight) this.#settleBefore(machine);
    machine.wasUsed = true;
    machine.isRunning = true;
    const last = this.#trial === undefined && this.faults === undefined ? this.limits.fuel : this.#lastUnit();
    const before = Math.min(budget, last - this.#usedFuel) + this.#debt;
    coroutine.fuel = before;
    this.#bulkUnits = 0;
    let stop: Stop = "returned";
    try {
      if (coroutine.stopped) stop = coroutine.resume(value);
      if (stop === "returned") stop = this.#runStages(machine);
    } finally {
      machine.isRunning = false;
      const left = coroutine.fuel;
      this.#debt = Math.min(0, left);
      this.#usedFuel += before - left;
      this.process.addReductions(before - left);
      if (isCounted || machine.hasGrown) this.#settleAfter(machine, before - left);
    }
    if (this.#leaving) throw this.#leaving;
    if (stop === "returned") return this.#returned();
    if (stop === "preempted" && (this.#usedFuel > last || account?.exhausted)) this.#fuelIsOver();
    pool.latest = machine;
    if (pool.parksNow() && isMovable(this.program)) this.park();
    if (stop === "preempted") return YIELDED;
    // A message can have come while the stack was captured: the core runs a process again that got one during its slice.
    if (!this.#isYielding) return WAITING;
    this.#isYielding = false;
    return YIELDED;
  }

  /** Others may have grown since, of its subtree or at all. */
  #settleBefore(machine: Machine): void {
    if (this.process.account === undefined) this.#limitMemory(machine);
    else this.settleMemory();
    if (machine.hasOwnTables || this.#bookedElements !== 0) this.#settleTables();
  }

  #settleAfter(machine: Machine, usedFuel: number): void {
    const { account } = this.process;
    if (account !== undefined) {
      account.spend(usedFuel);
      this.settleMemory();
    }
    if (machine.hasOwnTables || this.#bookedElements !== 0) this.#settleTables();
    if (machine.hasGrown) this.plan.pool.settle(machine);
  }

  /** Calls the exports that are left, until one of them stops. */
  #runStages(machine: Machine): Stop {
    let stop: Stop = "returned";
    while (stop === "returned" && this.#stagesLeft > 0 && !this.#leaving) {
      const stage = this.#stagesLeft === 1 ? this.entry : stagesOf(this.program).at(1 - this.#stagesLeft)!;
      this.#stagesLeft--;
      stop = machine.coroutine.start(machine.stage(stage));
    }
    return stop;
  }

  #returned(): Outcome {
    if (this.#trial !== undefined) throw new GuestFault("not_ready", "the new code ended without code.ready");
    return { type: "exited", reason: "normal" };
  }

  /** The fuel count above which the guest must not go. */
  #lastUnit(): number {
    const own =
      this.#trial === undefined ? this.limits.fuel : Math.min(this.limits.fuel, this.#trial.lastUnit);
    return Math.min(own, (this.faults?.killAtFuel ?? Number.POSITIVE_INFINITY) - 1);
  }

  #fuelIsOver(): never {
    if (this.#trial !== undefined && this.#usedFuel > this.#trial.lastUnit) {
      throw new GuestFault(
        "fuel_exhausted",
        `the change of code has used its ${this.#trial.change.fuel} units of fuel`,
      );
    }
    if (this.#usedFuel > this.limits.fuel) {
      this.limitReached("fuel", "process", this.limits.fuel);
      throw new GuestFault("fuel_exhausted", `it has used its ${this.limits.fuel} units of fuel`);
    }
    const shared = this.process.account?.exhausted;
    if (shared !== undefined) {
      this.limitReached("fuel", shared.scope, shared.bounds.fuel);
      throw new GuestFault("fuel_exhausted", `its subtree has used its ${shared.bounds.fuel} units of fuel`);
    }
    this.faults?.killedAtFuel?.(this.#usedFuel);
    throw new GuestExit("killed", "final");
  }

  /**
   * Takes fuel for work of the host's that grows with what the guest asks for, so that a guest which has it copy megabytes or search
   * through a table in a loop gets no more than its share.
   */
  charge(units: number): void {
    // A guest that is parked is between two slices as well.
    const coroutine = this.#machine?.coroutine;
    if (!coroutine || coroutine.stopped) {
      // Between two slices: the next one has less.
      this.#debt -= units;
      this.#usedFuel += units;
      this.process.addReductions(units);
      this.process.account?.spend(units);
    } else {
      coroutine.charge(units);
      this.#bulkUnits += units;
      if (this.#bulkUnits > MAX_OVERDRAFT) {
        throw new GuestFault(
          "fuel_exhausted",
          "it had the host do too much work without a loop or call in between",
        );
      }
    }
  }

  #reasonOf(error: unknown): unknown {
    const cause = this.#leaving ?? error;
    if (cause instanceof GuestExit) return cause.reason;
    const frames = this.program.locate(this.#machine?.coroutine.frames(error) ?? []);
    return { type: "trap", ...classifyTrap(cause), frames } satisfies Trap;
  }

  // ---- another program

  /** A new program has taken over and is not ready yet: until then it may only look. */
  get onTrial(): boolean {
    return this.#trial !== undefined;
  }

  /** Its code is on the native stack. */
  get isRunning(): boolean {
    return this.#machine?.isRunning === true;
  }

  /**
   * Between two slices: another program takes over, and runs from its entry in the process's next slice. The old one is kept as it is until
   * `confirm`. Not while one is on trial.
   */
  changeCode(change: CodeChange): void {
    if (this.#machine && isMovable(this.program)) this.park();
    const old: KeptProgram = {
      plan: this.plan,
      entry: this.entry,
      argument: this.argument,
      machine: this.#machine,
      parkedAt: this.#parkedAt,
      stagesLeft: this.#stagesLeft,
      wantedTag: this.#wantedTag,
      filter: this.#filter,
      attempt: this.#attempt,
      isWorking: this.#isWorking,
      timeoutMs: this.#timeoutMs,
      out: this.#out,
      cap: this.#cap,
      answer: this.#answer,
    };
    this.#trial = { change, old, lastUnit: this.#usedFuel + change.fuel };
    this.plan = change.plan;
    this.entry = change.entry;
    this.argument = change.state;
    this.#machine = undefined;
    this.#parkedAt = NOWHERE;
    this.#stagesLeft = NOT_BEGUN;
    this.#wantedTag = undefined;
    this.#filter = undefined;
    this.#attempt = undefined;
    this.#isWorking = false;
    this.#timeoutMs = undefined;
    this.#answer = undefined;
  }

  /** From inside a suspending import: the change comes before the next turn, unless `check` then gives a reason why not. */
  changeCodeNext(change: CodeChange, check: () => unknown): number {
    this.#machine!.coroutine.suspend();
    this.#isYielding = true;
    this.#attempt = () => {
      const reason = check();
      if (reason !== undefined) return change.failed(reason)!();
      try {
        this.changeCode(change);
      } catch (error) {
        // No memory to keep the old program in.
        if (error instanceof RangeError) return change.failed("system_limit")!();
        throw error;
      }
      this.#begin();
      return 0;
    };
    return 0;
  }

  /** The new program is ready, and the old one goes; false when none is on trial. */
  confirm(): boolean {
    const trial = this.#trial;
    if (trial === undefined) return false;
    this.#trial = undefined;
    this.#forget(trial.old);
    // What the old one waited for is nobody's business any more.
    this.process.waitForMessage(undefined);
    const { pool } = this.plan;
    if (!trial.old.plan.program.manifest.state.plain) pool.uncount(this.process);
    if (!this.program.manifest.state.plain) pool.count(this.process);
    const { events, environment } = this.process.runtime;
    if (events.active) {
      const [from, to] = [trial.old.plan.program.name, this.program.name];
      events.emit({ type: "codeChanged", at: environment.now(), pid: this.process.pid, from, to });
    }
    trial.change.done?.();
    return true;
  }

  /** Takes back a change that is not confirmed, if there is one: the old program goes on. */
  cancelChange(reason: unknown): void {
    if (this.#trial === undefined) return;
    if (this.process.alive) {
      this.#fallBack(reason);
      this.process.wake();
    } else {
      this.#forget(this.#trial.old);
      this.#trial.change.failed(reason);
      this.#trial = undefined;
    }
  }

  #fallBack(reason: unknown): Outcome {
    const { change, old } = this.#trial!;
    this.#trial = undefined;
    this.#leaving = undefined;
    const { events, environment } = this.process.runtime;
    if (events.active) {
      const to = this.program.name;
      events.emit({ type: "codeChangeFailed", at: environment.now(), pid: this.process.pid, to, reason });
    }
    if (this.#machine) this.plan.pool.release(this.#machine);
    if (this.#parkedAt !== NOWHERE) this.#leaveParking();
    this.plan = old.plan;
    this.entry = old.entry;
    this.argument = old.argument;
    this.#machine = old.machine;
    this.#parkedAt = old.parkedAt;
    this.#stagesLeft = old.stagesLeft;
    this.#wantedTag = old.wantedTag;
    this.#filter = old.filter;
    this.#attempt = change.failed(reason) ?? old.attempt;
    this.#isWorking = old.isWorking;
    this.#timeoutMs = old.timeoutMs;
    this.#out = old.out;
    this.#cap = old.cap;
    this.#answer = old.answer;
    return YIELDED;
  }

  #forget({ plan, machine, parkedAt }: KeptProgram): void {
    const { pool } = plan;
    if (machine) pool.release(machine);
    if (parkedAt === NOWHERE) return;
    freeParked(pool.store, parkedAt);
    pool.parked--;
  }

  // ---- for syscalls: ending and waiting

  /** The guest ends with this reason as soon as it stops. */
  leave(reason: unknown, kind: GuestExit["kind"] = "own"): void {
    this.#leaving ??= new GuestExit(reason, kind);
  }

  /** Ends the guest here when what it just did was fatal to itself. */
  leaveIfDoomed(): void {
    if (this.process.doomed === undefined) return;
    this.leave(this.process.doomed);
    throw this.#leaving;
  }

  /**
   * Suspends until `attempt` gives the result of the import that called this. It is tried whenever a message arrives and when the time
   * is over, which `Process.timedOut` tells; undefined waits for ever. What this returns is ignored.
   */
  wait(attempt: Attempt | typeof MESSAGE, timeoutMs: number | undefined): number {
    this.#output?.flush();
    this.#machine!.coroutine.suspend();
    this.#attempt = attempt;
    this.#timeoutMs = timeoutMs;
    this.process.waitForMessage(timeoutMs);
    return 0;
  }

  /**
   * Calls `step`, in this turn and as many later ones as it takes, until it gives the result of the import that called this. For work that
   * may be too much for one turn.
   */
  work(step: Attempt): number {
    const result = step();
    if (result !== undefined) return this.inTurn(result);
    this.#machine!.coroutine.suspend();
    this.#attempt = step;
    this.#isYielding = true;
    this.#isWorking = true;
    return 0;
  }

  /** The result of an import that may suspend: at once, or in a later turn when the host has done a turn's work in this one already. */
  inTurn(result: number): number {
    if (this.#bulkUnits < TURN_UNITS) return result;
    this.#machine!.coroutine.suspend();
    this.#attempt = () => result;
    this.#isYielding = true;
    return 0;
  }

  /** The embedder gives it what it asked for. */
  gain(grant: Grant): void {
    this.plan.loans.holder(this.process).gain(grant);
    const { events, environment } = this.process.runtime;
    if (!events.audited) return;
    const { pid } = this.process;
    events.emitAudited({
      type: "granted",
      at: environment.now(),
      pid,
      how: "asked",
      grants: [grant],
      by: undefined,
    });
  }

  /** Suspends until a promise is settled, however; then the import that called this returns `result`. */
  waitFor(promise: Promise<unknown>, result: number | (() => number)): number {
    let isSettled = false;
    const settle = () => {
      isSettled = true;
      this.process.wake();
    };
    promise.then(settle, settle);
    const finish = typeof result === "number" ? () => result : result;
    return this.wait(() => (isSettled ? finish() : undefined), undefined);
  }

  /** Suspends until the next turn. */
  yieldTurn(): void {
    this.#machine!.coroutine.suspend();
    this.#attempt = () => 0;
    this.#isYielding = true;
  }

  /** Suspends for a time; messages wait meanwhile. The import that called this returns 0. */
  sleep(ms: number): void {
    this.wait(() => (this.process.timedOut ? 0 : undefined), ms);
  }

  /** Takes the message that `receive` is set to, or suspends until it is there or the time is over. */
  awaitMessage(out: number, cap: number, timeoutMs: number): number {
    const length = this.#takeMessage(out, cap);
    if (length !== NO_MESSAGE) return this.inTurn(length);
    this.leaveIfDoomed();
    if (timeoutMs === 0) return this.inTurn(ERROR.timeout);
    this.#out = out;
    this.#cap = cap;
    return this.wait(MESSAGE, timeoutOf(timeoutMs));
  }

  #attemptMessage(): number | undefined {
    const length = this.#takeMessage(this.#out, this.#cap);
    if (length !== NO_MESSAGE) return length;
    return this.process.timedOut ? ERROR.timeout : undefined;
  }

  /** Takes the oldest message that is wanted and has not been looked at by this receive; gives its length. */
  #takeMessage(out: number, cap: number): number {
    const { mailbox, runtime } = this.process;
    if (this.#wantedTag !== undefined) return this.#takeTagged(this.#wantedTag, out, cap);
    const filter = this.#filter;
    const found = filter === undefined ? mailbox.find(undefined) : filter.find(mailbox, this);
    if (found === undefined) return NO_MESSAGE;
    if (typeof found === "number" && !runtime.events.active) {
      const { messages } = runtime;
      const length = messages.lengthOf(found);
      if (length <= cap >>> 0) {
        // From where it waited into the guest's memory.
        const { memory } = this;
        const start = memory.check(out, length, "an answer");
        messages.copyTo(found, memory.checkedWords, memory.checkedBytes, start);
        mailbox.takeFound();
        return length;
      }
    }
    return this.#takeWhole(found, out, cap);
  }

  /** Takes out what was found, for whoever wants to see it or has to make room for it first. */
  #takeWhole(found: MessageId | Envelope, out: number, cap: number): number {
    const { mailbox, runtime } = this.process;
    const bytes = typeof found === "number" ? runtime.messages.bytesOf(found) : found.bytes();
    mailbox.takeFound();
    return this.#deliver(bytes, out, cap);
  }

  /** As `#takeMessage`, for the oldest message with a tag. */
  #takeTagged(tag: Ref, out: number, cap: number): number {
    const { mailbox, runtime } = this.process;
    const tagged = mailbox.takeTagged(tag);
    if (tagged === undefined) return NO_MESSAGE;
    if (!runtime.events.active) {
      const bytes = this.memory.bytes();
      const start = out >>> 0;
      const length = tagged.writeTo(bytes, start, Math.min(cap >>> 0, bytes.length - start));
      if (length > 0) return length;
    }
    return this.#deliver(tagged.bytes(), out, cap);
  }

  /** Begins a receive by prefix. Throws `bad_argument` for patterns that reach outside the memory or outside themselves. */
  wantPrefixes(pointer: number, length: number): void {
    const { memory } = this;
    const start = memory.check(pointer, length, "message.receive (patterns)");
    const words = memory.words();
    const bytes = memory.bytes();
    // Mostly the same as the last time.
    if (this.#filter?.isMadeOf(words, bytes, start, length >>> 0) !== true)
      this.#filter = this.plan.filters.find(words, bytes, start, length >>> 0);
    if (this.#wantedTag !== undefined) this.#wantedTag = undefined;
    this.process.mailbox.restart();
  }

  /** Begins a receive by tag. */
  wantTag(tag: Ref): void {
    this.#wantedTag = tag;
    this.process.mailbox.restart();
  }

  #deliver(bytes: Uint8Array, out: number, cap: number): number {
    const { events, environment } = this.process.runtime;
    if (events.active) {
      events.emit({
        type: "received",
        at: environment.now(),
        pid: this.process.pid,
        message: bytes,
        encoded: true,
      });
    }
    return this.answer(bytes, out, cap);
  }

  /**
   * Sends a short message to a process that reads bytes too and has room for it: one copy, and nothing is made. False when it is another
   * case, and nothing has happened. Throws `bad_argument` for what lies outside the memory.
   */
  sendShort(to: number, toLength: number, pointer: number, length: number): boolean {
    if (length < 2 || length > MOST_BLOCK_BYTES || length > this.plan.limits.messageBytes) return false;
    const { process, memory } = this;
    const { runtime } = process;
    if (runtime.events.active) return false;
    const target = this.plan.addresses.localProcess(memory, to, toLength);
    if (target === undefined || !target.readsEncoded || target === process || process.isEnding) return false;
    if (isFull(target, process)) return false;
    const start = memory.check(pointer, length, "message.send");
    const bytes = memory.checkedBytes;
    if (bytes[start] !== VERSION) return false;
    target.deliverStored(runtime.messages.put(memory.checkedWords, bytes, start, length), length);
    return true;
  }

  // ---- for syscalls: terms in and out

  /** Writes an answer if it fits, else keeps it for `message.read`; returns its length. */
  answer(bytes: Uint8Array, out: number, cap: number): number {
    if (bytes.length > cap >>> 0) this.#answer = bytes;
    else {
      this.memory.check(out, bytes.length, "an answer");
      this.memory.write(out, bytes);
    }
    return bytes.length;
  }

  /** As `answer`, for a term that the host has made for the guest and that may be large. */
  answerTerm(term: unknown, out: number, cap: number): number {
    const memory = this.memory.bytes();
    const start = out >>> 0;
    let length = encodeInto(term, memory, start, Math.min(cap >>> 0, memory.length - start));
    const bytes = length > 0 ? undefined : encodeTerm(term);
    length = bytes?.length ?? length;
    if (length >= LARGE_ANSWER_BYTES) this.charge(length);
    return bytes === undefined ? length : this.answer(bytes, out, cap);
  }

  /** Keeps why something failed for `message.read`; the code that says so. */
  answerFailure(reason: string): number {
    this.#answer = encodeTerm(atom(reason));
    return ERROR.failed;
  }

  readPending(out: number, cap: number): number {
    const bytes = this.#answer;
    if (!bytes) return ERROR.timeout;
    this.#answer = undefined;
    return this.answer(bytes, out, cap);
  }

  /** A copy of a term, of which only the version byte is looked at. */
  copyTerm(pointer: number, length: number, what: string): Uint8Array {
    return versioned(this.memory.copyOut(pointer, length, what), what);
  }

  /** As `copyTerm`, for a term that soon goes: see `GuestMemory.copyMessage`. */
  copyMessage(pointer: number, length: number, what: string): Uint8Array {
    return versioned(this.memory.copyMessage(pointer, length, what), what);
  }

  /** A term that the host works with. The guest pays for each part, of which there may be a hundred thousand: others wait meanwhile. */
  decode(bytes: Uint8Array, what: string): unknown {
    try {
      const term = decodeTerm(bytes, DECODING);
      this.charge(DECODING_UNITS + decodedParts * UNITS_PER_PART);
      return term;
    } catch (error) {
      if (error instanceof GuestFault) throw error;
      throw new GuestFault("bad_argument", `${what}: ${(error as Error).message}`);
    }
  }

  readTerm(pointer: number, length: number, what: string): unknown {
    return this.decode(this.memory.borrow(pointer, length, what), what);
  }
  /** An exit reason. */
  readReason(pointer: number, length: number, what: string): unknown {
    const { memory } = this;
    const start = memory.check(pointer, length, what);
    const known = this.plan.repeated.reason.find(memory.view(), start, length >>> 0);
    if (known !== undefined) return known;
    const reason = reasonFromTerm(this.readTerm(pointer, length, what));
    if (typeof reason === "string")
      this.plan.repeated.reason.keep(memory.view(), start, length >>> 0, reason);
    return reason;
  }
  readPid(pointer: number, length: number, what: string): Pid {
    return (
      this.plan.addresses.localPid(this.memory, pointer, length) ??
      this.#expect(Pid, pointer, length, what, "a pid")
    );
  }
  readRef(pointer: number, length: number, what: string): Ref {
    return (
      this.plan.references.localRef(this.memory, pointer, length) ??
      this.#expect(Ref, pointer, length, what, "a reference")
    );
  }
  readName(pointer: number, length: number, what: string): string {
    return this.#expect(Atom, pointer, length, what, "an atom").name;
  }
  /** Whom to send to: whatever the term is, the core says whether it is an address. */
  readAddress(pointer: number, length: number, what: string): Address {
    return (
      this.plan.addresses.localPid(this.memory, pointer, length) ??
      (this.readTerm(pointer, length, what) as Address)
    );
  }
  readMonitorTarget(pointer: number, length: number, what: string): Pid | string {
    return (
      this.plan.addresses.localPid(this.memory, pointer, length) ??
      (this.readTerm(pointer, length, what) as Pid | string)
    );
  }

  #expect<T>(
    kind: new (...args: never[]) => T,
    pointer: number,
    length: number,
    what: string,
    expected: string,
  ): T {
    const term = this.readTerm(pointer, length, what);
    if (term instanceof kind) return term;
    throw new GuestFault("bad_argument", `${what}: the term is not ${expected}`);
  }

  // ---- for syscalls: what lies around it

  /** What is logged for it. */
  get log(): GuestLog {
    this.#log ??= new GuestLog(this);
    return this.#log;
  }

  /** Where it has stopped, between two slices, innermost first. */
  whereabouts(): readonly TrapFrame[] {
    return this.program.locate(this.#stoppedFrames());
  }

  #stoppedFrames(): readonly GuestFrame[] {
    if (this.#machine) return this.#machine.coroutine.frames();
    if (this.#parkedAt === NOWHERE) return [];
    return this.program.framesIn(parkedStack(this.plan.pool.store, this.#parkedAt));
  }

  /** The functions of the guest that are being called right now, innermost first. */
  callers(): readonly TrapFrame[] {
    return this.program.locate(this.#machine?.coroutine.frames(new Error("a stack trace")) ?? []);
  }

  /** What it has of WASI; made when it is first needed. */
  get wasi(): WasiProcess {
    this.#wasi ??= new WasiProcess(this);
    return this.#wasi;
  }

  /** Files, directories and sockets that it has open. */
  get openResources(): number {
    return (this.#wasi?.descriptors.count ?? 0) + openSockets(this.process);
  }

  /** The limit that leaves no room for one more socket, or so many, which will take up so many bytes; undefined when there is room. */
  socketLimit(bytes: number, count = 1): "openResources" | "memoryBytes" | undefined {
    const { process, limits } = this;
    if (this.openResources + count > limits.openResources || !process.hasRoomFor("openResources", count))
      return "openResources";
    return process.hasRoom(bytes) ? undefined : "memoryBytes";
  }

  /** Whether there is room for one more socket; if not, that is told. */
  hasRoomForSocket(bytes: number): boolean {
    const limit = this.socketLimit(bytes);
    if (limit === undefined) return true;
    const { openResources } = this.limits;
    if (limit === "memoryBytes") this.process.tellLimit(limit, bytes);
    else if (this.openResources >= openResources) this.limitReached(limit, "process", openResources);
    else this.process.tellLimit(limit, 1);
    return false;
  }

  /** Its standard output and error. */
  get output(): GuestOutput {
    const write = this.surroundings.write ?? this.services.write;
    this.#output ??= new GuestOutput((stream, bytes) => write(stream, bytes, this.process.pid));
    return this.#output;
  }

  // ---- for syscalls: children

  spawnChild(request: SpawnRequest): unknown {
    return this.plan.spawnChild(this, request);
  }
}

/** Ends the process also while its code is on trial: a fault that is injected. */
function isFinal(error: unknown): boolean {
  return error instanceof GuestExit && error.kind === "final";
}

/** What each process of a program has to run before its entry. */
function stagesOf(program: Program): readonly string[] {
  return imageOf(program)?.stages ?? startStages(program);
}

/** Milliseconds of the ABI, where all ones mean for ever. */
export function timeoutOf(timeoutMs: number): number | undefined {
  return timeoutMs === -1 ? undefined : timeoutMs >>> 0;
}

function versioned(bytes: Uint8Array, what: string): Uint8Array {
  if (bytes.length < 2 || bytes[0] !== VERSION) {
    throw new GuestFault(
      "bad_argument",
      `${what}: ${bytes.length} bytes that are not a term in the external term format`,
    );
  }
  return bytes;
}
