// Selective receive, rules S88 to S95.
import { expect, it } from "vitest";
import type { Context } from "../../host/otp/context.ts";
import { drain, settled, world } from "./support/world.ts";

const is =
  (...wanted: unknown[]) =>
  (message: unknown): boolean =>
    wanted.includes(message);

function sendAll(self: Context, ...messages: unknown[]): void {
  for (const message of messages) self.send(self.pid, message);
}

it("S88: messages are tried from the oldest on; what does not fit stays, in order, for the next receive", async () => {
  const { play } = world();
  await play(async (self) => {
    sendAll(self, 1, 2, 3, 4, 5);
    expect(await self.receive(is(3))).toBe(3);
    expect(await self.receive(is(2, 5))).toBe(2);
    expect(await drain(self)).toEqual([1, 4, 5]);
  });
});

it("S88: a waiting receive leaves what does not fit for the next one", async () => {
  const { play } = world();
  await play(async (self) => {
    self.spawn(async (child) => {
      for (const message of ["a", "b", "c"]) {
        child.send(self.pid, message);
        await child.yield();
      }
    });
    expect(await self.receive(is("c"))).toBe("c");
    expect(await drain(self)).toEqual(["a", "b"]);
  });
});

it("S89: the first message that fits any clause is taken, not the first clause that fits any message", async () => {
  const { play } = world();
  await play(async (self) => {
    sendAll(self, "second", "first");
    expect(await self.receive(is("first", "second"))).toBe("second");
  });
});

it("S90: the message is removed before the body runs; a crash in the body does not put it back", async () => {
  const { play } = world();
  await play(async (self) => {
    sendAll(self, 1, 2);
    await (async () => {
      await self.receive(is(1));
      throw new Error("in the body");
    })().catch(() => {});
    expect(await drain(self)).toEqual([2]);
  });
});

it("S90: a match that throws rejects the receive and leaves the message, also for a receive that waits", async () => {
  const { play } = world();
  await play(async (self) => {
    const picky = (message: unknown): boolean => {
      if (message === "bad") throw new RangeError("cannot look at it");
      return false;
    };
    sendAll(self, "bad");
    await expect(self.receive(picky)).rejects.toThrow(RangeError);
    expect(await drain(self)).toEqual(["bad"]);
    self.spawn((child) => child.send(self.pid, "bad"));
    await expect(self.receive(picky, { timeoutMs: 100 })).rejects.toThrow(RangeError);
    expect(await drain(self)).toEqual(["bad"]);
    const start = self.runtime.environment.now();
    await self.receive(is("x"), { timeoutMs: 30 });
    expect(self.runtime.environment.now() - start).toBe(30);
  });
});

it("S91: a time of 0 searches the whole mailbox once, then gives up; Infinity never does", async () => {
  const { play, environment, runtime } = world();
  await play(async (self) => {
    sendAll(self, 1, 2, 3);
    expect(await self.receive(is(3), { timeoutMs: 0 })).toBe(3);
    expect(await self.receive(is(3), { timeoutMs: 0 })).toBeUndefined();
    expect(await drain(self)).toEqual([1, 2]);
  });
  const pid = runtime.spawn(async (self) => {
    await self.receive(undefined, { timeoutMs: Number.POSITIVE_INFINITY });
  });
  await environment.advance(1e12);
  expect(runtime.isAlive(pid)).toBe(true);
  runtime.send(pid, "at last");
  await environment.settle();
  expect(runtime.isAlive(pid)).toBe(false);
});

it("S92: the clock starts when the receive is entered; messages that do not fit do not restart it", async () => {
  const { play, environment } = world();
  await play(async (self) => {
    self.spawn(async (child) => {
      for (let i = 0; i < 9; i++) {
        await child.sleep(10);
        child.send(self.pid, "noise");
      }
    });
    const start = environment.now();
    expect(await self.receive(is("never"), { timeoutMs: 55 })).toBeUndefined();
    expect(environment.now() - start).toBe(55);
    expect(self.process.mailbox.length).toBe(5);
  });
});

it("S92: a receive after one that got its message has the whole of its own time", async () => {
  const { play, environment } = world();
  await play(async (self) => {
    self.spawn(async (child) => {
      await child.sleep(20);
      child.send(self.pid, "x");
    });
    expect(await self.receive(undefined, { timeoutMs: 50 })).toBe("x");
    expect(await self.receive(undefined, { timeoutMs: 50 })).toBeUndefined();
    expect(environment.now()).toBe(70);
    expect(await self.receive(undefined, { timeoutMs: 50 })).toBeUndefined();
    expect(environment.now()).toBe(120);
  });
});

it("S93: only integers from 0 to 4294967295 and Infinity are times, raised only if no waiting message fits", async () => {
  const { play } = world();
  await play(async (self) => {
    for (const timeoutMs of [-1, 1.5, 4_294_967_296, Number.NaN, "5" as never]) {
      await expect(self.receive(undefined, { timeoutMs })).rejects.toMatchObject({ code: "timeout_value" });
      sendAll(self, "there");
      expect(await self.receive(undefined, { timeoutMs })).toBe("there");
    }
    self.sendAfter(5, self.pid, "late");
    expect(await self.receive(undefined, { timeoutMs: 4_294_967_295 })).toBe("late");
  });
});

it("S94: of a message and a timeout at the same moment one wins, and the message is never lost", async () => {
  const { play } = world();
  await play(async (self) => {
    self.sendAfter(20, self.pid, "tie");
    const first = await self.receive(undefined, { timeoutMs: 20 });
    const second = await self.receive(undefined, { timeoutMs: 20 });
    expect([first, second].filter((message) => message !== undefined)).toEqual(["tie"]);
  });
});

it("S95: a sleep leaves the mailbox alone", async () => {
  const { play, environment } = world();
  await play(async (self) => {
    sendAll(self, 1, 2);
    await self.sleep(25);
    expect(environment.now()).toBe(25);
    expect(await drain(self)).toEqual([1, 2]);
  });
});

it("a receive by tag takes only what came over the alias, and the DOWN of the monitor", async () => {
  const { play } = world();
  await play(async (self) => {
    const alias = self.alias();
    sendAll(self, 1, 2);
    self.send(alias, "tagged 1");
    self.send(alias, "tagged 2");
    sendAll(self, 3);
    expect(await self.receiveTagged(alias)).toBe("tagged 1");
    expect(await self.receiveTagged(alias)).toBe("tagged 2");
    expect(await self.receiveTagged(alias, { timeoutMs: 10 })).toBeUndefined();
    const [pid, ref] = self.spawnMonitor((child) => child.exit("boom"));
    expect(await self.receiveTagged(ref)).toEqual({ type: "down", ref, pid, reason: "boom" });
    expect(await drain(self)).toEqual([1, 2, 3]);
  });
});

it("two receives at the same time in one process are refused", async () => {
  const { play } = world();
  await play(async (self) => {
    const waiting = self.receive();
    await expect(self.receive()).rejects.toMatchObject({ code: "E_RECEIVING" });
    await expect(self.yield()).rejects.toMatchObject({ code: "E_RECEIVING" });
    sendAll(self, "x");
    expect(await waiting).toBe("x");
    const [first, ...others] = await Promise.allSettled([self.yield(), self.yield(), self.receive()]);
    expect(first.status).toBe("fulfilled");
    for (const other of others) expect(other).toMatchObject({ reason: { code: "E_RECEIVING" } });
  });
});

it("a process with a full mailbox, and one that polls, let others run", async () => {
  const { play, runtime } = world();
  await play(async (self) => {
    let others = 0;
    const other = self.spawn(async (child) => {
      for (;;) {
        others++;
        await child.yield();
      }
    });
    for (let i = 0; i < 2000; i++) self.send(self.pid, i);
    await drain(self);
    expect(others).toBeGreaterThan(2);
    const before = others;
    for (let i = 0; i < 2000; i++) await self.receive(undefined, { timeoutMs: 0 });
    expect(others).toBeGreaterThan(before + 2);
    runtime.kill(other);
    expect(await settled(self)).toEqual([]);
  });
});

it("each receive has its own time, shorter or longer than what an earlier one has left behind", async () => {
  const { environment, play } = world();
  await play(async (self) => {
    const ends: number[] = [];
    for (const timeoutMs of [50, 200, 70, 1000]) {
      self.sendAfter(10, self.pid, "in time");
      expect(await self.receive(undefined, { timeoutMs: 100 })).toBe("in time");
      const start = environment.now();
      expect(await self.receive(undefined, { timeoutMs })).toBeUndefined();
      ends.push(environment.now() - start);
    }
    expect(ends).toEqual([50, 200, 70, 1000]);
  });
});
