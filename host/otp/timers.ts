// All timers of a runtime in one heap: setting, cancelling and firing cost O(log n) with a million pending, and only one timer of
// the environment is armed at a time. Timers fire in the order of their due times, never early; equal ones in the order set.
import type { Environment } from "./environment.ts";

/** Something that is due at some time. Subclasses say what happens then. */
export abstract class Timer {
  /** Monotonic milliseconds. */
  due = 0;
  /** Breaks ties between equal due times. */
  sequence = 0;
  /** Place in the heap, -1 while not pending. */
  place = -1;

  get pending(): boolean {
    return this.place >= 0;
  }

  abstract fire(): void;
}

/** Children of a heap node. Four make the heap half as deep as two, for the price of comparisons within one cache line. */
const ARITY = 4;
/** A millisecond's worth: a hundred thousand that are due at once must not hold up sockets and processes. */
const FIRED_PER_TURN = 2048;

export class Timers {
  readonly #environment: Environment;
  readonly #heap: Timer[] = [];
  #sequence = 0;
  #handle: unknown = undefined;
  /** When the environment's timer goes off; Infinity when none is armed. */
  #armedFor = Number.POSITIVE_INFINITY;
  #disarming = false;
  /** More are due, and the environment was asked for a turn to fire them in. */
  #isGoingOn = false;

  constructor(environment: Environment) {
    this.#environment = environment;
  }

  get size(): number {
    return this.#heap.length;
  }

  /** When the next one is due; Infinity if none is pending. */
  get nextDue(): number {
    return this.#heap.length === 0 ? Number.POSITIVE_INFINITY : this.#heap[0]!.due;
  }

  /** A place among timers of the same time, for a timer that is added later than it was started. */
  nextSequence(): number {
    return this.#sequence++;
  }

  /** Starts a timer that is not pending. */
  add(timer: Timer, due: number, sequence: number = this.#sequence++): void {
    timer.due = due;
    timer.sequence = sequence;
    this.#heap.push(timer);
    this.#up(timer, this.#heap.length - 1);
    if (due < this.#armedFor) this.#arm(due);
  }

  /** Stops a timer; nothing if it is not pending. */
  remove(timer: Timer): void {
    const place = timer.place;
    if (place < 0) return;
    timer.place = -1;
    const last = this.#heap.pop()!;
    if (last !== timer) {
      this.#up(last, place);
      if (last.place === place) this.#down(last, place);
    }
    // An embedder's event loop must not be kept alive by a timer that nobody needs, yet a receive with a timeout per message
    // must not arm and disarm one each time.
    if (this.#heap.length === 0 && !this.#disarming) {
      this.#disarming = true;
      this.#environment.defer(() => {
        this.#disarming = false;
        if (this.#heap.length === 0) this.#disarm();
      });
    }
  }

  /** Fires what is due; of very many only some, and the rest when the event loop has had its turn. */
  fireDue(): void {
    const now = this.#environment.now();
    for (let fired = 0; this.#heap.length > 0 && this.#heap[0]!.due <= now; fired++) {
      if (fired === FIRED_PER_TURN) {
        this.#goOn();
        return;
      }
      const timer = this.#heap[0]!;
      const last = this.#heap.pop()!;
      timer.place = -1;
      if (last !== timer) this.#down(last, 0);
      timer.fire();
    }
  }

  /** Drops all timers. */
  clear(): void {
    for (const timer of this.#heap) timer.place = -1;
    this.#heap.length = 0;
    this.#disarm();
  }

  #arm(due: number): void {
    this.#disarm();
    this.#armedFor = due;
    this.#handle = this.#environment.setTimer(this.#onTimer, Math.max(0, due - this.#environment.now()));
  }

  #disarm(): void {
    if (this.#armedFor === Number.POSITIVE_INFINITY) return;
    this.#environment.clearTimer(this.#handle);
    this.#handle = undefined;
    this.#armedFor = Number.POSITIVE_INFINITY;
  }

  readonly #onTimer = (): void => {
    this.#handle = undefined;
    this.#armedFor = Number.POSITIVE_INFINITY;
    this.fireDue();
    if (!this.#isGoingOn && this.nextDue < this.#armedFor) this.#arm(this.nextDue);
  };

  #goOn(): void {
    if (this.#isGoingOn) return;
    this.#isGoingOn = true;
    this.#environment.defer(() => {
      this.#isGoingOn = false;
      this.fireDue();
      if (!this.#isGoingOn && this.nextDue < this.#armedFor) this.#arm(this.nextDue);
    });
  }

  #up(timer: Timer, from: number): void {
    const heap = this.#heap;
    let place = from;
    while (place > 0) {
      const parent = Math.floor((place - 1) / ARITY);
      const above = heap[parent]!;
      if (!isBefore(timer, above)) break;
      heap[place] = above;
      above.place = place;
      place = parent;
    }
    heap[place] = timer;
    timer.place = place;
  }

  #down(timer: Timer, from: number): void {
    const heap = this.#heap;
    const size = heap.length;
    let place = from;
    for (;;) {
      const first = place * ARITY + 1;
      if (first >= size) break;
      let least = first;
      const end = Math.min(first + ARITY, size);
      for (let i = first + 1; i < end; i++) if (isBefore(heap[i]!, heap[least]!)) least = i;
      if (!isBefore(heap[least]!, timer)) break;
      const child = heap[least]!;
      heap[place] = child;
      child.place = place;
      place = least;
    }
    heap[place] = timer;
    timer.place = place;
  }
}

function isBefore(a: Timer, b: Timer): boolean {
  return a.due < b.due || (a.due === b.due && a.sequence < b.sequence);
}
