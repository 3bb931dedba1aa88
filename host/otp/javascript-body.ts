// A process that is an async function. A slice settles the promise of its pending receive; the function then goes on in microtasks and
// the process counts as busy until it receives again. Code that outlives its process is left alone: its promises never settle.
import { type Body, type BodyFactory, type Outcome, WAITING } from "./body.ts";
import { Context } from "./context.ts";
import type { Envelope } from "./envelope.ts";
import { reasonOfThrown } from "./exit.ts";
import type { Process } from "./process.ts";
import type { Ref } from "./ref.ts";
import type { SpawnOptions } from "./spawn-options.ts";

/** A receive counts as this many reductions, so that a full mailbox does not let a process run on for ever. */
export const RECEIVE_REDUCTIONS = 10;

/** What a receive that is waiting wants: something that fits, or something with a tag. */
export interface PendingReceive {
  readonly match: ((envelope: Envelope) => boolean) | undefined;
  readonly tag: Ref | undefined;
  readonly timeoutMs: number | undefined;
  readonly resolve: (envelope: Envelope | undefined) => void;
  /** For a `match` that throws. */
  readonly reject: (error: unknown) => void;
}

export class JavascriptBody implements Body {
  /** The receive that waits, if there is one. */
  pending: PendingReceive | undefined = undefined;
  /** Reductions left in this slice. */
  budget = 0;
  readonly #process: Process;
  /** Counts the functions that were started. */
  #call = 0;
  #continuation: (() => void) | undefined = undefined;
  #fn: ((self: Context) => unknown) | undefined;
  readonly context: Context;

  constructor(process: Process, fn: (self: Context) => unknown) {
    this.#process = process;
    this.#fn = fn;
    this.context = new Context(process, this);
  }

  run(budget: number): Outcome {
    this.budget = budget;
    if (this.#fn !== undefined) {
      this.#start(this.#fn);
      return WAITING;
    }
    if (this.#continuation !== undefined) {
      const continuation = this.#continuation;
      this.#continuation = undefined;
      this.#process.state = "busy";
      continuation();
    } else if (this.pending !== undefined) {
      this.#receive(this.pending);
    }
    return WAITING;
  }

  /** A receive or a yield has not come back yet. */
  get occupied(): boolean {
    return this.pending !== undefined || this.#continuation !== undefined;
  }

  /** Calls `continuation` when it is the process's turn again. */
  resumeWith(continuation: () => void): void {
    this.#continuation = continuation;
    this.#process.requeue();
  }

  #receive(pending: PendingReceive): void {
    const process = this.#process;
    let envelope: Envelope | undefined;
    try {
      envelope =
        pending.tag === undefined
          ? process.mailbox.take(pending.match)
          : process.mailbox.takeTagged(pending.tag);
    } catch (error) {
      this.pending = undefined;
      process.state = "busy";
      process.waitForMessage(undefined);
      pending.reject(error);
      return;
    }
    if (envelope === undefined && !process.timedOut) {
      process.waitForMessage(pending.timeoutMs);
      return;
    }
    this.pending = undefined;
    process.state = "busy";
    process.addReductions(RECEIVE_REDUCTIONS);
    pending.resolve(envelope);
  }

  /** Forgets the function that runs; `fn` is called in its place when a message is there (S118). */
  hibernate(fn: (self: Context) => unknown): void {
    this.#call++;
    this.pending = undefined;
    this.#continuation = undefined;
    this.#fn = fn;
    const process = this.#process;
    process.mailbox.restart();
    process.waitForMessage(undefined);
    if (process.mailbox.length > 0) process.requeue();
    else if (process.state === "busy") process.state = "waiting";
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
    this.pending = undefined;
    this.context.ended();
  }
}

export function javascriptBody(fn: (self: Context) => unknown): BodyFactory {
  return (process) => new JavascriptBody(process, fn);
}

/** A function's name says what runs. */
export function withInitialCall(fn: (self: Context) => unknown, options: SpawnOptions): SpawnOptions {
  return options.initialCall === undefined && fn.name !== "" ? { ...options, initialCall: fn.name } : options;
}
