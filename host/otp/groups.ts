// Process groups (OTP: pg): a process may be a member any number of times, a group exists while it has members, and a death removes
// all memberships before anybody learns of it. One object is one scope.
import { Envelope, type GroupMessage } from "./envelope.ts";
import { MoonletError } from "./error.ts";
import { Pid } from "./pid.ts";
import type { Process } from "./process.ts";
import { Ref } from "./ref.ts";
import type { Runtime } from "./runtime.ts";
import { termKey } from "./term/key.ts";

interface Group {
  readonly name: unknown;
  /** Latest join first (S123). */
  members: Process[];
}

interface GroupMonitor {
  readonly watcher: Process;
  readonly ref: Ref;
  /** Key of the one group; undefined for the whole scope. */
  readonly key: unknown;
  readonly isScope: boolean;
  readonly unhook: () => void;
}

export class Groups {
  readonly scope: string;
  readonly #runtime: Runtime;
  readonly #groups = new Map<unknown, Group>();
  /** The keys of the groups a process is in, each as often as it is a member. */
  readonly #memberships = new Map<Process, { keys: unknown[]; unhook: () => void }>();
  readonly #monitors = new Map<number, GroupMonitor>();

  /** Made by `Runtime.startGroups`. */
  constructor(runtime: Runtime, scope: string) {
    this.#runtime = runtime;
    this.scope = scope;
  }

  /**
   * Joins one process or a list, each as often as it is named (S122). A dead one is removed at once (S126).
   * @throws MoonletError function_clause for what is no pid of this node (S127).
   */
  join(group: unknown, pids: Pid | readonly Pid[]): void {
    const joining = this.#local(pids).filter((process) => process !== undefined);
    if (joining.length === 0) return;
    const key = termKey(group);
    const known = this.#groups.get(key);
    if (known === undefined) this.#groups.set(key, { name: group, members: joining });
    else known.members = [...joining, ...known.members];
    for (const process of joining) this.#membershipsOf(process).push(key);
    this.#tell("join", key, group, joining);
  }

  /** Takes one membership each; true if at least one of them was a member (S124). */
  leave(group: unknown, pids: Pid | readonly Pid[]): boolean {
    const key = termKey(group);
    const leaving: Process[] = [];
    for (const process of this.#local(pids)) {
      if (process === undefined || !this.#remove(key, process)) continue;
      leaving.push(process);
      const membership = this.#memberships.get(process)!;
      membership.keys.splice(membership.keys.indexOf(key), 1);
      if (membership.keys.length === 0) {
        membership.unhook();
        this.#memberships.delete(process);
      }
    }
    if (leaving.length === 0) return false;
    this.#tell("leave", key, group, leaving);
    return true;
  }

  /** The members with multiplicity, latest join first; none for a group that does not exist. */
  members(group: unknown): Pid[] {
    return this.#groups.get(termKey(group))?.members.map((process) => process.pid) ?? [];
  }

  /** All groups that have members. */
  groups(): unknown[] {
    return Array.from(this.#groups.values(), (group) => group.name);
  }

  /** How many memberships each group has. */
  sizes(): Map<unknown, number> {
    return new Map(Array.from(this.#groups.values(), (group) => [group.name, group.members.length]));
  }

  /** Kills all members; tells how many processes that were. */
  kill(group: unknown): number {
    const members = new Set(this.#groups.get(termKey(group))?.members);
    this.#runtime.lifecycle.groupKilled(group, members.size);
    for (const process of members) process.terminate("killed", { type: "signal", from: undefined });
    return members.size;
  }

  /** Tells `watcher` of every change from now on (S128): the groups as they are, then `{ type, ref, group, pids }`. */
  monitorScope(watcher: Process): [Ref, Map<unknown, Pid[]>] {
    const now = new Map<unknown, Pid[]>();
    for (const { name, members } of this.#groups.values())
      now.set(
        name,
        members.map((process) => process.pid),
      );
    return [this.#watch(watcher, undefined, true), now];
  }

  /** As `monitorScope` for one group, which need not exist yet (S129). */
  monitor(watcher: Process, group: unknown): [Ref, Pid[]] {
    return [this.#watch(watcher, termKey(group), false), this.members(group)];
  }

  /** Ends a monitor and removes its waiting messages; false if there was none (S130). */
  demonitor(watcher: Process, ref: Ref): boolean {
    const monitor = ref instanceof Ref ? this.#monitors.get(ref.number) : undefined;
    if (monitor === undefined || monitor.watcher !== watcher || !monitor.ref.equals(ref)) return false;
    monitor.unhook();
    this.#monitors.delete(ref.number);
    while (watcher.mailbox.removeTagged(ref, (envelope) => envelope.kind === "group"));
    return true;
  }

  #watch(watcher: Process, key: unknown, isScope: boolean): Ref {
    const ref = this.#runtime.newRef();
    const unhook = watcher.onExit(() => this.#monitors.delete(ref.number));
    this.#monitors.set(ref.number, { watcher, ref, key, isScope, unhook });
    return ref;
  }

  #membershipsOf(process: Process): unknown[] {
    const known = this.#memberships.get(process);
    if (known !== undefined) return known.keys;
    const keys: unknown[] = [];
    const unhook = process.onExit(() => this.#dropAll(process));
    this.#memberships.set(process, { keys, unhook });
    return keys;
  }

  /** A death: one leave per membership (S128). */
  #dropAll(process: Process): void {
    const { keys } = this.#memberships.get(process)!;
    this.#memberships.delete(process);
    for (const key of keys) {
      const { name } = this.#groups.get(key)!;
      this.#remove(key, process);
      this.#tell("leave", key, name, [process]);
    }
  }

  #remove(key: unknown, process: Process): boolean {
    const group = this.#groups.get(key);
    const at = group?.members.indexOf(process) ?? -1;
    if (group === undefined || at < 0) return false;
    group.members.splice(at, 1);
    if (group.members.length === 0) this.#groups.delete(key);
    return true;
  }

  #tell(type: GroupMessage["type"], key: unknown, group: unknown, processes: readonly Process[]): void {
    this.#runtime.lifecycle.groupChanged();
    if (this.#monitors.size === 0) return;
    const pids = processes.map((process) => process.pid);
    for (const { watcher, ref, key: watched, isScope } of this.#monitors.values()) {
      if (!isScope && watched !== key) continue;
      watcher.deliver(new Envelope("group", { type, ref, group, pids } satisfies GroupMessage, ref));
    }
  }

  #local(pids: Pid | readonly Pid[]): (Process | undefined)[] {
    const list = pids instanceof Pid ? [pids] : pids;
    for (const pid of list) {
      if (pid instanceof Pid && pid.node === this.#runtime.name) continue;
      throw new MoonletError(
        "function_clause",
        `${String(pid)} is no pid of this node and cannot be in a group`,
        {
          hint: Array.isArray(pids) ? "nolocal" : "only local processes may join",
        },
      );
    }
    return list.map((pid) => this.#runtime.process(pid));
  }
}
