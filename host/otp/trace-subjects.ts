// Whom a trace is about: processes by pid, name, label or group. Who was chosen once stays so, also when it has lost its name since.
import type { Pid } from "./pid.ts";
import type { Runtime } from "./runtime.ts";
import { termKey } from "./term/key.ts";

export interface SubjectOptions {
  readonly pids?: readonly Pid[];
  readonly names?: readonly string[];
  readonly labels?: readonly string[];
  readonly groups?: readonly unknown[];
}

export class TraceSubjects {
  readonly #runtime: Runtime;
  readonly #isAll: boolean;
  readonly #names: ReadonlySet<string>;
  readonly #labels: ReadonlySet<string>;
  readonly #groups: readonly unknown[];
  readonly #chosen = new Set<number>();

  constructor(runtime: Runtime, { pids, names, labels, groups }: SubjectOptions) {
    this.#runtime = runtime;
    this.#isAll = [pids, names, labels, groups].every((list) => list === undefined);
    this.#names = new Set(names);
    this.#labels = new Set(labels);
    this.#groups = groups ?? [];
    for (const pid of pids ?? []) if (pid.node === runtime.name) this.#chosen.add(pid.number);
    for (const group of this.#groups) for (const pid of runtime.members(group)) this.#chosen.add(pid.number);
  }

  /** `label` and `name` are given where the process itself can no longer be asked for them. The world outside is no subject. */
  has(pid: Pid | undefined, label?: string, name?: string): boolean {
    if (this.#isAll) return true;
    if (pid === undefined || pid.node !== this.#runtime.name) return false;
    if (this.#chosen.has(pid.number)) return true;
    const process = this.#runtime.process(pid);
    const isChosen =
      isIn(this.#names, name) ||
      isIn(this.#labels, label) ||
      (process !== undefined && (isIn(this.#names, process.name) || isIn(this.#labels, process.label))) ||
      this.#groups.some((group) => this.#runtime.groups.has(group, pid));
    if (isChosen) this.#chosen.add(pid.number);
    return isChosen;
  }

  /** As `has`, for a process that has just joined or left a group. */
  hasMember(pid: Pid, group: unknown, scope: string): boolean {
    if (scope === this.#runtime.groups.scope && this.#groups.length > 0) {
      const key = termKey(group);
      if (this.#groups.some((chosen) => termKey(chosen) === key)) this.#chosen.add(pid.number);
    }
    return this.has(pid);
  }

  /** The process is dead, and its number will never come again. */
  forget(pid: Pid): void {
    this.#chosen.delete(pid.number);
  }
}

function isIn(set: ReadonlySet<string>, value: string | undefined): boolean {
  return value !== undefined && set.has(value);
}
