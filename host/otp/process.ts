// One process: its identity, its state, what reaches it and how it ends. What processes do to each other (links, monitors, names,
// timers) lives in a file per subject; this class is where all of it is kept and what bodies and contexts call.
// A file of one subject that cannot be cut: every method below is one operation of a process.
import type { Account, Use } from "./account.ts";
import type { AliasEntry } from "./aliases.ts";
import * as aliases from "./aliases.ts";
import type { Body, BodyFactory, Outcome } from "./body.ts";
import { copyTerm } from "./copy.ts";
import { Dictionary } from "./dictionary.ts";
import { Envelope } from "./envelope.ts";
import { MoonletError } from "./error.ts";
import { type ExitReason, normalizeReason, reasonOfThrown } from "./exit.ts";
import type { ProcessInfo } from "./info.ts";
import { javascriptBody, withInitialCall } from "./javascript-body.ts";
import type { Cause } from "./lifecycle.ts";
import * as links from "./links.ts";
import { Mailbox, type MailboxLimit } from "./mailbox.ts";
import type { MessageId } from "./message-store.ts";
import type { DemonitorOptions, Monitor, MonitorOptions, MonitorTarget } from "./monitors.ts";
import * as monitors from "./monitors.ts";
import type { Pid } from "./pid.ts";
import type { Alias, MonitorRef, TimerRef } from "./ref.ts";
import { type Address, enterQuietly, route } from "./route.ts";
import type { Priority } from "./run-queue.ts";
import type { ProcessFunction, Runtime } from "./runtime.ts";
import type { CancelOptions, SendTimer, TimerOptions } from "./send-timers.ts";
import * as sendTimers from "./send-timers.ts";
import type { OwnSignal, Signal } from "./signal.ts";
import type { SmallMap } from "./small-map.ts";
import type { SpawnOptions } from "./spawn-options.ts";
import { Suspensions } from "./suspensions.ts";
import type { Atom } from "./term/atom.ts";
import { WaitTimer } from "./wait-timer.ts";

/**
 * Where a process is: in a run queue, in a slice, on its way in JavaScript microtasks ("busy"), waiting for a message, taken out of the
 * run queue because it is suspended or paused ("held"), or over.
 */
export type ProcessState = "runnable" | "running" | "busy" | "waiting" | "held" | "exited";

const SELF: Cause = { type: "self" };

/** What is counted, in words. */
const USE_WORDS: Readonly<Record<Use, string>> = {
  memoryBytes: "memory",
  mailboxBytes: "messages",
  tableEntries: "objects in tables",
  tableElements: "elements of its tables of functions",
  timers: "timers",
  openResources: "open files and sockets",
  children: "children",
  processes: "processes in its subtree",
  fuel: "fuel",
};

export class Process {
  readonly pid: Pid;
  readonly runtime: Runtime;
  readonly mailbox: Mailbox;
  /** Who spawned it; undefined for processes spawned from outside. */
  readonly parent: Pid | undefined;
  readonly initialCall: string | undefined;
  /** See `SpawnOptions.family`. */
  readonly family: Pid | undefined;
  /** Whether its body reads messages in the external term format. */
  readonly readsEncoded: boolean;

  /** Shown in listings and logs; only labelled or named processes appear in the lifecycle log. */
  label: string | undefined;
  groupLeader: Pid | undefined;
  /** Counts what the process has used over its life. */
  reductions = 0;
  /** Bytes that the core keeps for the process: its tables, its dictionary, its streams, what its timers send. Changed by `keepBytes`. */
  heldBytes = 0;
  /** What counts what it uses, where that is bounded. */
  readonly account: Account | undefined;
  /** What its body and `heldBytes` may come to together, Infinity for no bound. */
  readonly maxMemoryBytes: number;

  // The rest belongs to the core. `undefined` stands for an empty collection: most processes never need most of these.
  state: ProcessState = "runnable";
  nextInQueue: Process | undefined = undefined;
  name: string | undefined = undefined;
  /** Linked processes by the number of their pid; a dead one stays until its exit is delivered. */
  links: SmallMap<Process> | undefined = undefined;
  /** Monitors that this process made, by the number of their reference. */
  monitors: SmallMap<Monitor> | undefined = undefined;
  /** Monitors on this process in the order in which they were made, by the number of their reference. */
  monitoredBy: SmallMap<Monitor> | undefined = undefined;
  /** By the number of their reference. */
  aliases: SmallMap<AliasEntry> | undefined = undefined;
  /** The first of the timers that will send to this process. */
  firstTimer: SendTimer | undefined = undefined;
  /** The timers that it has started and that count towards its limits. */
  ownTimers: Set<SendTimer> | undefined = undefined;
  body: Body | undefined = undefined;
  exitReason: ExitReason = undefined;

  /** What `takeBytes` keeps. */
  #takenBytes = 0;
  #trapExit = false;
  #priority: Priority;
  #factory: BodyFactory | undefined;
  #dictionary: Dictionary | undefined = undefined;
  #suspensions: Suspensions | undefined = undefined;
  #exitHooks: Set<(reason: ExitReason) => void> | undefined = undefined;
  #waitTimer: WaitTimer | undefined = undefined;
  #ownSignals: OwnSignal[] | undefined = undefined;
  #arrived = false;
  #isDoomed = false;
  #doom: ExitReason = undefined;
  #cause: Cause = SELF;

  /** Made by `Runtime` only. */
  constructor(
    runtime: Runtime,
    pid: Pid,
    parent: Process | undefined,
    factory: BodyFactory,
    options: SpawnOptions,
    limit: MailboxLimit | undefined,
  ) {
    this.runtime = runtime;
    this.pid = pid;
    this.parent = parent?.pid;
    this.readsEncoded = options.readsEncoded ?? false;
    this.mailbox = new Mailbox(limit, this.readsEncoded ? runtime.messages : undefined);
    this.#factory = factory;
    this.#priority = options.priority ?? "normal";
    this.label = options.label;
    this.initialCall = options.initialCall;
    this.family = options.family === "new" ? pid : options.family;
    this.groupLeader = parent?.groupLeader;
    this.maxMemoryBytes = options.maxMemoryBytes ?? Number.POSITIVE_INFINITY;
    this.account = options.account;
    if (options.account !== undefined) {
      this.mailbox.account = options.account;
      options.account.enter(this, parent?.account);
    }
  }

  // ---- what a body uses while it runs

  get alive(): boolean {
    return this.state !== "exited";
  }

  /** Neither dead nor already waiting again since it was queued. */
  get isRunnable(): boolean {
    return this.state === "runnable";
  }

  /** It has exited, or will as soon as its slice is over. */
  get isEnding(): boolean {
    return this.#isDoomed;
  }

  /**
   * The reason with which the process ends as soon as its slice does; undefined while it may run on. Set when it sent itself a fatal
   * exit, and when a signal that came back to it was fatal. A body that sees it returns from `run` at once, with any outcome.
   */
  get doomed(): ExitReason | undefined {
    return this.#isDoomed ? this.#doom : undefined;
  }

  /** Reports work done. */
  addReductions(count: number): void {
    this.reductions += count;
  }

  /** Counts work that the core did for the process. A body with a budget of its own pays from that. */
  charge(units: number): void {
    if (this.body?.charge === undefined) this.addReductions(units);
    else this.body.charge(units);
  }

  /** What its body holds and what the core keeps for it. */
  get memoryBytes(): number {
    return (this.body?.memoryBytes ?? 0) + this.heldBytes;
  }

  /** Whether so many more bytes are within its limits. */
  hasRoom(bytes: number): boolean {
    if (bytes <= 0) return true;
    if (this.memoryBytes + bytes > this.maxMemoryBytes) return false;
    if (this.account === undefined) return true;
    this.body?.settleMemory?.();
    return this.account.lacking("memoryBytes", bytes) === undefined;
  }

  /** Whether its account, if it has one, has room for so much more. */
  hasRoomFor(use: Use, amount: number): boolean {
    return this.account === undefined || this.account.lacking(use, amount) === undefined;
  }

  /**
   * For a body that does not trust what it runs: exits and DOWNs are taken in however many messages wait, so one whose mailbox is full must
   * not ask for more of them. @throws MoonletError system_limit when it is.
   */
  expectMailboxRoom(): void {
    const coming = this.#ownSignals?.length ?? 0;
    if (!this.mailbox.full && this.mailbox.length + coming < this.mailbox.bound) return;
    throw new MoonletError("system_limit", `the mailbox of ${this.pid} is full`, {
      hint: "receive what waits first, or raise its mailbox limit",
    });
  }

  /** Keeps so many bytes more for the process. @throws MoonletError system_limit when its limits leave no room for them. */
  takeBytes(bytes: number): void {
    this.expectBytes(bytes);
    if (!this.#isBounded) return;
    this.#takenBytes += bytes;
    this.keepBytes(bytes);
  }

  /** @throws MoonletError system_limit when its limits leave no room for so many bytes more. */
  expectBytes(bytes: number): void {
    if (!this.#isBounded || this.hasRoom(bytes)) return;
    this.tellLimit("memoryBytes", bytes);
    throw new MoonletError("system_limit", `${this.pid} has no room for ${bytes} bytes more`, {
      hint: "raise its memory limit",
    });
  }

  /** Takes back what `takeBytes` kept. */
  releaseBytes(bytes: number): void {
    // What a dead one had was given back with its death.
    if (!this.#isBounded || !this.alive) return;
    this.#takenBytes -= bytes;
    this.keepBytes(-bytes);
  }

  /** Nobody counts what an unbounded one keeps: most processes in JavaScript are. */
  get #isBounded(): boolean {
    return this.maxMemoryBytes !== Number.POSITIVE_INFINITY || this.account !== undefined;
  }

  /** Tells its body that there is no room for so much more. */
  tellLimit(use: Use, amount: number): void {
    if (this.body?.limitReached === undefined) return;
    if (use === "memoryBytes" && this.memoryBytes + amount > this.maxMemoryBytes) {
      this.body.limitReached(use, "process", this.maxMemoryBytes);
      return;
    }
    const lacking = this.account?.lacking(use, amount);
    if (lacking !== undefined) this.body.limitReached(use, lacking.scope, lacking.bounds[use]);
  }

  /** Keeps so many bytes more for the process, or less. */
  keepBytes(bytes: number): void {
    this.heldBytes += bytes;
    if (this.account === undefined) return;
    this.account.add("memoryBytes", bytes);
    this.body?.settleMemory?.();
  }

  /** @throws MoonletError system_limit when its account has no room for so much more. */
  expectRoomFor(use: Use, amount: number): void {
    if (this.hasRoomFor(use, amount)) return;
    this.tellLimit(use, amount);
    throw new MoonletError("system_limit", `${this.pid} has no room for more ${USE_WORDS[use]}`, {
      hint: "raise its limits, or those of the subtree that it is in",
    });
  }

  /** Counts so much more with its account, if it has one. @throws MoonletError system_limit, and counts nothing, when there is no room. */
  take(use: Use, amount = 1): void {
    if (this.account === undefined) return;
    this.expectRoomFor(use, amount);
    this.account.add(use, amount);
  }

  /** Takes back what `take` counted. */
  release(use: Use, amount = 1): void {
    this.account?.add(use, -amount);
  }

  /**
   * Says for how long to wait, before `run` returns `WAITING`; undefined is for ever. The clock starts with the first call after a
   * message was taken or a time was over: when the process is woken by a message it does not want, the next call goes on waiting
   * for the rest of the time (S92).
   */
  waitForMessage(timeoutMs: number | undefined): void {
    if (timeoutMs === undefined) {
      this.#waitTimer?.stop();
      return;
    }
    this.#waitTimer ??= new WaitTimer(this);
    this.#waitTimer.start(timeoutMs);
  }

  /** The time given to `waitForMessage` is over, and no message has been taken since. */
  get timedOut(): boolean {
    return this.#waitTimer?.isOver === true;
  }

  // ---- messages

  /**
   * Sends a copy of `message` (see `copyTerm`). Nobody there is no error, except for a name (S6, S86).
   * @throws MoonletError badarg for a name nobody has and for what is no address, system_limit when the mailbox refuses it.
   */
  send(to: Address, message: unknown): void {
    this.#assertAlive();
    if (this.state === "busy") this.runtime.scheduler.adopt(this);
    route(this.runtime, this, to, message, undefined);
  }

  /** As `send`, for a message in the external term format; `bytes` belong to the core from now on. */
  sendEncoded(to: Address, bytes: Uint8Array): void {
    this.#assertAlive();
    route(this.runtime, this, to, undefined, bytes);
  }

  // ---- processes

  /** Spawns a process. `ref` is there when a monitor was asked for. */
  spawnProcess(
    factory: BodyFactory,
    options: SpawnOptions = {},
  ): { readonly pid: Pid; readonly ref?: MonitorRef } {
    this.#assertAlive();
    return this.runtime.spawnProcess(this, factory, options);
  }

  /** Spawns a JavaScript process. */
  spawn(fn: ProcessFunction, options: SpawnOptions = {}): Pid {
    return this.spawnProcess(javascriptBody(fn), withInitialCall(fn, options)).pid;
  }

  spawnMonitor(fn: ProcessFunction, options: SpawnOptions = {}): [Pid, MonitorRef] {
    return this.spawnBodyMonitor(javascriptBody(fn), withInitialCall(fn, options));
  }

  spawnBody(factory: BodyFactory, options?: SpawnOptions): Pid {
    return this.spawnProcess(factory, options).pid;
  }

  spawnBodyMonitor(factory: BodyFactory, options: SpawnOptions = {}): [Pid, MonitorRef] {
    const { pid, ref } = this.spawnProcess(factory, { ...options, monitor: options.monitor || true });
    return [pid, ref!];
  }

  /** @throws MoonletError noproc when the process is dead and exits are not trapped (S46), badarg for what is no pid. */
  link(pid: Pid): true {
    this.#assertAlive();
    return links.link(this, pid);
  }

  unlink(pid: Pid): true {
    this.#assertAlive();
    return links.unlink(this, pid);
  }

  /** @throws MoonletError badarg for what cannot be monitored. */
  monitor(target: MonitorTarget, options?: MonitorOptions): MonitorRef {
    this.#assertAlive();
    return monitors.monitor(this, target, options);
  }

  /** True, or with `info` whether the monitor was still active. */
  demonitor(ref: MonitorRef, options?: DemonitorOptions): boolean {
    this.#assertAlive();
    return monitors.demonitor(this, ref, options);
  }

  /** A new alias; with `reply` it ends with the first message over it. */
  alias(options?: { readonly reply?: boolean }): Alias {
    this.#assertAlive();
    return aliases.alias(this, options?.reply === true ? "reply" : "explicit_unalias");
  }

  /** True if it was active and this process's own (S75). */
  unalias(ref: Alias): boolean {
    this.#assertAlive();
    return aliases.unalias(this, ref);
  }

  /** erlang:exit/2. @throws MoonletError badarg for what is no pid (S36). */
  exitSignal(pid: Pid, reason: ExitReason): true {
    this.#assertAlive();
    this.runtime.exitFrom(this, pid, reason);
    return true;
  }

  register(name: string | Atom, pid: Pid = this.pid): true {
    this.#assertAlive();
    return this.runtime.register(name, pid);
  }

  unregister(name: string | Atom): true {
    this.#assertAlive();
    return this.runtime.unregister(name);
  }

  whereis(name: string | Atom): Pid | undefined {
    return this.runtime.whereis(name);
  }

  // ---- timers

  /** Sends `message` in `ms` milliseconds. @throws MoonletError badarg (S107). */
  sendAfter(ms: number, to: Address, message: unknown, options?: TimerOptions): TimerRef {
    this.#assertAlive();
    return sendTimers.start(this, "message", ms, to, copyTerm(message), undefined, options);
  }

  /** As `sendAfter`; what arrives is `{ type: "timeout", ref, message }`. */
  startTimer(ms: number, to: Address, message: unknown, options?: TimerOptions): TimerRef {
    this.#assertAlive();
    return sendTimers.start(this, "timeout", ms, to, copyTerm(message), undefined, options);
  }

  /** `sendAfter` of a message in the external term format. */
  sendAfterEncoded(ms: number, to: Address, bytes: Uint8Array): TimerRef {
    this.#assertAlive();
    return sendTimers.start(this, "message", ms, to, undefined, bytes);
  }

  /** Milliseconds that were left, or false (S100, S101). */
  cancelTimer(ref: TimerRef): number | false;
  /** undefined with `async` or without `info` (S103). */
  cancelTimer(ref: TimerRef, options: CancelOptions): number | false | undefined;
  cancelTimer(ref: TimerRef, options?: CancelOptions): number | false | undefined {
    this.#assertAlive();
    return sendTimers.cancel(this, ref, options);
  }

  readTimer(ref: TimerRef): number | false;
  readTimer(ref: TimerRef, options: Pick<CancelOptions, "async">): number | false | undefined;
  readTimer(ref: TimerRef, options?: Pick<CancelOptions, "async">): number | false | undefined {
    this.#assertAlive();
    return sendTimers.read(this, ref, options);
  }

  // ---- the rest of the flags

  /** Whether exits arrive as messages instead of ending the process (S40). */
  get trapExit(): boolean {
    return this.#trapExit;
  }

  /** @throws MoonletError badarg for anything but a boolean (S39). */
  set trapExit(flag: boolean) {
    if (typeof flag !== "boolean")
      throw new MoonletError("badarg", `trapExit is true or false, not ${String(flag)}`);
    this.#trapExit = flag;
  }

  get priority(): Priority {
    return this.#priority;
  }

  /** Counts from the next time the process is queued. @throws MoonletError badarg for an unknown level. */
  set priority(level: Priority) {
    if (level !== "low" && level !== "normal" && level !== "high" && level !== "max") {
      throw new MoonletError("badarg", `unknown priority ${JSON.stringify(level)}`, {
        hint: "use low, normal, high or max",
      });
    }
    this.#priority = level;
  }

  get dictionary(): Dictionary {
    this.#dictionary ??= new Dictionary();
    return this.#dictionary;
  }

  /** The dictionary if it was ever used. */
  get usedDictionary(): Dictionary | undefined {
    return this.#dictionary;
  }

  get suspended(): boolean {
    return this.#suspensions !== undefined;
  }

  processInfo(pid: Pid): ProcessInfo | undefined {
    return this.runtime.info(pid);
  }

  /**
   * Calls `hook` when the process ends: after its names are free, before anybody learns of it. Returns a function that takes the hook
   * back. Tables, groups and streams hang on this.
   */
  onExit(hook: (reason: ExitReason) => void): () => void {
    this.#exitHooks ??= new Set();
    const hooks = this.#exitHooks;
    hooks.add(hook);
    return () => {
      hooks.delete(hook);
    };
  }

  // ---- what reaches it

  /** How it came to its end; before that, `self`. */
  get exitCause(): Cause {
    return this.#cause;
  }

  /** Puts an envelope into the mailbox and wakes the process. Bounds are not looked at here: see `route`. */
  deliver(envelope: Envelope): void {
    if (this.state === "exited") return;
    this.mailbox.push(envelope);
    if (this.state === "waiting") this.wake();
    else if (this.state === "running") this.#arrived = true;
  }

  /** As `deliver`, for a message without tag to a process that reads values. */
  deliverValue(value: unknown): void {
    if (this.state === "exited") return;
    this.mailbox.pushValue(value);
    if (this.state === "waiting") this.wake();
    else if (this.state === "running") this.#arrived = true;
  }

  /** As `deliver`, for a message without tag, of so many bytes, in the runtime's store, to a living process that reads bytes. */
  deliverStored(id: MessageId, bytes: number): void {
    this.mailbox.pushStored(id, bytes);
    if (this.state === "waiting") this.wake();
    else if (this.state === "running") this.#arrived = true;
  }

  /** Puts a process that runs on its own in microtasks back into the run queue. */
  requeue(): void {
    if (this.state === "runnable") return;
    this.state = "runnable";
    this.runtime.scheduler.enqueue(this);
  }

  /** Makes a waiting process runnable. */
  wake(): void {
    if (this.state !== "waiting") return;
    this.state = "runnable";
    this.runtime.scheduler.enqueue(this);
  }

  /** Acts on an exit of exit/2 from somebody else. */
  receiveExit(from: Pid, reason: ExitReason): void {
    if (reason === "kill") this.terminate("killed", { type: "signal", from });
    else this.#receiveTrappable(from, reason, "signal");
  }

  /** Over a link, `kill` is a reason like any other (S22, S32). */
  #receiveTrappable(from: Pid, reason: ExitReason, type: "link" | "signal"): void {
    if (this.trapExit) this.deliver(new Envelope("exit", { type: "exit", from, reason }));
    else if (reason !== "normal") this.terminate(reason, { type, from });
  }

  /** Acts on what follows from another process's death. */
  handleSignal(signal: Signal): void {
    if (this.state === "exited") return;
    switch (signal.type) {
      case "linkExit":
        // Not in the set: unlinked while it was under way (S51).
        if (this.links?.delete(signal.from.pid.number))
          this.#receiveTrappable(signal.from.pid, signal.reason, "link");
        return;
      case "noLink":
        this.#receiveTrappable(signal.from, signal.reason, "link");
        return;
      case "down":
        monitors.deliverDown(signal.monitor, signal.reason);
        return;
    }
  }

  /** Ends the process: now, or as soon as the slice that it is in is over. */
  terminate(reason: ExitReason, cause: Cause = SELF): void {
    if (this.state === "exited" || this.#isDoomed) return;
    this.#cause = cause;
    if (this.runtime.scheduler.current === this) {
      this.#isDoomed = true;
      this.#doom = reason;
    } else {
      this.#die(reason);
    }
  }

  /** Acts on an exit/2 to itself. */
  exitSelf(reason: ExitReason): void {
    // Behind an earlier one, which may end it with another reason.
    if (this.#ownSignals !== undefined && !(this.trapExit && reason !== "kill")) this.handleOwnSignals();
    if (reason === "kill") this.terminate("killed");
    else if (!this.trapExit) this.terminate(reason);
    else {
      // Acted upon by the flag of the moment of the next receive (S29, S30).
      this.queueOwn({ type: "exit", reason });
    }
  }

  get hasOwnSignals(): boolean {
    return this.#ownSignals !== undefined;
  }

  /** Keeps a signal to itself for the next receive, or the end of the slice if that comes first. */
  queueOwn(signal: OwnSignal): void {
    this.#ownSignals ??= [];
    this.#ownSignals.push(signal);
    this.mailbox.beforeMiss ??= () => this.handleOwnSignals();
    // Not at work, and so at no receive: somebody acts in its name, or it goes on after a promise of its own.
    if (this.state === "waiting" || this.state === "runnable") this.handleOwnSignals();
  }

  /** Acts on the signals to itself before somebody looks at it. With an empty mailbox, news of nobody being there is not seen (S116). */
  showOwnSignals(): void {
    const isSeen =
      this.mailbox.length > 0 || this.#ownSignals?.some(({ type }) => type === "exit" || type === "message");
    if (isSeen && this.#ownSignals !== undefined) this.handleOwnSignals();
  }

  /** Acts on the signals to itself. */
  handleOwnSignals(): void {
    const signals = this.#ownSignals ?? [];
    this.#ownSignals = undefined;
    this.mailbox.beforeMiss = undefined;
    for (const signal of signals) {
      if (signal.type === "message") {
        const { alias, envelope } = signal;
        if (alias === undefined || this.runtime.useAlias(alias) === this) enterQuietly(this, envelope);
      } else if (signal.type === "down") {
        monitors.deliverDown(signal.monitor, signal.reason);
      } else if (signal.type === "noLink") {
        this.deliver(new Envelope("exit", { type: "exit", from: signal.from, reason: "noproc" }));
      } else if (this.trapExit) {
        this.deliver(new Envelope("exit", { type: "exit", from: this.pid, reason: signal.reason }));
      } else if (signal.reason !== "normal") {
        // A normal one that was sent while exits were trapped is harmless, as any other normal exit.
        this.terminate(signal.reason);
      }
    }
  }

  // ---- slices

  /** Runs the body for one slice. A hot path: nothing is allocated here. */
  runSlice(budget: number): Outcome {
    this.state = "running";
    this.#arrived = false;
    try {
      if (this.body === undefined) {
        const factory = this.#factory!;
        this.#factory = undefined;
        this.body = factory(this);
      }
      return this.body.run(budget);
    } catch (error) {
      return { type: "exited", reason: reasonOfThrown(error) };
    }
  }

  /** Draws the consequences of a slice, when the scheduler no longer counts the process as running. */
  endSlice(outcome: Outcome): void {
    // One of these may end it, here and now.
    if (this.#ownSignals !== undefined) this.handleOwnSignals();
    if (this.state === "exited") return;
    if (this.#isDoomed) {
      this.#die(this.#doom);
    } else if (outcome.type === "exited") {
      this.#die(normalizeReason(outcome.reason));
    } else if (this.state === "running") {
      // A message that came during the slice may be one that the body has not looked at.
      if (outcome.type === "paused") {
        this.state = "held";
      } else if (outcome.type === "yielded" || this.#arrived || this.timedOut) {
        this.state = "runnable";
        this.runtime.scheduler.enqueue(this);
      } else {
        this.state = "waiting";
      }
    }
  }

  /** Ends what a body began with `PAUSED`. */
  unpause(): void {
    if (this.state === "held") this.requeue();
  }

  /** Takes a suspended process out of the game until it is resumed; true if it must not run now. */
  hold(): boolean {
    if (this.#suspensions === undefined) return false;
    this.state = "held";
    return true;
  }

  /** Adds one suspension by `by` (undefined: from outside). */
  suspend(by: Process | undefined): void {
    this.#suspensions ??= new Suspensions();
    this.#suspensions.add(by, () => this.resume(by, true));
  }

  /** Takes back one suspension by `by`, or all of them; false if there was none. */
  resume(by: Process | undefined, all: boolean): boolean {
    if (this.#suspensions === undefined || !this.#suspensions.remove(by, all)) return false;
    if (!this.#suspensions.empty) return true;
    this.#suspensions = undefined;
    if (this.state === "held") this.requeue();
    return true;
  }

  // ---- the end

  #die(reason: ExitReason): void {
    const { scheduler, lifecycle, events } = this.runtime;
    this.state = "exited";
    scheduler.leave(this);
    this.exitReason = reason;
    this.#isDoomed = true;
    this.#doom = reason;
    this.runtime.forget(this);
    aliases.dropAll(this);
    sendTimers.dropAll(this);
    this.#waitTimer?.stop();
    this.#suspensions?.clear();
    if (this.#exitHooks !== undefined) for (const hook of this.#exitHooks) apart(() => hook(reason));
    if (lifecycle.active || events.active) lifecycle.exited(this, reason, this.#cause);
    this.mailbox.clear();
    if (this.account !== undefined) {
      this.keepBytes(-this.#takenBytes);
      this.account.leave(this);
    }

    // Exits before DOWNs, DOWNs in the order of their making (S26).
    const { links: linked, monitoredBy, monitors: own } = this;
    this.links = undefined;
    this.monitoredBy = undefined;
    this.monitors = undefined;
    linked?.forEach((peer) => {
      scheduler.signals.push(peer, { type: "linkExit", from: this, reason });
    });
    monitoredBy?.forEach((monitor) => {
      scheduler.signals.push(monitor.watcher, { type: "down", monitor, reason });
    });
    own?.forEach((monitor) => {
      monitor.target?.monitoredBy?.delete(monitor.ref.number);
    });

    const { body } = this;
    this.body = undefined;
    this.#factory = undefined;
    if (body !== undefined) apart(() => body.dispose());
  }

  #assertAlive(): void {
    if (this.#isDoomed) {
      throw new MoonletError("E_EXITED", `process ${this.pid} has exited and can do nothing any more`);
    }
  }
}

/** Cleaning up that fails is a bug of whoever does it: it must be seen, and must not stop the news of the death. */
function apart(clean: () => void): void {
  try {
    clean();
  } catch (error) {
    void Promise.reject(error);
  }
}
