// One simulated world: a host whose time, randomness and scheduling are a function of a seed, a log of what happens in it, faults at
// chosen places, and the means to let it go on step by step. A plain object: any number of worlds may live side by side. One subject: each method is
// one thing that a test does to its world.
import { compileInline } from "../compile-inline.ts";
import { Host } from "../host.ts";
import type {
  CallOptions,
  GuestLogRecord,
  GuestSpawnOptions,
  HostLogRecord,
  LoadOptions,
} from "../options.ts";
import { MoonletError } from "../otp/error.ts";
import { type ExitReason, type LogRecord, Pid, type Runtime, type RuntimeEvent } from "../otp/index.ts";
import type { Program } from "../wasm/program.ts";
import { describeEvent } from "./describe-event.ts";
import type { Deviation } from "./deviation.ts";
import { Driver, microtasksDone } from "./driver.ts";
import { type Duration, durationMs, formatTime } from "./duration.ts";
import { EventLog, formatEvent, type SimEvent } from "./event-log.ts";
import { FaultPlan, isMeant, type KillPoint, type Who } from "./fault-plan.ts";
import { MemoryFileSystem } from "./memory-file-system.ts";
import { MemoryNetwork } from "./memory-network.ts";
import { type NamedProcess, Names, OUTSIDE } from "./names.ts";
import { RandomStreams } from "./random.ts";
import { encodeReplay } from "./replay-token.ts";
import { Schedule } from "./schedule.ts";
import { SimEnvironment } from "./sim-environment.ts";
import type { ProgramLoader, SimulationOptions } from "./simulation-options.ts";

const START_TIME = Date.UTC(2026, 0, 1);
const FUEL_PER_MS = 1_000_000;
const MAX_STEPS = 1_000_000;

/** Made by `createSimulation`. */
export class Simulation {
  readonly seed: number | string;
  readonly host: Host;
  /** The world's file system; `options.files` at first. */
  readonly files: MemoryFileSystem;
  /** The world's network: what guests are connected to, and where its own side is played. */
  readonly network: MemoryNetwork;
  /** The core, for JavaScript processes. */
  readonly runtime: Runtime;
  readonly log = new EventLog();
  /** How this run has differed from the default one so far, in the order in which that happened. */
  readonly deviations: readonly Deviation[];
  /** The points that guests marked with `sim.reachable`, with how often each was passed. */
  readonly reached: ReadonlyMap<string, number>;

  readonly #deviations: Deviation[] = [];
  readonly #reached = new Map<string, number>();
  readonly #environment: SimEnvironment;
  readonly #names: Names;
  readonly #faults: FaultPlan;
  readonly #loader: ProgramLoader;
  readonly #unsubscribe: () => void;
  readonly #invariants = new Map<string, () => boolean | undefined>();
  readonly #driver: Driver;
  #isClosed = false;

  constructor(options: SimulationOptions = {}) {
    this.seed = options.seed ?? 1;
    this.deviations = this.#deviations;
    this.reached = this.#reached;
    const random = new RandomStreams(this.seed);
    const isRandom = options.schedule === "random" && options.deviations === undefined;
    const schedule = new Schedule(
      isRandom ? random.stream("schedule") : undefined,
      options.deviations ?? [],
      (deviation) => this.#deviations.push(deviation),
    );
    this.#environment = new SimEnvironment(
      {
        choose: (n, pidAt) =>
          schedule.choose(n, (index) => {
            const pid = pidAt(index);
            return { address: this.address(pid), used: this.#environment.used(pid) };
          }),
        randomBytes: (into) => {
          const { current } = this.runtime.scheduler;
          random.stream(`bytes/${current === undefined ? OUTSIDE : this.address(current.pid)}`).fill(into);
        },
      },
      { startTime: options.startTime ?? START_TIME, fuelPerMs: options.fuelPerMs ?? FUEL_PER_MS },
    );
    this.#driver = new Driver(this.#environment, {
      maxSteps: options.maxSteps ?? MAX_STEPS,
      guardsGlobals: options.guardGlobals ?? false,
      stepped: () => this.#stepped(),
      tail: () => this.#tail(),
    });
    this.#names = new Names((id) => id.node === this.runtime.name && id.creation === this.runtime.creation);
    this.#faults = new FaultPlan({
      faults: options.faults ?? [],
      replayed: options.deviations,
      random,
      identify: (named) => this.#identify(named),
      happened: (named, text, deviation) => {
        if (deviation) this.#deviations.push(deviation);
        this.#add("fault", named.pid, text);
      },
    });
    this.files = new MemoryFileSystem(options.files, () => this.#environment.wallTime());
    this.network = new MemoryNetwork(this.#environment);
    this.host = new Host({
      fileSystem: this.files,
      network: this.network,
      // Another thread's time is not the world's.
      compile: compileInline,
      ...options.host,
      environment: this.#environment,
      log: { level: "debug", lifecycle: "off", write: (record) => this.#logged(record) },
      write: (stream, bytes, pid) =>
        this.#add("wrote", pid, `wrote to ${stream}: ${JSON.stringify(new TextDecoder().decode(bytes))}`),
      faults: (pid) => this.#guestFaults(pid),
      reachable: (name, pid) => {
        this.#reached.set(name, (this.#reached.get(name) ?? 0) + 1);
        this.#add("reached", pid, `reached ${JSON.stringify(name)}`);
      },
    });
    this.runtime = this.host.runtime;
    this.#loader = options.loader ?? this.host;
    this.#unsubscribe = this.runtime.subscribe((event) => this.#observe(event));
  }

  // ---- the world

  /** Virtual milliseconds since the world began. */
  get now(): number {
    return this.#environment.now();
  }

  /** As `Host.load`. */
  load(source: string | Uint8Array, options?: LoadOptions): Promise<Program> {
    return this.#loader.load(source, options);
  }

  /** As `Host.spawn`. */
  spawn(program: Program, entry?: string, options?: GuestSpawnOptions): Pid {
    return this.host.spawn(program, entry, options);
  }

  /** As `Host.send`. */
  send(to: Pid | string, message: unknown): void {
    this.host.send(to, message);
  }

  /** As `Host.call`, and lets the world go on until there is a reply. */
  call(to: Pid | string, request: unknown, options?: CallOptions): Promise<unknown> {
    return this.settle(this.host.call(to, request, options));
  }

  /** Lets the world go on until a process has ended; its exit reason. */
  async exited(who: Who): Promise<ExitReason> {
    const isIt = (event: SimEvent) => event.type === "exited" && this.#isMeant(who, event.pid);
    const before = this.log.events.find(isIt);
    return (before ?? (await this.until(isIt))).reason;
  }

  /** The causal address of a process, also after its death: `P.2.1`. */
  address(pid: Pid): string {
    return this.#names.ofPid(pid);
  }

  /** The pid behind an address, a registered name or a label; undefined if there was never such a process. */
  pid(who: Who): Pid | undefined {
    return this.#find(who)?.pid;
  }

  /** How often each guest made each host call so far, by `P.2 message.send`. */
  get calls(): ReadonlyMap<string, number> {
    return this.#faults.calls;
  }

  // ---- faults

  /**
   * Kills a process: at once, or at a place that it has yet to reach. A place may be named before the process exists.
   * @throws MoonletError noproc when it is to die at once and is not alive.
   */
  kill(who: Who, point?: KillPoint): void {
    if (point !== undefined) {
      this.#faults.aim(who, point);
      return;
    }
    const named = this.#find(who);
    if (named === undefined || this.runtime.process(named.pid) === undefined) {
      throw new MoonletError("noproc", `${String(who)} is no living process of this world`, {
        hint: "Name it by pid, address (P.2.1), registered name or label.",
      });
    }
    this.runtime.kill(named.pid);
  }

  /** `holds` is looked at after every step: the run fails as soon as it returns false or throws. It reads from outside, never by messages. */
  always(name: string, holds: () => boolean | undefined): void {
    this.#invariants.set(name, holds);
  }

  // ---- letting it go on

  /**
   * One slice of one process, or one timer with what it sets off; a JavaScript process goes on until it waits. Time passes if nothing else
   * is left to happen. False if nothing is left at all.
   */
  async step(): Promise<boolean> {
    return (await this.#drive(() => true)) === "stopped";
  }

  /** Until no process could run without time passing. */
  async quiesce(): Promise<void> {
    await this.#drive(() => !this.#environment.busy, this.now, false);
  }

  /** Until nothing is left to happen: every process has ended or waits for ever. */
  async run(): Promise<void> {
    await this.#drive(() => false);
  }

  /** Lets that much virtual time pass, and everything in it happen. */
  async advance(duration: Duration): Promise<void> {
    const end = this.now + durationMs(duration);
    await this.#drive(() => false, end);
    this.#environment.advanceTo(end);
  }

  /**
   * Until an event fits, which it returns; what happened before counts not.
   * @throws MoonletError E_SIM_NEVER when nothing is left to happen, or the virtual time `within` is over, and none did.
   */
  async until(
    fits: (event: SimEvent) => boolean,
    options: { readonly within?: Duration } = {},
  ): Promise<SimEvent> {
    let next = this.log.length;
    let found: SimEvent | undefined;
    const isFound = () => {
      while (found === undefined && next < this.log.length) {
        const event = this.log.events[next++]!;
        if (fits(event)) found = event;
      }
      return found !== undefined;
    };
    await this.#drive(
      isFound,
      options.within === undefined ? undefined : this.now + durationMs(options.within),
    );
    if (isFound()) return found!;
    throw new MoonletError(
      "E_SIM_NEVER",
      `the event that was waited for did not happen until ${formatTime(this.now)}${this.#tail()}`,
    );
  }

  /**
   * Lets the world go on until a promise that hangs on it settles.
   * @throws what it rejects with; MoonletError E_SIM_NEVER when nothing is left to happen and it is still pending.
   */
  async settle<T>(promise: Promise<T>): Promise<T> {
    let isSettled = false;
    const settled = () => {
      isSettled = true;
    };
    promise.then(settled, settled);
    await this.#drive(() => isSettled, undefined, false);
    if (isSettled) return promise;
    throw new MoonletError(
      "E_SIM_NEVER",
      `nothing is left to happen at ${formatTime(this.now)}, and the promise is still pending${this.#tail()}`,
    );
  }

  // ---- the end

  /** The run as text that can be pasted: see `replay`. */
  token(): Promise<string> {
    return encodeReplay({ seed: String(this.seed), deviations: this.#deviations });
  }

  /** Ends the world at once; the log is complete before. */
  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#unsubscribe();
    this.#driver.close();
    await this.host.close({ timeoutMs: 0 });
    await microtasksDone();
  }
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  // ---- within

  #drive(isDone: () => boolean, end?: number, atLeastOnce?: boolean): Promise<"stopped" | "idle"> {
    return this.#driver.drive(isDone, end, atLeastOnce);
  }

  #stepped(): void {
    for (const { pid } of this.#faults.takeDoomed()) this.runtime.kill(pid);
    for (const [name, holds] of this.#invariants) this.#check(name, holds);
  }

  #check(name: string, holds: () => boolean | undefined): void {
    let cause: unknown;
    try {
      if (holds() !== false) return;
    } catch (error) {
      cause = error;
    }
    const why = cause instanceof Error ? `: ${cause.message}` : "";
    throw new MoonletError(
      "E_SIM_INVARIANT",
      `"${name}" did not hold at ${formatTime(this.now)}${why}${this.#tail()}`,
      { cause },
    );
  }

  #observe(event: RuntimeEvent): void {
    if (event.type === "spawned") this.#names.spawned(event.pid, event.parent, event.label);
    const described = describeEvent(event, this.#names);
    if (described === undefined) return;
    this.log.add(described);
    const named = described.pid && this.#names.find(described.pid);
    if (named === undefined) return;
    if (event.type === "registered") named.name = event.name;
    else if (event.type === "unregistered") named.name = undefined;
    else if (event.type === "exited") {
      named.name = event.name;
      named.label = event.label;
      return;
    }
    named.events++;
    this.#faults.event(named);
  }

  #add(type: string, pid: Pid, text: string): void {
    this.log.add({ at: this.now, process: this.address(pid), pid, type, text });
  }

  #logged(record: LogRecord | GuestLogRecord | HostLogRecord): void {
    if (record.event === "guest")
      this.#add("logged", record.pid, `logged ${record.level} ${JSON.stringify(record.text)}`);
  }

  #guestFaults(pid: Pid) {
    const named = this.#names.find(pid);
    if (named === undefined) return undefined;
    named.isGuest = true;
    return this.#faults.forGuest(named);
  }

  #identify(named: NamedProcess) {
    const label = this.runtime.process(named.pid)?.label ?? named.label;
    return { named, name: named.name, label };
  }

  #isMeant(who: Who, pid: Pid | undefined): boolean {
    const named = pid && this.#names.find(pid);
    return named !== undefined && isMeant(who, this.#identify(named));
  }

  /** A living process first: names and labels are used again. */
  #find(who: Who): NamedProcess | undefined {
    if (who instanceof Pid) return this.#names.find(who);
    let dead: NamedProcess | undefined;
    for (const named of this.#names.all()) {
      if (!isMeant(who, this.#identify(named))) continue;
      if (this.runtime.process(named.pid) !== undefined) return named;
      dead = named;
    }
    return dead;
  }

  #tail(): string {
    const last = this.log.events.slice(-10).map((event) => `\n  ${formatEvent(event)}`);
    return last.length === 0 ? "" : `\nthe last events:${last.join("")}`;
  }
}

/** A new world, in which nothing happens yet. */
export function createSimulation(options: SimulationOptions = {}): Simulation {
  return new Simulation(options);
}
