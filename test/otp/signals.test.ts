// Signals and their order, rules S1 to S11.
import { expect, it } from "vitest";
import type { Context } from "../../host/otp/context.ts";
import { tuple } from "../../host/otp/term/tuple.ts";
import { drain, recorder, settled, waiter, world } from "./support/world.ts";

it("S1: what a process sent before it died arrives before the news of its death", async () => {
  const { play } = world();
  const seen = await play(async (self) => {
    self.trapExit = true;
    const [pid, ref] = self.spawnMonitor(
      async (child) => {
        for (let i = 0; i < 3; i++) child.send(self.pid, i);
        child.exit("done");
      },
      { link: true },
    );
    const all = await settled(self);
    expect(all.slice(3)).toEqual([
      { type: "exit", from: pid, reason: "done" },
      { type: "down", ref, pid, reason: "done" },
    ]);
    return all.slice(0, 3);
  });
  expect(seen).toEqual([0, 1, 2]);
});

it("S2: monitor, exit/2, monitor gives one DOWN with the real reason and one with noproc", async () => {
  const { play } = world();
  await play(async (self) => {
    const pid = self.spawn(waiter);
    const first = self.monitor(pid);
    self.exitSignal(pid, "boom");
    const second = self.monitor(pid);
    expect(await settled(self)).toEqual([
      { type: "down", ref: first, pid, reason: "boom" },
      { type: "down", ref: second, pid, reason: "noproc" },
    ]);
  });
});

it("S3: signals of different senders each keep their own order", async () => {
  const { play } = world();
  await play(async (self) => {
    const sender = (name: string) => async (child: Context) => {
      for (let i = 0; i < 5; i++) {
        child.send(self.pid, [name, i]);
        await child.yield();
      }
    };
    self.spawn(sender("a"));
    self.spawn(sender("b"));
    const all = (await settled(self)) as [string, number][];
    const orderOf = (name: string) => all.filter(([from]) => from === name).map(([, i]) => i);
    expect(orderOf("a")).toEqual([0, 1, 2, 3, 4]);
    expect(orderOf("b")).toEqual([0, 1, 2, 3, 4]);
  });
});

it("S4: a name, a name on the node and an alias are other addresses of the same process, in the same order", async () => {
  const { play, runtime } = world();
  await play(async (self) => {
    self.register("me");
    const alias = self.alias();
    const other = { name: "me", node: runtime.name };
    self.spawn(async (child) => {
      child.send(self.pid, 1);
      child.send("me", 2);
      child.send(other, 3);
      child.send(tuple("me", runtime.name), 4);
      child.send(alias, 5);
      child.send(self.pid, 6);
    });
    expect(await settled(self)).toEqual([1, 2, 3, 4, 5, 6]);
  });
});

it("S4: a message follows the process found when it was sent, not the name", async () => {
  const { play } = world();
  await play(async (self) => {
    const inbox: unknown[] = [];
    self.register("target");
    self.send("target", "for me");
    self.unregister("target");
    const other = self.spawn(recorder(inbox));
    self.register("target", other);
    expect(await settled(self)).toEqual(["for me"]);
    expect(inbox).toEqual([]);
  });
});

it("S5: a message to oneself is in the own queue at once", async () => {
  const { play } = world();
  await play(async (self) => {
    self.send(self.pid, "mine");
    expect(await self.receive(undefined, { timeoutMs: 0 })).toBe("mine");
  });
});

it("S6: sending to a dead process does nothing and raises nothing", async () => {
  const { play, runtime } = world();
  await play(async (self) => {
    const pid = self.spawn(() => {});
    await self.sleep(1);
    expect(runtime.isAlive(pid)).toBe(false);
    self.send(pid, "anybody?");
    expect(await settled(self)).toEqual([]);
  });
});

it("S7: a process that never receives dies from an exit, and no catch sees it", async () => {
  const { environment, runtime } = world();
  let caught = false;
  const pid = runtime.spawn(async (self) => {
    try {
      for (;;) await self.yield();
    } catch {
      caught = true;
    }
  });
  const reason = runtime.exited(pid);
  await environment.turn();
  runtime.exit(pid, "stop");
  expect(await reason).toBe("stop");
  await environment.settle();
  expect(caught).toBe(false);
});

it("S8: a fatal exit acts even if older messages of the same sender lie unread", async () => {
  const { play, runtime } = world();
  await play(async (self) => {
    const pid = self.spawn(waiter);
    await self.sleep(1);
    for (let i = 0; i < 10; i++) self.send(pid, i);
    self.exitSignal(pid, "now");
    expect(runtime.isAlive(pid)).toBe(false);
  });
});

it("S9: after exit(P, kill) the process is not alive and has no info; before, all earlier messages are seen", async () => {
  const { play, runtime } = world();
  await play(async (self) => {
    const pid = self.spawn(waiter);
    self.send(pid, 1);
    self.send(pid, 2);
    expect(runtime.info(pid)?.messageQueueLength).toBe(2);
    self.exitSignal(pid, "kill");
    expect(runtime.isAlive(pid)).toBe(false);
    expect(runtime.info(pid)).toBeUndefined();
    expect(runtime.info(pid, ["links"])).toBeUndefined();
  });
});

it("S10: messages are passed by value", async () => {
  const { play } = world();
  await play(async (self) => {
    const bytes = new Uint8Array([1]);
    const message = { list: [1, { deep: true }], map: new Map([["k", [1]]]), bytes, pair: tuple(1, [2]) };
    self.send(self.pid, message);
    message.list.push(2);
    (message.list[1] as { deep: boolean }).deep = false;
    message.map.get("k")!.push(2);
    bytes[0] = 9;
    (message.pair[1] as number[]).push(3);
    expect(await self.receive()).toEqual({
      list: [1, { deep: true }],
      map: new Map([["k", [1]]]),
      bytes: new Uint8Array([1]),
      pair: tuple(1, [2]),
    });
  });
});

it("S10: a message that contains itself is refused, and a key named __proto__ is only a key", async () => {
  const { play } = world();
  await play(async (self) => {
    const round: unknown[] = [];
    round.push(round);
    expect(() => self.send(self.pid, round)).toThrow(expect.objectContaining({ code: "badarg" }));
    self.send(self.pid, JSON.parse('{"__proto__": {"polluted": true}}'));
    const received = (await self.receive()) as Record<string, unknown>;
    expect(Object.keys(received)).toEqual(["__proto__"]);
    expect((received as { polluted?: boolean }).polluted).toBeUndefined();
  });
});

it("S10: every new pid and reference differs from all earlier ones", async () => {
  const { play } = world();
  await play(async (self) => {
    const seen = new Set<string>();
    for (let i = 0; i < 100; i++) {
      seen.add(String(self.spawn(() => {})));
      seen.add(String(self.alias()));
      await self.yield();
    }
    expect(seen.size).toBe(200);
  });
});

it("S11: at the process limit spawn throws system_limit in the spawner, and works again after a death", async () => {
  const { play } = world({ maxProcesses: 2 });
  await play(async (self) => {
    const other = self.spawn(waiter);
    expect(() => self.spawn(waiter)).toThrow(expect.objectContaining({ code: "system_limit" }));
    self.exitSignal(other, "kill");
    self.spawn(waiter);
  });
});

it("S11: a mailbox without bound takes everything, and its sender never waits", async () => {
  const { play } = world();
  await play(async (self) => {
    for (let i = 0; i < 10_000; i++) self.send(self.pid, i);
    expect(await drain(self)).toHaveLength(10_000);
  });
});
