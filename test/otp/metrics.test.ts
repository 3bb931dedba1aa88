// What is counted of a runtime, and what that costs when nobody wants it.
import { describe, expect, it } from "vitest";
import { Histogram } from "../../host/otp/histogram.ts";
import { type Metric, Metrics } from "../../host/otp/metrics.ts";
import { scripted } from "./support/scripted-body.ts";
import { waiter, world } from "./support/world.ts";

/** The values of a metric, by their labels in one text. */
function values(metrics: readonly Metric[], name: string): Record<string, number> {
  const metric = metrics.find((candidate) => candidate.name === name);
  if (metric === undefined || metric.type === "histogram") throw new Error(`there is no metric ${name}`);
  return Object.fromEntries(
    metric.values.map(({ labels, value }) => [Object.values(labels).join() || "value", value]),
  );
}

describe("metrics", () => {
  it("count spawns, ends by how, messages, exits and what was shed, from their start on", async () => {
    const { runtime, environment } = world();
    runtime.kill(runtime.spawn(waiter));
    const metrics = new Metrics(runtime);
    runtime.spawn(() => {});
    runtime.spawn((self) => self.exit("crashed"));
    runtime.kill(runtime.spawn(waiter));
    runtime.spawn(async (self) => {
      self.spawnLink((child) => child.exit("boom"));
      await waiter(self);
    });
    const receiver = runtime.spawn(async (self) => void (await self.receive()), { maxMailbox: 1 });
    for (let i = 0; i < 3; i++) runtime.send(receiver, i);
    await environment.settle();
    const read = metrics.read();
    expect(values(read, "processes_spawned")).toEqual({ value: 6 });
    expect(values(read, "process_exits")).toEqual({ exit: 2, crash: 2, kill: 1, cascade: 1 });
    expect(values(read, "exit_signals")).toEqual({ value: 1 });
    expect(values(read, "messages_sent")).toEqual({ value: 3 });
    expect(values(read, "messages_received")).toEqual({ value: 1 });
    expect(values(read, "messages_shed")).toEqual({ drop: 2, reject: 0, kill: 0 });
    expect(values(read, "processes")).toEqual({ value: 0 });
  });

  it("tell what there is at the moment", async () => {
    const { runtime, environment } = world();
    const metrics = new Metrics(runtime);
    for (let i = 0; i < 10; i++) {
      const pid = runtime.spawn(waiter, { name: `name${i}` });
      runtime.groups.join(i % 2, pid);
      for (let messages = 0; messages < i; messages++) runtime.send(pid, messages);
    }
    runtime.spawn((self) => self.sendAfter(1000, "name0", "later"));
    expect(values(metrics.read(), "run_queue_length")).toEqual({ value: 11 });
    await environment.settle();
    const read = metrics.read();
    expect(values(read, "run_queue_length")).toEqual({ value: 0 });
    expect(values(read, "processes")).toEqual({ value: 10 });
    expect(values(read, "registered_names")).toEqual({ value: 10 });
    expect(values(read, "groups")).toEqual({ value: 2 });
    expect(values(read, "timers")).toEqual({ value: 1 });
    expect(values(read, "mailbox_messages")).toEqual({ 0.5: 4, 0.9: 8, 0.99: 9, 1: 9 });
  });

  it("sample the mailboxes of very many processes", () => {
    const { runtime } = world();
    const pids = Array.from({ length: 2500 }, () => runtime.spawn(waiter));
    for (const pid of pids) runtime.send(pid, 1);
    expect(values(new Metrics(runtime).read(), "mailbox_messages")).toEqual({
      0.5: 1,
      0.9: 1,
      0.99: 1,
      1: 1,
    });
  });

  it("add up the reductions of the living and the dead since their start", async () => {
    const { runtime, environment } = world();
    const worker = scripted((process) => {
      process.addReductions(100);
      return process.mailbox.take() === undefined
        ? { type: "waiting" }
        : { type: "exited", reason: "normal" };
    });
    const pid = runtime.spawnBody(worker);
    await environment.settle();
    const metrics = new Metrics(runtime);
    expect(values(metrics.read(), "reductions")).toEqual({ value: 0 });
    runtime.send(pid, "end");
    runtime.spawnBody(worker);
    await environment.settle();
    expect(values(metrics.read(), "reductions")).toEqual({ value: 200 });
  });

  it("time slices if that is wanted", async () => {
    const { runtime, environment } = world();
    const metrics = new Metrics(runtime, { slices: true });
    runtime.spawnBody(
      scripted(() => {
        environment.spend(3);
        return { type: "exited", reason: "normal" };
      }),
    );
    await environment.settle();
    const duration = metrics.read().find(({ name }) => name === "slice_duration");
    expect(duration).toMatchObject({ unit: "seconds", histogram: { count: 1, sum: 0.003 } });
    expect(() => new Metrics(runtime, { slices: true })).toThrow(
      expect.objectContaining({ code: "E_TIMED" }),
    );
    metrics.close();
    expect(runtime.scheduler.onSlice).toBeUndefined();
  });

  it("cost nothing before their start and after their end", () => {
    const { runtime } = world();
    expect(runtime.events.active).toBe(false);
    const metrics = new Metrics(runtime);
    expect([runtime.events.active, runtime.scheduler.onSlice]).toEqual([true, undefined]);
    metrics.close();
    expect(runtime.events.active).toBe(false);
    runtime.spawn(waiter);
    expect(values(metrics.read(), "processes_spawned")).toEqual({ value: 0 });
  });
});

it("a histogram counts each value in the first bucket that it fits, cumulatively", () => {
  const histogram = new Histogram([1, 10]);
  for (const value of [0, 1, 2, 10, 11]) histogram.add(value);
  expect(histogram.snapshot()).toEqual({
    buckets: [
      { le: 1, count: 2 },
      { le: 10, count: 4 },
      { le: Number.POSITIVE_INFINITY, count: 5 },
    ],
    sum: 24,
    count: 5,
  });
});
