// A runtime: its processes, their names, and the way in from outside. Several may live in one JavaScript program; they share nothing.
// One subject: a node, and who is in it.
import { type AliasEntry, useAlias } from "./aliases.ts";
import type { BodyFactory } from "./body.ts";
import type { Context } from "./context.ts";
import { copyTerm } from "./copy.ts";
import type { Decoder } from "./envelope.ts";
import { defaultEnvironment, type Environment } from "./environment.ts";
import { MoonletError } from "./error.ts";
import { type EventListener, EventStream } from "./events.ts";
import { type ExitReason, normalizeReason } from "./exit.ts";
import { Groups } from "./groups.ts";
import { type InfoItem, type ProcessInfo, type ProcessInfoItems, processInfo, processItems } from "./info.ts";
import { javascriptBody, withInitialCall } from "./javascript-body.ts";
import { type Bound, LateBound } from "./late-bound.ts";
import { Lifecycle, type LogLevel, type LogSink } from "./lifecycle.ts";
import * as links from "./links.ts";
import { MessageStore } from "./message-store.ts";
import * as monitors from "./monitors.ts";
import { nameOf } from "./names.ts";
import { Pid } from "./pid.ts";
import { Process } from "./process.ts";
import { type MonitorRef, Ref } from "./ref.ts";
import { RefSealer } from "./ref-seal.ts";
import { type Address, route } from "./route.ts";
import { Scheduler } from "./scheduler.ts";
import type { SendTimer } from "./send-timers.ts";
import { SmallMap } from "./small-map.ts";
import { mailboxLimit, type SpawnOptions } from "./spawn-options.ts";
import type { StreamEnd } from "./stream.ts";
import type { Atom } from "./term/atom.ts";
import { decodeTerm } from "./term/decode.ts";
import { Timers } from "./timers.ts";
import { type Trace, type TraceOptions, type TraceSink, trace } from "./trace.ts";

/** As many may live on any machine. */
const ALWAYS_PROCESSES = 1000;

export interface RuntimeOptions {
  /** Where time, randomness and deferral come from. Default `defaultEnvironment()`. */
  readonly environment?: Environment;
  /** The node's name. Default "nonode@nohost". */
  readonly name?: string;
  /** Tells runtimes of the same name apart. Default 1. */
  readonly creation?: number;
  /**
   * Processes that may live at the same time; above it spawn throws system_limit (S11). Default 2^24. A function is asked once there are a
   * thousand.
   */
  readonly maxProcesses?: Bound;
  /**
   * What messages that wait for bodies that read bytes may take up, all together; above it those find their mailboxes full. A function is
   * asked once that matters. Default no bound.
   */
  readonly maxMailboxBytes?: Bound;
  /** Bytes that all tables together may take up; above it inserting throws system_limit. Default no bound. */
  readonly maxTableBytes?: number;
  /** Reductions of a slice. Default 4000, as in Erlang. */
  readonly sliceReductions?: number;
  /** How much of the processes' lives is logged. Default "off". */
  readonly logLevel?: LogLevel;
  /** Where the lifecycle log goes. Default nowhere. */
  readonly log?: LogSink;
}

/** A JavaScript process: runs until the function's promise settles. */
export type ProcessFunction = (self: Context) => unknown;

export class Runtime {
  readonly name: string;
  readonly creation: number;
  readonly environment: Environment;
  /** See `RuntimeOptions.maxTableBytes`. */
  readonly maxTableBytes: number;
  readonly events = new EventStream();
  readonly lifecycle: Lifecycle;
  /** The scope of process groups that exists from the start (OTP: pg). */
  readonly groups: Groups;

  // What follows is shared with the core's other files and not for users.
  readonly scheduler: Scheduler;
  readonly timers: Timers;
  readonly aliases = new SmallMap<AliasEntry>();
  readonly sendTimers = new Map<number, SendTimer>();
  /** Ends of streams that somebody owns, by the number of their reference. */
  readonly streamEnds = new Map<number, StreamEnd>();
  readonly decoder: Decoder;
  readonly sealer: RefSealer;
  /** Where short messages to processes that read bytes wait. */
  readonly messages: MessageStore;

  readonly #processes = new Map<number, Process>();
  readonly #names = new Map<string, Process>();
  readonly #scopes = new Map<string, Groups>();
  readonly #maxProcesses: LateBound;
  #isShutDown = false;
  #pidNumber = 0;
  #refNumber = 0;

  constructor(options: RuntimeOptions = {}) {
    this.name = options.name ?? "nonode@nohost";
    this.creation = options.creation ?? 1;
    this.environment = options.environment ?? defaultEnvironment();
    this.sealer = new RefSealer(this.environment);
    this.maxTableBytes = options.maxTableBytes ?? Number.POSITIVE_INFINITY;
    this.#maxProcesses = new LateBound(options.maxProcesses ?? 2 ** 24, ALWAYS_PROCESSES);
    this.timers = new Timers(this.environment);
    this.scheduler = new Scheduler(this.environment, this.timers, options.sliceReductions ?? 4000);
    this.lifecycle = new Lifecycle(this, options.logLevel ?? "off", options.log);
    this.groups = this.startGroups("pg");
    const pid = (node: string, number: number, creation: number): Pid => this.#pid(node, number, creation);
    this.decoder = { decode: (bytes) => decodeTerm(bytes, { pid }) };
    this.messages = new MessageStore(this.decoder, options.maxMailboxBytes);
  }

  // ---- processes

  /** Spawns a JavaScript process. @throws MoonletError system_limit, badarg for a name that is taken. */
  spawn(fn: ProcessFunction, options: SpawnOptions = {}): Pid {
    return this.spawnProcess(undefined, javascriptBody(fn), withInitialCall(fn, options)).pid;
  }

  /** Spawns a process on any body. */
  spawnBody(factory: BodyFactory, options: SpawnOptions = {}): Pid {
    return this.spawnProcess(undefined, factory, options).pid;
  }

  /** Spawns a process for `parent`, undefined from outside. */
  spawnProcess(
    parent: Process | undefined,
    factory: BodyFactory,
    options: SpawnOptions,
  ): { readonly pid: Pid; readonly ref?: MonitorRef } {
    if (this.#isShutDown)
      throw new MoonletError("E_SHUT_DOWN", "the runtime is shut down and spawns nothing any more");
    if (this.#maxProcesses.isReached(this.#processes.size)) {
      throw new MoonletError(
        "system_limit",
        `there are ${this.#processes.size} processes, and no more may be`,
        { hint: "raise maxProcesses" },
      );
    }
    const limit = mailboxLimit(options.maxMailbox);
    if (options.name !== undefined) this.#assertNameFree(options.name);
    const wantsMonitor = options.monitor !== undefined && options.monitor !== false;
    if (parent === undefined && (options.link === true || wantsMonitor)) {
      throw new MoonletError("badarg", "only a process can link to or monitor what it spawns", {
        hint: "from outside, use runtime.exited(pid)",
      });
    }
    const monitorOptions = typeof options.monitor === "object" ? options.monitor : {};
    if (parent !== undefined && wantsMonitor) parent.expectBytes(monitors.monitorBytes(monitorOptions));
    const pid = new Pid(this.name, ++this.#pidNumber, this.creation);
    const process = new Process(this, pid, parent, factory, options, limit);
    this.#processes.set(pid.number, process);
    if (options.name !== undefined) this.#setName(process, nameOf(options.name)!);
    if (this.lifecycle.active || this.events.active) this.lifecycle.spawned(process, options.capabilities);
    if (process.name !== undefined) this.#tellName(process, process.name);
    this.scheduler.enqueue(process);
    if (parent === undefined) return { pid };
    if (options.link === true) links.connect(parent, process);
    if (!wantsMonitor) return { pid };
    return { pid, ref: monitors.attach(parent, process, pid, monitorOptions).ref };
  }

  /** The living process with this pid; undefined for a dead one and one of another node. */
  process(pid: Pid): Process | undefined {
    if (pid.node !== this.name || pid.creation !== this.creation) return undefined;
    return this.#processes.get(pid.number);
  }

  /** As `process`, for the number of a pid of this runtime. */
  numbered(number: number): Process | undefined {
    return this.#processes.get(number);
  }

  /** As `process`. @throws MoonletError badarg for what is no pid. */
  expectPid(pid: unknown): Process | undefined {
    if (pid instanceof Pid) return this.process(pid);
    throw new MoonletError("badarg", `${String(pid)} is no pid`, {
      hint: "look a name up with whereis first",
    });
  }

  /** Pids of all living processes, in the order in which they were spawned. */
  processes(): Pid[] {
    return Array.from(this.#processes.values(), (process) => process.pid);
  }

  isAlive(pid: Pid): boolean {
    return this.expectPid(pid) !== undefined;
  }

  /**
   * What is known of a process, or the items asked for in the order asked; undefined for a dead one (S112).
   * @throws MoonletError badarg for what is no pid, and for an unknown item.
   */
  info(pid: Pid): ProcessInfo | undefined;
  info<I extends InfoItem>(pid: Pid, items: readonly I[]): Pick<ProcessInfoItems, I> | undefined;
  info(pid: Pid, items?: readonly InfoItem[]): ProcessInfo | Partial<ProcessInfoItems> | undefined {
    const process = this.expectPid(pid);
    if (process === undefined) return undefined;
    if (process.hasOwnSignals) process.showOwnSignals();
    return items === undefined ? processInfo(process) : processItems(process, items);
  }

  /** Resolves with the exit reason when the process has ended; with "noproc" for one that is gone already. */
  exited(pid: Pid): Promise<ExitReason> {
    const process = this.expectPid(pid);
    if (process === undefined) return Promise.resolve("noproc");
    return new Promise((resolve) => process.onExit(resolve));
  }

  // ---- from outside

  /** Sends a copy of `message`. @throws as `Process.send`. */
  send(to: Address, message: unknown): void {
    route(this, undefined, to, message, undefined);
  }

  sendEncoded(to: Address, bytes: Uint8Array): void {
    route(this, undefined, to, undefined, bytes);
  }

  /** An exit/2 from outside; `from` in the message of a process that traps is its own pid. */
  exit(pid: Pid, reason: ExitReason): void {
    this.exitFrom(undefined, pid, reason);
  }

  /** Ends a process unconditionally; its reason is "killed". */
  kill(pid: Pid): void {
    this.exit(pid, "kill");
  }

  /** exit/2 by `sender`, undefined from outside. */
  exitFrom(sender: Process | undefined, pid: Pid, reason: ExitReason): void {
    const target = this.expectPid(pid);
    const copy = normalizeReason(copyTerm(reason));
    if (this.events.active) {
      this.events.emit({
        type: "exitSent",
        at: this.environment.now(),
        pid: sender?.pid,
        to: pid,
        reason: copy,
      });
    }
    if (target === undefined) return;
    if (target === sender) target.exitSelf(copy);
    else target.receiveExit(sender?.pid ?? pid, copy);
  }

  /** @throws MoonletError badarg for a dead process or a process that suspends itself. */
  suspend(pid: Pid, by?: Process): void {
    const process = this.expectPid(pid);
    if (process === undefined || process === by)
      throw new MoonletError("badarg", `${pid} cannot be suspended`);
    process.suspend(by);
  }

  /** @throws MoonletError badarg for a dead process or one that was not suspended (S121). */
  resume(pid: Pid, by?: Process): void {
    const process = this.expectPid(pid);
    if (process === undefined || !process.resume(by, false))
      throw new MoonletError("badarg", `${pid} is not suspended`);
  }

  // ---- names

  /** @throws MoonletError badarg as erlang:register/2 (S84). */
  register(name: string | Atom, pid: Pid): true {
    this.#assertNameFree(name);
    const process = this.expectPid(pid);
    if (process === undefined) throw new MoonletError("badarg", `${pid} is dead and cannot be registered`);
    if (process.name !== undefined) {
      throw new MoonletError("badarg", `${pid} is registered as "${process.name}" already`, {
        hint: "a process has one name",
      });
    }
    this.#setName(process, nameOf(name)!);
    this.#tellName(process, process.name!);
    return true;
  }

  /** @throws MoonletError badarg for a name nobody has. */
  unregister(name: string | Atom): true {
    const key = nameOf(name);
    const process = key === undefined ? undefined : this.#names.get(key);
    if (key === undefined || process === undefined) {
      throw new MoonletError("badarg", `no process is registered as ${JSON.stringify(key ?? String(name))}`);
    }
    this.#clearName(process, key);
    return true;
  }

  whereis(name: string | Atom): Pid | undefined {
    const key = nameOf(name);
    return key === undefined ? undefined : this.#names.get(key)?.pid;
  }

  /** All registered names. */
  registered(): string[] {
    return [...this.#names.keys()];
  }

  named(name: string): Process | undefined {
    return this.#names.get(name);
  }

  // ---- groups

  /** Starts another scope of process groups, or gives the one of that name. */
  startGroups(scope: string): Groups {
    const known = this.#scopes.get(scope);
    if (known !== undefined) return known;
    const made = new Groups(this, scope);
    this.#scopes.set(scope, made);
    return made;
  }

  /** A scope of process groups; undefined if it was not started (S127). */
  scope(name: string): Groups | undefined {
    return this.#scopes.get(name);
  }

  /** The members of a group, with multiplicity; none if the scope was not started (S127). Default scope "pg". */
  members(group: unknown, scope = "pg"): Pid[] {
    return this.#scopes.get(scope)?.members(group) ?? [];
  }

  /** Kills all members of a group of the first scope; tells how many processes that were. */
  killGroup(group: unknown): number {
    return this.groups.kill(group);
  }

  // ---- the rest

  /** Calls `listener` for each event from now on; returns a function that ends that. */
  subscribe(listener: EventListener): () => void {
    return this.events.subscribe(listener);
  }

  /**
   * Gives `sink` a record of what chosen processes do (messages, calls, exits and more), until the limit that has to be given, or until
   * `stop`. @throws MoonletError badarg for options that cannot be.
   */
  trace(options: TraceOptions, sink: TraceSink): Trace {
    return trace(this, options, sink);
  }

  /** Kills every process, forgets every timer and never runs anything again. */
  shutdown(): void {
    this.#isShutDown = true;
    for (const process of [...this.#processes.values()])
      process.terminate("killed", { type: "signal", from: undefined });
    while (this.scheduler.signals.length > 0) this.scheduler.signals.drain(1024);
    this.scheduler.stop();
    this.timers.clear();
    this.lifecycle.close();
  }

  newRef(): Ref {
    return new Ref(this.name, ++this.#refNumber, this.creation, this.sealer);
  }

  /** Whether this runtime made the reference: a guessed one it did not. */
  isOwn(ref: Ref): boolean {
    return ref.node === this.name && ref.creation === this.creation && ref.isSealedBy(this.sealer);
  }

  /** Whom a message over this alias reaches, undefined if it is none. */
  useAlias(ref: Ref): Process | undefined {
    return this.isOwn(ref) ? useAlias(this.aliases, ref) : undefined;
  }

  /** Takes a dead process out of the tables. */
  forget(process: Process): void {
    this.#processes.delete(process.pid.number);
    if (process.name !== undefined) this.#names.delete(process.name);
  }

  #pid(node: string, number: number, creation: number): Pid {
    if (node === this.name && creation === this.creation) {
      const process = this.#processes.get(number);
      if (process !== undefined) return process.pid;
    }
    return new Pid(node, number, creation);
  }

  #assertNameFree(name: unknown): void {
    const key = nameOf(name);
    if (key === undefined || key === "undefined") {
      throw new MoonletError("badarg", `${key === undefined ? String(name) : `"${key}"`} cannot be a name`, {
        hint: "use an atom or a string",
      });
    }
    if (this.#names.has(key))
      throw new MoonletError("badarg", `the name "${key}" is taken by ${this.#names.get(key)!.pid}`);
  }

  #setName(process: Process, name: string): void {
    process.name = name;
    this.#names.set(name, process);
  }

  #tellName(process: Process, name: string): void {
    if (this.events.active)
      this.events.emit({ type: "registered", at: this.environment.now(), pid: process.pid, name });
  }

  #clearName(process: Process, name: string): void {
    process.name = undefined;
    this.#names.delete(name);
    if (this.events.active)
      this.events.emit({ type: "unregistered", at: this.environment.now(), pid: process.pid, name });
  }
}
