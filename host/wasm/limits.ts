// What a guest may use at most, and what it may use together with all its descendants. A child has its parent's limits or lower ones.
import { MoonletError } from "../otp/error.ts";
import { type Bounds, UNBOUNDED } from "../otp/index.ts";
import { suggestion } from "./did-you-mean.ts";

export interface Limits {
  /**
   * Bytes of linear memory, beyond which growing fails in the guest as growing does; and of linear memory and what the host keeps for the
   * guest (its tables, its dictionary, its streams and what its timers are to send) together, beyond which putting more there gives
   * `system_limit`. Default 268,435,456 (256 MiB).
   */
  readonly memoryBytes?: number;
  /** Fuel over the whole life of the process; when it is used up the process ends with a `fuel_exhausted` trap. Default Infinity. */
  readonly fuel?: number;
  /**
   * Fuel in a second, by the clock of the Environment. A process that has used it waits until there is more, and holds up nobody; what it
   * does not use it can use later, up to a second's worth. At least 1. Default Infinity.
   */
  readonly fuelPerSecond?: number;
  /** Milliseconds after which the process ends with a `wall_time_exhausted` trap, whatever it does. Default Infinity. */
  readonly wallTimeMs?: number;
  /** Children of the process that live at the same time; spawning more gives `system_limit`. Default Infinity. */
  readonly children?: number;
  /** Timers that are pending; starting more gives `system_limit`. Default Infinity. */
  readonly timers?: number;
  /** Objects in the tables that the process owns, all together; inserting more gives `system_limit`. Default Infinity. */
  readonly tableEntries?: number;
  /**
   * Elements of the WebAssembly tables of the program, all together: `table.grow` beyond fails in the guest as it does at a table's own
   * maximum, and a program that starts with more ends with a `table_limit` trap. Default 100,000; 1,000,000 is the most.
   */
  readonly tableElements?: number;
  /**
   * Messages that may wait; a sender finds a full mailbox with `system_limit`. Default 100,000.
   */
  readonly mailbox?: number;
  /**
   * Bytes of messages that may wait: one more is taken in while there are fewer, otherwise its sender gets `system_limit`. What counts is
   * this or `memoryBytes`, whichever is less. Default 67,108,864 (64 MiB).
   */
  readonly mailboxBytes?: number;
  /** Bytes of one message that the guest sends. Default 16,777,216 (16 MiB). */
  readonly messageBytes?: number;
  /** Files, directories and sockets that the guest may have open, those that it was given included; opening more fails with MFILE or `system_limit`. Default 1,024. */
  readonly openResources?: number;
  /** Lines that the guest may log in a second; more are dropped, and how many is logged. Default 1,000. */
  readonly logLines?: number;
  /** What the process and all its descendants may use together. Limits of subtrees within subtrees all hold. Default: no more than each alone. */
  readonly subtree?: SubtreeLimits;
}

/** The sum over a process and all its descendants; beyond it each of them finds what it finds beyond its own limit. Defaults Infinity. */
export interface SubtreeLimits {
  /** As `Limits.memoryBytes`, of those that live. */
  readonly memoryBytes?: number;
  /** Also of those that have ended. Once it is used up, whoever of them runs ends with a `fuel_exhausted` trap. */
  readonly fuel?: number;
  readonly fuelPerSecond?: number;
  /** Milliseconds from the first process's spawn; then all of them end with a `wall_time_exhausted` trap. */
  readonly wallTimeMs?: number;
  /** Processes that live at the same time, the first one included. */
  readonly processes?: number;
  readonly timers?: number;
  readonly tableEntries?: number;
  /** As `Limits.tableElements`, of those whose programs can change their tables; others share theirs. */
  readonly tableElements?: number;
  readonly mailboxBytes?: number;
  readonly openResources?: number;
  readonly logLines?: number;
}

/** All limits of one process. */
export type ProcessLimits = Required<Omit<Limits, "subtree">>;

const NONE = Number.POSITIVE_INFINITY;

export const DEFAULT_LIMITS: ProcessLimits = Object.freeze({
  memoryBytes: 268_435_456,
  fuel: NONE,
  fuelPerSecond: NONE,
  wallTimeMs: NONE,
  children: NONE,
  timers: NONE,
  tableEntries: NONE,
  tableElements: 100_000,
  mailbox: 100_000,
  mailboxBytes: 67_108_864,
  messageBytes: 16_777_216,
  openResources: 1024,
  logLines: 1000,
});

/** The limits that a subtree can have. */
export const SUBTREE_LIMITS = [
  "memoryBytes",
  "fuel",
  "fuelPerSecond",
  "wallTimeMs",
  "processes",
  "timers",
  "tableEntries",
  "tableElements",
  "mailboxBytes",
  "openResources",
  "logLines",
] as const satisfies readonly (keyof SubtreeLimits & keyof Bounds)[];

/** What fuel per second has to be at least, so that time brings some. */
const LEAST: Readonly<Record<string, number>> = { fuelPerSecond: 1 };

/** A limit's name in the ABI: `memory_bytes` for `memoryBytes`. */
export function limitAtom(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

/** Bytes of messages that may wait under these limits. */
export function mailboxBytes(limits: ProcessLimits): number {
  return Math.min(limits.mailboxBytes, limits.memoryBytes);
}

/** These limits with others in their place. @throws MoonletError E_LIMIT for what is none. */
export function withLimits(limits: ProcessLimits, given: Limits = {}): ProcessLimits {
  const { subtree, ...own } = given;
  assertLimits(own, Object.keys(DEFAULT_LIMITS), "");
  if (subtree !== undefined) assertLimits(subtree, SUBTREE_LIMITS, "subtree.");
  return Object.freeze({ ...limits, ...own });
}

/** What a child of a process with `limits` has that is given `wanted`: never more than its parent. */
export function lowerLimits(limits: ProcessLimits, wanted: Omit<Limits, "subtree">): ProcessLimits {
  const lower: Record<string, number> = { ...limits };
  for (const [name, value] of Object.entries(wanted)) lower[name] = Math.min(value, lower[name]!);
  return Object.freeze(lower) as unknown as ProcessLimits;
}

/** What an account has to count for one process; undefined when it is bound by nothing that an account counts. */
export function ownBounds({
  fuelPerSecond,
  wallTimeMs,
  children,
  timers,
  tableEntries,
}: ProcessLimits): Bounds | undefined {
  if (Math.min(fuelPerSecond, wallTimeMs, children, timers, tableEntries) === NONE) return undefined;
  return Object.freeze({ ...UNBOUNDED, fuelPerSecond, wallTimeMs, children, timers, tableEntries });
}

function assertLimits(limits: object, known: readonly string[], prefix: string): void {
  for (const [name, value] of Object.entries(limits)) {
    if (!known.includes(name)) {
      throw new MoonletError("E_LIMIT", `unknown limit "${prefix}${name}".${suggestion(name, known)}`, {
        hint: `The limits are: ${known.map((limit) => prefix + limit).join(", ")}.`,
      });
    }
    const least = LEAST[name] ?? 0;
    if (typeof value === "number" && value >= least) continue;
    throw new MoonletError(
      "E_LIMIT",
      `the limit ${prefix}${name} is ${String(value)}, expected a number ${least === 0 ? "that is not negative" : `of ${least} or more`}`,
    );
  }
}
