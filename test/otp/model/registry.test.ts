// Names against a model: a map of names to processes, through registering, unregistering, sending and dying.
import fc from "fast-check";
import { expect, it } from "vitest";
import type { Pid } from "../../../host/otp/pid.ts";
import type { Runtime } from "../../../host/otp/runtime.ts";
import { waiter, world } from "../support/world.ts";

const PROCESSES = 4;
const name = fc.constantFrom("a", "b", "c");
const process = fc.nat(PROCESSES - 1);
const step = fc.oneof(
  fc.record({ type: fc.constant("register" as const), name, process }),
  fc.record({ type: fc.constant("unregister" as const), name }),
  fc.record({ type: fc.constant("kill" as const), process }),
  fc.record({ type: fc.constant("spawn" as const), process, name }),
  fc.record({ type: fc.constant("send" as const), name }),
);

/** Whether `act` is refused with badarg. */
function isRefused(act: () => unknown): boolean {
  try {
    act();
    return false;
  } catch (error) {
    expect(error).toMatchObject({ code: "badarg" });
    return true;
  }
}

class Model {
  readonly names = new Map<string, Pid>();

  nameOf(pid: Pid): string | undefined {
    return [...this.names].find(([, owner]) => owner === pid)?.[0];
  }

  forget(pid: Pid): void {
    const known = this.nameOf(pid);
    if (known !== undefined) this.names.delete(known);
  }
}

function check(runtime: Runtime, model: Model, pids: readonly Pid[]): void {
  expect(runtime.registered().sort()).toEqual([...model.names.keys()].sort());
  for (const known of ["a", "b", "c"]) expect(runtime.whereis(known)).toBe(model.names.get(known));
  for (const pid of pids) {
    if (runtime.isAlive(pid)) expect(runtime.info(pid)?.registeredName).toBe(model.nameOf(pid));
  }
}

it("names are a map of names to living processes, at most one for each", () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const { runtime } = world();
      const model = new Model();
      const pids = Array.from({ length: PROCESSES }, () => runtime.spawn(waiter));
      const received = new Map<Pid, number>();
      for (const next of steps) {
        switch (next.type) {
          case "register": {
            const pid = pids[next.process]!;
            const isFree =
              runtime.isAlive(pid) && !model.names.has(next.name) && model.nameOf(pid) === undefined;
            expect(isRefused(() => runtime.register(next.name, pid))).toBe(!isFree);
            if (isFree) model.names.set(next.name, pid);
            break;
          }
          case "unregister":
            expect(isRefused(() => runtime.unregister(next.name))).toBe(!model.names.delete(next.name));
            break;
          case "kill":
            runtime.kill(pids[next.process]!);
            model.forget(pids[next.process]!);
            break;
          case "spawn": {
            const isTaken = model.names.has(next.name);
            const refused = isRefused(() => {
              const pid = runtime.spawn(waiter, { name: next.name });
              // What had this place lives on.
              pids[next.process] = pid;
              model.names.set(next.name, pid);
            });
            expect(refused).toBe(isTaken);
            break;
          }
          case "send": {
            const owner = model.names.get(next.name);
            expect(isRefused(() => runtime.send(next.name, 1))).toBe(owner === undefined);
            if (owner === undefined) break;
            received.set(owner, (received.get(owner) ?? 0) + 1);
            expect(runtime.info(owner)?.messageQueueLength).toBe(received.get(owner));
            break;
          }
        }
        check(runtime, model, pids);
      }
    }),
    { numRuns: 100, seed: 83 },
  );
});
