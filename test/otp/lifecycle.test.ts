// The lifecycle log: what appears at which level, and the census.
import { expect, it } from "vitest";
import type { Context } from "../../host/otp/context.ts";
import type { LogLevel, LogRecord } from "../../host/otp/lifecycle.ts";
import { tuple } from "../../host/otp/term/tuple.ts";
import { waiter, world } from "./support/world.ts";

/** What is logged at a level when one of everything happens. */
async function logged(level: LogLevel): Promise<LogRecord[]> {
  const records: LogRecord[] = [];
  const { environment, runtime } = world({ logLevel: level, log: (record) => records.push(record) });
  const crash = (self: Context) => self.exit("crashed");
  runtime.spawn(waiter);
  runtime.spawn(crash);
  runtime.spawn(() => {}, { label: "clean", capabilities: ["log", "clock"] });
  runtime.spawn((self) => self.exit(tuple("shutdown", 1)), { name: "orderly" });
  runtime.spawn(crash, { label: "crash" });
  runtime.kill(runtime.spawn(waiter, { label: "victim" }));
  runtime.spawn(
    async (self) => {
      self.spawnLink(crash);
      await waiter(self);
    },
    { label: "linked" },
  );
  runtime.groups.join("g", runtime.spawn(waiter, { label: "member" }));
  runtime.killGroup("g");
  await environment.advance(1000);
  return records;
}

const briefly = (record: LogRecord): string =>
  `${record.level} ${record.event} ${"label" in record ? record.label : ""}`.trim();

it("says nothing when off", async () => {
  expect(await logged("off")).toEqual([]);
});

it("says at each level what it should, of labelled and named processes only", async () => {
  const errors = ["error crash crash"];
  const warnings = ["warn cascade linked", "warn kill member", "warn kill victim", "warn killGroup"];
  const infos = ["info census", "info exit clean", "info exit orderly"];
  const spawns = ["clean", "orderly", "crash", "victim", "linked", "member"].map(
    (label) => `debug spawn ${label}`,
  );
  const levels = { error: errors, warn: [...errors, ...warnings], info: [...errors, ...warnings, ...infos] };
  for (const [level, expected] of Object.entries({ ...levels, debug: [...levels.info, ...spawns] })) {
    expect((await logged(level as LogLevel)).map(briefly).sort()).toEqual(expected.sort());
  }
});

it("a record carries who, why, and for a spawn what the process may do", async () => {
  const records = await logged("debug");
  const of = (text: string) => records.find((record) => briefly(record) === text);
  expect(of("debug spawn clean")).toMatchObject({ capabilities: ["log", "clock"], parent: undefined });
  expect(of("error crash crash")).toMatchObject({ reason: "crashed", at: expect.any(Number) });
  expect(of("warn kill victim")).toMatchObject({ reason: "killed" });
  expect(of("warn cascade linked")).toMatchObject({ reason: "crashed" });
  expect(of("warn killGroup")).toMatchObject({ group: "g", count: 1 });
});

it("the census comes once for many changes, by label and group", async () => {
  const records: LogRecord[] = [];
  const { environment, runtime } = world({ logLevel: "info", log: (record) => records.push(record) });
  const pids = [0, 1, 2].map(() => runtime.spawn(waiter, { label: "worker" }));
  runtime.groups.join("pool", pids);
  await environment.advance(1000);
  expect(records).toEqual([
    {
      at: expect.any(Number),
      level: "info",
      event: "census",
      labels: new Map([["worker", 3]]),
      groups: new Map([["pool", 3]]),
    },
  ]);
  runtime.killGroup("pool");
  await environment.advance(1000);
  expect(records.at(-1)).toMatchObject({
    event: "census",
    labels: new Map([["worker", 0]]),
    groups: new Map(),
  });
  const count = records.length;
  await environment.advance(10_000);
  expect(records).toHaveLength(count);
});

it("the census knows labels and names that processes got while they lived", async () => {
  const records: LogRecord[] = [];
  const { environment, runtime } = world({ logLevel: "info", log: (record) => records.push(record) });
  runtime.spawn(waiter, { label: "worker" });
  const late = runtime.spawn(async (self) => {
    self.label = "worker";
    await waiter(self);
  });
  runtime.register("named", runtime.spawn(waiter));
  await environment.advance(1000);
  expect(records.at(-1)).toMatchObject({ labels: new Map(Object.entries({ worker: 2, named: 1 })) });
  runtime.kill(late);
  await environment.advance(1000);
  expect(records.at(-1)).toMatchObject({ labels: new Map(Object.entries({ worker: 1, named: 1 })) });
});

it("a label that came and went between two censuses is there with none", async () => {
  const records: LogRecord[] = [];
  const { environment, runtime } = world({ logLevel: "info", log: (record) => records.push(record) });
  runtime.spawn(() => {}, { label: "brief" });
  await environment.advance(1000);
  expect(records.at(-1)).toMatchObject({ event: "census", labels: new Map([["brief", 0]]) });
});

it("a child stopped in order by the signal shutdown has exited, not been killed", async () => {
  const records: LogRecord[] = [];
  const { environment, runtime } = world({ logLevel: "warn", log: (record) => records.push(record) });
  runtime.exit(runtime.spawn(waiter, { label: "child" }), "shutdown");
  await environment.settle();
  expect(records).toEqual([]);
});

it("off, nothing is looked at or timed", () => {
  const { environment, runtime } = world({ logLevel: "off", log: () => expect.unreachable() });
  const options = {
    label: "worker",
    get capabilities(): readonly string[] {
      return expect.unreachable();
    },
  };
  const pid = runtime.spawnProcess(
    undefined,
    () => ({ run: () => ({ type: "waiting" }), dispose() {} }),
    options,
  ).pid;
  runtime.kill(pid);
  expect([runtime.lifecycle.active, runtime.events.active, environment.armedTimers]).toEqual([
    false,
    false,
    0,
  ]);
});
