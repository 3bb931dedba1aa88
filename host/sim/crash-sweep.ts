// A crash at every point that matters: a guest's memory dies with it and others see only its host calls, so that one run for each kill
// before and after each host call covers them all.
import { Host } from "../host.ts";
import { type Deviation, formatDeviation } from "./deviation.ts";
import { describeFailure, type Scenario, type SimRun, simulate } from "./run.ts";
import type { SimulationOptions } from "./simulation-options.ts";

export interface CrashSweepOptions extends Omit<SimulationOptions, "deviations" | "faults" | "schedule"> {
  /** Which guests are killed, by address. Default all. */
  readonly only?: (address: string) => boolean;
  /** Points at most; above it the sweep is partial, which the result says. Default 10,000. */
  readonly maxPoints?: number;
}

export interface CrashPoint {
  readonly deviation: Deviation;
  /** Not reached: the run did not come by it any more, or the call never returns. */
  readonly outcome: "passed" | "failed" | "not reached";
  readonly run: SimRun;
}

export interface CrashSweep {
  readonly points: readonly CrashPoint[];
  readonly failed: readonly CrashPoint[];
  /** Points of the run without faults that were left out because of `maxPoints`. */
  readonly leftOut: number;
  /** A table: per guest and host call how many kills passed, failed and were not reached; then each failure. */
  toString(): string;
}

/** Runs the scenario once without faults, then once per point. @throws what the run without faults throws. */
export async function crashSweep(scenario: Scenario, options: CrashSweepOptions = {}): Promise<CrashSweep> {
  const { only = () => true, maxPoints = 10_000, ...rest } = options;
  const shared: SimulationOptions = { loader: new Host(), ...rest };
  const clean = await simulate(scenario, shared);
  if (!clean.passed) throw clean.error;
  const all = pointsOf(clean, only);
  const points: CrashPoint[] = [];
  for (const deviation of all.slice(0, maxPoints)) {
    const run = await simulate(scenario, { ...shared, deviations: [deviation] });
    const isReached = run.deviations.length > 0;
    points.push({ deviation, run, outcome: !run.passed ? "failed" : isReached ? "passed" : "not reached" });
  }
  const failed = points.filter(({ outcome }) => outcome === "failed");
  const leftOut = Math.max(0, all.length - maxPoints);
  return { points, failed, leftOut, toString: () => table(points, failed, leftOut) };
}

function pointsOf(clean: SimRun, only: (address: string) => boolean): Deviation[] {
  const points: Deviation[] = [];
  for (const [key, count] of clean.calls) {
    const [process = "", call = ""] = key.split(" ");
    if (!only(process)) continue;
    for (let nth = 1; nth <= count; nth++) {
      points.push(
        { do: "killAtCall", process, when: "before", call, nth },
        { do: "killAtCall", process, when: "after", call, nth },
      );
    }
  }
  return points;
}

function table(points: readonly CrashPoint[], failed: readonly CrashPoint[], leftOut: number): string {
  const rows = new Map<string, { passed: number; failed: number; "not reached": number }>();
  for (const { deviation, outcome } of points) {
    const key =
      deviation.do === "killAtCall"
        ? `${deviation.process.padEnd(10)} ${deviation.call}`
        : formatDeviation(deviation);
    const row = rows.get(key) ?? { passed: 0, failed: 0, "not reached": 0 };
    row[outcome]++;
    rows.set(key, row);
  }
  const line = (name: string, ...cells: readonly unknown[]) =>
    name.padEnd(40) + cells.map((cell) => String(cell).padStart(13)).join("");
  const lines = [line("killed at", "passed", "failed", "not reached")];
  for (const [key, row] of rows) lines.push(line(key, row.passed, row.failed, row["not reached"]));
  if (leftOut > 0) lines.push(`${leftOut} more points were left out`);
  for (const { run, deviation } of failed) lines.push("", describeFailure(run, formatDeviation(deviation)));
  return lines.join("\n");
}
