// The children of a simple_one_for_one supervisor: one kind, each with the arguments it was started with (S203, S204).
import type { Context } from "../context.ts";
import type { Pid } from "../pid.ts";
import { type Child, STOPPED } from "./child.ts";
import { type ChildStarted, startChild } from "./start-child.ts";
import { stopDynamicChildren } from "./stop-child.ts";

export interface DynamicChild {
  /** Its last pid; what it is addressed by while a restart of it is being tried again. */
  readonly pid: Pid;
  readonly args: readonly unknown[];
  readonly restarting: boolean;
}

export class DynamicChildren {
  readonly kind: Child;
  readonly #self: Context;
  readonly #supervisor: unknown;
  /** By the number of the pid, in the order of starting. */
  readonly #children = new Map<number, DynamicChild>();
  #restarting = 0;

  constructor(self: Context, supervisor: unknown, kind: Child) {
    this.#self = self;
    this.#supervisor = supervisor;
    this.kind = kind;
  }

  get size(): number {
    return this.#children.size;
  }

  /** How many are up. */
  get active(): number {
    return this.#children.size - this.#restarting;
  }

  [Symbol.iterator](): IterableIterator<DynamicChild> {
    return this.#children.values();
  }

  find(pid: Pid): DynamicChild | undefined {
    const child = this.#children.get(pid.number);
    return child?.pid.equals(pid) === true ? child : undefined;
  }

  /** As a child of its kind. */
  child(pid: Pid): Child {
    return { ...this.kind, state: { type: "running", pid } };
  }

  remove(pid: Pid): void {
    if (this.#children.get(pid.number)?.restarting === true) this.#restarting--;
    this.#children.delete(pid.number);
  }

  async start(args: readonly unknown[]): Promise<ChildStarted> {
    const started = await startChild(this.#self, this.#supervisor, this.kind, args);
    if (started.ok && started.state.type === "running")
      this.#put({ pid: started.state.pid, args, restarting: false });
    return started;
  }

  /**
   * Starts one anew; when that fails it stays, as restarting, under its old pid, and the failure's reason is given.
   * `Differs from OTP:` one whose restart says ignore is forgotten. OTP 25 lists and counts it without a pid, and crashes when the
   * supervisor stops.
   */
  async restart(child: DynamicChild): Promise<ChildStarted> {
    const started = await this.start(child.args);
    this.remove(child.pid);
    if (!started.ok) this.#put({ ...child, restarting: true });
    return started;
  }

  async stop(): Promise<void> {
    const pids = [...this].filter(({ restarting }) => !restarting).map(({ pid }) => pid);
    await stopDynamicChildren(this.#self, this.#supervisor, { ...this.kind, state: STOPPED }, pids);
    this.#children.clear();
    this.#restarting = 0;
  }

  #put(child: DynamicChild): void {
    this.#children.set(child.pid.number, child);
    if (child.restarting) this.#restarting++;
  }
}
