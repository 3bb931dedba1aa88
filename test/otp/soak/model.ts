// What the soak knows of its processes on its own account, from what they did and what they were told: whoever gets something that
// nobody sent, gets it twice, or does not get it is a violation.
import type { ExitReason } from "../../../host/otp/exit.ts";
import type { TimerRef } from "../../../host/otp/ref.ts";

/** How a process treats exits: always or never trapping, or now and then. */
export type Temper = "traps" | "dies" | "changes";

/** A monitor until its DOWN is received or it is taken away. */
export interface MonitorFact {
  readonly ref: number;
  readonly watcher: number;
  readonly target: number;
  /** Set when the target is dead: this DOWN is due. */
  reason: ExitReason;
  due: boolean;
}

export interface TimerFact {
  readonly id: number;
  readonly ref: TimerRef;
  readonly due: number;
  /** A process; undefined for a timer to a name. */
  readonly target: number | undefined;
}

export interface GroupMonitorFact {
  readonly ref: number;
  readonly group: string;
  /** Changes that have not been received yet. */
  expected: number;
}

/** A living process. */
export interface Fact {
  readonly number: number;
  readonly temper: Temper;
  readonly bounded: boolean;
  readonly asynchronous: boolean;
  name: string | undefined;
  readonly links: Set<number>;
  /** Exits on their way over a link: from whom, and why. */
  readonly linkExits: Map<number, ExitReason>;
  /** Exits of exit/2 and of links to the dead that have not been received: how many, by sender and reason. */
  readonly exits: Map<string, number>;
  /** Monitors that it made. */
  readonly monitors: Map<number, MonitorFact>;
  readonly monitoredBy: Map<number, MonitorFact>;
  readonly groupMonitors: Map<number, GroupMonitorFact>;
  /** Messages on their way or waiting. */
  messages: number;
  /** The last stamp received, by sender and channel. */
  readonly stamps: Map<number, number>;
}

export function exitKey(from: number, reason: ExitReason): string {
  return `${from} ${String(reason)}`;
}

export class Model {
  readonly alive = new Map<number, Fact>();
  readonly names = new Map<string, number>();
  readonly groups = new Map<string, number[]>();
  /** Timers that have not fired, by the number in their message. */
  readonly timers = new Map<number, TimerFact>();
  readonly violations: string[] = [];
  /** Who died of what; kept for as long as somebody may still ask. */
  readonly dead = new Map<number, ExitReason>();
  readonly #groupMonitors = new Map<string, Set<GroupMonitorFact>>();

  violated(what: string): void {
    // The first ones tell; what follows from them does not.
    if (this.violations.length < 20) this.violations.push(what);
  }

  born(number: number, temper: Temper, bounded: boolean, asynchronous: boolean): Fact {
    const fact: Fact = {
      number,
      temper,
      bounded,
      asynchronous,
      name: undefined,
      links: new Set(),
      linkExits: new Map(),
      exits: new Map(),
      monitors: new Map(),
      monitoredBy: new Map(),
      groupMonitors: new Map(),
      messages: 0,
      stamps: new Map(),
    };
    this.alive.set(number, fact);
    return fact;
  }

  died(number: number, reason: ExitReason): void {
    const fact = this.alive.get(number);
    if (fact === undefined) {
      this.violated(`process ${number} died twice, or was never born`);
      return;
    }
    this.alive.delete(number);
    this.dead.set(number, reason);
    if (fact.name !== undefined) this.names.delete(fact.name);
    for (const peer of fact.links) {
      const other = this.alive.get(peer);
      other?.links.delete(number);
      other?.linkExits.set(number, reason);
    }
    for (const monitor of fact.monitoredBy.values()) {
      monitor.due = true;
      monitor.reason = reason;
    }
    for (const monitor of fact.monitors.values())
      this.alive.get(monitor.target)?.monitoredBy.delete(monitor.ref);
    for (const monitor of fact.groupMonitors.values())
      this.#groupMonitors.get(monitor.group)?.delete(monitor);
    for (const [group, members] of this.groups) {
      const left = members.filter((member) => member !== number);
      if (left.length === members.length) continue;
      this.#tell(group, members.length - left.length);
      if (left.length === 0) this.groups.delete(group);
      else this.groups.set(group, left);
    }
  }

  linked(a: number, b: number): void {
    this.alive.get(a)?.links.add(b);
    this.alive.get(b)?.links.add(a);
  }

  unlinked(a: number, b: number): void {
    const fact = this.alive.get(a);
    fact?.links.delete(b);
    fact?.linkExits.delete(b);
    this.alive.get(b)?.links.delete(a);
  }

  /** `target` is 0 where nobody has the name. */
  monitored(watcher: Fact, ref: number, target: number): void {
    const other = this.alive.get(target);
    const fact: MonitorFact = {
      ref,
      watcher: watcher.number,
      target,
      due: other === undefined,
      reason: "noproc",
    };
    watcher.monitors.set(ref, fact);
    other?.monitoredBy.set(ref, fact);
  }

  /** The monitor is over, one way or the other. */
  unmonitored(watcher: Fact, ref: number): void {
    const fact = watcher.monitors.get(ref);
    if (fact === undefined) return;
    watcher.monitors.delete(ref);
    this.alive.get(fact.target)?.monitoredBy.delete(ref);
  }

  exitDue(to: number, from: number, reason: ExitReason): void {
    const exits = this.alive.get(to)?.exits;
    const key = exitKey(from, reason);
    exits?.set(key, (exits.get(key) ?? 0) + 1);
  }

  joined(group: string, number: number): void {
    const members = this.groups.get(group);
    if (members === undefined) this.groups.set(group, [number]);
    else members.unshift(number);
    this.#tell(group, 1);
  }

  left(group: string, number: number): boolean {
    const members = this.groups.get(group);
    const place = members?.indexOf(number) ?? -1;
    if (members === undefined || place < 0) return false;
    members.splice(place, 1);
    if (members.length === 0) this.groups.delete(group);
    this.#tell(group, 1);
    return true;
  }

  groupMonitored(watcher: Fact, ref: number, group: string): void {
    const fact: GroupMonitorFact = { ref, group, expected: 0 };
    watcher.groupMonitors.set(ref, fact);
    const known = this.#groupMonitors.get(group);
    if (known === undefined) this.#groupMonitors.set(group, new Set([fact]));
    else known.add(fact);
  }

  groupUnmonitored(watcher: Fact, ref: number): void {
    const fact = watcher.groupMonitors.get(ref);
    if (fact === undefined) return;
    watcher.groupMonitors.delete(ref);
    this.#groupMonitors.get(fact.group)?.delete(fact);
  }

  #tell(group: string, changes: number): void {
    for (const monitor of this.#groupMonitors.get(group) ?? []) monitor.expected += changes;
  }
}
