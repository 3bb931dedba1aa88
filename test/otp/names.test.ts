// Registered names, rules S83 to S87.
import fc from "fast-check";
import { expect, it } from "vitest";
import type { MoonletError } from "../../host/otp/error.ts";
import { Runtime } from "../../host/otp/runtime.ts";
import { atom } from "../../host/otp/term/atom.ts";
import { TestEnvironment } from "./support/test-environment.ts";
import { settled, waiter, world } from "./support/world.ts";

const badarg = expect.objectContaining({ code: "badarg" });

it("S83: a process has at most one name, a name at most one process; unregister frees both", async () => {
  const { play, runtime } = world();
  await play((self) => {
    expect(self.register("a")).toBe(true);
    expect(self.whereis("a")).toBe(self.pid);
    expect(self.whereis(atom("a"))).toBe(self.pid);
    expect(runtime.registered()).toEqual(["a"]);
    expect(self.unregister("a")).toBe(true);
    expect(self.whereis("a")).toBeUndefined();
    expect(self.register("b")).toBe(true);
    expect(runtime.registered()).toEqual(["b"]);
  });
});

it("S84: badarg for a taken name, a named process, a dead pid, undefined, no atom, and an unknown name", async () => {
  const { play } = world();
  await play(async (self) => {
    const other = self.spawn(waiter);
    const dead = self.spawn(() => {});
    await self.sleep(1);
    self.register("a");
    expect(() => self.register("a")).toThrow(badarg);
    expect(() => self.register("a", other)).toThrow(badarg);
    expect(() => self.register("b")).toThrow(badarg);
    expect(() => self.register("b", dead)).toThrow(badarg);
    expect(() => self.register("undefined", other)).toThrow(badarg);
    expect(() => self.register(42 as never, other)).toThrow(badarg);
    expect(() => self.unregister("nobody")).toThrow(badarg);
    expect(() => self.spawn(waiter, { name: "a" })).toThrow(badarg);
  });
});

it("S85: any process may register or unregister any other", async () => {
  const { play } = world();
  await play(async (self) => {
    self.spawn((child) => child.register("parent", self.pid));
    await self.sleep(1);
    expect(self.whereis("parent")).toBe(self.pid);
    self.spawn((child) => child.unregister("parent"));
    await self.sleep(1);
    expect(self.whereis("parent")).toBeUndefined();
  });
});

it("S86: sending to a name nobody has is badarg in the sender; to a name on a node it is not", async () => {
  const { play, runtime } = world();
  await play(async (self) => {
    expect(() => self.send("nobody", 1)).toThrow(badarg);
    expect(() => self.send(atom("nobody"), 1)).toThrow(badarg);
    expect(() => self.send(42 as never, 1)).toThrow(badarg);
    self.send({ name: "nobody", node: runtime.name }, 1);
    self.send({ name: "nobody", node: "elsewhere@host" }, 1);
    expect(await settled(self)).toEqual([]);
    expect(() => runtime.send("nobody", 1)).toThrow(badarg);
  });
});

it("S87: the info of a nameless process has no registered name", async () => {
  const { play, runtime } = world();
  await play((self) => {
    expect(runtime.info(self.pid, ["registeredName"])).toEqual({ registeredName: undefined });
    self.register("me");
    expect(runtime.info(self.pid, ["registeredName"])).toEqual({ registeredName: "me" });
  });
});

it("the registry agrees with a map from names to processes, whatever is registered, unregistered and killed", () => {
  const names = ["a", "b", "c"];
  const step = fc.record({
    type: fc.constantFrom("register", "unregister", "kill", "spawnNamed"),
    who: fc.nat(5),
    name: fc.constantFrom(...names),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
      const runtime = new Runtime({ environment: new TestEnvironment() });
      const pids = Array.from({ length: 6 }, () => runtime.spawn(waiter));
      const model = new Map<string, (typeof pids)[number]>();
      for (const { type, who, name } of steps) {
        const pid = pids[who]!;
        const isTaken = model.has(name);
        if (type === "register") {
          const isAllowed = !isTaken && runtime.isAlive(pid) && ![...model.values()].includes(pid);
          expect(succeeds(() => runtime.register(name, pid))).toBe(isAllowed);
          if (isAllowed) model.set(name, pid);
        } else if (type === "unregister") {
          expect(succeeds(() => runtime.unregister(name))).toBe(isTaken);
          model.delete(name);
        } else if (type === "kill") {
          runtime.kill(pid);
          for (const [key, owner] of model) if (owner === pid) model.delete(key);
        } else {
          expect(succeeds(() => model.set(name, runtime.spawn(waiter, { name })))).toBe(!isTaken);
        }
        for (const key of names) expect(runtime.whereis(key)).toBe(model.get(key));
        expect(runtime.registered().sort()).toEqual([...model.keys()].sort());
        for (const owner of model.values())
          expect(model.get(runtime.info(owner)!.registeredName!)).toBe(owner);
      }
    }),
    { numRuns: 200 },
  );
});

/** Whether it works; only badarg is an expected failure. */
function succeeds(operation: () => unknown): boolean {
  try {
    operation();
    return true;
  } catch (error) {
    expect((error as MoonletError).code).toBe("badarg");
    return false;
  }
}
