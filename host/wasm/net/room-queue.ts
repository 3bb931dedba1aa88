// Sockets with something for a process that has no room for it: its mailbox is full, or it has as many sockets as it may. They wait here and
// not in the process, and are tried again in the order in which they came, whenever a socket of the process goes and every few milliseconds.
import type { Process } from "../../otp/index.ts";
import { Deadline } from "./deadline.ts";

const AGAIN_MS = 10;

export interface Waiter {
  /** Whoever still finds no room waits again. */
  tryAgain(): void;
}

const queues = new WeakMap<Process, RoomQueue>();

class RoomQueue {
  readonly waiters = new Set<Waiter>();
  readonly #clock: Deadline;

  constructor(process: Process) {
    this.#clock = new Deadline(process.runtime, () => this.tryAgain());
  }

  add(waiter: Waiter): void {
    if (this.waiters.size === 0) this.#clock.start(AGAIN_MS);
    this.waiters.add(waiter);
  }

  remove(waiter: Waiter): void {
    if (this.waiters.delete(waiter) && this.waiters.size === 0) this.#clock.stop();
  }

  tryAgain(): void {
    const now = [...this.waiters];
    this.waiters.clear();
    this.#clock.stop();
    for (const waiter of now) waiter.tryAgain();
  }
}

/** Tries this one again when there may be room. Twice is once. */
export function waitForRoom(process: Process, waiter: Waiter): void {
  let queue = queues.get(process);
  if (!queue) {
    queue = new RoomQueue(process);
    queues.set(process, queue);
  }
  queue.add(waiter);
}

export function waitNoMore(process: Process, waiter: Waiter): void {
  queues.get(process)?.remove(waiter);
}

/** There may be room now. */
export function roomMade(process: Process): void {
  if (process.alive) queues.get(process)?.tryAgain();
}
