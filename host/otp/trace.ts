// Looks at what chosen processes do and ends itself at a limit, so that it cannot drown a running system (as recon_trace of Erlang).
// Built on the event stream: what nobody traces costs nothing.
import { MoonletError } from "./error.ts";
import type { RuntimeEvent } from "./events.ts";
import { Pid } from "./pid.ts";
import type { Runtime } from "./runtime.ts";
import { TracedTerm, type TraceRecord } from "./trace-record.ts";
import { TraceSubjects } from "./trace-subjects.ts";
import { wireOf } from "./trace-wire.ts";

/** exits are exit/2, too; links are unlinks and monitors, too; names are groups, too. */
export type TraceKind = "sends" | "receives" | "calls" | "spawns" | "exits" | "links" | "names";

/** So many records, or so many in any `perMs` milliseconds: one more within that time ends the trace. */
export type TraceLimit = number | { readonly count: number; readonly perMs: number };

export interface TraceOptions {
  /** When the trace ends by itself. There is no default. */
  readonly limit: TraceLimit;
  /**
   * What is shown. With calls, requests to servers, casts and replies are shown once, as such, and not as messages sent or received.
   * Default: all of it.
   */
  readonly what?: readonly TraceKind[];
  /** Processes by pid. Without `pids`, `names`, `labels` and `groups` all processes are traced. */
  readonly pids?: readonly Pid[];
  /** By registered name. Who was chosen once, by whatever it was, is traced to its end. */
  readonly names?: readonly string[];
  /** By label. */
  readonly labels?: readonly string[];
  /** The members of process groups of the first scope. */
  readonly groups?: readonly unknown[];
  /** Leaves out records for which it is false; they do not count. Default: all are taken. */
  readonly match?: (record: TraceRecord) => boolean;
}

export type TraceSink = (record: TraceRecord) => void;

/** A trace that runs, or has ended. */
export interface Trace {
  readonly active: boolean;
  /** Records given out, without the last one, `ended`. */
  readonly count: number;
  /** Ends it; nothing if it has ended. */
  stop(): void;
}

const KINDS: readonly TraceKind[] = ["sends", "receives", "calls", "spawns", "exits", "links", "names"];
/** Calls whose reply is still to come. */
const CALLS_KEPT = 10_000;

/**
 * Gives `sink` a record of everything that the chosen processes do, until the limit; the last record is `ended`. A send belongs to its
 * sender, a receive to the receiver, a call, cast or reply to both. What the sink itself causes is not traced. A sink or `match` that
 * throws ends the trace.
 * @throws MoonletError badarg for options that cannot be.
 */
export function trace(runtime: Runtime, options: TraceOptions, sink: TraceSink): Trace {
  checkOptions(options);
  return new Tracer(runtime, options, sink);
}

class Tracer implements Trace {
  readonly #runtime: Runtime;
  readonly #sink: TraceSink;
  readonly #match: TraceOptions["match"];
  readonly #kinds: ReadonlySet<TraceKind>;
  readonly #subjects: TraceSubjects;
  readonly #most: number;
  readonly #windowMs: number;
  readonly #calls = new Map<number, number>();
  readonly #unsubscribe: () => void;
  #windowStart: number;
  #inWindow = 0;
  #count = 0;
  #active = true;
  #busy = false;

  constructor(runtime: Runtime, options: TraceOptions, sink: TraceSink) {
    const { limit, what = KINDS } = options;
    this.#runtime = runtime;
    this.#sink = sink;
    this.#match = options.match;
    this.#kinds = new Set(what);
    this.#subjects = new TraceSubjects(runtime, options);
    this.#most = typeof limit === "number" ? limit : limit.count;
    this.#windowMs = typeof limit === "number" ? Number.POSITIVE_INFINITY : limit.perMs;
    this.#windowStart = runtime.environment.now();
    this.#unsubscribe = runtime.subscribe((event) => this.#see(event));
  }

  get active(): boolean {
    return this.#active;
  }

  get count(): number {
    return this.#count;
  }

  stop(): void {
    this.#end("stopped");
  }

  #see(event: RuntimeEvent): void {
    if (this.#busy || !this.#active) return;
    this.#busy = true;
    try {
      const record = this.#recordOf(event);
      if (record === undefined || this.#match?.(record) === false) return;
      if (this.#isTooFast(event.at)) this.#end("rate");
      else this.#give(record);
    } catch (error) {
      this.#fail();
      throw error;
    } finally {
      this.#busy = false;
    }
  }

  #give(record: TraceRecord): void {
    this.#count++;
    this.#sink(record);
    if (this.#windowMs === Number.POSITIVE_INFINITY && this.#count >= this.#most) this.#end("limit");
  }

  #isTooFast(at: number): boolean {
    if (this.#windowMs === Number.POSITIVE_INFINITY) return false;
    if (at - this.#windowStart >= this.#windowMs) {
      this.#windowStart = at;
      this.#inWindow = 0;
    }
    return ++this.#inWindow > this.#most;
  }

  #end(why: Extract<TraceRecord, { type: "ended" }>["why"]): void {
    if (!this.#active) return;
    this.#active = false;
    this.#unsubscribe();
    this.#calls.clear();
    this.#sink({ type: "ended", at: this.#runtime.environment.wallTime(), why, count: this.#count });
  }

  /** Ends the trace because of an error, which counts more than one that follows from it. */
  #fail(): void {
    try {
      this.#end("failed");
    } catch {}
  }

  #recordOf(event: RuntimeEvent): TraceRecord | undefined {
    switch (event.type) {
      case "sent":
        return this.#sent(event);
      case "received":
        return this.#received(event);
      case "spawned": {
        const { pid, parent, label, initialCall } = event;
        if (!this.#wants("spawns") || !(this.#subjects.has(pid, label) || this.#isChosen(parent)))
          return undefined;
        return { type: "spawned", at: this.#at(), pid, parent, label, initialCall };
      }
      case "exited": {
        const { pid, reason, cause, label, name } = event;
        const isChosen = this.#subjects.has(pid, label, name);
        this.#subjects.forget(pid);
        return isChosen && this.#wants("exits")
          ? { type: "exited", at: this.#at(), pid, reason, cause }
          : undefined;
      }
      case "exitSent": {
        const { pid, to, reason } = event;
        if (!this.#wants("exits") || !this.#isEither(pid, to)) return undefined;
        return { type: "exitSent", at: this.#at(), pid, to, reason };
      }
      case "linked":
      case "unlinked": {
        const { type, pid, to } = event;
        return this.#wants("links") && this.#isEither(pid, to)
          ? { type, at: this.#at(), pid, to }
          : undefined;
      }
      case "monitored": {
        const { type, pid, ref, target } = event;
        const isChosen = this.#isChosen(pid) || (target instanceof Pid && this.#isChosen(target));
        return this.#wants("links") && isChosen ? { type, at: this.#at(), pid, ref, target } : undefined;
      }
      case "registered":
      case "unregistered": {
        const { type, pid, name } = event;
        const isChosen = this.#subjects.has(pid, undefined, name);
        return this.#wants("names") && isChosen ? { type, at: this.#at(), pid, name } : undefined;
      }
      case "joined":
      case "left": {
        const { type, pid, group, scope } = event;
        const isChosen = this.#subjects.hasMember(pid, group, scope);
        return this.#wants("names") && isChosen ? { type, at: this.#at(), pid, group, scope } : undefined;
      }
      case "groupKilled":
      case "report":
      case "shed":
        return undefined;
    }
  }

  #sent(event: Extract<RuntimeEvent, { type: "sent" }>): TraceRecord | undefined {
    const { pid, to, message, encoded = false } = event;
    const wire = this.#wants("calls") ? wireOf(message, encoded) : undefined;
    if (wire === undefined) {
      if (!this.#wants("sends") || !this.#isChosen(pid)) return undefined;
      return { type: "sent", at: this.#at(), pid, to, message: this.#term(message, encoded) };
    }
    if (!this.#isEither(pid, to)) return undefined;
    const at = this.#at();
    switch (wire.form) {
      case "call":
        if (wire.ref !== undefined) this.#remember(wire.ref, event.at);
        return {
          type: "called",
          at,
          pid,
          to,
          request: this.#term(message, encoded, 2),
          protocol: wire.protocol,
        };
      case "cast":
        return { type: "cast", at, pid, to, request: this.#term(message, encoded, 1) };
      case "reply": {
        const since = this.#calls.get(wire.ref);
        this.#calls.delete(wire.ref);
        const afterMs = since === undefined ? undefined : event.at - since;
        return { type: "replied", at, pid, to, reply: this.#term(message, encoded, 1), afterMs };
      }
    }
  }

  #received(event: Extract<RuntimeEvent, { type: "received" }>): TraceRecord | undefined {
    const { pid, message, encoded = false } = event;
    if (!this.#wants("receives") || !this.#isChosen(pid)) return undefined;
    if (this.#wants("calls") && wireOf(message, encoded) !== undefined) return undefined;
    return { type: "received", at: this.#at(), pid, message: this.#term(message, encoded) };
  }

  #remember(ref: number, at: number): void {
    this.#calls.set(ref, at);
    if (this.#calls.size <= CALLS_KEPT) return;
    for (const oldest of this.#calls.keys()) {
      this.#calls.delete(oldest);
      return;
    }
  }

  #term(message: unknown, encoded: boolean, place?: number): TracedTerm {
    return new TracedTerm(message, encoded ? this.#runtime.decoder : undefined, place);
  }

  #wants(kind: TraceKind): boolean {
    return this.#kinds.has(kind);
  }

  #isChosen(pid: Pid | undefined): boolean {
    return this.#subjects.has(pid);
  }

  #isEither(pid: Pid | undefined, other: Pid): boolean {
    return this.#isChosen(pid) || this.#isChosen(other);
  }

  #at(): number {
    return this.#runtime.environment.wallTime();
  }
}

function checkOptions({ limit, what, pids }: TraceOptions): void {
  const isLimit =
    typeof limit === "number"
      ? isCount(limit)
      : typeof limit === "object" && limit !== null && isCount(limit.count) && limit.perMs > 0;
  if (!isLimit) {
    throw new MoonletError("badarg", "a trace needs a limit at which it ends", {
      hint: "use a number of records, or { count, perMs }",
    });
  }
  for (const kind of what ?? []) {
    if (KINDS.includes(kind)) continue;
    throw new MoonletError("badarg", `there is nothing called ${JSON.stringify(kind)} to trace`, {
      hint: `use ${KINDS.join(", ")}`,
    });
  }
  for (const pid of pids ?? []) {
    if (pid instanceof Pid) continue;
    throw new MoonletError("badarg", `${String(pid)} is no pid`, {
      hint: "use names or labels for names and labels",
    });
  }
}

function isCount(value: unknown): boolean {
  return Number.isSafeInteger(value) && (value as number) > 0;
}
