// Decides which process runs next and for how long. Strict FIFO within a priority, no work that grows with the number of processes,
// nothing allocated on the path from waking a process to running it. It keeps running inside one macrotask for a while, so that a
// hop stays cheap, and then gives the event loop back, so that sockets and timers stay prompt while processes burn CPU.
import type { Outcome } from "./body.ts";
import type { Environment } from "./environment.ts";
import type { Process } from "./process.ts";
import { RunQueue } from "./run-queue.ts";
import { SignalQueue } from "./signal.ts";
import type { Timers } from "./timers.ts";

/** How long the scheduler keeps the event loop to itself. Half of it costs half a per cent of a busy system's time. */
const TURN_MS = 1;
/** How often it looks at the clock before it gives the event loop back anyway, also where time stands still. */
const LOOKS_PER_TURN = 256;
/** Points of work between two looks at the clock, which costs as much as a third of a hop. */
const WORK_PER_LOOK = 64;
/** Points for a slice that used up its budget. */
const FULL_SLICE_WORK = 8;
/** Signals between two slices, so that a great dying does not hold up everybody else. */
const SIGNALS_PER_SLICE = 1024;

const RESOLVED = Promise.resolve();

export class Scheduler {
  /** The process whose body is running right now. */
  current: Process | undefined = undefined;
  /** Told of each slice how long it took, in milliseconds. Unset, slices are not timed. */
  onSlice: ((ms: number) => void) | undefined = undefined;
  readonly signals: SignalQueue;
  readonly #queue: RunQueue;
  readonly #environment: Environment;
  readonly #timers: Timers;
  readonly #budget: number;
  readonly #sliced: Environment["sliced"];
  readonly #isSimple: boolean;
  /** "handed": a JavaScript process goes on in microtasks, and the next one has its turn when that comes back. */
  #state: "idle" | "scheduled" | "running" | "handed" = "idle";
  #handed: Process | undefined = undefined;
  /** A turn was asked of the environment and has not begun yet. */
  #isDeferred = false;
  #work = 0;
  #looks = 0;
  #turnEnd = 0;
  #stopped = false;

  constructor(environment: Environment, timers: Timers, budget: number) {
    this.#environment = environment;
    this.#timers = timers;
    this.#budget = budget;
    this.#sliced = environment.sliced?.bind(environment);
    this.#queue = new RunQueue(environment.choose?.bind(environment));
    this.#isSimple = environment.sliced === undefined && environment.choose === undefined;
    this.signals = new SignalQueue(() => this.#schedule());
  }

  /** Nothing is runnable and no signal waits. */
  get idle(): boolean {
    return this.#queue.length === 0 && this.signals.length === 0;
  }

  /** How many processes wait for their turn. */
  get runnable(): number {
    return this.#queue.length;
  }

  /** Puts a process that is in no queue at the end of its queue. */
  enqueue(process: Process): void {
    this.#queue.push(process);
    if (this.#state === "idle" || this.#state === "handed") this.#schedule();
  }

  /**
   * A JavaScript process that went on in microtasks waits. Whoever is next is resumed here and now, if all it takes is to settle its
   * receive: a hop of a message is then a single microtask.
   */
  handBack(process: Process): void {
    if (this.#handed !== process) return;
    this.#handed = undefined;
    this.#state = "running";
    try {
      this.#resumeNext();
    } finally {
      if (this.#state === "running") this.#state = "idle";
    }
  }

  /** A JavaScript process that went on in microtasks is queued again, or has died. */
  leave(process: Process): void {
    if (this.#handed !== process) return;
    this.#handed = undefined;
    this.#state = "idle";
    if (!this.idle) this.#schedule();
  }

  /**
   * A JavaScript process that waited for something of the platform's goes on and is at work: nobody else runs before it comes back, or
   * the event loop has had its turn. So no process is killed by another one between the end of its wait and its next step.
   */
  adopt(process: Process): void {
    if (this.#state !== "idle" || this.#sliced !== undefined) return;
    this.#state = "handed";
    this.#handed = process;
  }

  /** Never runs anything again. */
  stop(): void {
    this.#stopped = true;
  }

  #schedule(): void {
    if (this.#stopped) return;
    // The process that is at work may be waiting for something else than a message.
    if (this.#state === "handed") this.#defer();
    if (this.#state !== "idle") return;
    this.#state = "scheduled";
    if (this.#sliced === undefined) RESOLVED.then(this.#run);
    else this.#defer();
  }

  #defer(): void {
    if (this.#isDeferred) return;
    this.#isDeferred = true;
    this.#environment.defer(this.#runDeferred);
  }

  readonly #runDeferred = (): void => {
    this.#isDeferred = false;
    this.#turnEnd = this.#environment.now() + TURN_MS;
    this.#work = 0;
    this.#looks = 0;
    this.#handed = undefined;
    if (!this.idle) this.#run();
    else this.#state = "idle";
  };

  readonly #run = (): void => {
    this.#state = "running";
    try {
      this.#runTurn();
    } finally {
      // Also after a failure, so that the next wake finds a scheduler that starts again.
      if (this.#state === "running") this.#state = "idle";
    }
  };

  #runTurn(): void {
    while (!this.#stopped) {
      if (this.signals.length > 0) this.signals.drain(SIGNALS_PER_SLICE);
      if (this.#work >= WORK_PER_LOOK && this.#isTurnOver()) {
        this.#state = "scheduled";
        this.#defer();
        return;
      }
      const process = this.#queue.shift();
      if (process === undefined) {
        if (this.signals.length > 0) continue;
        break;
      }
      // Died while it was queued, or suspended.
      if (process.state !== "runnable" || process.hold()) continue;
      this.#work++;
      this.current = process;
      const outcome = this.onSlice === undefined ? process.runSlice(this.#budget) : this.#timeSlice(process);
      this.current = undefined;
      process.endSlice(outcome);
      if (this.#sliced !== undefined) {
        this.#sliced(process.pid, process.reductions);
        if (this.idle) break;
        this.#state = "scheduled";
        this.#defer();
        return;
      }
      if (process.state === "runnable") this.#work += FULL_SLICE_WORK;
      else if (process.state === "busy") {
        this.#handTo(process);
        return;
      }
    }
  }

  /** A JavaScript process goes on in a microtask: let it come to its next wait, before anybody who was queued behind it. */
  #handTo(process: Process): void {
    this.#handed = process;
    this.#state = "handed";
    if (!this.idle) this.#defer();
  }

  /** Settles the receive of the next process; leaves anything else to a microtask of its own. */
  #resumeNext(): void {
    for (;;) {
      const next = this.#queue.first;
      if (next === undefined && this.signals.length === 0) return;
      if (
        next?.body?.isResumable !== true ||
        this.signals.length > 0 ||
        this.#work >= WORK_PER_LOOK ||
        this.onSlice !== undefined ||
        !this.#isSimple
      ) {
        this.#state = "scheduled";
        RESOLVED.then(this.#run);
        return;
      }
      this.#queue.shift();
      if (!next.isRunnable || next.hold()) continue;
      this.#work++;
      this.current = next;
      const outcome = next.runSlice(this.#budget);
      this.current = undefined;
      next.endSlice(outcome);
      if (next.state === "busy") {
        this.#handTo(next);
        return;
      }
    }
  }

  #timeSlice(process: Process): Outcome {
    const start = this.#environment.now();
    const outcome = process.runSlice(this.#budget);
    this.onSlice?.(this.#environment.now() - start);
    return outcome;
  }

  #isTurnOver(): boolean {
    this.#work = 0;
    const now = this.#environment.now();
    if (now >= this.#timers.nextDue) this.#timers.fireDue();
    return now >= this.#turnEnd || ++this.#looks >= LOOKS_PER_TURN;
  }
}
