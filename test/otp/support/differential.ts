// Differential tests: random scenarios, what a real BEAM made of them, and what ours makes of them.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import { playOnBeam } from "./beam.ts";

/** What every scenario says of itself. */
export interface Seeded {
  readonly seed: number;
  readonly flavour: string;
}

/** One kind of scenario. `S` is a scenario and `T` its trace, both JSON. */
export interface Suite<S extends Seeded, T> {
  readonly name: string;
  /** From the project's root; traces.jsonl.gz is there. */
  readonly folder: string;
  /** The Erlang files, of which one is player.erl. */
  readonly sources: readonly string[];
  readonly flavours: readonly string[];
  /** How long a scenario may take on the BEAM, milliseconds. Default 1500. */
  readonly scenarioMs?: number;
  /** A pure function: the scenario of a seed. */
  generate(seed: number, flavour: string): S;
  /** Whether ours may be held to what the BEAM does. Default true. */
  isFair?(scenario: S): boolean;
  /** What the player in Erlang gets; default the scenario. */
  input?(scenario: S): unknown;
  /** The trace that the player gave; undefined for a scenario that it gave up, because of a race or a machine too busy to keep time. */
  traceOf(played: unknown): T | undefined;
  /** The same on ours. */
  replay(scenario: S): Promise<T>;
  /** A trace as a list of what has to be equal, one entry for each step. */
  comparable(scenario: S, trace: T): readonly unknown[];
  /** The scenario up to the entry that differs, for people. */
  show(scenario: S, entry: number): string;
}

export interface Recorded<S, T> {
  readonly scenario: S;
  readonly trace: T;
}

export interface Difference {
  readonly entry: number;
  readonly expected: unknown;
  readonly actual: unknown;
}

/** The first entry in which ours differs from what was recorded. */
export async function difference<S extends Seeded, T>(
  suite: Suite<S, T>,
  scenario: S,
  trace: T,
): Promise<Difference | undefined> {
  const expected = suite.comparable(scenario, trace);
  const actual = suite.comparable(scenario, await suite.replay(scenario));
  for (let entry = 0; entry < Math.max(expected.length, actual.length); entry++) {
    if (JSON.stringify(expected[entry]) !== JSON.stringify(actual[entry]))
      return { entry, expected: expected[entry], actual: actual[entry] };
  }
  return undefined;
}

/** Plays `count` scenarios of each flavour, from seed `from` on, on a BEAM. Those that do not come out the same twice are left out. */
export async function play<S extends Seeded, T>(
  suite: Suite<S, T>,
  flavours: readonly string[],
  count: number,
  from: number,
): Promise<Recorded<S, T>[]> {
  const scenarios = flavours.flatMap((flavour) =>
    Array.from({ length: count }, (_, i) =>
      suite.generate(from + suite.flavours.indexOf(flavour) * 1_000_000 + i, flavour),
    ).filter((scenario) => suite.isFair?.(scenario) ?? true),
  );
  const inputs = scenarios.map((scenario) => suite.input?.(scenario) ?? scenario);
  const first = await playOnBeam(suite.sources, inputs, suite.scenarioMs);
  const second = await playOnBeam(suite.sources, inputs, suite.scenarioMs);
  return scenarios.flatMap((scenario, i) => {
    const trace = suite.traceOf(first[i]);
    const again = suite.traceOf(second[i]);
    if (trace === undefined || again === undefined) return [];
    const isSame =
      JSON.stringify(suite.comparable(scenario, trace)) === JSON.stringify(suite.comparable(scenario, again));
    return isSame ? [{ scenario, trace }] : [];
  });
}

export function writeRecordings<S extends Seeded, T>(
  suite: Suite<S, T>,
  recorded: readonly Recorded<S, T>[],
): void {
  const lines = recorded.map((one) => JSON.stringify(one));
  writeFileSync(join(suite.folder, "traces.jsonl.gz"), gzipSync(`${lines.join("\n")}\n`, { level: 9 }));
}

export function readRecordings<S extends Seeded, T>(suite: Suite<S, T>): Recorded<S, T>[] {
  const lines = gunzipSync(readFileSync(join(suite.folder, "traces.jsonl.gz")))
    .toString()
    .trimEnd()
    .split("\n");
  return lines.map((line) => JSON.parse(line) as Recorded<S, T>);
}
