// A process that is an async function. A slice settles the promise of its pending receive; the function then goes on in microtasks and
// the process counts as busy until it receives again. Code that outlives its process is left alone: its promises never settle.
import { type Body, type BodyFactory, type Outcome, WAITING } from "./body.ts";
import { Context } from "./context.ts";
import type { Envelope } from "./envelope.ts";
import { reasonOfThrown } from "./exit.ts";
import type { Process } from "./process.ts";
import type { Ref } from "./ref.ts";

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

  #start(fn: (self: Context) => unknown): void {
    this.#fn = undefined;
    const process = this.#process;
    process.state = "busy";
    const result = fn(this.context);
    // A plain function ends in the microtask after its return, as an async one does.
    Promise.resolve(result).then(
      () => process.terminate("normal"),
      (error: unknown) => process.terminate(reasonOfThrown(error)),
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
