// Monitors, rules S57 to S72.
import { expect, it } from "vitest";
import type { Context } from "../../host/otp/context.ts";
import type { Pid } from "../../host/otp/pid.ts";
import { atom } from "../../host/otp/term/atom.ts";
import { decodeTerm } from "../../host/otp/term/decode.ts";
import { tuple } from "../../host/otp/term/tuple.ts";
import { settled, waiter, world } from "./support/world.ts";

async function dead(self: Context): Promise<Pid> {
  const pid = self.spawn(() => {});
  await self.sleep(1);
  return pid;
}

it("S57: each call makes a new monitor with its own reference and its own DOWN, in one direction only", async () => {
  const { play, runtime } = world();
  await play(async (self) => {
    const pid = self.spawn(waiter);
    const refs = [self.monitor(pid), self.monitor(pid)];
    expect(refs[0]).not.toEqual(refs[1]);
    self.exitSignal(pid, "boom");
    expect(await settled(self)).toEqual(refs.map((ref) => ({ type: "down", ref, pid, reason: "boom" })));
    const [watcher] = self.spawnMonitor((child) => {
      child.monitor(self.pid);
      child.exit("boom");
    });
    await self.sleep(1);
    expect(runtime.isAlive(watcher)).toBe(false);
    expect(runtime.info(self.pid)?.monitoredBy).toEqual([]);
  });
});

it("S58: DOWN comes for every reason, normal included, exactly once, trapping or not", async () => {
  const { play } = world();
  await play(async (self) => {
    for (const trapping of [false, true]) {
      self.trapExit = trapping;
      for (const reason of ["normal", "boom", "kill"]) {
        const [pid, ref] = self.spawnMonitor((child) => child.exit(reason));
        expect(await settled(self)).toEqual([{ type: "down", ref, pid, reason }]);
      }
    }
  });
});

it("S59: a dead pid gives DOWN with noproc", async () => {
  const { play } = world();
  await play(async (self) => {
    const pid = await dead(self);
    const ref = self.monitor(pid);
    expect(await settled(self)).toEqual([{ type: "down", ref, pid, reason: "noproc" }]);
  });
});

it("S60: that DOWN is asynchronous; for an unregistered name it is there at once", async () => {
  const { play } = world();
  await play(async (self) => {
    const pid = await dead(self);
    const ref = self.monitor(pid);
    expect(await self.receive(undefined, { timeoutMs: 0 })).toBeUndefined();
    expect(await settled(self)).toMatchObject([{ ref, reason: "noproc" }]);
    expect(self.demonitor(self.monitor(pid), { info: true })).toBe(true);
    expect(await settled(self)).toEqual([]);
    const named = self.monitor("nobody");
    expect(await self.receive(undefined, { timeoutMs: 0 })).toMatchObject({ ref: named, reason: "noproc" });
  });
});

it("S61: monitoring a name gives name and node in the DOWN, never the pid", async () => {
  const { play, runtime } = world();
  await play(async (self) => {
    const item = { name: "service", node: runtime.name };
    const pid = self.spawn(waiter, { name: "service" });
    const refs = [
      self.monitor("service"),
      self.monitor(atom("service")),
      self.monitor(item),
      self.monitor(tuple(atom("service"), atom(runtime.name))),
    ];
    expect(runtime.info(self.pid)?.monitors).toEqual([item, item, item, item]);
    self.exitSignal(pid, "boom");
    const seen = await settled(self);
    expect(seen).toEqual(refs.map((ref) => ({ type: "down", ref, pid: item, reason: "boom" })));
    const gone = self.monitor(item);
    expect(await settled(self)).toEqual([{ type: "down", ref: gone, pid: item, reason: "noproc" }]);
  });
});

it("S62: the name is resolved when the monitor is made", async () => {
  const { play } = world();
  await play(async (self) => {
    const pid = self.spawn(waiter, { name: "service" });
    const ref = self.monitor("service");
    self.unregister("service");
    const other = self.spawn(waiter, { name: "service" });
    self.exitSignal(other, "other");
    expect(await settled(self)).toEqual([]);
    self.exitSignal(pid, "boom");
    expect(await settled(self)).toMatchObject([{ ref, reason: "boom" }]);
  });
});

it("S63: monitoring oneself returns a reference and does nothing, and is no alias", async () => {
  const { play, runtime } = world();
  await play(async (self) => {
    self.register("me");
    const refs = [self.monitor(self.pid, { alias: "explicit_unalias" }), self.monitor("me")];
    expect(new Set(refs).size).toBe(2);
    self.send(refs[0]!, "lost");
    expect(await settled(self)).toEqual([]);
    expect(runtime.info(self.pid)).toMatchObject({ monitors: [], monitoredBy: [] });
    expect(self.demonitor(refs[0]!, { info: true })).toBe(false);
  });
});

it("S64: a reference or anything else as target is badarg", async () => {
  const { play } = world();
  await play((self) => {
    for (const target of [self.alias(), 42, {}, [self.pid], undefined]) {
      expect(() => self.monitor(target as never)).toThrow(expect.objectContaining({ code: "badarg" }));
    }
    expect(() => self.monitor(self.pid, { alias: "sometimes" as never })).toThrow(
      expect.objectContaining({ code: "badarg" }),
    );
  });
});

it("S65: a tag stands in the place of DOWN", async () => {
  const { play } = world();
  await play(async (self) => {
    const pid = self.spawn(waiter);
    const ref = self.monitor(pid, { tag: atom("gone") });
    self.exitSignal(pid, "boom");
    await self.sleep(1);
    const bytes = self.process.mailbox.takeTagged(ref)!.bytes();
    expect(decodeTerm(bytes)).toEqual(tuple(atom("gone"), ref, atom("process"), pid, atom("boom")));
  });
});

it("S66: the monitoring side's death removes the monitor silently", async () => {
  const { play, runtime } = world();
  await play(async (self) => {
    let watchers: unknown;
    const watcher = self.spawn((child) => {
      child.monitor(self.pid);
      watchers = runtime.info(self.pid)?.monitoredBy;
    });
    expect(await settled(self)).toEqual([]);
    expect(watchers).toEqual([watcher]);
    expect(runtime.info(self.pid)?.monitoredBy).toEqual([]);
  });
});

it("S67: demonitor returns true for used and unknown references; no DOWN arrives afterwards", async () => {
  const { play } = world();
  await play(async (self) => {
    const pid = self.spawn(waiter);
    const ref = self.monitor(pid);
    self.exitSignal(pid, "boom");
    expect(self.demonitor(ref)).toBe(true);
    expect(self.demonitor(ref)).toBe(true);
    expect(self.demonitor(self.alias())).toBe(true);
    expect(await settled(self)).toEqual([]);
  });
});

it("S68: without flush a DOWN already received stays, with it the first matching one is removed", async () => {
  const { play } = world();
  await play(async (self) => {
    for (const flush of [false, true]) {
      const pid = self.spawn(waiter);
      const ref = self.monitor(pid);
      const other = self.monitor(pid);
      self.exitSignal(pid, "boom");
      await self.sleep(1);
      self.demonitor(ref, { flush });
      const left = (await settled(self)) as { ref: unknown }[];
      expect(left.map((down) => down.ref)).toEqual(flush ? [other] : [ref, other]);
    }
  });
});

it("S69: flush of a monitor that was used up removes by pattern, so it takes a forged DOWN too", async () => {
  const { play } = world();
  await play(async (self) => {
    for (const isActive of [false, true]) {
      for (const forge of [true, false]) {
        const pid = self.spawn(waiter);
        const ref = self.monitor(pid);
        if (!isActive) self.demonitor(ref);
        self.send(self.pid, "before");
        const down = forge
          ? { type: "down", ref }
          : tuple(atom("DOWN"), ref, atom("process"), pid, atom("forged"));
        self.send(self.pid, down);
        self.send(self.pid, down);
        expect(self.demonitor(ref, { flush: true, info: true })).toBe(isActive);
        expect(await settled(self)).toEqual(isActive ? ["before", down, down] : ["before", down]);
      }
    }
  });
});

it("S70: info tells whether the monitor was still active; flush does not change the answer", async () => {
  const { play } = world();
  await play(async (self) => {
    for (const flush of [false, true]) {
      const pid = self.spawn(waiter);
      const active = self.monitor(pid);
      expect(self.demonitor(active, { info: true, flush })).toBe(true);
      expect(self.demonitor(active, { info: true, flush })).toBe(false);
      const fired = self.monitor(pid);
      self.exitSignal(pid, "boom");
      await self.sleep(1);
      expect(self.demonitor(fired, { info: true, flush })).toBe(false);
      await settled(self);
    }
  });
});

it("S71: another process's reference has no effect", async () => {
  const { play, runtime } = world();
  await play(async (self) => {
    const pid = self.spawn(waiter);
    const ref = self.monitor(pid);
    const other = self.spawn((child) => {
      child.send(self.pid, [child.demonitor(ref), child.demonitor(ref, { info: true, flush: true })]);
    });
    expect(await self.receive()).toEqual([true, false]);
    expect(runtime.isAlive(other)).toBe(false);
    self.exitSignal(pid, "boom");
    expect(await settled(self)).toMatchObject([{ ref, reason: "boom" }]);
  });
});

it("S72: what is no reference, or an unknown option, is badarg", async () => {
  const { play } = world();
  await play((self) => {
    expect(() => self.demonitor("x" as never)).toThrow(expect.objectContaining({ code: "badarg" }));
    const ref = self.monitor(self.pid);
    expect(() => self.demonitor(ref, { flash: true } as never)).toThrow(
      expect.objectContaining({ code: "badarg" }),
    );
  });
});
