// Process groups, rules S122 to S130.
import fc from "fast-check";
import { expect, it } from "vitest";
import { Pid } from "../../host/otp/pid.ts";
import { Runtime } from "../../host/otp/runtime.ts";
import { atom } from "../../host/otp/term/atom.ts";
import { decodeTerm } from "../../host/otp/term/decode.ts";
import { tuple } from "../../host/otp/term/tuple.ts";
import { TestEnvironment } from "./support/test-environment.ts";
import { settled, waiter, world } from "./support/world.ts";

it("S122: each join adds one more membership, leave takes one away, an empty group ceases to exist", async () => {
  const { play, runtime } = world();
  await play((self) => {
    self.join("g");
    self.join("g");
    expect(runtime.members("g")).toEqual([self.pid, self.pid]);
    expect(runtime.groups.groups()).toEqual(["g"]);
    expect([self.leave("g"), self.leave("g"), self.leave("g")]).toEqual([true, true, false]);
    expect(runtime.members("g")).toEqual([]);
    expect(runtime.groups.groups()).toEqual([]);
  });
});

it("S123: the latest join comes first; a joined list goes to the front as it stands", async () => {
  const { play, runtime } = world();
  await play((self) => {
    const [a, b, c, d] = [0, 1, 2, 3].map(() => self.spawn(waiter)) as [Pid, Pid, Pid, Pid];
    runtime.groups.join("g", a);
    runtime.groups.join("g", [b, c]);
    runtime.groups.join("g", d);
    expect(runtime.members("g")).toEqual([d, b, c, a]);
  });
});

it("S122: any term names a group, equal terms the same one", async () => {
  const { play, runtime } = world();
  await play((self) => {
    self.join(tuple(atom("room"), 7));
    self.join("7");
    self.join(7);
    expect(runtime.members(tuple(atom("room"), 7))).toEqual([self.pid]);
    expect(runtime.groups.groups()).toEqual([tuple(atom("room"), 7), "7", 7]);
  });
});

it("S124: leave with a list is true if at least one of them was a member", async () => {
  const { play, runtime } = world();
  await play((self) => {
    const other = self.spawn(waiter);
    self.join("g");
    expect(runtime.groups.leave("g", [other, self.pid])).toBe(true);
    expect(runtime.groups.leave("g", [other, self.pid])).toBe(false);
  });
});

it("S125: a dead process leaves all groups with all its memberships", async () => {
  const { play, runtime } = world();
  await play(async (self) => {
    const pid = self.spawn(waiter);
    runtime.groups.join("g", [pid, self.pid, pid]);
    runtime.groups.join("h", pid);
    self.exitSignal(pid, "kill");
    expect(runtime.members("g")).toEqual([self.pid]);
    expect(runtime.groups.groups()).toEqual(["g"]);
  });
});

it("S126: a dead pid may be joined, and is no member", async () => {
  const { play, runtime } = world();
  await play(async (self) => {
    const pid = self.spawn(() => {});
    await self.sleep(1);
    const [ref] = runtime.groups.monitor(self.process, "g");
    runtime.groups.join("g", pid);
    expect(runtime.members("g")).toEqual([]);
    expect(await settled(self)).toEqual([
      { type: "join", ref, group: "g", pids: [pid] },
      { type: "leave", ref, group: "g", pids: [pid] },
    ]);
  });
});

it("S127: only local pids may join; without the scope, join exits noproc and there are no members", async () => {
  const { play, runtime } = world();
  await play(async (self) => {
    const remote = new Pid("elsewhere@host", 1, 1);
    const clause = expect.objectContaining({ code: "function_clause" });
    expect(() => runtime.groups.join("g", remote)).toThrow(clause);
    expect(() => runtime.groups.join("g", [self.pid, remote])).toThrow(clause);
    expect(() => runtime.groups.join("g", "x" as never)).toThrow(clause);
    expect(runtime.members("g")).toEqual([]);
    expect(() => self.join("g", "rooms")).toThrow(expect.objectContaining({ reason: "noproc" }));
    expect(runtime.members("g", "rooms")).toEqual([]);
    runtime.startGroups("rooms");
    self.join("g", "rooms");
    expect(runtime.members("g", "rooms")).toEqual([self.pid]);
    expect(runtime.members("g")).toEqual([]);
  });
});

it("S128: a monitor of the scope gives the groups, then each join and leave; a death gives one leave per membership", async () => {
  const { play, runtime } = world();
  await play(async (self) => {
    const pid = self.spawn(waiter);
    self.join("old");
    const [ref, now] = runtime.groups.monitorScope(self.process);
    expect(now).toEqual(new Map([["old", [self.pid]]]));
    runtime.groups.join("g", [pid, pid]);
    self.leave("old");
    self.exitSignal(pid, "kill");
    expect(await settled(self)).toEqual([
      { type: "join", ref, group: "g", pids: [pid, pid] },
      { type: "leave", ref, group: "old", pids: [self.pid] },
      { type: "leave", ref, group: "g", pids: [pid] },
      { type: "leave", ref, group: "g", pids: [pid] },
    ]);
    runtime.groups.join("g", self.pid);
    const bytes = self.process.mailbox.takeTagged(ref)!.bytes();
    expect(decodeTerm(bytes)).toEqual(tuple(ref, atom("join"), "g", [self.pid]));
  });
});

it("S129: a monitor of one group does the same for it, also if it does not exist yet", async () => {
  const { play, runtime } = world();
  await play(async (self) => {
    const [ref, now] = runtime.groups.monitor(self.process, "g");
    expect(now).toEqual([]);
    self.join("other");
    self.join("g");
    self.leave("g");
    expect(await settled(self)).toEqual([
      { type: "join", ref, group: "g", pids: [self.pid] },
      { type: "leave", ref, group: "g", pids: [self.pid] },
    ]);
  });
});

it("S130: demonitor removes waiting events of that monitor; unknown ones are false", async () => {
  const { play, runtime } = world();
  await play(async (self) => {
    const [ref] = runtime.groups.monitor(self.process, "g");
    const [other] = runtime.groups.monitorScope(self.process);
    self.join("g");
    self.leave("g");
    self.send(self.pid, "mine");
    expect(runtime.groups.demonitor(self.process, ref)).toBe(true);
    expect(runtime.groups.demonitor(self.process, ref)).toBe(false);
    self.join("g");
    const seen = await settled(self);
    expect(
      seen.map((message) => (typeof message === "string" ? message : (message as { ref: unknown }).ref)),
    ).toEqual([other, other, "mine", other]);
  });
});

it("killing a group kills each member once and tells how many processes that were", async () => {
  const { play, runtime } = world();
  await play(async (self) => {
    const pids = [0, 1, 2].map(() => self.spawn(waiter));
    runtime.groups.join("g", [...pids, ...pids]);
    const refs = pids.map((pid) => self.monitor(pid));
    expect(runtime.killGroup("g")).toBe(3);
    expect(runtime.killGroup("g")).toBe(0);
    expect(await settled(self)).toEqual(
      pids.map((pid, i) => ({ type: "down", ref: refs[i], pid, reason: "killed" })),
    );
  });
});

it("groups agree with a list per group, whatever is joined, left and killed", () => {
  const step = fc.record({
    type: fc.constantFrom("join", "joinTwo", "leave", "die"),
    who: fc.nat(4),
    group: fc.nat(2),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const runtime = new Runtime({ environment: new TestEnvironment() });
      const pids = Array.from({ length: 5 }, () => runtime.spawn(waiter));
      const model = new Map<number, Pid[]>([0, 1, 2].map((group) => [group, []]));
      for (const { type, who, group } of steps) {
        const pid = pids[who]!;
        const members = model.get(group)!;
        const isAlive = runtime.isAlive(pid);
        if (type === "join") {
          runtime.groups.join(group, pid);
          if (isAlive) members.unshift(pid);
        } else if (type === "joinTwo") {
          runtime.groups.join(group, [pid, pids[0]!]);
          members.unshift(...[pid, pids[0]!].filter((p) => runtime.isAlive(p)));
        } else if (type === "leave") {
          const at = members.indexOf(pid);
          expect(runtime.groups.leave(group, pid)).toBe(at >= 0);
          if (at >= 0) members.splice(at, 1);
        } else {
          runtime.kill(pid);
          for (const [key, list] of model)
            model.set(
              key,
              list.filter((other) => other !== pid),
            );
        }
        for (const [key, list] of model) expect(runtime.members(key)).toEqual(list);
        const alive = [...model].filter(([, list]) => list.length > 0).map(([key]) => key);
        expect(runtime.groups.groups().sort()).toEqual(alive.sort());
      }
    }),
    { numRuns: 100 },
  );
});
