// The tenants on a small scale: everybody's state is what it has to be, whatever the others do. Times and memory are for `npm run tenants`.
import { beforeAll, expect, test } from "vitest";
import { thisMachine } from "../machine.ts";
import { compileVersions } from "./compile.ts";
import { measureTenants, type TenantsReport } from "./measure.ts";
import { formatTenants, verdictOf } from "./report.ts";
import { KINDS } from "./tenant.ts";

let report: TenantsReport;

beforeAll(async () => {
  report = await measureTenants({
    modules: await compileVersions(),
    tenants: 8,
    commands: 200,
    cycles: 1,
    pauseMs: 0,
    seed: 3,
    progress: () => {},
  });
}, 120_000);

test("no tenant loses anything but what its own crashes cost it", () => {
  expect(report.wrong).toEqual([]);
  expect(report.checks).toBe(200);
});

test("crashes, endless loops, and changes of code of every kind are among it", () => {
  expect(KINDS.filter((kind) => report.counts[kind] === 0)).toEqual([]);
});

test("the report says what was done, how long it took and what stayed in memory", () => {
  const text = formatTenants(thisMachine(undefined), report, verdictOf(report));
  expect(text).toMatch(/an innocent command +p50 [\d.]+ ms +p99 [\d.]+ ms +max [\d.]+ ms/);
  expect(text).toContain("200 states looked at, 0 wrong");
  expect(text).toMatch(/cycle 1( +[\d.]+ MiB){3}/);
  expect(report.memory).toHaveLength(3);
});
