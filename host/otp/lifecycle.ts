// The lifecycle log: which labelled processes come, go, crash and are killed, and how many there are. Plain data to a sink; rendering
// is somebody else's. Off, it costs one comparison per spawn and exit.
import type { ExitReason } from "./exit.ts";
import type { Pid } from "./pid.ts";
import type { Process } from "./process.ts";
import { crashReport, isAbnormal } from "./reports.ts";
import type { Runtime } from "./runtime.ts";
import { Timer } from "./timers.ts";

/**
 * error: crashes. warn: and kills, killed groups, and deaths that came over a link. info: and clean exits, and the census. debug: and
 * spawns with what the process may do. Only labelled or named processes appear, and spawns of those to whom somebody gave a list of what they
 * may do, which without a label have what they begin with in its place.
 */
export type LogLevel = "off" | "error" | "warn" | "info" | "debug";

interface AboutProcess {
  /** Unix milliseconds. */
  readonly at: number;
  readonly pid: Pid;
  readonly label: string;
}

export type LogRecord =
  | (AboutProcess & {
      readonly level: "debug";
      readonly event: "spawn";
      readonly parent: Pid | undefined;
      readonly capabilities: readonly string[];
    })
  | (AboutProcess & { readonly level: "info"; readonly event: "exit"; readonly reason: ExitReason })
  | (AboutProcess & { readonly level: "error"; readonly event: "crash"; readonly reason: ExitReason })
  /** Ended by an exit signal: "kill" by exit/2, "cascade" over a link. `from` sent it, undefined from outside. */
  | (AboutProcess & {
      readonly level: "warn";
      readonly event: "kill" | "cascade";
      readonly reason: ExitReason;
      readonly from: Pid | undefined;
    })
  | {
      readonly at: number;
      readonly level: "warn";
      readonly event: "killGroup";
      readonly group: unknown;
      readonly count: number;
    }
  /** How many live, by label and by process group; those that have just become none are there with 0. */
  | {
      readonly at: number;
      readonly level: "info";
      readonly event: "census";
      readonly labels: ReadonlyMap<string, number>;
      readonly groups: ReadonlyMap<unknown, number>;
    };

export type LogSink = (record: LogRecord) => void;

/** Where a death came from. */
export type Cause =
  | { readonly type: "self" }
  | { readonly type: "signal"; readonly from: Pid | undefined }
  | { readonly type: "link"; readonly from: Pid };

const RANKS: Readonly<Record<LogLevel, number>> = { off: 0, error: 1, warn: 2, info: 3, debug: 4 };

/** A census is written this long after the first change since the last one. */
const CENSUS_DEBOUNCE_MS = 200;

export class Lifecycle {
  readonly #runtime: Runtime;
  readonly #sink: LogSink | undefined;
  readonly #rank: number;
  /** Labels that had somebody at the last census, or somebody who came or went since. */
  #labels = new Set<string>();
  readonly #censusTimer: CensusTimer;

  constructor(runtime: Runtime, level: LogLevel, sink: LogSink | undefined) {
    this.#runtime = runtime;
    this.#sink = sink;
    this.#rank = sink === undefined ? 0 : RANKS[level];
    this.#censusTimer = new CensusTimer(() => this.#writeCensus());
  }

  get active(): boolean {
    return this.#rank > 0;
  }

  spawned(process: Process, capabilities?: readonly string[]): void {
    const { events, environment } = this.#runtime;
    const { pid, parent, initialCall } = process;
    if (events.active)
      events.emit({ type: "spawned", at: environment.now(), pid, parent, label: process.label, initialCall });
    const label = labelOf(process);
    if (label !== undefined) this.#changed(label);
    const shown = label ?? (capabilities && initialCall);
    if (shown === undefined || this.#rank < RANKS.debug) return;
    const about = this.#about(process, shown);
    this.#write({ ...about, level: "debug", event: "spawn", parent, capabilities: capabilities ?? [] });
  }

  exited(process: Process, reason: ExitReason, cause: Cause): void {
    const { events, environment } = this.#runtime;
    if (events.active) {
      const { pid, label, name, reductions } = process;
      if (cause.type === "self" && isAbnormal(reason))
        events.emit({ type: "report", at: environment.now(), pid, report: crashReport(process, reason) });
      events.emit({ type: "exited", at: environment.now(), pid, reason, cause, label, name, reductions });
    }
    if (this.#rank === 0) return;
    const label = labelOf(process);
    if (label === undefined) return;
    this.#changed(label);
    const about = this.#about(process, label);
    if (!isAbnormal(reason)) {
      if (this.#rank >= RANKS.info) this.#write({ ...about, level: "info", event: "exit", reason });
    } else if (cause.type === "self") {
      this.#write({ ...about, level: "error", event: "crash", reason });
    } else if (this.#rank >= RANKS.warn) {
      const event = cause.type === "link" ? "cascade" : "kill";
      this.#write({ ...about, level: "warn", event, reason, from: cause.from });
    }
  }

  groupKilled(group: unknown, count: number): void {
    const { events, environment } = this.#runtime;
    if (events.active) events.emit({ type: "groupKilled", at: environment.now(), group, count });
    if (this.#rank < RANKS.warn) return;
    this.#write({ at: environment.wallTime(), level: "warn", event: "killGroup", group, count });
  }

  /** A group's membership changed: the next census tells. */
  groupChanged(): void {
    if (this.#rank >= RANKS.info) this.#startCensus();
  }

  /** Writes the census that is due, and no more after it. */
  close(): void {
    if (this.#censusTimer.pending) this.#writeCensus();
    this.#runtime.timers.remove(this.#censusTimer);
  }

  #changed(label: string): void {
    if (this.#rank < RANKS.info) return;
    this.#labels.add(label);
    this.#startCensus();
  }

  #startCensus(): void {
    const { timers, environment } = this.#runtime;
    if (!this.#censusTimer.pending) timers.add(this.#censusTimer, environment.now() + CENSUS_DEBOUNCE_MS);
  }

  /** Counted anew each time: a process may get another label or name while it lives. */
  #writeCensus(): void {
    const runtime = this.#runtime;
    const labels = new Map(Array.from(this.#labels, (label) => [label, 0]));
    for (const pid of runtime.processes()) {
      const process = runtime.process(pid);
      const label = process === undefined ? undefined : labelOf(process);
      if (label !== undefined) labels.set(label, (labels.get(label) ?? 0) + 1);
    }
    this.#labels = new Set(Array.from(labels).flatMap(([label, count]) => (count > 0 ? [label] : [])));
    const groups = runtime.groups.sizes();
    this.#write({ at: runtime.environment.wallTime(), level: "info", event: "census", labels, groups });
  }

  #about(process: Process, label: string): AboutProcess {
    return { at: this.#runtime.environment.wallTime(), pid: process.pid, label };
  }

  #write(record: LogRecord): void {
    try {
      this.#sink!(record);
    } catch (error) {
      // A sink that fails must not disturb the processes: its error is raised apart from them.
      void Promise.reject(error);
    }
  }
}

class CensusTimer extends Timer {
  readonly #write: () => void;

  constructor(write: () => void) {
    super();
    this.#write = write;
  }

  fire(): void {
    this.#write();
  }
}

function labelOf(process: Process): string | undefined {
  return process.label ?? process.name;
}
