// Timers that send: sendAfter and startTimer, cancel and read (S96 to S108).
import { Envelope, type EnvelopeKind } from "./envelope.ts";
import { MoonletError } from "./error.ts";
import { nameOf } from "./names.ts";
import { Pid } from "./pid.ts";
import type { Process } from "./process.ts";
import { Ref, type TimerRef } from "./ref.ts";
import { enterQuietly } from "./route.ts";
import type { Runtime } from "./runtime.ts";
import { encodeTerm } from "./term/encode.ts";
import { heldBytes } from "./term/held-bytes.ts";
import { Timer } from "./timers.ts";

/** What a pending timer takes up without its message. */
const TIMER_BYTES = 256;

export interface TimerOptions {
  /** The time is a point on `Environment.now`'s scale instead of a distance; one in the past fires at once. Default false. */
  readonly abs?: boolean;
}

export interface CancelOptions {
  /** Returns undefined and sends `{ type: "cancel_timer" | "read_timer", ref, result }`. Default false. */
  readonly async?: boolean;
  /** With false the result is told to nobody. Default true. */
  readonly info?: boolean;
}

/** One that is pending. Timers to the same process are chained, so that its death finds them. */
export class SendTimer extends Timer {
  readonly ref: Ref;
  readonly #runtime: Runtime;
  readonly #kind: "message" | "timeout";
  /** A process, or a name that is looked up when it fires (S106). */
  readonly target: Process | string;
  readonly #message: unknown;
  readonly #encoded: Uint8Array | undefined;
  /** Whose limits the timer and its message count towards while it is pending, and what the message comes to. */
  readonly owner: Process | undefined;
  readonly heldBytes: number;
  previousOfTarget: SendTimer | undefined = undefined;
  nextOfTarget: SendTimer | undefined = undefined;

  constructor(
    runtime: Runtime,
    ref: Ref,
    kind: "message" | "timeout",
    target: Process | string,
    message: unknown,
    encoded: Uint8Array | undefined,
    owner: Process | undefined,
    held: number,
  ) {
    super();
    this.owner = owner;
    this.heldBytes = held;
    this.#runtime = runtime;
    this.ref = ref;
    this.#kind = kind;
    this.target = target;
    this.#message = message;
    this.#encoded = encoded;
  }

  fire(): void {
    forget(this.#runtime, this);
    const target = typeof this.target === "string" ? this.#runtime.named(this.target) : this.target;
    if (target === undefined) return;
    const envelope = this.#envelope();
    if (this.heldBytes > 0) envelope.weight = this.heldBytes;
    enterQuietly(target, envelope, this.owner);
    const { events, environment } = this.#runtime;
    if (!events.active) return;
    const { encoded } = envelope;
    events.emit({
      type: "sent",
      at: environment.now(),
      // Whoever started the timer may be long gone: like a BEAM's, it sends on nobody's behalf.
      pid: undefined,
      to: target.pid,
      message: encoded ?? envelope.value,
      encoded: encoded !== undefined,
    });
  }

  #envelope(): Envelope {
    if (this.#kind === "timeout") {
      const message =
        this.#encoded === undefined ? this.#message : this.#runtime.decoder.decode(this.#encoded);
      return new Envelope("timeout", { type: "timeout", ref: this.ref, message }, this.ref);
    }
    if (this.#encoded === undefined) return new Envelope("message", this.#message);
    return new Envelope("message", undefined, undefined, this.#encoded, this.#runtime.decoder);
  }
}

/**
 * @throws MoonletError badarg for a time that is no integer from 0 on, or a target that is neither pid nor name (S107), system_limit when
 *   the memory limit of its owner leaves no room for the message.
 */
export function start(
  owner: Process,
  kind: "message" | "timeout",
  ms: number,
  to: unknown,
  message: unknown,
  encoded: Uint8Array | undefined,
  options: TimerOptions = {},
): TimerRef {
  const { runtime } = owner;
  const isAbsolute = options.abs === true;
  if (typeof ms !== "number" || (isAbsolute ? !Number.isFinite(ms) : !(Number.isInteger(ms) && ms >= 0))) {
    throw new MoonletError("badarg", `a timer cannot run for ${String(ms)} ms`, {
      hint: "use an integer from 0 on",
    });
  }
  const target = to instanceof Pid ? (runtime.process(to) ?? to) : nameOf(to);
  if (target === undefined) {
    throw new MoonletError("badarg", "a timer sends to a pid or a registered name", {
      hint: "an alias cannot be used",
    });
  }
  const ref = runtime.newRef();
  // Dead from the start (S104), or on another node.
  if (target instanceof Pid) return ref;
  const held = owner.maxMemoryBytes === Number.POSITIVE_INFINITY ? 0 : timerBytes(message, encoded);
  if (!owner.hasRoom(held)) {
    owner.tellLimit("memoryBytes", held);
    throw new MoonletError("system_limit", `the timers of ${owner.pid} hold too much`, {
      hint: "raise its memory limit",
    });
  }
  // When it fires nobody is there to be told that the message is no term.
  const wantsBytes = encoded === undefined && typeof target !== "string" && target.readsEncoded;
  owner.take("timers");
  const timer = new SendTimer(
    runtime,
    ref,
    kind,
    target,
    message,
    wantsBytes ? encodeTerm(message) : encoded,
    held > 0 || owner.account !== undefined ? owner : undefined,
    held,
  );
  owner.keepBytes(held);
  if (timer.owner !== undefined) {
    owner.ownTimers ??= new Set();
    owner.ownTimers.add(timer);
  }
  runtime.sendTimers.set(ref.number, timer);
  if (typeof target !== "string") chain(timer, target);
  runtime.timers.add(timer, isAbsolute ? ms : runtime.environment.now() + ms);
  return ref;
}

export function cancel(
  process: Process,
  ref: TimerRef,
  options: CancelOptions = {},
): number | false | undefined {
  const { runtime } = process;
  const timer = find(runtime, ref);
  const result = timer === undefined ? false : left(runtime, timer);
  if (timer !== undefined) {
    runtime.timers.remove(timer);
    forget(runtime, timer);
  }
  if (options.info === false) return undefined;
  return answer(process, "cancel_timer", ref, result, options.async);
}

export function read(
  process: Process,
  ref: TimerRef,
  options: Pick<CancelOptions, "async"> = {},
): number | false | undefined {
  const { runtime } = process;
  const timer = find(runtime, ref);
  return answer(
    process,
    "read_timer",
    ref,
    timer === undefined ? false : left(runtime, timer),
    options.async,
  );
}

/**
 * Drops all timers to a process that dies (S104). `Differs from OTP:` also those that it has started, when its limits count them: what
 * nobody's limits count would be without bound.
 */
export function dropAll(process: Process): void {
  for (const timer of process.ownTimers ?? []) {
    process.runtime.timers.remove(timer);
    forget(process.runtime, timer);
  }
  for (let timer = process.firstTimer; timer !== undefined; timer = process.firstTimer) {
    process.runtime.timers.remove(timer);
    forget(process.runtime, timer);
  }
}

function answer(
  process: Process,
  type: "cancel_timer" | "read_timer",
  ref: TimerRef,
  result: number | false,
  isAsync: boolean | undefined,
): number | false | undefined {
  if (isAsync !== true) return result;
  const kind: EnvelopeKind = "cancelled";
  process.deliver(new Envelope(kind, { type, ref, result }, ref));
  return undefined;
}

/** A timer with its message. */
function timerBytes(message: unknown, encoded: Uint8Array | undefined): number {
  return TIMER_BYTES + (encoded === undefined ? heldBytes(message) : encoded.length);
}

function find(runtime: Runtime, ref: TimerRef): SendTimer | undefined {
  if (!(ref instanceof Ref)) throw new MoonletError("badarg", `${String(ref)} is no timer`);
  return runtime.isOwn(ref) ? runtime.sendTimers.get(ref.number) : undefined;
}

function left(runtime: Runtime, timer: SendTimer): number {
  return Math.max(0, Math.ceil(timer.due - runtime.environment.now()));
}

function chain(timer: SendTimer, target: Process): void {
  timer.nextOfTarget = target.firstTimer;
  if (target.firstTimer !== undefined) target.firstTimer.previousOfTarget = timer;
  target.firstTimer = timer;
}

/** Takes a timer that is no longer pending out of the tables. */
function forget(runtime: Runtime, timer: SendTimer): void {
  runtime.sendTimers.delete(timer.ref.number);
  timer.owner?.ownTimers?.delete(timer);
  timer.owner?.keepBytes(-timer.heldBytes);
  timer.owner?.release("timers");
  if (typeof timer.target === "string") return;
  const { previousOfTarget, nextOfTarget } = timer;
  if (previousOfTarget === undefined) timer.target.firstTimer = nextOfTarget;
  else previousOfTarget.nextOfTarget = nextOfTarget;
  if (nextOfTarget !== undefined) nextOfTarget.previousOfTarget = previousOfTarget;
  timer.previousOfTarget = undefined;
  timer.nextOfTarget = undefined;
}
