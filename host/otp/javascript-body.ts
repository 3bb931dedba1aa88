// A process that is an async function. A slice settles the promise of its pending receive; the function then goes on in microtasks and
// the process counts as busy until it receives again. Code that outlives its process is left alone: its promises never settle.
// `Differs from OTP:` a promise that is settled cannot be taken back. The scheduler settles one only while no other process is at work,
// but code outside of all processes can kill one in the microtask in between: it then does one more step, in which every operation throws.
import { type Body, type BodyFactory, type Outcome, WAITING } from "./body.ts";
import { Context } from "./context.ts";
import { MoonletError } from "./error.ts";
import { reasonOfThrown } from "./exit.ts";
import { type Mailbox, NOTHING_FITS } from "./mailbox.ts";
import type { Process } from "./process.ts";
import type { Ref } from "./ref.ts";
import type { SpawnOptions } from "./spawn-options.ts";

/** Whether a message is one that a receive wants. */
export type Match = (message: unknown) => boolean;

/** A receive counts as this many reductions, so that a full mailbox does not let a process run on for ever. */
const RECEIVE_REDUCTIONS = 10;

const LONGEST_RECEIVE_MS = 0xffff_ffff;
const NOTHING = (): void => {};
/** What a process gets that is over: code that outlives it goes no further. A new one each time, or it would keep that code alive. */
const never = (): Promise<never> => new Promise(NOTHING);

/**
 * The body of a JavaScript process. Receiving is a hot path: what a waiting receive needs is kept in fields, and a receive allocates its
 * promise only (ring of 1,000 processes: from 510 to 340 ns of CPU time per hop).
 */
export class JavascriptBody implements Body {
  readonly context: Context;
  readonly #process: Process;
  /** Counts the functions that were started. */
  #call = 0;
  #fn: ((self: Context) => unknown) | undefined;
  #continuation: (() => void) | undefined = undefined;
  /** Reductions left in this slice. */
  #budget = 0;

  // The receive that waits, if there is one: what it wants, and how to settle it.
  #isReceiving = false;
  #match: Match | undefined = undefined;
  #tag: Ref | undefined = undefined;
  #timeoutMs: number | undefined = undefined;
  #resolve: (value: unknown) => void = NOTHING;
  #reject: (error: unknown) => void = NOTHING;
  readonly #executor = (resolve: (value: unknown) => void, reject: (error: unknown) => void): void => {
    this.#resolve = resolve;
    this.#reject = reject;
  };

  constructor(process: Process, fn: (self: Context) => unknown) {
    this.#process = process;
    this.#fn = fn;
    this.context = new Context(process, this);
  }

  /** Whether all that the next slice does is to let a receive or a yield go on. */
  get isResumable(): boolean {
    return this.#isReceiving || this.#continuation !== undefined;
  }

  run(budget: number): Outcome {
    this.#budget = budget;
    if (this.#fn !== undefined) {
      this.#start(this.#fn);
    } else if (this.#continuation !== undefined) {
      const continuation = this.#continuation;
      this.#continuation = undefined;
      this.#process.state = "busy";
      continuation();
    } else if (this.#isReceiving) {
      this.#tryAgain();
    }
    return WAITING;
  }

  /**
   * Takes the oldest message that fits (any without `match`), or that has the tag, waiting for one; undefined when the time is over.
   * Looks only at what arrived at the mailbox's position `since` or later.
   */
  receive(
    match: Match | undefined,
    tag: Ref | undefined,
    timeoutMs: number | undefined,
    since?: number,
  ): Promise<unknown> {
    const process = this.#process;
    const { mailbox } = process;
    if (this.#isReceiving || this.#continuation !== undefined)
      return Promise.reject(this.#alreadyReceiving());
    if (process.state === "exited") return never();
    mailbox.restart(since);
    let value: unknown;
    try {
      value = take(mailbox, match, tag);
    } catch (error) {
      return Promise.reject(error);
    }
    // A signal to itself that waited for this receive may have ended it (S30).
    if (process.isEnding) return never();
    this.#budget -= RECEIVE_REDUCTIONS;
    process.addReductions(RECEIVE_REDUCTIONS);
    if (value !== NOTHING_FITS) {
      if (process.runtime.events.active) this.#tell(value);
    } else if (timeoutMs === 0) {
      value = undefined;
    } else {
      if (!isTimeout(timeoutMs)) return Promise.reject(notATime(timeoutMs));
      return this.#wait(match, tag, timeoutMs === Number.POSITIVE_INFINITY ? undefined : timeoutMs);
    }
    if (this.#budget > 0) return Promise.resolve(value);
    // The slice is used up: the answer comes when it is this process's turn again.
    return new Promise((resolve) => this.#resumeWith(() => resolve(value)));
  }

  /** Lets others run first. */
  yield(): Promise<void> {
    if (this.#isReceiving || this.#continuation !== undefined)
      return Promise.reject(this.#alreadyReceiving());
    if (!this.#process.alive) return never();
    return new Promise((resolve) => this.#resumeWith(resolve));
  }

  #resumeWith(continuation: () => void): void {
    this.#continuation = continuation;
    this.#process.requeue();
    this.#process.runtime.scheduler.leave(this.#process);
  }

  #wait(match: Match | undefined, tag: Ref | undefined, timeoutMs: number | undefined): Promise<unknown> {
    this.#isReceiving = true;
    this.#match = match;
    this.#tag = tag;
    this.#timeoutMs = timeoutMs;
    const process = this.#process;
    process.waitForMessage(timeoutMs);
    process.state = "waiting";
    const received = new Promise(this.#executor);
    process.runtime.scheduler.handBack(process);
    return received;
  }

  /** Something arrived, or the time is over. */
  #tryAgain(): void {
    const process = this.#process;
    let value: unknown;
    try {
      value = take(process.mailbox, this.#match, this.#tag);
      if (value === NOTHING_FITS && !process.timedOut) {
        process.waitForMessage(this.#timeoutMs);
        return;
      }
    } catch (error) {
      // From `match`.
      this.#isReceiving = false;
      process.state = "busy";
      process.waitForMessage(undefined);
      this.#reject(error);
      return;
    }
    this.#isReceiving = false;
    this.#match = undefined;
    process.state = "busy";
    if (value === NOTHING_FITS) value = undefined;
    else if (process.runtime.events.active) this.#tell(value);
    this.#resolve(value);
  }

  #tell(message: unknown): void {
    const { events, environment } = this.#process.runtime;
    events.emit({ type: "received", at: environment.now(), pid: this.#process.pid, message });
  }

  #alreadyReceiving(): MoonletError {
    return new MoonletError("E_RECEIVING", `${this.#process.pid} is already waiting in a receive`, {
      hint: "await one receive before the next",
    });
  }

  /** Forgets the function that runs; `fn` is called in its place when a message is there (S118). */
  hibernate(fn: (self: Context) => unknown): void {
    this.#call++;
    this.#isReceiving = false;
    this.#continuation = undefined;
    this.#fn = fn;
    const process = this.#process;
    process.mailbox.restart();
    process.waitForMessage(undefined);
    if (process.mailbox.length > 0) process.requeue();
    else if (process.state === "busy") process.state = "waiting";
    process.runtime.scheduler.handBack(process);
  }

  #start(fn: (self: Context) => unknown): void {
    this.#fn = undefined;
    const process = this.#process;
    process.state = "busy";
    const call = ++this.#call;
    const end = (reason: unknown): void => {
      // A function that hibernated is no longer what the process runs.
      if (call === this.#call) process.terminate(reason);
    };
    let result: unknown;
    try {
      result = fn(this.context);
    } catch (error) {
      end(reasonOfThrown(error));
      return;
    }
    Promise.resolve(result).then(
      () => end("normal"),
      (error: unknown) => end(reasonOfThrown(error)),
    );
  }

  dispose(): void {
    this.#isReceiving = false;
    this.#match = undefined;
    this.context.ended();
  }
}

/** A message, or `NOTHING_FITS`. */
function take(mailbox: Mailbox, match: Match | undefined, tag: Ref | undefined): unknown {
  if (tag === undefined) return mailbox.takeValue(match);
  const envelope = mailbox.takeTagged(tag);
  return envelope === undefined ? NOTHING_FITS : envelope.value;
}

export function javascriptBody(fn: (self: Context) => unknown): BodyFactory {
  return (process) => new JavascriptBody(process, fn);
}

/** A function's name says what runs. */
export function withInitialCall(fn: (self: Context) => unknown, options: SpawnOptions): SpawnOptions {
  return options.initialCall === undefined && fn.name !== "" ? { ...options, initialCall: fn.name } : options;
}

function isTimeout(ms: number | undefined): boolean {
  if (ms === undefined || ms === Number.POSITIVE_INFINITY) return true;
  return Number.isInteger(ms) && ms >= 0 && ms <= LONGEST_RECEIVE_MS;
}

function notATime(ms: unknown): MoonletError {
  return new MoonletError("timeout_value", `${String(ms)} is no time to wait`, {
    hint: "use an integer from 0 to 4294967295, or Infinity",
  });
}
