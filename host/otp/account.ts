// `Differs from OTP:` what a process may use has bounds. An account counts what one process uses, or a process with all its descendants (a
// subtree), against bounds; accounts hang in each other, and what is taken is taken from all of them or from none. A process without bounds
// of this kind has no account, and nothing is counted for it.
import type { Process } from "./process.ts";
import { Throttle } from "./throttle.ts";
import { Timer } from "./timers.ts";

/** What is counted. */
export interface Uses {
  /** Memory of bodies, tables, dictionaries, pending timers and streams. */
  memoryBytes: number;
  /** Bytes of messages that wait. */
  mailboxBytes: number;
  /** Objects in tables. */
  tableEntries: number;
  /** Elements of the tables that a body's own code calls through. */
  tableElements: number;
  /** Timers that are pending. */
  timers: number;
  /** Files, directories, sockets. */
  openResources: number;
  /** Of a process: children that live. */
  children: number;
  /** Of a subtree: processes that live, the first of them included. */
  processes: number;
  /** Over all of its life. */
  fuel: number;
}
export type Use = keyof Uses;

/** Infinity is no bound. */
export interface Bounds extends Readonly<Uses> {
  /** Fuel in a second; whoever is beyond it waits. At least 1. */
  readonly fuelPerSecond: number;
  /** Lines in a second. */
  readonly logLines: number;
  /** Milliseconds by the clock of the Environment, from its making on. */
  readonly wallTimeMs: number;
}

export const UNBOUNDED: Bounds = Object.freeze({
  memoryBytes: Number.POSITIVE_INFINITY,
  mailboxBytes: Number.POSITIVE_INFINITY,
  tableEntries: Number.POSITIVE_INFINITY,
  tableElements: Number.POSITIVE_INFINITY,
  timers: Number.POSITIVE_INFINITY,
  openResources: Number.POSITIVE_INFINITY,
  children: Number.POSITIVE_INFINITY,
  processes: Number.POSITIVE_INFINITY,
  fuel: Number.POSITIVE_INFINITY,
  fuelPerSecond: Number.POSITIVE_INFINITY,
  logLines: Number.POSITIVE_INFINITY,
  wallTimeMs: Number.POSITIVE_INFINITY,
});

/** Whose bound it is: the process's own, that of a subtree that it is in, or that of all together. */
export type Scope = "process" | "subtree" | "host";

/** A bound, and how much of it is used. */
export interface LimitInfo {
  readonly limit: string;
  readonly scope: Scope;
  readonly used: number;
  readonly max: number;
}

const LOG_WINDOW_MS = 1000;

export class Account {
  readonly scope: Scope;
  readonly bounds: Bounds;
  /** The subtree that it lies in. */
  readonly outer: Account | undefined;
  readonly throttle: Throttle | undefined;
  readonly #used: Uses = {
    memoryBytes: 0,
    mailboxBytes: 0,
    tableEntries: 0,
    tableElements: 0,
    timers: 0,
    openResources: 0,
    children: 0,
    processes: 0,
    fuel: 0,
  };
  readonly #ending: ((process: Process) => void) | undefined;
  /** The account of the process that spawned this one, which counts its children. */
  #spawner: Account | undefined;
  /** Who uses it; kept only where time may end them. */
  #members: Set<Process> | undefined;
  #deadline: Deadline | undefined;
  #since = 0;
  #logWindowEnd = 0;
  #logLines = 0;

  /** `timeIsOver` ends a process that has lived longer than `wallTimeMs`. */
  constructor(
    scope: Scope,
    bounds: Bounds,
    outer: Account | undefined,
    timeIsOver?: (process: Process, account: Account) => void,
  ) {
    this.scope = scope;
    this.bounds = bounds;
    this.outer = outer;
    this.throttle =
      bounds.fuelPerSecond < Number.POSITIVE_INFINITY ? new Throttle(bounds.fuelPerSecond) : undefined;
    if (timeIsOver && bounds.wallTimeMs < Number.POSITIVE_INFINITY) {
      this.#members = new Set();
      this.#ending = (process) => timeIsOver(process, this);
    }
  }

  used(what: Use): number {
    return this.#used[what];
  }

  /** The innermost account that has no room for so much more; undefined when all have. */
  lacking(what: Use, amount: number): Account | undefined {
    for (let account: Account | undefined = this; account !== undefined; account = account.outer)
      if (account.#used[what] + amount > account.bounds[what]) return account;
    return undefined;
  }

  /** What all of them leave. */
  room(what: Use): number {
    let room = Number.POSITIVE_INFINITY;
    for (let account: Account | undefined = this; account !== undefined; account = account.outer)
      room = Math.min(room, account.bounds[what] - account.#used[what]);
    return room;
  }

  /** Counts so much more, or with a negative amount less, whether there is room or not. */
  add(what: Use, amount: number): void {
    for (let account: Account | undefined = this; account !== undefined; account = account.outer)
      account.#used[what] += amount;
  }

  /** Counts so much more if there is room; else the account that has none. */
  take(what: Use, amount = 1): Account | undefined {
    const lacking = this.lacking(what, amount);
    if (lacking === undefined) this.add(what, amount);
    return lacking;
  }

  /** Whether a mailbox is to take nothing more in. */
  get hasFullMailboxes(): boolean {
    return this.room("mailboxBytes") <= 0;
  }

  // ---- fuel

  /** Fuel that was used: of all it has, and of what it has in this second. */
  spend(fuel: number): void {
    for (let account: Account | undefined = this; account !== undefined; account = account.outer) {
      account.#used.fuel += fuel;
      account.throttle?.spend(fuel);
    }
  }

  /** The account whose fuel is used up, if one's is. */
  get exhausted(): Account | undefined {
    for (let account: Account | undefined = this; account !== undefined; account = account.outer)
      if (account.#used.fuel > account.bounds.fuel) return account;
    return undefined;
  }

  /** How much of `budget` may be used in one slice now; 0 while a process has to wait, which then is in the queue of who lets it. */
  allowance(process: Process, budget: number): number {
    let allowed = budget;
    for (let account: Account | undefined = this; account !== undefined; account = account.outer) {
      allowed = Math.min(allowed, account.bounds.fuel - account.#used.fuel);
      if (account.throttle === undefined) continue;
      const left = Math.floor(account.throttle.available(process.runtime.environment.now()));
      if (left < 1) {
        account.throttle.wait(process, budget);
        return 0;
      }
      allowed = Math.min(allowed, left);
    }
    // What is used up ends it at its next check.
    return Math.max(allowed, 1);
  }

  /** The account whose fuel of this second is used up, once a second. */
  throttling(now: number): Account | undefined {
    for (let account: Account | undefined = this; account !== undefined; account = account.outer)
      if (account.throttle !== undefined && account.throttle.available(now) < 1)
        return account.throttle.isNews(now) ? account : undefined;
    return undefined;
  }

  // ---- lines of the log

  /** Whether one more line may be logged now. */
  admitsLine(now: number): boolean {
    for (let account: Account | undefined = this; account !== undefined; account = account.outer) {
      if (now >= account.#logWindowEnd) {
        account.#logWindowEnd = now + LOG_WINDOW_MS;
        account.#logLines = 0;
      }
      if (account.#logLines >= account.bounds.logLines) return false;
    }
    for (let account: Account | undefined = this; account !== undefined; account = account.outer)
      account.#logLines++;
    return true;
  }

  /** The least of the bounds of lines. */
  get lineLimit(): number {
    let least = Number.POSITIVE_INFINITY;
    for (let account: Account | undefined = this; account !== undefined; account = account.outer)
      least = Math.min(least, account.bounds.logLines);
    return least;
  }

  // ---- who uses it

  /** A process has begun to use it, a child of the one that has the account `spawner`. Its time begins with its first. */
  enter(process: Process, spawner: Account | undefined): void {
    this.#spawner = spawner;
    if (spawner !== undefined) spawner.#used.children++;
    for (let account: Account | undefined = this; account !== undefined; account = account.outer) {
      account.#used.processes++;
      if (account.#members === undefined) continue;
      account.#members.add(process);
      account.#start(process);
    }
  }

  /** The process is gone. */
  leave(process: Process): void {
    if (this.#spawner !== undefined) this.#spawner.#used.children--;
    for (let account: Account | undefined = this; account !== undefined; account = account.outer) {
      account.#used.processes--;
      account.throttle?.forget(process);
      account.#members?.delete(process);
      if (account.#members?.size === 0) process.runtime.timers.remove(account.#deadline!);
    }
  }

  #start({ runtime }: Process): void {
    if (this.#deadline !== undefined) return;
    const members = this.#members!;
    const ending = this.#ending!;
    this.#deadline = new Deadline(() => {
      for (const member of [...members]) ending(member);
    });
    this.#since = runtime.environment.now();
    runtime.timers.add(this.#deadline, this.#since + this.bounds.wallTimeMs);
  }

  /** All bounds that there are, the outermost last. */
  *limits(now: number): Generator<LimitInfo> {
    for (let account: Account | undefined = this; account !== undefined; account = account.outer) {
      const { scope, bounds } = account;
      for (const [limit, max] of Object.entries(bounds) as [keyof Bounds, number][]) {
        if (max === Number.POSITIVE_INFINITY) continue;
        yield { limit, scope, used: account.#usedOf(limit, now), max };
      }
    }
  }

  #usedOf(limit: keyof Bounds, now: number): number {
    switch (limit) {
      case "fuelPerSecond":
        return Math.max(0, this.bounds.fuelPerSecond - this.throttle!.available(now));
      case "logLines":
        return now < this.#logWindowEnd ? this.#logLines : 0;
      case "wallTimeMs":
        return now - this.#since;
      default:
        return this.#used[limit];
    }
  }
}

class Deadline extends Timer {
  readonly #over: () => void;

  constructor(over: () => void) {
    super();
    this.#over = over;
  }

  fire(): void {
    this.#over();
  }
}
