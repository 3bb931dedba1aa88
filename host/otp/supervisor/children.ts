// The children of a static supervisor in start order, and what restarting means for each strategy (S181, S188, S189, S196).
import type { Context } from "../context.ts";
import type { Pid } from "../pid.ts";
import { emitReport } from "../reports.ts";
import { exactlyEqual } from "../term/compare.ts";
import { type Child, type ChildState, childReport, pidOf, RESTARTING, STOPPED } from "./child.ts";
import type { Strategy } from "./spec.ts";
import { startChild } from "./start-child.ts";
import { stopChild } from "./stop-child.ts";

/** How starting several children went; `failed` is the one that did not start. */
export interface Failure {
  readonly failed: Child;
  readonly reason: unknown;
}

export class Children {
  readonly #self: Context;
  readonly #supervisor: unknown;
  /** Oldest first. */
  #list: readonly Child[];

  constructor(self: Context, supervisor: unknown, list: readonly Child[]) {
    this.#self = self;
    this.#supervisor = supervisor;
    this.#list = list;
  }

  get list(): readonly Child[] {
    return this.#list;
  }

  find(id: unknown): Child | undefined {
    return this.#list.find((child) => exactlyEqual(child.id, id));
  }

  findByPid(pid: Pid): Child | undefined {
    return this.#list.find((child) => pid.equals(pidOf(child)));
  }

  add(child: Child): void {
    this.#list = [...this.#list, child];
  }

  remove(child: Child): void {
    this.#list = this.#list.filter(({ id }) => id !== child.id);
  }

  setState(child: Child, state: ChildState): void {
    this.#list = this.#list.map((known) => (known.id === child.id ? { ...known, state } : known));
  }

  /** The child is no longer up: forgotten if it is temporary, else kept for a restart by hand (S187). */
  clear(child: Child): void {
    if (child.restart === "temporary") this.remove(child);
    else this.setState(child, STOPPED);
  }

  /** Starts all of `ids` that are there, oldest first, up to the first that fails. */
  async start(ids: readonly unknown[] = this.#list.map(({ id }) => id)): Promise<Failure | undefined> {
    for (const id of ids) {
      const child = this.find(id);
      if (child === undefined) continue;
      const started = await startChild(this.#self, this.#supervisor, child);
      if (!started.ok) {
        this.#reportStart(child, started.reason);
        return { failed: child, reason: started.reason };
      }
      if (started.state === STOPPED && child.restart === "temporary") this.remove(child);
      else this.setState(child, started.state);
    }
    return undefined;
  }

  /** Stops all of `ids`, newest first; temporary ones are forgotten. */
  async stop(ids: readonly unknown[] = this.#list.map(({ id }) => id)): Promise<void> {
    for (const id of [...ids].reverse()) {
      const child = this.find(id);
      if (child === undefined) continue;
      await stopChild(this.#self, this.#supervisor, child);
      this.clear(child);
    }
  }

  /** Restarts as the strategy says; gives the id to try again when a start failed, whose state is `restarting` then. */
  async restart(
    strategy: Exclude<Strategy, "simple_one_for_one">,
    child: Child,
  ): Promise<{ readonly retry: unknown } | undefined> {
    const ids = this.#affected(strategy, child);
    if (strategy !== "one_for_one") {
      this.setState(child, STOPPED);
      await this.stop(ids);
    }
    const failure = await this.start(ids);
    if (failure === undefined) return undefined;
    this.setState(failure.failed, RESTARTING);
    return { retry: failure.failed.id };
  }

  #affected(strategy: Exclude<Strategy, "simple_one_for_one">, child: Child): unknown[] {
    const ids = this.#list.map(({ id }) => id);
    switch (strategy) {
      case "one_for_one":
        return [child.id];
      case "rest_for_one":
        return ids.slice(ids.indexOf(child.id));
      case "one_for_all":
        return ids;
    }
  }

  #reportStart(child: Child, reason: unknown): void {
    emitReport(this.#self, () => ({
      type: "supervisor",
      supervisor: this.#supervisor,
      context: "start_error",
      reason,
      child: childReport(child),
    }));
  }
}
