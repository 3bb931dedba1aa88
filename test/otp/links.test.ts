// Links, rules S44 to S56.
import { expect, it } from "vitest";
import { WAITING } from "../../host/otp/body.ts";
import type { Context } from "../../host/otp/context.ts";
import { Pid } from "../../host/otp/pid.ts";
import { scripted } from "./support/scripted-body.ts";
import { settled, waiter, world } from "./support/world.ts";

/** A process that has ended. */
async function dead(self: Context): Promise<Pid> {
  const pid = self.spawn(() => {});
  await self.sleep(1);
  return pid;
}

it("S44: linking twice is one link: one exit comes of it", async () => {
  const { play, runtime } = world();
  await play(async (self) => {
    self.trapExit = true;
    const pid = self.spawnLink(waiter);
    self.link(pid);
    expect(runtime.info(self.pid)?.links).toEqual([pid]);
    self.exitSignal(pid, "boom");
    expect(await settled(self)).toEqual([{ type: "exit", from: pid, reason: "boom" }]);
  });
});

it("S44: linking twice is one link: one unlink removes it", async () => {
  const { play, runtime } = world();
  await play(async (self) => {
    const pid = self.spawnLink(waiter);
    self.link(pid);
    self.unlink(pid);
    expect(runtime.info(self.pid)?.links).toEqual([]);
    expect(runtime.info(pid)?.links).toEqual([]);
  });
});

it("S45: a link is symmetric whoever made it", async () => {
  const { play, runtime } = world();
  await play(async (self) => {
    self.trapExit = true;
    const target = self.spawn(waiter);
    const maker = self.spawn(async (child) => {
      child.link(target);
      await waiter(child);
    });
    await self.sleep(1);
    expect(runtime.info(target)?.links).toEqual([maker]);
    const watched = [self.monitor(target), self.monitor(maker)];
    self.exitSignal(maker, "boom");
    expect(await settled(self)).toMatchObject([
      { ref: watched[1], reason: "boom" },
      { ref: watched[0], reason: "boom" },
    ]);
  });
});

it("S46: linking to a dead pid without trapping throws noproc, which can be caught", async () => {
  const { play } = world();
  await play(async (self) => {
    const pid = await dead(self);
    expect(() => self.link(pid)).toThrow(expect.objectContaining({ code: "noproc" }));
    const [, ref] = self.spawnMonitor((child) => {
      child.link(pid);
    });
    expect(await self.receiveTagged(ref)).toMatchObject({ reason: { type: "error", code: "noproc" } });
  });
});

it("S47: linking to a dead pid while trapping returns true, and the exit is in the queue", async () => {
  const { play } = world();
  await play(async (self) => {
    self.trapExit = true;
    const pid = await dead(self);
    expect(self.link(pid)).toBe(true);
    expect(await self.receive(undefined, { timeoutMs: 0 })).toEqual({
      type: "exit",
      from: pid,
      reason: "noproc",
    });
  });
});

it("S48: after its own exit(P, foo), link either throws noproc or an exit follows", async () => {
  const { play } = world();
  await play(async (self) => {
    const pid = self.spawn(waiter);
    self.exitSignal(pid, "foo");
    expect(() => self.link(pid)).toThrow(expect.objectContaining({ code: "noproc" }));
    self.trapExit = true;
    self.link(pid);
    expect(await settled(self)).toEqual([{ type: "exit", from: pid, reason: "noproc" }]);
  });
});

it("S49: linking to oneself does nothing; what is no pid is badarg", async () => {
  const { play, runtime } = world();
  await play((self) => {
    expect(self.link(self.pid)).toBe(true);
    expect(self.unlink(self.pid)).toBe(true);
    expect(runtime.info(self.pid)?.links).toEqual([]);
    for (const operation of [self.link.bind(self), self.unlink.bind(self)]) {
      expect(() => operation("name" as never)).toThrow(expect.objectContaining({ code: "badarg" }));
    }
  });
});

it("S50: unlink returns true for any pid", async () => {
  const { play, runtime } = world();
  await play(async (self) => {
    expect(self.unlink(self.spawn(waiter))).toBe(true);
    expect(self.unlink(await dead(self))).toBe(true);
    expect(self.unlink(new Pid(runtime.name, 999_999, 1))).toBe(true);
    expect(self.unlink(new Pid("elsewhere@host", 1, 1))).toBe(true);
  });
});

it("S51: after unlink no exit of that link arrives, even one already under way", async () => {
  const { play, runtime } = world();
  await play(async (self) => {
    self.trapExit = true;
    const pid = self.spawnLink(waiter);
    self.exitSignal(pid, "boom");
    expect(runtime.isAlive(pid)).toBe(false);
    self.unlink(pid);
    expect(await settled(self)).toEqual([]);
  });
});

it("S52: an exit that already sits in the mailbox stays", async () => {
  const { play } = world();
  await play(async (self) => {
    self.trapExit = true;
    const pid = self.spawnLink((child) => child.exit("boom"));
    await self.sleep(1);
    self.unlink(pid);
    expect(await settled(self)).toEqual([{ type: "exit", from: pid, reason: "boom" }]);
  });
});

it("S53: either side may unlink, for both", async () => {
  const { play, runtime } = world();
  await play(async (self) => {
    for (const dying of ["parent", "child"]) {
      const parent = self.spawn(async (a) => {
        const child = a.spawnLink(async (b) => {
          b.unlink(a.pid);
          b.register("child");
          await waiter(b);
        });
        a.register("parent");
        a.dictionary.put("child", child);
        await waiter(a);
      });
      await self.sleep(1);
      const pids = { parent, child: self.whereis("child")! };
      self.exitSignal(pids[dying as keyof typeof pids], "boom");
      await self.sleep(1);
      const other = dying === "parent" ? pids.child : pids.parent;
      expect(runtime.isAlive(other)).toBe(true);
      self.exitSignal(other, "kill");
    }
  });
});

it("S54: unlink followed at once by link is a new, working link", async () => {
  const { play } = world();
  await play(async (self) => {
    self.trapExit = true;
    const pid = self.spawnLink(waiter);
    self.unlink(pid);
    self.link(pid);
    self.exitSignal(pid, "boom");
    expect(await settled(self)).toEqual([{ type: "exit", from: pid, reason: "boom" }]);
  });
});

it("S55: an exit over a link removes the link on the receiving side", async () => {
  const { play, runtime } = world();
  await play(async (self) => {
    self.trapExit = true;
    self.spawnLink((child) => child.exit("boom"));
    await self.sleep(1);
    expect(runtime.info(self.pid)?.links).toEqual([]);
  });
});

it("S56: abnormal reasons travel unchanged from link to link; normal stops at the first", async () => {
  const { play, runtime } = world();
  await play(async (self) => {
    self.trapExit = true;
    for (const reason of ["boom", "normal"]) {
      const chain: Pid[] = [];
      const next = (left: number) => async (link: Context) => {
        chain.push(link.pid);
        if (left > 0) link.spawnLink(next(left - 1));
        const message = await link.receive();
        link.exit(message);
      };
      const first = self.spawnLink(next(3));
      await self.sleep(1);
      self.send(chain.at(-1)!, reason);
      const seen = await settled(self);
      expect(seen).toEqual(reason === "boom" ? [{ type: "exit", from: first, reason }] : []);
      expect(chain.map((pid) => runtime.isAlive(pid))).toEqual(
        reason === "boom" ? [false, false, false, false] : [true, true, true, false],
      );
    }
  });
});

it("S56: a chain of a million linked processes dies without recursion", async () => {
  const { environment, runtime } = world();
  let disposed = 0;
  const body = scripted(
    () => WAITING,
    () => disposed++,
  );
  let last = runtime.process(runtime.spawnBody(body))!;
  const first = last.pid;
  for (let i = 1; i < 1_000_000; i++) last = runtime.process(last.spawnBody(body, { link: true }))!;
  await environment.settle();
  runtime.exit(first, "boom");
  await environment.settle();
  expect(runtime.processes()).toEqual([]);
  expect(disposed).toBe(1_000_000);
});

it("a link to a process of another node ends with noconnection", async () => {
  const { play } = world();
  await play(async (self) => {
    self.trapExit = true;
    const remote = new Pid("elsewhere@host", 1, 1);
    expect(self.link(remote)).toBe(true);
    expect(await settled(self)).toEqual([{ type: "exit", from: remote, reason: "noconnection" }]);
  });
});
