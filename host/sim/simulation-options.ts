// What a simulated world is made with.
import type { HostOptions, LoadOptions } from "../options.ts";
import type { Program } from "../wasm/program.ts";
import type { Deviation } from "./deviation.ts";
import type { Fault } from "./fault-kinds.ts";
import type { Files } from "./memory-file-system.ts";
import type { ScheduleStrategy } from "./schedule.ts";

/** Loads programs; a host is one. Worlds that share a loader compile each program once. */
export interface ProgramLoader {
  load(source: string | Uint8Array, options?: LoadOptions): Promise<Program>;
}

export interface SimulationOptions {
  /** Everything random comes from it. Default 1. */
  readonly seed?: number | string;
  /** Who runs next when several could. Default "fifo": the one that has waited longest. */
  readonly schedule?: ScheduleStrategy;
  /** Faults that the seed spreads over the run. Default none. */
  readonly faults?: readonly Fault[];
  /** Replays these deviations; `schedule` and `faults` are then off. Default none. */
  readonly deviations?: readonly Deviation[];
  /** Fuel (of a JavaScript process: reductions) that takes one virtual millisecond. Default 1,000,000. */
  readonly fuelPerMs?: number;
  /** Wall time at the beginning, Unix milliseconds. Default 2026-01-01 in UTC. */
  readonly startTime?: number;
  /** Steps after which the world counts as running wild. Default 1,000,000. */
  readonly maxSteps?: number;
  /** Makes `Date.now`, `Math.random`, `performance.now`, `setTimeout` and the like throw during a step. Default false. */
  readonly guardGlobals?: boolean;
  /** What the world's file system holds at the beginning, where the directories that the host grants lie. Default nothing. */
  readonly files?: Files;
  /** For the host of the world. Guests' log lines and output go into the event log. */
  readonly host?: Omit<HostOptions, "environment" | "faults" | "reachable" | "log" | "write">;
  /** Default: the world's own host. */
  readonly loader?: ProgramLoader;
}
