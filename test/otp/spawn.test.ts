// Spawning, rules S12 to S16.
import { expect, it } from "vitest";
import { start } from "../../host/otp/start.ts";
import { settled, waiter, world } from "./support/world.ts";

it("S12: spawn returns a pid at once and never fails because of the child", async () => {
  const { play } = world();
  await play(async (self) => {
    let ran = false;
    const [pid, ref] = self.spawnMonitor(() => {
      ran = true;
      throw new TypeError("nothing to call");
    });
    expect(ran).toBe(false);
    const [down] = await settled(self);
    expect(down).toMatchObject({
      type: "down",
      ref,
      pid,
      reason: { type: "error", name: "TypeError", message: "nothing to call" },
    });
  });
});

it("S12: a body that cannot be made is the child's exit", async () => {
  const { play } = world();
  await play(async (self) => {
    const [pid, ref] = self.process.spawnBodyMonitor(() => {
      throw new RangeError("no memory");
    });
    expect(await settled(self)).toMatchObject([{ type: "down", ref, pid, reason: { name: "RangeError" } }]);
  });
});

it("S13: spawnLink and spawnMonitor give the real reason however fast the child dies", async () => {
  const { play } = world();
  await play(async (self) => {
    self.trapExit = true;
    const linked = self.spawnLink((child) => child.exit("fast"));
    const [pid, ref] = self.spawnMonitor((child) => child.exit("fast"));
    expect(await settled(self)).toEqual([
      { type: "exit", from: linked, reason: "fast" },
      { type: "down", ref, pid, reason: "fast" },
    ]);
  });
});

it("S14: link, monitor with alias and tag, and priority can be asked for together", async () => {
  const { play, runtime } = world();
  await play(async (self) => {
    self.trapExit = true;
    const [pid, ref] = self.spawnMonitor((child) => child.send(ref, child.priority), {
      link: true,
      priority: "high",
      monitor: { alias: "explicit_unalias", tag: "gone" },
    });
    expect(runtime.info(pid)).toMatchObject({ priority: "high", links: [self.pid], monitoredBy: [self.pid] });
    expect(await settled(self)).toEqual([
      "high",
      { type: "exit", from: pid, reason: "normal" },
      { type: "gone", ref, pid, reason: "normal" },
    ]);
  });
});

it("S14: from outside, a link or monitor is refused", () => {
  const { runtime } = world();
  expect(() => runtime.spawn(waiter, { link: true })).toThrow(expect.objectContaining({ code: "badarg" }));
  expect(() => runtime.spawn(waiter, { monitor: true })).toThrow(expect.objectContaining({ code: "badarg" }));
  expect(runtime.processes()).toEqual([]);
});

it("S15: a child inherits the group leader only", async () => {
  const { play, runtime } = world();
  await play(async (self) => {
    self.trapExit = true;
    self.priority = "high";
    self.dictionary.put("k", 1);
    self.groupLeader = self.pid;
    const linked = self.spawnLink(waiter);
    const child = self.spawn(waiter);
    expect(runtime.info(child)).toMatchObject({
      trapExit: false,
      priority: "normal",
      dictionary: [],
      links: [],
      groupLeader: self.pid,
      parent: self.pid,
      ancestors: [self.pid],
    });
    expect(runtime.info(linked)?.links).toEqual([self.pid]);
  });
});

it("S16: a waiting start returns what the child acknowledged", async () => {
  const { play, runtime } = world();
  await play(async (self) => {
    const started = await start<number>(self, async (child, acknowledge) => {
      await child.sleep(5);
      acknowledge(42);
      await waiter(child);
    });
    expect(started).toMatchObject({ ok: 42 });
    if ("error" in started) throw new Error("not started");
    expect(runtime.info(started.pid)).toMatchObject({ links: [self.pid], monitoredBy: [] });
  });
});

it("S16: a death before the acknowledgement is the error, and leaves no exit behind when trapping", async () => {
  const { play } = world();
  await play(async (self) => {
    self.trapExit = true;
    expect(await start(self, (child) => child.exit("bad"))).toEqual({ error: "bad" });
    expect(await start(self, () => {})).toEqual({ error: "normal" });
    expect(await settled(self)).toEqual([]);
  });
});

it("S16: a starter that does not trap dies with its child, but not when the child just returned", async () => {
  const { play } = world();
  await play(async (self) => {
    const [, ref] = self.spawnMonitor(async (starter) => {
      await start(starter, (child) => child.exit("bad"));
    });
    expect(await self.receiveTagged(ref)).toMatchObject({ reason: "bad" });
    expect(await start(self, () => {})).toEqual({ error: "normal" });
  });
});

it("S16: a start that takes too long kills the child", async () => {
  const { play, runtime } = world();
  await play(async (self) => {
    let child: unknown;
    const before = runtime.environment.now();
    const started = await start(
      self,
      async (context) => {
        child = context.pid;
        await waiter(context);
      },
      { timeoutMs: 50 },
    );
    expect(started).toEqual({ error: "timeout" });
    expect(runtime.environment.now() - before).toBe(50);
    expect(runtime.processes()).not.toContain(child);
    expect(await settled(self)).toEqual([]);
  });
});
