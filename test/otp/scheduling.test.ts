// Scheduling, priorities, hibernation, the dictionary and suspension: rules S109 to S111 and S118 to S121.
import { describe, expect, it } from "vitest";
import { WAITING, YIELDED } from "../../host/otp/body.ts";
import type { Process } from "../../host/otp/process.ts";
import type { Priority } from "../../host/otp/run-queue.ts";
import { Runtime } from "../../host/otp/runtime.ts";
import { float } from "../../host/otp/term/tuple.ts";
import { scripted } from "./support/scripted-body.ts";
import { TestEnvironment } from "./support/test-environment.ts";
import { settled, waiter, world } from "./support/world.ts";

const macrotask = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe("priorities", () => {
  it("S109: the priority reads as it was set; unknown levels are badarg", async () => {
    const { play } = world();
    await play((self) => {
      expect(self.priority).toBe("normal");
      for (const level of ["low", "high", "max", "normal"] as const) {
        self.priority = level;
        expect(self.priority).toBe(level);
      }
      expect(() => {
        self.priority = "urgent" as never;
      }).toThrow(expect.objectContaining({ code: "badarg" }));
    });
  });

  /** Runs one busy process per level for a while; tells how many slices each had. */
  async function slices(levels: readonly Priority[]): Promise<number[]> {
    const { environment, runtime } = world();
    const counts = levels.map(() => 0);
    levels.forEach((priority, i) => {
      const body = scripted((process) => {
        process.addReductions(4000);
        counts[i]!++;
        return YIELDED;
      });
      runtime.spawnBody(body, { priority });
    });
    for (let i = 0; i < 5; i++) await environment.turn();
    return counts;
  }

  it("S110: runnable max or high starves all below", async () => {
    const [max, high, normal, low] = await slices(["max", "high", "normal", "low"]);
    expect(max).toBeGreaterThan(100);
    expect([high, normal, low]).toEqual([0, 0, 0]);
    const [high2, normal2] = await slices(["high", "normal"]);
    expect(high2).toBeGreaterThan(100);
    expect(normal2).toBe(0);
  });

  it("S110: low gets one turn for eight of normal, and all of them when it is alone", async () => {
    const [normal, low] = await slices(["normal", "low"]);
    expect(low).toBeGreaterThan(10);
    expect(normal! / low!).toBeCloseTo(8, 0);
    const [alone] = await slices(["low"]);
    expect(alone).toBeGreaterThan(100);
  });

  it("S111: processes of equal priority run in the order in which they were spawned or woken", async () => {
    const { environment, runtime } = world();
    const order: number[] = [];
    const pids = [0, 1, 2, 3].map((i) =>
      runtime.spawnBody(
        scripted((process) => {
          order.push(i);
          while (process.mailbox.take() !== undefined);
          return WAITING;
        }),
      ),
    );
    await environment.settle();
    expect(order).toEqual([0, 1, 2, 3]);
    for (const i of [2, 0, 3, 1, 2, 0]) runtime.send(pids[i]!, "wake");
    await environment.settle();
    expect(order.slice(4)).toEqual([2, 0, 3, 1]);
  });

  it("S111: the environment may choose another one", async () => {
    const order: number[] = [];
    const offered: number[] = [];
    const environment = new TestEnvironment();
    environment.choose = (n) => {
      offered.push(n);
      return n - 1;
    };
    const runtime = new Runtime({ environment });
    for (let i = 0; i < 3; i++) {
      runtime.spawnBody(
        scripted(() => {
          order.push(i);
          return WAITING;
        }),
      );
    }
    await environment.settle();
    expect(order).toEqual([2, 1, 0]);
    expect(offered).toEqual([3, 2]);
  });
});

describe("slices", () => {
  it("a body is run with the budget, and again when it yielded", async () => {
    const { environment, runtime } = world({ sliceReductions: 123 });
    const budgets: number[] = [];
    const pid = runtime.spawnBody(
      scripted((_, budget) => {
        budgets.push(budget);
        return budgets.length < 3 ? YIELDED : { type: "exited", reason: "enough" };
      }),
    );
    const reason = runtime.exited(pid);
    await environment.settle();
    expect(budgets).toEqual([123, 123, 123]);
    expect(await reason).toBe("enough");
  });

  it("a body that throws ends its process with that error, and is disposed of once", async () => {
    const { environment, runtime } = world();
    let disposed = 0;
    const body = scripted(
      () => {
        throw new RangeError("out of bounds");
      },
      () => disposed++,
    );
    const reason = runtime.exited(runtime.spawnBody(body));
    await environment.settle();
    expect(await reason).toMatchObject({ type: "error", name: "RangeError" });
    expect(disposed).toBe(1);
  });

  it("a body that exits itself is told so, and is not disposed of from inside its slice", async () => {
    const { environment, runtime } = world();
    const events: string[] = [];
    const body = scripted(
      (process) => {
        process.exitSignal(process.pid, "mine");
        events.push(`doomed: ${String(process.doomed)}`);
        expect(() => process.send(process.pid, 1)).toThrow(expect.objectContaining({ code: "E_EXITED" }));
        events.push("end of slice");
        return YIELDED;
      },
      () => events.push("disposed"),
    );
    const reason = runtime.exited(runtime.spawnBody(body));
    await environment.settle();
    expect(await reason).toBe("mine");
    expect(events).toEqual(["doomed: mine", "end of slice", "disposed"]);
  });

  it("a process killed before its first slice never gets a body", async () => {
    const { environment, runtime } = world();
    let made = 0;
    const pid = runtime.spawnBody(() => {
      made++;
      return { run: () => WAITING, dispose: () => {} };
    });
    runtime.kill(pid);
    await environment.settle();
    expect(made).toBe(0);
  });

  it("a message that arrives during a slice, after the body looked, still wakes it", async () => {
    const { environment, runtime } = world();
    const taken: unknown[] = [];
    let slices = 0;
    runtime.spawnBody(
      scripted((process) => {
        slices++;
        for (let e = process.mailbox.take(); e !== undefined; e = process.mailbox.take()) taken.push(e.value);
        if (slices === 1) process.send(process.pid, "to myself");
        return WAITING;
      }),
    );
    await environment.settle();
    expect(taken).toEqual(["to myself"]);
    expect(slices).toBe(2);
  });

  it("a body's wait ends at its time, is not prolonged by other messages, and starts anew after a message was taken", async () => {
    const { environment, runtime } = world();
    const log: unknown[] = [];
    const pid = runtime.spawnBody(
      scripted((process: Process) => {
        const envelope = process.mailbox.take((e) => e.value === "wanted");
        if (envelope !== undefined) log.push(["message", environment.now()]);
        else if (process.timedOut) log.push(["timeout", environment.now()]);
        process.waitForMessage(100);
        return WAITING;
      }),
    );
    await environment.advance(40);
    runtime.send(pid, "noise");
    await environment.advance(40);
    runtime.send(pid, "wanted");
    await environment.advance(99);
    expect(log).toEqual([["message", 80]]);
    await environment.advance(1);
    expect(log.slice(1)).toEqual([["timeout", 180]]);
    runtime.send(pid, "noise");
    await environment.advance(100);
    expect(log.slice(2)).toEqual([["timeout", 280]]);
  });

  it("the event loop gets its turn while processes burn all they can", async () => {
    const { environment, runtime } = world();
    let slices = 0;
    runtime.spawnBody(
      scripted(() => {
        slices++;
        environment.spend(0.5);
        return YIELDED;
      }),
    );
    await environment.turn();
    const before = slices;
    await environment.turn();
    expect(slices - before).toBeGreaterThan(1);
    expect(slices - before).toBeLessThan(20);
    expect(environment.deferred).toBe(1);
  });

  it("a process that gets a message runs after at most one slice of each other one, however busy they are", async () => {
    const { environment, runtime } = world();
    const others = 1000;
    let slices = 0;
    let ranAfter: number | undefined;
    for (let i = 0; i < others; i++) {
      runtime.spawnBody(
        scripted((_, budget) => {
          slices++;
          environment.spend(0.05);
          expect(budget).toBe(4000);
          return YIELDED;
        }),
      );
    }
    const pid = runtime.spawnBody(
      scripted((process) => {
        if (process.mailbox.take() !== undefined) ranAfter = slices;
        return WAITING;
      }),
    );
    while (slices <= others) await environment.turn();
    for (let i = 0; i < 10; i++) {
      const before = slices;
      ranAfter = undefined;
      runtime.send(pid, "now");
      while (ranAfter === undefined) await environment.turn();
      expect(ranAfter - before).toBeLessThanOrEqual(others);
    }
    // A turn of the event loop comes after a millisecond, and the few slices until the next look at the clock.
    const before = slices;
    await environment.turn();
    expect(slices - before).toBeLessThan(30);
  });

  it("very many timers that are due at once leave the event loop its turns", async () => {
    const { environment, runtime } = world();
    const pid = runtime.spawn(waiter);
    await environment.settle();
    const { timers } = runtime;
    const self = runtime.process(pid)!;
    for (let i = 0; i < 10_000; i++) self.sendAfter(10, pid, i);
    const all = environment.advance(10);
    let turns = 0;
    for (let left = timers.size; left > 0; turns++) {
      await macrotask();
      expect(left - timers.size).toBeLessThan(5000);
      left = timers.size;
    }
    await all;
    expect(turns).toBeGreaterThan(3);
    expect(runtime.info(pid, ["messages"])?.messages).toEqual(Array.from({ length: 10_000 }, (_, i) => i));
  });

  it("a timer that is due fires while processes burn all they can", async () => {
    const { environment, runtime } = world();
    let firedAfter: number | undefined;
    runtime.spawnBody(
      scripted((process) => {
        environment.spend(0.1);
        if (environment.now() < 1) process.sendAfter(5, process.pid, "due");
        if (process.mailbox.take() !== undefined) firedAfter ??= environment.now();
        return YIELDED;
      }),
    );
    for (let i = 0; i < 20; i++) await environment.turn();
    expect(firedAfter).toBeGreaterThanOrEqual(5);
    expect(firedAfter).toBeLessThan(10);
  });
});

describe("a JavaScript process at work", () => {
  it("comes to its next wait before another one goes on, so whom it kills does no further step", async () => {
    const { play } = world();
    await play(async (self) => {
      const steps: unknown[] = [];
      const pid = self.spawn(async (victim) => {
        for (;;) steps.push(await victim.receive());
      });
      await self.sleep(1);
      self.send(pid, "go");
      for (let i = 0; i < 10; i++) await null;
      self.exitSignal(pid, "kill");
      await self.sleep(1);
      expect(steps).toEqual([]);
    });
  });

  it("also when it has waited for something else than a message", async () => {
    const { environment, runtime } = world();
    const steps: unknown[] = [];
    const pid = runtime.spawn(async (victim) => {
      for (;;) steps.push(await victim.receive());
    });
    runtime.spawn(async (self) => {
      await macrotask();
      self.send(pid, "go");
      for (let i = 0; i < 10; i++) await null;
      self.exitSignal(pid, "kill");
    });
    await environment.settle();
    await macrotask();
    await environment.settle();
    expect(runtime.isAlive(pid)).toBe(false);
    expect(steps).toEqual([]);
  });

  it("keeps nobody waiting while it waits for something else than a message", async () => {
    const { environment, runtime } = world();
    const steps: unknown[] = [];
    const other = runtime.spawn(async (self) => steps.push(await self.receive()));
    runtime.spawn(async (self) => {
      self.send(other, "go");
      await new Promise(() => {});
    });
    await environment.settle();
    expect(steps).toEqual(["go"]);
  });

  it("that is killed from outside in the moment in which its wait has ended does one step, in which every operation fails", async () => {
    const { environment, runtime } = world();
    const steps: unknown[] = [];
    const pid = runtime.spawn(async (victim) => {
      const message = await victim.receive();
      try {
        victim.send(victim.pid, message);
      } catch (error) {
        steps.push((error as { code?: unknown }).code);
      }
      await victim.receive();
      steps.push("went on");
    });
    await environment.settle();
    runtime.send(pid, "go");
    await Promise.resolve();
    runtime.kill(pid);
    await environment.settle();
    expect(steps).toEqual(["E_EXITED"]);
  });
});

describe("hibernation", () => {
  it("S118: hibernate drops the call stack; the next message calls the function, which finds it in the mailbox", async () => {
    const { environment, runtime } = world();
    const log: unknown[] = [];
    const pid = runtime.spawn(async (self) => {
      try {
        await self.hibernate(async (awake) => {
          log.push("awake", await awake.receive());
          awake.exit("done");
        });
        log.push("returned");
      } catch {
        log.push("caught");
      } finally {
        log.push("finally");
      }
    });
    const reason = runtime.exited(pid);
    await environment.settle();
    expect(runtime.info(pid)?.status).toBe("waiting");
    runtime.send(pid, "hello");
    await environment.settle();
    expect(await reason).toBe("done");
    expect(log).toEqual(["awake", "hello"]);
  });

  it("S118: a message that waits counts", async () => {
    const { play } = world();
    await play(async (self) => {
      const pid = self.spawn((child) =>
        child.hibernate(async (awake) => awake.send(self.pid, await awake.receive())),
      );
      self.send(pid, "early");
      expect(await self.receive()).toBe("early");
    });
  });

  it("S119: links, monitors and inspection do not wake it; a fatal exit ends it", async () => {
    const { play, runtime } = world();
    await play(async (self) => {
      let awake = false;
      const [pid, ref] = self.spawnMonitor((child) =>
        child.hibernate(() => {
          awake = true;
        }),
      );
      await self.sleep(1);
      self.link(pid);
      self.unlink(pid);
      self.demonitor(self.monitor(pid));
      runtime.info(pid);
      self.exitSignal(pid, "normal");
      await self.sleep(1);
      expect(awake).toBe(false);
      self.exitSignal(pid, "boom");
      expect(await self.receiveTagged(ref)).toMatchObject({ reason: "boom" });
      expect(awake).toBe(false);
    });
  });
});

it("S120: put returns the old value or undefined, erase likewise; keys compare exactly, one dictionary per process", async () => {
  const { play, runtime } = world();
  await play((self) => {
    const { dictionary } = self;
    expect(dictionary.put(1, "a")).toBeUndefined();
    expect(dictionary.put(float(1), "b")).toBeUndefined();
    expect(dictionary.put(["list", 1], "c")).toBeUndefined();
    expect(dictionary.put(["list", 1], "d")).toBe("c");
    expect([dictionary.get(1), dictionary.get(float(1)), dictionary.get(["list", 1])]).toEqual([
      "a",
      "b",
      "d",
    ]);
    expect(dictionary.erase(1)).toBe("a");
    expect(dictionary.erase(1)).toBeUndefined();
    expect(runtime.info(self.pid)?.dictionary).toEqual([
      [float(1), "b"],
      [["list", 1], "d"],
    ]);
    const other = self.spawn(waiter);
    expect(runtime.info(other)?.dictionary).toEqual([]);
  });
});

describe("suspension", () => {
  it("S121: a suspended process collects messages and does not run; a fatal exit still ends it", async () => {
    const { play, runtime } = world();
    await play(async (self) => {
      const pid = self.spawn(async (child) => {
        for (;;) child.send(self.pid, ["echo", await child.receive()]);
      });
      await self.sleep(1);
      self.suspend(pid);
      self.send(pid, 1);
      self.send(pid, 2);
      expect(await settled(self)).toEqual([]);
      expect(runtime.info(pid)).toMatchObject({ status: "suspended", messageQueueLength: 2 });
      self.resume(pid);
      expect(await settled(self)).toEqual([
        ["echo", 1],
        ["echo", 2],
      ]);
      self.suspend(pid);
      const ref = self.monitor(pid);
      self.exitSignal(pid, "boom");
      expect(await self.receiveTagged(ref)).toMatchObject({ reason: "boom" });
      expect(() => self.resume(pid)).toThrow(expect.objectContaining({ code: "badarg" }));
      expect(() => self.suspend(self.pid)).toThrow(expect.objectContaining({ code: "badarg" }));
    });
  });

  it("S121: it runs again when everybody has resumed it as often, or has died", async () => {
    const { play, runtime } = world();
    await play(async (self) => {
      const pid = self.spawn(async (child) => child.send(self.pid, await child.receive()));
      await self.sleep(1);
      self.suspend(pid);
      self.suspend(pid);
      const other = self.spawn(async (child) => {
        child.suspend(pid);
        await waiter(child);
      });
      await self.sleep(1);
      self.send(pid, "x");
      self.resume(pid);
      self.resume(pid);
      expect(() => self.resume(pid)).toThrow(expect.objectContaining({ code: "badarg" }));
      expect(await settled(self)).toEqual([]);
      expect(runtime.info(pid)?.status).toBe("suspended");
      self.exitSignal(other, "kill");
      expect(await settled(self)).toEqual(["x"]);
    });
  });
});
