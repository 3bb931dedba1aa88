// Timers, rules S96 to S108.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Pid } from "../../host/otp/pid.ts";
import { Timer, Timers } from "../../host/otp/timers.ts";
import { TestEnvironment } from "./support/test-environment.ts";
import { recorder, settled, waiter, world } from "./support/world.ts";

const badarg = expect.objectContaining({ code: "badarg" });

describe("timers of a process with a memory limit", () => {
  it("count towards it until they have fired, are cancelled, or nobody is left to send to", async () => {
    const { play, runtime } = world();
    const other = runtime.spawn(waiter);
    let owner: { readonly heldBytes: number } | undefined;
    await play(async (self) => {
      const pid = self.spawn(
        async (limited) => {
          owner = limited.process;
          const message = "x".repeat(1000);
          const held = (): number => limited.process.heldBytes;
          limited.sendAfter(10, limited.pid, message);
          const one = held();
          expect(one).toBeGreaterThan(2000);
          const ref = limited.startTimer(20, limited.pid, message);
          limited.sendAfter(1000, other, message);
          limited.sendAfter(1000, other, message);
          expect(held()).toBe(4 * one);
          expect(() => limited.sendAfter(1, limited.pid, message)).toThrow(
            expect.objectContaining({ code: "system_limit" }),
          );
          limited.cancelTimer(ref);
          expect(held()).toBe(3 * one);
          await limited.receive();
          expect(held()).toBe(2 * one);
          limited.exitSignal(other, "kill");
          await limited.receiveTagged(limited.monitor(other));
          expect(held()).toBe(0);
        },
        { maxMemoryBytes: 10_000 },
      );
      expect(await self.receiveTagged(self.monitor(pid))).toMatchObject({ reason: "normal" });
    });
    expect(owner?.heldBytes).toBe(0);
  });
});

describe("timers that send", () => {
  it("S96: sendAfter delivers the bare message, startTimer names itself", async () => {
    const { play, environment } = world();
    await play(async (self) => {
      self.sendAfter(10, self.pid, "bare");
      const ref = self.startTimer(20, self.pid, "wrapped");
      expect(await self.receive()).toBe("bare");
      expect(environment.now()).toBe(10);
      expect(await self.receive()).toEqual({ type: "timeout", ref, message: "wrapped" });
      expect(environment.now()).toBe(20);
    });
  });

  it("S97: 0 ms is still asynchronous", async () => {
    const { play } = world();
    await play(async (self) => {
      self.sendAfter(0, self.pid, "soon");
      expect(self.process.mailbox.length).toBe(0);
      expect(await self.receive(undefined, { timeoutMs: 0 })).toBeUndefined();
      expect(await self.receive()).toBe("soon");
    });
  });

  it("S98: timers never fire early, and different due times fire in that order", async () => {
    const { environment, runtime } = world();
    const seen: [unknown, number][] = [];
    const pid = runtime.spawn(async (self) => {
      for (const ms of [30, 10, 20, 40]) self.sendAfter(ms, self.pid, ms);
      for (;;) seen.push([await self.receive(), environment.now()]);
    });
    await environment.advance(9.9);
    expect(seen).toEqual([]);
    await environment.advance(100);
    expect(seen).toEqual([
      [10, 10],
      [20, 20],
      [30, 30],
      [40, 40],
    ]);
    runtime.kill(pid);
  });

  it("S99: timers due at the same time all fire", async () => {
    const { play } = world();
    await play(async (self) => {
      for (let i = 0; i < 5; i++) self.sendAfter(10, self.pid, i);
      await self.sleep(10);
      expect((await settled(self)).sort()).toEqual([0, 1, 2, 3, 4]);
    });
  });

  it("S100: cancelTimer gives the remaining milliseconds, and nothing will come", async () => {
    const { play, runtime } = world();
    await play(async (self) => {
      const ref = self.sendAfter(100, self.pid, "never");
      await self.sleep(30);
      expect(self.cancelTimer(ref)).toBe(70);
      await self.sleep(100);
      expect(await settled(self)).toEqual([]);
      expect(runtime.sendTimers.size).toBe(0);
    });
  });

  it("S101: false means fired, cancelled or unknown; a message delivered stays; what is no reference is badarg", async () => {
    const { play, runtime } = world();
    await play(async (self) => {
      const fired = self.sendAfter(10, self.pid, "stays");
      await self.sleep(20);
      expect(self.cancelTimer(fired)).toBe(false);
      const cancelled = self.sendAfter(10, self.pid, "never");
      self.cancelTimer(cancelled);
      expect(self.cancelTimer(cancelled)).toBe(false);
      expect(self.cancelTimer(runtime.newRef())).toBe(false);
      expect(() => self.cancelTimer("x" as never)).toThrow(badarg);
      expect(() => self.readTimer(self.pid as never)).toThrow(badarg);
      expect(await settled(self)).toEqual(["stays"]);
    });
  });

  it("S102: readTimer tells without cancelling; any process may read or cancel", async () => {
    const { play } = world();
    await play(async (self) => {
      const ref = self.sendAfter(100, self.pid, "x");
      self.spawn((child) =>
        child.send(self.pid, [child.readTimer(ref), child.cancelTimer(ref), child.readTimer(ref)]),
      );
      expect(await self.receive()).toEqual([100, 100, false]);
    });
  });

  it("S103: async answers with a message, info false tells nothing", async () => {
    const { play } = world();
    await play(async (self) => {
      const ref = self.sendAfter(100, self.pid, "never");
      expect(self.readTimer(ref, { async: true })).toBeUndefined();
      expect(self.cancelTimer(ref, { async: true })).toBeUndefined();
      const other = self.sendAfter(100, self.pid, "never");
      expect(self.cancelTimer(other, { info: false })).toBeUndefined();
      expect(self.cancelTimer(other, { async: true, info: false })).toBeUndefined();
      expect(await settled(self)).toEqual([
        { type: "read_timer", ref, result: 100 },
        { type: "cancel_timer", ref, result: 100 },
      ]);
    });
  });

  it("S104: a timer to a pid is dropped when that process dies, also if it was dead from the start", async () => {
    const { play, runtime } = world();
    await play(async (self) => {
      const pid = self.spawn(waiter);
      const refs = [10, 20, 30].map((ms) => self.sendAfter(ms, pid, "x"));
      self.exitSignal(pid, "kill");
      expect(refs.map((ref) => self.cancelTimer(ref))).toEqual([false, false, false]);
      expect(self.cancelTimer(self.sendAfter(10, pid, "x"))).toBe(false);
      expect(runtime.sendTimers.size).toBe(0);
    });
  });

  it("S105: the death of the timer's creator changes nothing", async () => {
    const { play } = world();
    await play(async (self) => {
      self.spawn((child) => {
        child.sendAfter(10, self.pid, "from the dead");
      });
      await self.sleep(20);
      expect(await settled(self)).toEqual(["from the dead"]);
    });
  });

  it("S106: a name as target is resolved when the timer fires; deaths in between do not cancel it", async () => {
    const { play } = world();
    await play(async (self) => {
      const first = self.spawn(waiter, { name: "target" });
      const ref = self.sendAfter(10, "target", "for the second");
      self.sendAfter(30, "target", "for nobody");
      self.exitSignal(first, "kill");
      expect(self.readTimer(ref)).toBe(10);
      const inbox: unknown[] = [];
      const second = self.spawn(recorder(inbox), { name: "target" });
      await self.sleep(20);
      expect(inbox).toEqual(["for the second"]);
      self.exitSignal(second, "kill");
      await self.sleep(20);
    });
  });

  it("S107: a negative or fractional time, and a target that is neither pid nor name, are badarg", async () => {
    const { play } = world();
    await play((self) => {
      for (const ms of [-1, 0.5, Number.NaN, Number.POSITIVE_INFINITY, "1" as never]) {
        expect(() => self.sendAfter(ms, self.pid, "x")).toThrow(badarg);
      }
      expect(() => self.sendAfter(1, self.alias(), "x")).toThrow(badarg);
      expect(() => self.startTimer(1, { name: "n", node: "nonode@nohost" }, "x")).toThrow(badarg);
      self.sendAfter(1, new Pid("elsewhere@host", 1, 1), "x");
    });
  });

  it("S108: abs takes a point in time, a past one fires now; there is no 32-bit limit", async () => {
    const { play, environment } = world();
    await play(async (self) => {
      await self.sleep(100);
      self.sendAfter(50, self.pid, "past", { abs: true });
      self.sendAfter(130, self.pid, "future", { abs: true });
      expect(await self.receive()).toBe("past");
      expect(environment.now()).toBe(100);
      expect(await self.receive()).toBe("future");
      expect(environment.now()).toBe(130);
      const far = self.sendAfter(2 ** 40, self.pid, "far");
      expect(self.cancelTimer(far)).toBe(2 ** 40);
    });
  });

  it("a timer's message is not lost to a full mailbox's sender: it is counted as shed", async () => {
    const { environment, runtime } = world();
    const pid = runtime.spawn(waiter, { maxMailbox: { messages: 0, policy: "reject" } });
    runtime.spawn((self) => {
      self.sendAfter(1, pid, "x");
    });
    await environment.advance(10);
    expect(runtime.info(pid)).toMatchObject({ messageQueueLength: 0, messagesShed: 1 });
  });
});

class Recorded extends Timer {
  readonly name: number;
  readonly #into: number[];

  constructor(name: number, into: number[]) {
    super();
    this.name = name;
    this.#into = into;
  }

  fire(): void {
    this.#into.push(this.name);
  }
}

describe("the heap of timers", () => {
  it("fires what a sorted list would, whatever is added, removed and waited for", async () => {
    const step = fc.oneof(
      fc.record({ type: fc.constant("add" as const), ms: fc.nat(50) }),
      fc.record({ type: fc.constant("remove" as const), index: fc.nat(100) }),
      fc.record({ type: fc.constant("wait" as const), ms: fc.nat(20) }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 200 }), async (steps) => {
        const environment = new TestEnvironment();
        const timers = new Timers(environment);
        const fired: number[] = [];
        const expected: number[] = [];
        const all: Recorded[] = [];
        let model: Recorded[] = [];
        for (const next of steps) {
          if (next.type === "add") {
            const timer = new Recorded(all.length, fired);
            all.push(timer);
            timers.add(timer, environment.now() + next.ms);
            model.push(timer);
          } else if (next.type === "remove" && all.length > 0) {
            const timer = all[next.index % all.length]!;
            timers.remove(timer);
            model = model.filter((other) => other !== timer);
          } else if (next.type === "wait") {
            const end = environment.now() + next.ms;
            const due = model
              .filter((timer) => timer.due <= end)
              .sort((a, b) => a.due - b.due || a.name - b.name);
            expected.push(...due.map((timer) => timer.name));
            model = model.filter((timer) => timer.due > end);
            await environment.advance(next.ms);
          }
          expect(fired).toEqual(expected);
          expect(timers.size).toBe(model.length);
          expect(environment.armedTimers).toBeLessThanOrEqual(1);
        }
      }),
      { numRuns: 40 },
    );
  });

  it("leaves no timer of the environment armed when none is pending", async () => {
    const environment = new TestEnvironment();
    const timers = new Timers(environment);
    const timer = new Recorded(1, []);
    timers.add(timer, 5000);
    expect(environment.armedTimers).toBe(1);
    timers.remove(timer);
    await environment.settle();
    expect(environment.armedTimers).toBe(0);
  });

  it("a million pending timers are set, cancelled and fired", async () => {
    const { environment, runtime } = world();
    const pid = runtime.spawn(async (self) => {
      for (let i = 0; i < 1_000_000; i++) {
        const ref = self.sendAfter((i * 7919) % 1_000_003, self.pid, i);
        if (i % 2 === 1) self.cancelTimer(ref);
      }
      await waiter(self);
    });
    await environment.settle();
    expect(runtime.timers.size).toBe(500_000);
    environment.spend(2_000_000);
    runtime.timers.fireDue();
    while (runtime.timers.size > 0) await environment.turn();
    expect(runtime.info(pid)?.messageQueueLength).toBe(500_000);
    expect(runtime.timers.size).toBe(0);
  });
});
