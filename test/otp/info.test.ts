// Inspection, rules S112 to S117.
import { expect, it } from "vitest";
import { WAITING } from "../../host/otp/body.ts";
import { settled, waiter, world } from "./support/world.ts";

it("S112: the info of a dead pid is undefined; a non-pid or unknown item is badarg; items come in the order asked", async () => {
  const { play, runtime } = world();
  await play(async (self) => {
    const pid = self.spawn(() => {});
    await self.sleep(1);
    expect(runtime.info(pid)).toBeUndefined();
    expect(runtime.info(pid, ["links"])).toBeUndefined();
    expect(() => runtime.info("x" as never)).toThrow(expect.objectContaining({ code: "badarg" }));
    expect(() => runtime.info(self.pid, ["wealth" as never])).toThrow(
      expect.objectContaining({ code: "badarg" }),
    );
    const items = runtime.info(self.pid, ["trapExit", "links", "messageQueueLength"]);
    expect(Object.entries(items!)).toEqual([
      ["trapExit", false],
      ["links", []],
      ["messageQueueLength", 0],
    ]);
  });
});

it("S113: everything that is known can be asked for", async () => {
  const { play, runtime } = world();
  await play(async (self) => {
    self.groupLeader = self.pid;
    const pid = self.spawn(
      async function worker(child) {
        child.trapExit = true;
        child.dictionary.put("k", "v");
        child.monitor(self.pid);
        await waiter(child);
      },
      { link: true, monitor: true, name: "w", label: "worker 1", priority: "high" },
    );
    await self.sleep(1);
    self.send(pid, "a");
    self.send(pid, "b");
    await self.sleep(1);
    expect(runtime.info(pid)).toEqual({
      pid,
      registeredName: "w",
      label: "worker 1",
      status: "waiting",
      links: [self.pid],
      monitors: [self.pid],
      monitoredBy: [self.pid],
      trapExit: true,
      messageQueueLength: 2,
      messageQueueBytes: 0,
      messagesShed: 0,
      reductions: expect.any(Number),
      memoryBytes: 0,
      priority: "high",
      parent: self.pid,
      ancestors: [self.pid],
      groupLeader: self.pid,
      initialCall: "worker",
      limits: [],
      currentFunction: undefined,
      dictionary: [["k", "v"]],
    });
    expect(runtime.info(pid, ["messages"])).toEqual({ messages: ["a", "b"] });
    expect(runtime.processes()).toEqual([self.pid, pid]);
    expect(runtime.info(self.pid)?.status).toBe("running");
  });
});

it("S113: a body tells its memory and where it is, and reductions add up", async () => {
  const { environment, runtime } = world();
  const pid = runtime.spawnBody((process) => ({
    memoryBytes: 65_536,
    currentFunction: () => "main.ts:12",
    run() {
      process.addReductions(700);
      while (process.mailbox.take() !== undefined);
      return WAITING;
    },
    dispose() {},
  }));
  await environment.settle();
  runtime.send(pid, "again");
  expect(runtime.info(pid)?.status).toBe("runnable");
  await environment.settle();
  expect(runtime.info(pid)).toMatchObject({
    memoryBytes: 65_536,
    currentFunction: "main.ts:12",
    reductions: 1400,
  });
});

it("S114: monitors and monitoredBy list one entry per monitor, duplicates included", async () => {
  const { play, runtime } = world();
  await play((self) => {
    const pid = self.spawn(waiter, { name: "n" });
    self.monitor(pid);
    self.monitor(pid);
    self.monitor("n");
    expect(runtime.info(self.pid)?.monitors).toEqual([pid, pid, { name: "n", node: runtime.name }]);
    expect(runtime.info(pid)?.monitoredBy).toEqual([self.pid, self.pid, self.pid]);
  });
});

it("S115: waiting messages are told only when asked for", async () => {
  const { play, runtime } = world();
  await play((self) => {
    expect(Object.keys(runtime.info(self.pid)!)).not.toContain("messages");
  });
});

it("S116: asked from outside or about oneself, messages are exact", async () => {
  const { play, runtime } = world();
  await play(async (self) => {
    self.send(self.pid, 1);
    expect(runtime.info(self.pid, ["messages", "messageQueueLength"])).toEqual({
      messages: [1],
      messageQueueLength: 1,
    });
    await settled(self);
  });
});

it("S117: a process over its limit ends with killed, trapping or not", async () => {
  const { play } = world();
  await play(async (self) => {
    for (const trapping of [false, true]) {
      const [pid, ref] = self.spawnMonitor(
        async (child) => {
          child.trapExit = trapping;
          await waiter(child);
        },
        { maxMailbox: { messages: 3, policy: "kill" } },
      );
      await self.sleep(1);
      for (let i = 0; i < 4; i++) self.send(pid, i);
      expect(await self.receiveTagged(ref)).toEqual({ type: "down", ref, pid, reason: "killed" });
    }
  });
});
