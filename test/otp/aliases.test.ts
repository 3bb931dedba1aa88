// Aliases, rules S73 to S82.
import { expect, it } from "vitest";
import { settled, waiter, world } from "./support/world.ts";

it("S73: what is sent to an alias arrives as a plain message; any number per process", async () => {
  const { play } = world();
  await play(async (self) => {
    const aliases = [self.alias(), self.alias()];
    for (const alias of aliases) self.spawn((child) => child.send(alias, "over an alias"));
    expect(await settled(self)).toEqual(["over an alias", "over an alias"]);
  });
});

it("S74: sending to a reference that is no active alias is silently dropped", async () => {
  const { play, runtime } = world();
  await play(async (self) => {
    self.send(runtime.newRef(), "lost");
    self.send(self.monitor(self.spawn(waiter)), "lost");
    expect(await settled(self)).toEqual([]);
  });
});

it("S75: unalias is true if it was active and one's own; only the owner can deactivate", async () => {
  const { play, runtime } = world();
  await play(async (self) => {
    const alias = self.alias();
    self.spawn((child) => child.send(self.pid, child.unalias(alias)));
    expect(await self.receive()).toBe(false);
    expect(self.unalias(alias)).toBe(true);
    expect(self.unalias(alias)).toBe(false);
    expect(self.unalias(runtime.newRef())).toBe(false);
    self.send(alias, "lost");
    expect(await settled(self)).toEqual([]);
    expect(() => self.unalias("x" as never)).toThrow(expect.objectContaining({ code: "badarg" }));
  });
});

it("S76: a message already received over the alias stays", async () => {
  const { play } = world();
  await play(async (self) => {
    const alias = self.alias();
    self.send(alias, "kept");
    await self.sleep(0);
    self.send(alias, "under way");
    self.unalias(alias);
    expect(await settled(self)).toEqual(["kept"]);
  });
});

it("what a process does to itself after monitoring a name that nobody has stays in order, over aliases too", async () => {
  const { play } = world();
  await play(async (self) => {
    const ref = self.monitor("nobody", { alias: "demonitor" });
    const alias = self.alias();
    self.send(alias, 1);
    self.send(ref, "the DOWN has ended this alias");
    self.send(self.pid, 2);
    const [down, ...rest] = await settled(self);
    expect(down).toMatchObject({ type: "down", ref, reason: "noproc" });
    expect(rest).toEqual([1, 2]);
  });
});

it("S77: a reply alias ends itself with the first message over it", async () => {
  const { play } = world();
  await play(async (self) => {
    const alias = self.alias({ reply: true });
    self.send(alias, 1);
    self.send(alias, 2);
    expect(await settled(self)).toEqual([1]);
    expect(self.unalias(alias)).toBe(false);
  });
});

it("S78: the owner's death ends it; later sends vanish", async () => {
  const { play, runtime } = world();
  await play(async (self) => {
    let alias = runtime.newRef();
    const owner = self.spawn(async (child) => {
      alias = child.alias();
      await waiter(child);
    });
    await self.sleep(1);
    self.exitSignal(owner, "kill");
    self.send(alias, "lost");
    expect(runtime.aliases.size).toBe(0);
  });
});

it("S79: an explicit_unalias monitor's reference is an alias that survives DOWN and demonitor", async () => {
  const { play } = world();
  await play(async (self) => {
    const pid = self.spawn(waiter);
    const fired = self.monitor(pid, { alias: "explicit_unalias" });
    const taken = self.monitor(pid, { alias: "explicit_unalias" });
    self.demonitor(taken);
    self.exitSignal(pid, "boom");
    await self.sleep(1);
    self.send(fired, "first");
    self.send(taken, "second");
    expect(await settled(self)).toMatchObject([{ type: "down", ref: fired }, "first", "second"]);
    expect(self.unalias(fired)).toBe(true);
    self.send(fired, "lost");
    expect(await settled(self)).toEqual([]);
  });
});

it("S80: a demonitor alias ends with demonitor or DOWN; unalias ends it alone and leaves the monitor", async () => {
  const { play } = world();
  await play(async (self) => {
    const pid = self.spawn(waiter);
    const refs = [0, 1, 2].map(() => self.monitor(pid, { alias: "demonitor" }));
    for (const ref of refs) self.send(ref, "early");
    expect(await settled(self)).toEqual(["early", "early", "early"]);
    self.demonitor(refs[0]!);
    expect(self.unalias(refs[1]!)).toBe(true);
    self.exitSignal(pid, "boom");
    await self.sleep(1);
    for (const ref of refs) self.send(ref, "late");
    expect(await settled(self)).toMatchObject([{ ref: refs[1] }, { ref: refs[2] }]);
  });
});

it("S81: with reply_demonitor the first message over the alias ends the alias and removes the monitor", async () => {
  const { play, runtime } = world();
  await play(async (self) => {
    const pid = self.spawn(waiter);
    const ref = self.monitor(pid, { alias: "reply_demonitor" });
    self.send(ref, "reply");
    self.send(ref, "late");
    await self.sleep(0);
    expect(runtime.info(pid)?.monitoredBy).toEqual([]);
    expect(self.demonitor(ref, { info: true })).toBe(false);
    self.exitSignal(pid, "boom");
    expect(await settled(self)).toEqual(["reply"]);
  });
});

it("S82: all of that holds for a monitor on a dead process", async () => {
  const { play } = world();
  await play(async (self) => {
    const pid = self.spawn(() => {});
    await self.sleep(1);
    const explicit = self.monitor(pid, { alias: "explicit_unalias" });
    const bound = self.monitor(pid, { alias: "demonitor" });
    expect(await settled(self)).toMatchObject([{ reason: "noproc" }, { reason: "noproc" }]);
    self.send(explicit, "usable");
    self.send(bound, "lost");
    expect(await settled(self)).toEqual(["usable"]);
  });
});
