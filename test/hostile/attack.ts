// What an attack is: a guest that tries one thing, what it was given, and how it has to end.
import type { GuestSpawnOptions, HostOptions } from "../../host/options.ts";
import type { Outside } from "./outside.ts";
import type { Town } from "./town.ts";

export interface Attack {
  /** What it tries, as the end of the sentence "a guest that ...". */
  readonly tries: string;
  /** Assembled when it is its turn. */
  readonly module: () => Uint8Array;
  readonly ends: Ending;
  /** What it is given. The default is what every guest has: no grant at all. */
  readonly options?: GuestSpawnOptions;
  /** Instead of `options`: one attacker for each, some at a time. */
  readonly wave?: () => readonly GuestSpawnOptions[];
  /** Of the host that it runs in. */
  readonly host?: HostOptions;
  /** How many it is at once. Default 1. */
  readonly attackers?: number;
  /** Slices after which it has had its time, and whatever of it is left is killed. Default 400. */
  readonly turns?: number;
  /** What has to hold after each step; what does not is said in words, once. */
  readonly always?: (town: Town) => readonly string[];
  /** What else has to hold when it is over; what does not is said in words. */
  readonly check?: (town: Town) => readonly string[];
  /** Who takes part on the other side of the network of this machine. */
  readonly outside?: Outside;
  /** It gets a directory of the machine, /box, in which `folder` was prepared; what lies beside it must not be reached. */
  readonly files?: (folder: string) => void;
}

/**
 * `refused`: it is not loaded or not started. `exits`: with a reason of which this is a part. `lives`: until it is killed. `cleanly`: either
 * way, with no reason that speaks of the host's insides.
 */
export type Ending =
  | { readonly type: "cleanly" }
  | { readonly type: "refused"; readonly code: string }
  | { readonly type: "exits"; readonly reason: unknown }
  | { readonly type: "lives" };

export const NORMAL: Ending = { type: "exits", reason: "normal" };
export const LIVES: Ending = { type: "lives" };
export const refused = (code: string): Ending => ({ type: "refused", code });
export const traps = (kind: string): Ending => ({ type: "exits", reason: { type: "trap", kind } });
export const exits = (reason: unknown): Ending => ({ type: "exits", reason });

/** A number of attacks on one thing. */
export interface Subject {
  readonly name: string;
  readonly attacks: readonly Attack[];
}

/** Whether everything that `expected` has is in `actual` as well. */
export function isPart(expected: unknown, actual: unknown): boolean {
  if (expected instanceof RegExp) return typeof actual === "string" && expected.test(actual);
  if (typeof expected !== "object" || expected === null) return Object.is(expected, actual);
  if (typeof actual !== "object" || actual === null) return false;
  return Object.entries(expected).every(([key, value]) =>
    isPart(value, (actual as Record<string, unknown>)[key]),
  );
}
