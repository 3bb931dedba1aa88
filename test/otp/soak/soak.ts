// The soak: a great many random signals among many processes, with everything that has to hold looked at again and again. One seed is
// one run. Half the processes are synchronous bodies, as guests are, half are asynchronous JavaScript functions.
import { type Body, type Outcome, WAITING, YIELDED } from "../../../host/otp/body.ts";
import type { Context } from "../../../host/otp/context.ts";
import type { Envelope } from "../../../host/otp/envelope.ts";
import type { ExitReason } from "../../../host/otp/exit.ts";
import { javascriptBody } from "../../../host/otp/javascript-body.ts";
import type { MailboxPolicy } from "../../../host/otp/mailbox.ts";
import type { Pid } from "../../../host/otp/pid.ts";
import type { Process } from "../../../host/otp/process.ts";
import { Ref } from "../../../host/otp/ref.ts";
import type { Priority } from "../../../host/otp/run-queue.ts";
import { Runtime } from "../../../host/otp/runtime.ts";
import { act, type SharedAlias } from "./actor.ts";
import { checkAll, leftovers } from "./invariants.ts";
import { exitKey, Model, type Temper } from "./model.ts";
import { Random } from "./random.ts";
import { check, isStamped, type Receipt } from "./receipts.ts";
import { SoakEnvironment } from "./soak-environment.ts";

export interface SoakOptions {
  /** Signals and other operations of processes. */
  readonly signals: number;
  /** How many processes live at a time. Default 1000. */
  readonly processes?: number;
  /** Default 1. */
  readonly seed?: number;
  /** Operations between two looks at everything. Default 10,000. */
  readonly checkEvery?: number;
  /** Told of each look. */
  readonly progress?: (signals: number) => void;
}

export interface SoakReport {
  readonly seed: number;
  readonly signals: number;
  readonly operations: Readonly<Record<string, number>>;
  readonly received: Readonly<Record<Receipt, number>>;
  readonly spawned: number;
  readonly deaths: { readonly self: number; readonly signal: number; readonly link: number };
  /** How often everything was looked at. */
  readonly checks: number;
  readonly longestMailbox: number;
  /** What was still there when everybody was dead. */
  readonly left: Readonly<Record<string, number>>;
  /** Processes that died and could not be collected as garbage; undefined where that cannot be told. */
  readonly uncollected: number | undefined;
  readonly violations: readonly string[];
}

const ALIASES_KEPT = 400;
const TEMPERS: readonly Temper[] = ["traps", "traps", "dies", "dies", "changes"];
const PRIORITIES: readonly Priority[] = ["low", "normal", "normal", "normal", "high", "max"];
const POLICIES: readonly MailboxPolicy[] = ["drop", "reject", "kill"];
/** Dead pids that stay in the game before their places are taken. */
const VACANCIES = 5;

export class Soak {
  readonly environment = new SoakEnvironment();
  readonly runtime = new Runtime({ environment: this.environment });
  readonly model = new Model();
  readonly random: Random;
  /** Counts messages, timers and reasons. */
  stamp = 0;
  aliases: SharedAlias[] = [];
  suspended: { readonly by: Process; readonly pid: Pid }[] = [];

  readonly #options: Required<Omit<SoakOptions, "progress">>;
  readonly #operations: Record<string, number> = {};
  readonly #received: Record<Receipt, number> = {
    message: 0,
    exit: 0,
    down: 0,
    timer: 0,
    group: 0,
    other: 0,
  };
  readonly #deaths = { self: 0, signal: 0, link: 0 };
  readonly #pids: Pid[] = [];
  readonly #vacant: number[] = [];
  readonly #graves: WeakRef<Process>[] = [];
  #sent = 0;
  #nextCheck: number;
  #checks = 0;
  #spawned = 0;
  #longestMailbox = 0;
  #ending = false;

  constructor({ signals, processes = 1000, seed = 1, checkEvery = 10_000 }: SoakOptions) {
    this.#options = { signals, processes, seed, checkEvery };
    this.random = new Random(seed);
    this.#nextCheck = checkEvery;
  }

  // ---- for actors

  /** Somebody, perhaps the caller, perhaps dead. */
  anyPid(): Pid {
    return this.random.pick(this.#pids);
  }

  refOf(number: number): Ref {
    return new Ref(this.runtime.name, number, this.runtime.creation, this.runtime.sealer);
  }

  signalSent(operation: string): void {
    this.#operations[operation] = (this.#operations[operation] ?? 0) + 1;
    // The turn ends soon, so that the driver can look at everything.
    if (++this.#sent === this.#nextCheck) this.environment.spend(10);
  }

  shareAlias(alias: SharedAlias): void {
    if (this.aliases.length < ALIASES_KEPT) this.aliases.push(alias);
    else this.aliases[this.random.below(ALIASES_KEPT)] = alias;
  }

  forgetAlias(ref: Ref): void {
    this.aliases = this.aliases.filter((known) => known.ref !== ref);
  }

  // ---- processes

  #spawn(parent: Process | undefined): void {
    const { random, model } = this;
    const slot = this.#vacant.pop();
    if (slot === undefined) return;
    const temper = random.pick(TEMPERS);
    const bounded = random.oneIn(20);
    const fact = parent === undefined ? undefined : model.alive.get(parent.pid.number);
    const link = fact !== undefined && fact.links.size < 2 && random.oneIn(3);
    const monitor = fact !== undefined && fact.monitors.size < 8 && random.oneIn(3);
    const asynchronous = random.oneIn(2);
    const factory = asynchronous
      ? javascriptBody((self) => this.#live(self))
      : (process: Process): Body => this.#body(process);
    const { pid, ref } = this.runtime.spawnProcess(parent, factory, {
      link,
      monitor,
      priority: random.pick(PRIORITIES),
      ...(bounded && { maxMailbox: { messages: 20, policy: random.pick(POLICIES) } }),
    });
    const process = this.runtime.process(pid)!;
    process.trapExit = temper === "traps";
    model.born(pid.number, temper, bounded, asynchronous);
    if (link && fact !== undefined) model.linked(fact.number, pid.number);
    if (ref !== undefined && fact !== undefined) model.monitored(fact, ref.number, pid.number);
    process.onExit((reason) => this.#died(process, slot, reason));
    this.#pids[slot] = pid;
    this.#spawned++;
  }

  #died(process: Process, slot: number, reason: ExitReason): void {
    const { number } = process.pid;
    const cause = process.exitCause;
    const fact = this.model.alive.get(number);
    this.#deaths[cause.type]++;
    this.#longestMailbox = Math.max(this.#longestMailbox, process.mailbox.length);
    if (cause.type === "link" && fact?.linkExits.get(cause.from.number) !== reason)
      this.model.violated(`${process.pid} died of a link to ${cause.from} that it did not have`);
    if (cause.type === "signal" && reason !== "killed") {
      const key = exitKey(cause.from?.number ?? 0, reason);
      if (fact?.exits.has(key) !== true)
        this.model.violated(`${process.pid} died of an exit that nobody sent`);
    }
    this.model.died(number, reason);
    this.#vacant.push(slot);
    if (this.#graves.length < 1000 || this.random.oneIn(100)) {
      this.#graves[this.#graves.length < 1000 ? this.#graves.length : this.random.below(1000)] = new WeakRef(
        process,
      );
    }
  }

  #receive(process: Process, value: unknown): void {
    const fact = this.model.alive.get(process.pid.number);
    if (fact === undefined) this.model.violated(`${process.pid} is dead and receives`);
    else this.#received[check(this.model, fact, value, this.environment.time)]++;
  }

  /** Some operations; false if they were the end of the process. */
  #act(process: Process): boolean {
    for (let left = this.random.below(6); left > 0 && !this.#ending; left--) {
      const fact = this.model.alive.get(process.pid.number);
      if (fact === undefined) return false;
      act(this, process, fact);
      if (!process.alive || process.doomed !== undefined) return false;
    }
    if (this.#vacant.length > VACANCIES && !this.#ending) this.#spawn(process);
    return true;
  }

  /** Whether a process ends by itself now. */
  #ends(): boolean {
    return !this.#ending && this.random.oneIn(300);
  }

  #body(process: Process): Body {
    let disposed = false;
    return {
      run: (): Outcome => {
        if (disposed) this.model.violated(`${process.pid} runs after its end`);
        process.addReductions(100);
        for (let left = 30; left > 0; left--) {
          const envelope = this.#take(process);
          if (process.doomed !== undefined) return WAITING;
          if (envelope === undefined) break;
          this.#receive(process, envelope.value);
        }
        if (!this.#act(process)) return WAITING;
        if (this.#ends())
          return { type: "exited", reason: this.random.oneIn(2) ? "normal" : this.#newReason() };
        if (process.mailbox.length > 0 || (!this.#ending && this.random.oneIn(2))) return YIELDED;
        process.waitForMessage(this.#patience());
        return WAITING;
      },
      dispose: () => {
        if (disposed) this.model.violated(`${process.pid} is disposed of twice`);
        disposed = true;
      },
    };
  }

  #take({ mailbox, monitors }: Process): Envelope | undefined {
    mailbox.restart();
    if (monitors !== undefined && this.random.oneIn(10)) {
      for (const { ref } of monitors.values()) {
        const envelope = mailbox.takeTagged(ref);
        if (envelope !== undefined) return envelope;
      }
    }
    const wanted = this.random.oneIn(4) ? isSecondChannel : undefined;
    return mailbox.take(wanted && ((envelope) => wanted(envelope.value))) ?? mailbox.take();
  }

  /** The same as an asynchronous function. */
  async #live(self: Context): Promise<void> {
    for (;;) {
      const wanted = this.random.oneIn(8) ? isSecondChannel : undefined;
      const timeoutMs = wanted === undefined ? this.#patience() : this.random.below(5);
      const value = await self.receive(wanted, timeoutMs === undefined ? {} : { timeoutMs });
      // Killed between the moment in which its receive got the message and the next microtask.
      if (!self.process.alive) return;
      if (value !== undefined) this.#receive(self.process, value);
      if (!this.random.oneIn(3)) continue;
      if (!this.#act(self.process)) await new Promise(() => {});
      if (!this.#ends()) continue;
      if (this.random.oneIn(2)) return;
      self.exit(this.#newReason());
    }
  }

  #newReason(): string {
    return `end${++this.stamp}`;
  }

  #patience(): number | undefined {
    return this.#ending || this.random.oneIn(20) ? undefined : this.random.below(40);
  }

  // ---- the driver

  async run(progress?: (signals: number) => void): Promise<SoakReport> {
    const { signals, processes, seed, checkEvery } = this.#options;
    for (let slot = processes - 1; slot >= 0; slot--) this.#vacant.push(slot);
    while (this.#vacant.length > 0) this.#spawn(undefined);
    while (this.#sent < signals && this.model.violations.length === 0) {
      await this.#turn();
      if (this.#sent < this.#nextCheck || this.runtime.scheduler.signals.length > 0) continue;
      this.#check();
      this.#nextCheck = this.#sent + checkEvery;
      progress?.(this.#sent);
    }
    await this.#end();
    return {
      seed,
      signals: this.#sent,
      operations: this.#operations,
      received: this.#received,
      spawned: this.#spawned,
      deaths: this.#deaths,
      checks: this.#checks,
      longestMailbox: this.#longestMailbox,
      left: { ...leftovers(this.runtime), armedTimers: this.environment.timerArmed ? 1 : 0 },
      uncollected: await this.#uncollected(),
      violations: this.model.violations,
    };
  }

  /** One turn of the event loop; wakes somebody up when nothing is left to happen. */
  async #turn(): Promise<void> {
    await settled();
    if (this.environment.turn()) return;
    while (this.#vacant.length > VACANCIES) this.#spawn(undefined);
    for (const pid of this.#pids) this.runtime.exit(pid, "normal");
    for (const pid of this.#pids) this.model.exitDue(pid.number, pid.number, "normal");
  }

  #check(): void {
    this.#checks++;
    checkAll(this.runtime, this.model);
    if (this.#vacant.length > this.#options.processes / 2) {
      while (this.#vacant.length > VACANCIES) this.#spawn(undefined);
    }
    for (const [id, { target }] of this.model.timers)
      if (target !== undefined && !this.model.alive.has(target)) this.model.timers.delete(id);
  }

  /** Lets everybody read what is left, then ends everybody. */
  async #end(): Promise<void> {
    this.#ending = true;
    for (const { by, pid } of this.suspended)
      if (by.alive && this.model.alive.has(pid.number)) this.runtime.resume(pid, by);
    this.suspended = [];
    await this.#settle();
    if (this.model.violations.length === 0) this.#check();
    for (const pid of this.runtime.processes()) this.runtime.kill(pid);
    await this.#settle();
  }

  async #settle(): Promise<void> {
    do await settled();
    while (this.environment.turn());
    await settled();
  }

  /** Needs `--expose-gc`. */
  async #uncollected(): Promise<number | undefined> {
    const { gc } = globalThis as { gc?: () => void };
    if (gc === undefined) return undefined;
    this.aliases = [];
    this.suspended = [];
    for (let i = 0; i < 3; i++) {
      await settled();
      gc();
    }
    return this.#graves.filter((grave) => grave.deref() !== undefined).length;
  }
}

function isSecondChannel(value: unknown): boolean {
  return isStamped(value) && value[0] === 1;
}

/** Lets all microtasks run. */
function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
