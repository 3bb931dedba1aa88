// The time limit of a process's receive. One per process, used again and again.
import type { Process } from "./process.ts";
import { Timer } from "./timers.ts";

export class WaitTimer extends Timer {
  readonly #process: Process;
  /** Which receive it is for: `Mailbox.taken` at its start. */
  #receive = -1;
  #fired = false;

  constructor(process: Process) {
    super();
    this.#process = process;
  }

  /** The time of the current receive is over. */
  get isOver(): boolean {
    return this.#fired && this.#receive === this.#process.mailbox.taken;
  }

  /** Starts the clock, unless it is already running for this receive. */
  start(timeoutMs: number): void {
    const { mailbox, runtime } = this.#process;
    if (this.pending && this.#receive === mailbox.taken) return;
    runtime.timers.remove(this);
    this.#receive = mailbox.taken;
    this.#fired = timeoutMs <= 0;
    if (!this.#fired) runtime.timers.add(this, runtime.environment.now() + timeoutMs);
  }

  stop(): void {
    this.#fired = false;
    this.#process.runtime.timers.remove(this);
  }

  fire(): void {
    // Left over from a receive that got its message.
    if (this.#receive !== this.#process.mailbox.taken) return;
    this.#fired = true;
    this.#process.wake();
  }
}
