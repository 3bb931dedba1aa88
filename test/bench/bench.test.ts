import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readArguments } from "./arguments.ts";
import { compare } from "./compare.ts";
import { inProcess } from "./contestant.ts";
import { thisMachine } from "./machine.ts";
import { formatReport, type Report } from "./report.ts";
import { run } from "./run.ts";
import type { Subject } from "./subject.ts";

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "moonlet-bench-test-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Programs that others run as well, with a million of something first. */
const SLOW_TO_SET_UP = ["selective_receive_1000000", "timers_ping_pong"];

describe("a run without a BEAM", () => {
  let report: Report;
  beforeAll(async () => {
    const all = readArguments([]).subjects;
    const subjects = all.filter(
      ({ group, name }) =>
        (group === "messages" && !SLOW_TO_SET_UP.includes(name)) || name === "kernel_queens",
    );
    const open = (subject: Subject, side: string) =>
      side === "beam" ? undefined : inProcess(subject.sides[side]!, folder);
    report = await run({ subjects: subjects.map(smallest), rounds: 1, scale: 1, otp: undefined, open });
  });

  it("gives every figure as a number, in JSON of steady names", () => {
    const read = JSON.parse(JSON.stringify(report)) as Report;
    expect(read).toMatchObject({
      version: 1,
      rounds: 1,
      machine: { otp: null, node: process.versions.node },
    });
    for (const subject of read.subjects) {
      expect(subject).toMatchObject({
        name: expect.any(String),
        unit: expect.stringMatching(/^(ns|bytes)$/),
      });
      const sides = subject.group === "kernels" ? ["raw", "instrumented"] : ["guest", "javascript"];
      expect(Object.keys(subject.sides)).toEqual(sides);
      for (const { count, median, min, max, rounds } of Object.values(subject.sides)) {
        expect(count).toBeGreaterThan(0);
        expect(rounds).toHaveLength(1);
        for (const value of [median, min, max]) expect(Number.isFinite(value)).toBe(true);
      }
    }
  });

  it("has ratios where both sides are there, and leaves the BEAM's columns out with a note", () => {
    const ratios = Object.fromEntries(
      report.subjects.map(({ name, ratios: found }) => [name, Object.keys(found)]),
    );
    expect(ratios).toMatchObject({ ping_pong: [], kernel_queens: ["instrumented"] });
    const text = formatReport(report);
    expect(text).toContain("no erl was found");
    expect(text).not.toContain("guest/BEAM");
    expect(text).toMatch(/^ping-pong round trip +[\d.]+ [num]?s +[\d.]+ [num]?s$/m);
  });
});

/** With just enough operations for the shape of the program. */
function smallest(subject: Subject): Subject {
  const least: Record<string, number> = { ring: 1_000, fan_in: 100, kill_down: 100, supervisor_restart: 100 };
  const operations = least[subject.name] ?? 1;
  const sides = Object.entries(subject.sides).map(([name, side]) => [name, { ...side, count: operations }]);
  return { ...subject, sides: Object.fromEntries(sides) };
}

describe("compare", () => {
  const subject = (checks: readonly [string, string]): Subject => ({
    name: "made_up",
    title: "made up",
    group: "kernels",
    unit: "ns",
    baseline: "raw",
    sides: {
      raw: side("raw", [100, 1, 2, 10], checks[0]),
      instrumented: side("instrumented", [100, 3, 6, 10], checks[1]),
    },
  });
  let calls: string[] = [];
  const side = (name: string, figures: number[], check: string) => ({
    count: 50,
    prepare: async () => async (count: number) => {
      calls.push(`${name} ${count}`);
      return { value: figures.shift()!, check };
    },
  });
  const options = {
    rounds: 3,
    scale: 0.1,
    open: (asked: Subject, name: string) => inProcess(asked.sides[name]!, ""),
  };

  it("lets the sides take turns, drops the first round, and takes medians of figures and of the rounds' ratios", async () => {
    calls = [];
    const result = await compare(subject(["7", "7"]), options);
    expect(calls).toEqual(Array.from({ length: 4 }, () => ["raw 5", "instrumented 5"]).flat());
    expect(result.sides.raw).toEqual({ count: 5, median: 2, min: 1, max: 10, rounds: [1, 2, 10] });
    expect(result.sides.instrumented).toMatchObject({ median: 6 });
    expect(result.ratios).toEqual({ instrumented: 3 });
  });

  it("gives percentiles over the samples of all rounds where it is their spread that counts", async () => {
    const rounds = [[99], Array.from({ length: 99 }, (_, i) => i + 1), [100]];
    const spread: Subject = {
      ...subject(["", ""]),
      group: "fairness",
      sides: {
        raw: { count: 1, prepare: async () => async () => ({ value: 1, samples: rounds.shift()! }) },
      },
    };
    const { sides } = await compare(spread, { ...options, rounds: 2 });
    expect(sides.raw!.percentiles).toEqual({ p50: 50, p99: 99, max: 100 });
    const line = formatReport({
      version: 1,
      date: "",
      machine: thisMachine("25"),
      rounds: 2,
      scale: 1,
      subjects: [{ ...spread, ratios: {}, sides: { guest: sides.raw! } }],
    });
    expect(line).toMatch(/^made up +- +50 ns \/ 99 ns \/ 100 ns$/m);
  });

  it("refuses figures of sides that did different work", async () => {
    await expect(compare(subject(["7", "8"]), options)).rejects.toThrow(/raw gives 7, instrumented gives 8/);
  });
});

describe("the command line", () => {
  it("takes every subject whose name begins with what is asked for", () => {
    const { subjects, rounds, json } = readArguments([
      "--only",
      "ring",
      "--only",
      "kernel_s",
      "--rounds",
      "2",
      "--json",
    ]);
    expect(subjects.map(({ name }) => name)).toEqual(["ring", "kernel_sha", "kernel_sieve", "kernel_sort"]);
    expect({ rounds, json }).toEqual({ rounds: 2, json: true });
  });

  it.each([[["--only", "rnig"]], [["--rounds", "0"]], [["--scale", "none"]], [["--fast"]]])(
    "refuses %j",
    (args) => {
      expect(() => readArguments(args)).toThrow();
    },
  );
});
