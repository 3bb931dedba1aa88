// Timers that send against a model: a list of what is due when and for whom, through cancelling, reading, dying and time.
import fc from "fast-check";
import { expect, it } from "vitest";
import type { Pid } from "../../../host/otp/pid.ts";
import type { TimerRef } from "../../../host/otp/ref.ts";
import { waiter, world } from "../support/world.ts";

const PROCESSES = 3;
const target = fc.oneof(fc.nat(PROCESSES - 1), fc.constant("name" as const));
const step = fc.oneof(
  { weight: 4, arbitrary: fc.record({ type: fc.constant("start" as const), ms: fc.nat(50), target }) },
  { weight: 2, arbitrary: fc.record({ type: fc.constant("cancel" as const), timer: fc.nat(30) }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant("read" as const), timer: fc.nat(30) }) },
  { weight: 2, arbitrary: fc.record({ type: fc.constant("wait" as const), ms: fc.nat(20) }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant("kill" as const), process: fc.nat(PROCESSES - 1) }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant("name" as const), process: fc.nat(PROCESSES - 1) }) },
);

interface Pending {
  readonly id: number;
  readonly ref: TimerRef;
  readonly due: number;
  readonly target: Pid | "name";
}

it("each timer fires once, at its time, in order, or is cancelled, or goes with its target", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
      const { runtime, environment } = world();
      const pids = Array.from({ length: PROCESSES }, () => runtime.spawn(waiter));
      const actor = runtime.process(runtime.spawn(waiter))!;
      await environment.settle();
      const all: Pending[] = [];
      let pending: Pending[] = [];
      const mailboxes = new Map(pids.map((pid) => [pid, [] as unknown[]]));
      const left = (timer: Pending | undefined) =>
        timer !== undefined && pending.includes(timer) ? Math.ceil(timer.due - environment.now()) : false;
      for (const next of steps) {
        switch (next.type) {
          case "start": {
            const to: Pid | "name" = next.target === "name" ? "name" : pids[next.target]!;
            const id = all.length;
            const ref = actor.sendAfter(next.ms, to, id);
            const timer: Pending = { id, ref, due: environment.now() + next.ms, target: to };
            all.push(timer);
            if (to === "name" || runtime.isAlive(to)) pending.push(timer);
            break;
          }
          case "cancel":
          case "read": {
            const timer = all[next.timer];
            if (timer === undefined) break;
            const expected = left(timer);
            if (next.type === "read") expect(actor.readTimer(timer.ref)).toBe(expected);
            else {
              expect(actor.cancelTimer(timer.ref)).toBe(expected);
              pending = pending.filter((other) => other !== timer);
            }
            break;
          }
          case "wait": {
            const end = environment.now() + next.ms;
            const fired = pending
              .filter(({ due }) => due <= end)
              .sort((a, b) => a.due - b.due || a.id - b.id);
            pending = pending.filter(({ due }) => due > end);
            for (const { id, target } of fired) {
              const pid = target === "name" ? runtime.whereis("name") : target;
              if (pid !== undefined) mailboxes.get(pid)?.push(id);
            }
            await environment.advance(next.ms);
            break;
          }
          case "kill": {
            const pid = pids[next.process]!;
            runtime.kill(pid);
            pending = pending.filter((timer) => timer.target !== pid);
            break;
          }
          case "name": {
            const pid = pids[next.process]!;
            if (runtime.whereis("name") !== undefined) runtime.unregister("name");
            if (runtime.isAlive(pid)) runtime.register("name", pid);
            break;
          }
        }
        expect(runtime.sendTimers.size).toBe(pending.length);
        for (const pid of pids) {
          if (runtime.isAlive(pid))
            expect(runtime.info(pid, ["messages"])?.messages).toEqual(mailboxes.get(pid));
        }
      }
      await environment.advance(100);
      expect([runtime.sendTimers.size, runtime.timers.size, environment.armedTimers]).toEqual([0, 0, 0]);
    }),
    { numRuns: 60, seed: 96 },
  );
});
