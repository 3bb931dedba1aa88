import { describe, expect, it } from "vitest";
import type { Context } from "../../../host/otp/context.ts";
import { Exit } from "../../../host/otp/exit.ts";
import { Task } from "../../../host/otp/index.ts";
import { atom, tuple } from "../../../host/otp/term/index.ts";
import { play } from "../support/play.ts";

const pause = (self: Context, timeoutMs = 1): Promise<unknown> => self.receive(() => false, { timeoutMs });

async function exitOf(act: Promise<unknown>): Promise<unknown> {
  try {
    await act;
  } catch (error) {
    if (error instanceof Exit) return error.reason;
    throw error;
  }
  throw new Error("it did not exit");
}

/** Runs for so long and gives a value. */
const work =
  <T>(ms: number, value: T) =>
  async (task: Context): Promise<T> => {
    await pause(task, ms);
    return value;
  };

describe("a task", () => {
  it("gives its result, and leaves no message and no monitor", () =>
    play(async (self, { runtime }) => {
      self.send(self.pid, "waiting");
      const task = Task.async(self, work(100, { done: true }));
      expect(await Task.await(self, task)).toEqual({ done: true });
      await pause(self);
      expect(runtime.info(self.pid)).toMatchObject({ monitors: [], messageQueueLength: 1 });
    }));

  it("exits its caller with {timeout, _} after the limit, and a late result vanishes", () =>
    play(async (self) => {
      const task = Task.async(self, work(100, 1));
      expect(await exitOf(Task.await(self, task, 50))).toEqual(
        tuple("timeout", tuple(atom("task"), atom("await"), [task.pid, 50])),
      );
      expect(await self.receive(undefined, { timeoutMs: 1000 })).toBeUndefined();
    }));

  it("takes its caller along when it fails, unless that traps or did not link", () =>
    play(async (self) => {
      const linked = self.spawn(async (owner) => {
        const task = Task.async(owner, (own) => own.exit("boom"));
        await Task.await(owner, task);
      });
      expect(await self.receiveTagged(self.monitor(linked))).toMatchObject({ reason: "boom" });
      const task = Task.async(self, (own) => own.exit("boom"), { link: false });
      expect(await exitOf(Task.await(self, task))).toMatchObject(["boom", {}]);
    }));

  it("may be asked again after a yield without result", () =>
    play(async (self) => {
      const task = Task.async(self, work(100, "late"));
      expect(await Task.yield(self, task, 50)).toBeUndefined();
      expect(await Task.yield(self, task, 100)).toEqual({ type: "ok", value: "late" });
    }));

  it("can be shut down, and what it gave before is told", () =>
    play(async (self, { runtime }) => {
      const slow = Task.async(self, work(1000, 1));
      expect(await Task.shutdown(self, slow)).toBeUndefined();
      expect(runtime.isAlive(slow.pid)).toBe(false);
      const done = Task.async(self, work(0, "result"));
      await pause(self, 10);
      expect(await Task.shutdown(self, done)).toEqual({ type: "ok", value: "result" });
      const stubborn = Task.async(self, async (own) => {
        own.trapExit = true;
        await pause(own, 10_000);
      });
      await pause(self);
      expect(await Task.shutdown(self, stubborn, 100)).toBeUndefined();
      expect(runtime.isAlive(stubborn.pid)).toBe(false);
    }));

  it("belongs to the process that started it", () =>
    play(async (self) => {
      const task = Task.async(self, work(0, 1));
      const error = await Task.await(self, { ...task, owner: task.pid }).catch((caught: unknown) => caught);
      expect(error).toMatchObject({ code: "badarg" });
    }));
});

describe("many tasks", () => {
  it("are awaited within one limit", () =>
    play(async (self) => {
      const tasks = [30, 10, 20].map((ms) => Task.async(self, work(ms, ms)));
      expect(await Task.awaitMany(self, tasks)).toEqual([30, 10, 20]);
      const slow = [80, 160].map((ms) => Task.async(self, work(ms, ms)));
      expect(await exitOf(Task.awaitMany(self, slow, 100))).toMatchObject(["timeout", {}]);
    }));

  it("run as a stream with a bound on how many at a time, in order or as they come", () =>
    play(async (self) => {
      let running = 0;
      let most = 0;
      const run = async (ms: number, task: Context): Promise<number> => {
        most = Math.max(most, ++running);
        await pause(task, ms);
        running--;
        if (ms === 20) task.exit("boom");
        return ms;
      };
      const collect = async (options: Task.StreamOptions): Promise<unknown[]> => {
        const outcomes: unknown[] = [];
        for await (const outcome of Task.asyncStream(self, [30, 10, 20, 40], run, options)) {
          outcomes.push(outcome.type === "ok" ? outcome.value : outcome.reason);
        }
        return outcomes;
      };
      expect(await collect({ maxConcurrency: 2 })).toEqual([30, 10, "boom", 40]);
      expect(most).toBe(2);
      expect(await collect({ maxConcurrency: 4, ordered: false })).toEqual([10, "boom", 30, 40]);
      expect(await collect({ maxConcurrency: 4, timeoutMs: 25 })).toEqual(["timeout", 10, "boom", "timeout"]);
    }));

  it("end with the loop that reads their stream", () =>
    play(async (self, { runtime }) => {
      for await (const _ of Task.asyncStream(self, [1, 1000, 1000], (ms, task) => pause(task, ms))) break;
      expect(runtime.processes()).toEqual([self.pid]);
    }));
});
