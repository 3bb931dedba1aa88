// Process groups (OTP: pg): a process may be a member any number of times, a group exists while it has members, and a death removes
// all memberships before anybody learns of it. One object is one scope. Joining, leaving and dying cost O(1) per membership.

import type { GroupMessage } from "./envelope.ts";
import { MoonletError } from "./error.ts";
import { GroupMonitors } from "./group-monitors.ts";
import { Pid } from "./pid.ts";
import type { Process } from "./process.ts";
import type { Ref } from "./ref.ts";
import type { Runtime } from "./runtime.ts";
import { heldBytes } from "./term/held-bytes.ts";
import { termKey } from "./term/key.ts";

/** What a membership takes up, without the group's name. */
const MEMBERSHIP_BYTES = 320;

/** One time that a process is in a group; a node of the group's list. */
interface Membership {
  readonly process: Process;
  /** Counts joins: a death takes the latest first. */
  readonly order: number;
  /** What it comes to; counts towards the memory limit of the process. */
  readonly bytes: number;
  older: Membership | undefined;
  newer: Membership | undefined;
}

interface Group {
  readonly name: unknown;
  /** Latest join first (S123). */
  newest: Membership | undefined;
  size: number;
}

/** What a process is in: its memberships by the group's key, oldest first. */
interface Memberships {
  readonly byGroup: Map<unknown, Membership[]>;
  readonly unhook: () => void;
}

export class Groups {
  readonly scope: string;
  readonly #runtime: Runtime;
  readonly #groups = new Map<unknown, Group>();
  readonly #members = new Map<Process, Memberships>();
  readonly #monitors: GroupMonitors;
  #joins = 0;

  /** Made by `Runtime.startGroups`. */
  constructor(runtime: Runtime, scope: string) {
    this.#runtime = runtime;
    this.scope = scope;
    this.#monitors = new GroupMonitors(runtime);
  }

  /**
   * Joins one process or a list, each as often as it is named (S122). A dead one joins and leaves at once (S126).
   * `Differs from OTP:` an empty list changes nothing; OTP 25 makes a group without members of it, which stays for ever.
   * @throws MoonletError function_clause for what is no pid of this node (S127), system_limit when the memory limit of one of them leaves no
   *   room for it.
   */
  join(group: unknown, pids: Pid | readonly Pid[]): void {
    const list = pids instanceof Pid ? [pids] : pids;
    const processes = this.#local(pids);
    if (processes.length === 0) return;
    const key = termKey(group);
    const joining = processes.filter((process) => process !== undefined);
    if (joining.length > 0) this.#join(key, group, joining);
    this.#tell("join", key, group, list);
    processes.forEach((process, i) => {
      if (process === undefined) this.#tell("leave", key, group, [list[i]!]);
    });
  }

  #join(key: unknown, group: unknown, joining: readonly Process[]): void {
    const bytes = MEMBERSHIP_BYTES + heldBytes(group);
    // All of them or none; a list may name one several times.
    for (const process of joining) process.expectBytes(joining.length * bytes);
    let known = this.#groups.get(key);
    if (known === undefined) {
      known = { name: group, newest: undefined, size: 0 };
      this.#groups.set(key, known);
    }
    // A list goes to the front as it stands.
    for (let i = joining.length - 1; i >= 0; i--) this.#add(key, known, joining[i]!, bytes);
  }

  /** Takes one membership each; true if at least one of them was a member (S124): then all that were named are told to have left. */
  leave(group: unknown, pids: Pid | readonly Pid[]): boolean {
    const key = termKey(group);
    const list = pids instanceof Pid ? [pids] : pids;
    const leaving: Process[] = [];
    for (const process of this.#local(pids)) {
      const memberships = process === undefined ? undefined : this.#members.get(process);
      const mine = memberships?.byGroup.get(key);
      if (process === undefined || memberships === undefined || mine === undefined) continue;
      leaving.push(process);
      this.#unchain(key, mine.pop()!);
      if (mine.length > 0) continue;
      memberships.byGroup.delete(key);
      if (memberships.byGroup.size > 0) continue;
      memberships.unhook();
      this.#members.delete(process);
    }
    if (leaving.length === 0) return false;
    const left = leaving.map((process) => process.pid);
    this.#tell("leave", key, group, list, left);
    return true;
  }

  /** The members with multiplicity, latest join first; none for a group that does not exist. */
  members(group: unknown): Pid[] {
    return this.#processes(termKey(group)).map((process) => process.pid);
  }

  /** Whether a process is a member. */
  has(group: unknown, pid: Pid): boolean {
    const process = this.#runtime.process(pid);
    return process !== undefined && this.#members.get(process)?.byGroup.has(termKey(group)) === true;
  }

  /** All groups that have members. */
  groups(): unknown[] {
    return Array.from(this.#groups.values(), (group) => group.name);
  }

  /** How many memberships each group has. */
  sizes(): Map<unknown, number> {
    return new Map(Array.from(this.#groups.values(), (group) => [group.name, group.size]));
  }

  /** Kills all members; tells how many processes that were. */
  kill(group: unknown): number {
    const members = new Set(this.#processes(termKey(group)));
    this.#runtime.lifecycle.groupKilled(group, members.size);
    for (const process of members) process.terminate("killed", { type: "signal", from: undefined });
    return members.size;
  }

  /** Tells `watcher` of every change from now on (S128): the groups as they are, then `{ type, ref, group, pids }`. */
  monitorScope(watcher: Process): [Ref, Map<unknown, Pid[]>] {
    const now = Array.from(this.#groups.values(), ({ name }) => [name, this.members(name)] as const);
    return [this.#monitors.addScope(watcher), new Map(now)];
  }

  /** As `monitorScope` for one group, which need not exist yet (S129). */
  monitor(watcher: Process, group: unknown): [Ref, Pid[]] {
    return [this.#monitors.add(watcher, termKey(group)), this.members(group)];
  }

  /** Ends a monitor and removes its waiting messages; false if there was none (S130). */
  demonitor(caller: Process, ref: Ref): boolean {
    return this.#monitors.remove(caller, ref);
  }

  #add(key: unknown, group: Group, process: Process, bytes: number): void {
    process.takeBytes(bytes);
    const made: Membership = {
      process,
      order: this.#joins++,
      bytes,
      older: group.newest,
      newer: undefined,
    };
    if (group.newest !== undefined) group.newest.newer = made;
    group.newest = made;
    group.size++;
    let memberships = this.#members.get(process);
    if (memberships === undefined) {
      memberships = { byGroup: new Map(), unhook: process.onExit(() => this.#dropAll(process)) };
      this.#members.set(process, memberships);
    }
    const mine = memberships.byGroup.get(key);
    if (mine === undefined) memberships.byGroup.set(key, [made]);
    else mine.push(made);
  }

  #unchain(key: unknown, { process, older, newer, bytes }: Membership): void {
    process.releaseBytes(bytes);
    const group = this.#groups.get(key)!;
    if (newer === undefined) group.newest = older;
    else newer.older = older;
    if (older !== undefined) older.newer = newer;
    group.size--;
    if (group.size === 0) this.#groups.delete(key);
  }

  /** A death: one leave per membership (S128), the latest first. */
  #dropAll(process: Process): void {
    const { byGroup } = this.#members.get(process)!;
    this.#members.delete(process);
    const all = Array.from(byGroup, ([key, memberships]) =>
      memberships.map((membership) => ({ key, membership })),
    ).flat();
    all.sort((a, b) => b.membership.order - a.membership.order);
    for (const { key, membership } of all) {
      const { name } = this.#groups.get(key)!;
      this.#unchain(key, membership);
      this.#tell("leave", key, name, [process.pid]);
    }
  }

  #processes(key: unknown): Process[] {
    const found: Process[] = [];
    for (let m = this.#groups.get(key)?.newest; m !== undefined; m = m.older) found.push(m.process);
    return found;
  }

  /** `moved`: who of them did join or leave. */
  #tell(type: GroupMessage["type"], key: unknown, group: unknown, pids: readonly Pid[], moved = pids): void {
    const { lifecycle, events, environment } = this.#runtime;
    lifecycle.groupChanged();
    if (events.active) {
      const change = { type: type === "join" ? "joined" : "left", at: environment.now() } as const;
      for (const pid of moved) events.emit({ ...change, pid, group, scope: this.scope });
    }
    this.#monitors.tell(type, key, group, pids);
  }

  #local(pids: Pid | readonly Pid[]): (Process | undefined)[] {
    const list = pids instanceof Pid ? [pids] : pids;
    if (!Array.isArray(list)) throw notLocal(pids);
    return list.map((pid) => {
      if (!(pid instanceof Pid) || pid.node !== this.#runtime.name) throw notLocal(pid);
      return this.#runtime.process(pid);
    });
  }
}

function notLocal(value: unknown): MoonletError {
  return new MoonletError("function_clause", `${String(value)} is no pid of this node`, {
    hint: "only local processes may join a group",
  });
}
