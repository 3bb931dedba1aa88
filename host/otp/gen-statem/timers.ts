// The timers of a machine: one of the event, one of the state, one per name; those of 0 ms wait in a queue of their own (S172 to S176).
import type { Context } from "../context.ts";
import type { TimeoutMessage } from "../envelope.ts";
import type { Ref } from "../ref.ts";
import { termKey } from "../term/key.ts";
import { tuple } from "../term/tuple.ts";
import type { Event, TimeoutKind } from "./results.ts";

interface Running {
  readonly kind: TimeoutKind;
  /** undefined for one of 0 ms, which waits in the queue. */
  readonly ref: Ref | undefined;
  readonly content: unknown;
}

/** A timeout action that has been checked. */
export interface TimeoutRequest {
  readonly kind: TimeoutKind;
  readonly ms: number | "update";
  readonly content: unknown;
  readonly absolute: boolean;
}

export class MachineTimers {
  readonly #self: Context;
  readonly #running = new Map<unknown, Running>();
  #due: unknown[] = [];

  constructor(self: Context) {
    this.#self = self;
  }

  /** Carries out the timeouts of one transition: for each timer the last one counts. */
  async apply(requests: readonly TimeoutRequest[]): Promise<void> {
    const seen = new Set<unknown>();
    const due: unknown[] = [];
    for (const request of [...requests].reverse()) {
      const key = keyOf(request.kind);
      if (seen.has(key)) continue;
      seen.add(key);
      if (await this.#apply(key, request)) due.unshift(key);
    }
    this.#due.push(...due);
  }

  /** True for a timer that is due at once. */
  async #apply(key: unknown, { kind, ms, content, absolute }: TimeoutRequest): Promise<boolean> {
    const known = this.#running.get(key);
    if (ms === "update" && known !== undefined) {
      this.#running.set(key, { ...known, content });
      return false;
    }
    await this.cancel(kind);
    if (ms === Number.POSITIVE_INFINITY) return false;
    if (ms === "update" || (ms === 0 && !absolute)) {
      this.#running.set(key, { kind, ref: undefined, content });
      return true;
    }
    const ref = this.#self.startTimer(ms, this.#self.pid, undefined, { abs: absolute });
    this.#running.set(key, { kind, ref, content });
    return false;
  }

  /** Stops a timer; what it sent already is taken out of the mailbox. */
  async cancel(kind: TimeoutKind): Promise<void> {
    const key = keyOf(kind);
    const known = this.#running.get(key);
    if (known === undefined) return;
    this.#running.delete(key);
    if (known.ref === undefined) this.#due = this.#due.filter((waiting) => waiting !== key);
    else if (this.#self.cancelTimer(known.ref) === false)
      await this.#self.receiveTagged(known.ref, { timeoutMs: 0 });
  }

  /** The event of a timer's message; undefined when it is no message of ours. */
  take(message: unknown): Event | undefined {
    const fired = message as TimeoutMessage | undefined | null;
    if (typeof fired !== "object" || fired === null || fired.type !== "timeout") return undefined;
    for (const [key, { kind, ref, content }] of this.#running) {
      if (ref === undefined || !ref.equals(fired.ref)) continue;
      this.#running.delete(key);
      return eventOf(kind, content);
    }
    return undefined;
  }

  /** The next timer of 0 ms. */
  takeDue(): Event | undefined {
    if (this.#due.length === 0) return undefined;
    const key = this.#due.shift();
    const timer = this.#running.get(key);
    this.#running.delete(key);
    return timer === undefined ? undefined : eventOf(timer.kind, timer.content);
  }
}

function keyOf(kind: TimeoutKind): unknown {
  return typeof kind === "string" ? `kind ${kind}` : `name ${termKey(tuple(kind.name))}`;
}

function eventOf(kind: TimeoutKind, content: unknown): Event {
  if (kind === "event") return { type: "timeout", content };
  if (kind === "state") return { type: "stateTimeout", content };
  return { type: "namedTimeout", name: kind.name, content };
}
