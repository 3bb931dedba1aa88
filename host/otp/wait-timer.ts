// The time limit of a process's receive. One per process, used again and again: a receive that gets its message leaves it pending, and
// the next one only moves its deadline, so that a call with a time limit does no work in the heap of timers.
import type { Process } from "./process.ts";
import { Timer } from "./timers.ts";

export class WaitTimer extends Timer {
  readonly #process: Process;
  /** Which receive it is for: `Mailbox.taken` at its start. */
  #receive = -1;
  /** When that one's time is over, monotonic milliseconds. The timer may go off before, left over from an earlier receive. */
  #deadline = 0;
  /** Its place among timers of the same time. */
  #order = 0;
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
    if (this.pending && !this.#fired && this.#receive === mailbox.taken) return;
    this.#receive = mailbox.taken;
    this.#fired = timeoutMs <= 0;
    if (this.#fired) return;
    this.#deadline = runtime.environment.now() + timeoutMs;
    this.#order = runtime.timers.nextSequence();
    if (this.pending && this.due <= this.#deadline) return;
    runtime.timers.remove(this);
    runtime.timers.add(this, this.#deadline, this.#order);
  }

  stop(): void {
    this.#fired = false;
    this.#process.runtime.timers.remove(this);
  }

  fire(): void {
    const { mailbox, runtime } = this.#process;
    // Left over from a receive that got its message, or looked once.
    if (this.#receive !== mailbox.taken || this.#fired) return;
    if (this.due < this.#deadline) {
      runtime.timers.add(this, this.#deadline, this.#order);
      return;
    }
    this.#fired = true;
    this.#process.wake();
  }
}
