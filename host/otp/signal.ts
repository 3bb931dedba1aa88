// What processes do to each other, as one closed union, and the queue in which the news of a death waits. Messages, links,
// monitors and exit/2 act at once on a local process; what follows from a death is queued here and delivered by the scheduler
// before the next slice, so that a chain of a million linked processes dies without recursion.
import type { Envelope } from "./envelope.ts";
import type { Monitor } from "./monitors.ts";
import type { Pid } from "./pid.ts";
import type { Process } from "./process.ts";
import type { Ref } from "./ref.ts";

/** A signal on its way to a local process. */
export type Signal =
  /** A linked process died. */
  | { readonly type: "linkExit"; readonly from: Process; readonly reason: unknown }
  /** A link to a process that was already gone when the link was made, or that is out of reach. */
  | { readonly type: "noLink"; readonly from: Pid; readonly reason: unknown }
  /** A monitored process died, or was not there. */
  | { readonly type: "down"; readonly monitor: Monitor; readonly reason: unknown };

/** A signal of a process to itself, which waits for its next receive. */
export type OwnSignal =
  /** Over an alias, which may have ended by then, or behind another signal; otherwise it is in the mailbox at once. */
  | { readonly type: "message"; readonly envelope: Envelope; readonly alias: Ref | undefined }
  | { readonly type: "exit"; readonly reason: unknown }
  /** It linked itself to a process that is dead, trapping exits. */
  | { readonly type: "noLink"; readonly from: Pid }
  /** It monitored a name that nobody has. */
  | { readonly type: "down"; readonly monitor: Monitor; readonly reason: unknown };

/** Places that are kept once there is nothing in them. */
const MOST_KEPT = 1024;

/** Signals in the order in which they were sent, to whomever. */
export class SignalQueue {
  // Used again from their beginning whenever all are delivered: nearly always one is all there is.
  #targets: (Process | undefined)[] = [];
  #signals: (Signal | undefined)[] = [];
  #head = 0;
  #end = 0;
  readonly #onSignal: () => void;

  /** `onSignal` is called whenever the queue was empty and no longer is. */
  constructor(onSignal: () => void) {
    this.#onSignal = onSignal;
  }

  get length(): number {
    return this.#end - this.#head;
  }

  push(target: Process, signal: Signal): void {
    this.#targets[this.#end] = target;
    this.#signals[this.#end] = signal;
    this.#end++;
    if (this.#end - this.#head === 1) this.#onSignal();
  }

  /** Delivers up to `most` signals, those included that come up meanwhile. */
  drain(most: number): void {
    for (let left = most; left > 0 && this.#head < this.#end; left--) {
      const at = this.#head++;
      const target = this.#targets[at]!;
      const signal = this.#signals[at]!;
      this.#targets[at] = undefined;
      this.#signals[at] = undefined;
      target.handleSignal(signal);
    }
    if (this.#head === this.#end) {
      if (this.#end > MOST_KEPT) {
        this.#targets = [];
        this.#signals = [];
      }
      this.#end = 0;
      this.#head = 0;
    } else if (this.#head >= 65_536) {
      this.#targets = this.#targets.slice(this.#head, this.#end);
      this.#signals = this.#signals.slice(this.#head, this.#end);
      this.#end -= this.#head;
      this.#head = 0;
    }
  }
}
