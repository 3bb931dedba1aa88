// What a JavaScript process holds in its hand: the operations of its own process, with Erlang's names and results.

import type { Dictionary } from "./dictionary.ts";
import { MoonletError } from "./error.ts";
import { Exit, type ExitReason } from "./exit.ts";
import type { Groups } from "./groups.ts";
import type { JavascriptBody, Match } from "./javascript-body.ts";
import type { DemonitorOptions, MonitorOptions, MonitorTarget } from "./monitors.ts";
import type { Pid } from "./pid.ts";
import type { Process } from "./process.ts";
import { type Alias, type MonitorRef, Ref, type TimerRef } from "./ref.ts";
import type { Address } from "./route.ts";
import type { Priority } from "./run-queue.ts";
import type { ProcessFunction, Runtime } from "./runtime.ts";
import type { CancelOptions, TimerOptions } from "./send-timers.ts";
import type { SpawnOptions } from "./spawn-options.ts";
import { openStream, type StreamEnd, type StreamReader, type StreamWriter } from "./stream.ts";
import { type Atom, atomName } from "./term/atom.ts";
import { isTuple } from "./term/tuple.ts";

export interface ReceiveOptions {
  /** An integer from 0 to 4294967295, or Infinity. 0 looks once and does not wait. Default Infinity. */
  readonly timeoutMs?: number;
  /** Leave out what arrived before the mailbox stood at this `position`: a reply cannot be older than its request. Default 0. */
  readonly since?: number;
}

export interface ReadOptions extends ReceiveOptions {
  /** At most so many bytes. Default all that are there in one piece. */
  readonly maxBytes?: number;
}

const NOTHING_FITS = (): boolean => false;

export class Context {
  /** The process behind, for backends and behaviours. */
  readonly process: Process;
  readonly runtime: Runtime;
  readonly pid: Pid;
  readonly #body: JavascriptBody;
  #abort: AbortController | undefined = undefined;

  constructor(process: Process, body: JavascriptBody) {
    this.process = process;
    this.runtime = process.runtime;
    this.pid = process.pid;
    this.#body = body;
  }

  // ---- receiving

  /**
   * Takes the oldest message that fits, waiting for one if need be; undefined when the time is over (S88 to S95). What does not fit
   * stays, in order. Without `match` everything fits.
   * @throws MoonletError timeout_value for a time out of range, if no waiting message fits (S93); E_RECEIVING while another receive waits.
   */
  receive<T = unknown>(match?: (message: T) => boolean, options?: ReceiveOptions): Promise<T | undefined> {
    return this.#body.receive(
      match as Match | undefined,
      undefined,
      options?.timeoutMs,
      options?.since,
    ) as Promise<T | undefined>;
  }

  /**
   * Takes the oldest message that came over this alias, or the DOWN of the monitor with this reference. Costs the same however many
   * others wait.
   */
  receiveTagged<T = unknown>(tag: Ref, options?: ReceiveOptions): Promise<T | undefined> {
    return this.#body.receive(undefined, tag, options?.timeoutMs) as Promise<T | undefined>;
  }

  /** Waits and leaves the mailbox alone (S95). @throws MoonletError timeout_value. */
  async sleep(ms: number): Promise<void> {
    await this.#body.receive(NOTHING_FITS, undefined, ms);
  }

  /**
   * Drops everything that is under way in this process and calls `fn` when the next message is there (one that waits counts), which it
   * finds in the mailbox. Never returns; what `fn` returns ends the process (S118).
   */
  hibernate(fn: ProcessFunction): Promise<never> {
    if (this.process.alive) this.#body.hibernate(fn);
    return new Promise(() => {});
  }

  /** Lets others run first. */
  yield(): Promise<void> {
    return this.#body.yield();
  }

  // ---- sending

  /** @throws MoonletError badarg for a name nobody has (S86) and for what is no address, system_limit when the mailbox refuses it. */
  send(to: Address, message: unknown): void {
    this.process.send(to, message);
  }

  /** Sends `message` in `ms` milliseconds. @throws MoonletError badarg (S107). */
  sendAfter(ms: number, to: Address, message: unknown, options?: TimerOptions): TimerRef {
    return this.process.sendAfter(ms, to, message, options);
  }

  /** As `sendAfter`; what arrives is `{ type: "timeout", ref, message }`. */
  startTimer(ms: number, to: Address, message: unknown, options?: TimerOptions): TimerRef {
    return this.process.startTimer(ms, to, message, options);
  }

  /** Milliseconds that were left, or false (S100, S101). */
  cancelTimer(ref: TimerRef): number | false;
  cancelTimer(ref: TimerRef, options: CancelOptions): number | false | undefined;
  cancelTimer(ref: TimerRef, options?: CancelOptions): number | false | undefined {
    return this.process.cancelTimer(ref, options ?? {});
  }

  readTimer(ref: TimerRef): number | false;
  readTimer(ref: TimerRef, options: Pick<CancelOptions, "async">): number | false | undefined;
  readTimer(ref: TimerRef, options?: Pick<CancelOptions, "async">): number | false | undefined {
    return this.process.readTimer(ref, options ?? {});
  }

  // ---- streams

  /** A new stream that holds at most `capacityBytes` (default 65,536); both ends are this process's until it sends them away. */
  openStream(capacityBytes?: number): { reader: StreamReader; writer: StreamWriter } {
    return openStream(this.process, capacityBytes);
  }

  /**
   * The end that a guest's message names with `{'$stream', reader | writer, Ref}`; undefined for any other term, and for an end that
   * belongs to somebody else.
   */
  streamEnd(term: unknown): StreamReader | StreamWriter | undefined {
    const ref = isTuple(term) && term.length === 3 && atomName(term[0]) === "$stream" ? term[2] : undefined;
    const end =
      ref instanceof Ref && this.runtime.isOwn(ref) ? this.runtime.streamEnds.get(ref.number) : undefined;
    return end?.owner === this.process ? (end as StreamReader | StreamWriter) : undefined;
  }

  /**
   * The next bytes of a stream, waiting for them if need be; undefined at its end.
   * @throws MoonletError E_STREAM_BROKEN when its writer died (`cause` is the exit reason), timeout when the time is over, badarg for an
   *   end that is not one's own.
   */
  async read(reader: StreamReader, options: ReadOptions = {}): Promise<Uint8Array | undefined> {
    for (;;) {
      const result = reader.read(this.process, options.maxBytes);
      if (result.type === "data") return result.bytes;
      if (result.type === "end") return undefined;
      if (result.type === "broken") {
        throw new MoonletError("E_STREAM_BROKEN", "the writer of this stream died", { cause: result.reason });
      }
      await this.#awaitStream(reader, options.timeoutMs);
    }
  }

  /**
   * Writes all of `bytes`, waiting for room if need be.
   * @throws MoonletError E_STREAM_CLOSED when nobody reads any more, timeout when the time is over (some bytes may have been written),
   *   badarg for an end that is not one's own.
   */
  async write(writer: StreamWriter, bytes: Uint8Array, options: ReceiveOptions = {}): Promise<void> {
    let rest = bytes;
    for (;;) {
      rest = rest.subarray(writer.write(this.process, rest));
      if (rest.length === 0) return;
      await this.#awaitStream(writer, options.timeoutMs);
    }
  }

  /** Ends one's part in a stream: a writer's reader gets the end, a reader's writer an error. */
  close(end: StreamReader | StreamWriter): void {
    end.close(this.process);
  }

  async #awaitStream(end: StreamEnd, timeoutMs: number | undefined): Promise<void> {
    if ((await this.#body.receive(undefined, end.ref, timeoutMs)) !== undefined) return;
    end.stopWaiting();
    throw new MoonletError("timeout", "the stream did not move in time");
  }

  // ---- processes

  /** Spawns a JavaScript process. @throws MoonletError system_limit (S11), badarg for a name that is taken. */
  spawn(fn: ProcessFunction, options: SpawnOptions = {}): Pid {
    return this.process.spawn(fn, options);
  }

  spawnLink(fn: ProcessFunction, options: SpawnOptions = {}): Pid {
    return this.spawn(fn, { ...options, link: true });
  }

  spawnMonitor(fn: ProcessFunction, options: SpawnOptions = {}): [Pid, MonitorRef] {
    return this.process.spawnMonitor(fn, options);
  }

  /** @throws MoonletError noproc when the process is dead and exits are not trapped (S46). */
  link(pid: Pid): true {
    return this.process.link(pid);
  }

  unlink(pid: Pid): true {
    return this.process.unlink(pid);
  }

  monitor(target: MonitorTarget, options?: MonitorOptions): MonitorRef {
    return this.process.monitor(target, options);
  }

  demonitor(ref: MonitorRef, options?: DemonitorOptions): boolean {
    return this.process.demonitor(ref, options);
  }

  alias(options?: { readonly reply?: boolean }): Alias {
    return this.process.alias(options);
  }

  unalias(ref: Alias): boolean {
    return this.process.unalias(ref);
  }

  /** erlang:exit/1: throws, and may be caught (S21). */
  exit(reason: ExitReason = "normal"): never {
    throw new Exit(reason);
  }

  /** erlang:exit/2. When it ends the caller itself it does not return, and what it throws cannot keep the process alive (S29). */
  exitSignal(pid: Pid, reason: ExitReason): true {
    this.process.exitSignal(pid, reason);
    if (!this.process.alive || this.process.doomed !== undefined) throw new Exit(reason);
    return true;
  }

  get trapExit(): boolean {
    return this.process.trapExit;
  }

  set trapExit(flag: boolean) {
    this.process.trapExit = flag;
  }

  get priority(): Priority {
    return this.process.priority;
  }

  set priority(level: Priority) {
    this.process.priority = level;
  }

  get label(): string | undefined {
    return this.process.label;
  }

  set label(text: string | undefined) {
    this.process.label = text;
  }

  get groupLeader(): Pid | undefined {
    return this.process.groupLeader;
  }

  set groupLeader(pid: Pid | undefined) {
    this.process.groupLeader = pid;
  }

  /** OTP: put, get, erase (S120). */
  get dictionary(): Dictionary {
    return this.process.dictionary;
  }

  /** Aborted when the process ends, for `fetch` and the like: code that outlives its process is not run to its end otherwise. */
  get signal(): AbortSignal {
    this.#abort ??= new AbortController();
    if (!this.process.alive) this.#abort.abort(this.process.exitReason);
    return this.#abort.signal;
  }

  // ---- names and groups

  register(name: string | Atom, pid: Pid = this.pid): true {
    return this.process.register(name, pid);
  }

  unregister(name: string | Atom): true {
    return this.process.unregister(name);
  }

  whereis(name: string | Atom): Pid | undefined {
    return this.process.whereis(name);
  }

  /** Joins a group once more. Exits noproc if the scope was not started (S127). Default scope "pg". */
  join(group: unknown, scope = "pg"): void {
    this.groups(scope).join(group, this.pid);
  }

  /** False if it was no member. */
  leave(group: unknown, scope = "pg"): boolean {
    return this.groups(scope).leave(group, this.pid);
  }

  /** A scope of process groups. Exits noproc if it was not started. */
  groups(scope = "pg"): Groups {
    return this.runtime.scope(scope) ?? this.exit("noproc");
  }

  /** Suspends another process; @throws MoonletError badarg for a dead one and for oneself (S121). */
  suspend(pid: Pid): void {
    this.runtime.suspend(pid, this.process);
  }

  /** @throws MoonletError badarg for a dead process and one that this process has not suspended. */
  resume(pid: Pid): void {
    this.runtime.resume(pid, this.process);
  }

  /** The body is disposed of. Internal. */
  ended(): void {
    this.#abort?.abort(this.process.exitReason);
  }
}
