// Connections that listening sockets hold for a process, waiting or between two requests: together as many as the process may have sockets open, on
// however many ports it listens.
import type { Process } from "../../otp/index.ts";
import { Guest } from "../guest.ts";

const totals = new WeakMap<Process, number>();

/** What one listening socket holds. */
export class ConnectionBudget {
  #process: Process;
  #most: number;
  #held = 0;

  constructor(guest: Guest) {
    this.#process = guest.process;
    this.#most = guest.limits.openResources;
  }

  /** Room for one more; false when there is none. */
  take(): boolean {
    const total = totals.get(this.#process) ?? 0;
    if (total >= this.#most) return false;
    totals.set(this.#process, total + 1);
    this.#held++;
    return true;
  }

  /** One is held no more. */
  giveBack(): void {
    this.#held--;
    totals.set(this.#process, (totals.get(this.#process) ?? 0) - 1);
  }

  /** From now on it is another process's. */
  moveTo(process: Process): void {
    const { body } = process;
    totals.set(this.#process, (totals.get(this.#process) ?? 0) - this.#held);
    totals.set(process, (totals.get(process) ?? 0) + this.#held);
    this.#process = process;
    if (body instanceof Guest) this.#most = body.limits.openResources;
  }
}
