// Who suspended a process and how often (OTP: suspend_process). It runs again when each of them has resumed it as often, or has died.
import type { Process } from "./process.ts";

export class Suspensions {
  readonly #counts = new Map<
    Process | undefined,
    { count: number; readonly unhook: (() => void) | undefined }
  >();

  get empty(): boolean {
    return this.#counts.size === 0;
  }

  /** One more by `by`, undefined from outside. `onDeath` is called when `by` dies before it takes all of them back. */
  add(by: Process | undefined, onDeath: () => void): void {
    const known = this.#counts.get(by);
    if (known === undefined) this.#counts.set(by, { count: 1, unhook: by?.onExit(onDeath) });
    else known.count++;
  }

  /** Takes back one by `by`, or all; false if there is none. */
  remove(by: Process | undefined, all: boolean): boolean {
    const known = this.#counts.get(by);
    if (known === undefined) return false;
    if (!all && --known.count > 0) return true;
    known.unhook?.();
    this.#counts.delete(by);
    return true;
  }

  /** The suspended process is gone. */
  clear(): void {
    for (const { unhook } of this.#counts.values()) unhook?.();
    this.#counts.clear();
  }
}
