// A process whose code is replaced while it lives: what it keeps, and what becomes of a change that fails.
import { fileURLToPath } from "node:url";
import { afterEach, beforeAll, describe, expect, test } from "vitest";
import {
  createHost,
  type Host,
  type HostOptions,
  type MoonletError,
  type Pid,
  type Program,
} from "../../host/index.ts";
import { atom, tuple } from "../../host/otp/index.ts";
import { createSimulation } from "../../host/sim/index.ts";

let older: Program;
let newer: Program;
let host: Host;

beforeAll(async () => {
  const loader = await createHost();
  older = await loader.load(fileURLToPath(new URL("guests/code/old.ts", import.meta.url)), {
    name: "counter 1",
  });
  newer = await loader.load(fileURLToPath(new URL("guests/code/new.ts", import.meta.url)), {
    name: "counter 2",
  });
}, 120_000);
afterEach(() => host?.close());

async function open(options: HostOptions = {}): Promise<void> {
  host = await createHost({ grants: "all", ...options });
}

const add = (n: number) => tuple(atom("add"), n);

/** Why a change came to nothing. */
async function failureOf(change: Promise<void>): Promise<MoonletError> {
  return change.then(
    () => {
      throw new Error("the code was changed");
    },
    (error: unknown) => error as MoonletError,
  );
}

describe("a gen_server whose code is changed", () => {
  test("goes on with its state, which the new code has made its own", async () => {
    await open();
    const pid = host.spawn(older, "counter");
    expect(await host.call(pid, add(2))).toBe(2);
    await host.changeCode(pid, newer, { extra: 40 });
    expect(await host.call(pid, atom("version"))).toBe("new after counter 1");
    expect(await host.call(pid, add(1))).toBe(43);
    expect(host.info(pid)?.status).toBe("waiting");
  });

  test("keeps pid, name, links, monitors, dictionary and timers", async () => {
    await open();
    const pid = host.spawn(older, "settled");
    const seen: unknown[] = [];
    const friend = host.runtime.spawn(async (self) => {
      self.trapExit = true;
      self.link(pid);
      self.monitor(pid);
      for (;;) seen.push(await self.receive());
    });
    expect(await host.call("counter", add(1))).toBe(1);
    const before = host.info(pid)!;
    await host.changeCode(pid, newer);
    const { registeredName, links, monitoredBy, dictionary, trapExit } = host.info(pid)!;
    expect({ registeredName, links, monitoredBy, dictionary, trapExit }).toEqual({
      registeredName: "counter",
      links: [friend],
      monitoredBy: [friend],
      dictionary: [["colour", "red"]],
      trapExit: true,
    });
    expect(before.monitoredBy).toEqual([friend]);
    expect(await host.call("counter", atom("after"))).toBe('<<"red">>');
    expect(seen).toEqual([]);
    host.kill(friend);
  });

  test("finds what was sent to it before and meanwhile, in order", async () => {
    await open({ sliceFuel: 1_000 });
    const pid = host.spawn(older, "counter");
    await host.call(pid, add(0));
    for (let i = 1; i <= 3; i++) host.send(pid, tuple(atom("$gen_cast"), add(i)));
    const changed = host.changeCode(pid, newer);
    for (let i = 4; i <= 6; i++) host.send(pid, tuple(atom("$gen_cast"), add(i)));
    const pending = host.call(pid, add(100));
    await changed;
    expect(await pending).toBe(121);
  });

  test("keeps the clock of its idle timeout, and timers that it started", async () => {
    const sim = createSimulation({ host: { grants: "all" } });
    const pid = sim.spawn(older, "settled");
    await sim.advance(500);
    await sim.settle(sim.host.changeCode(pid, newer));
    expect(await sim.call(pid, add(0))).toBe(0);
    await sim.advance(600);
    expect(await sim.call(pid, add(0))).toBe(1000);
    await sim.close();
  });

  test.each([
    ["traps", "trap", { type: "trap", kind: "unreachable" }],
    ["loops for ever", "spin", { type: "trap", kind: "fuel_exhausted" }],
    ["refuses the state", "refuse", "not_today"],
    ["ends itself", "exit", "gone"],
    ["acts on others before it is ready", "meddle", { type: "trap", kind: "not_ready" }],
    ["waits before it is ready", "wait", { type: "trap", kind: "not_ready" }],
    ["expects another state", "expects_text", ["bad_message", expect.anything()]],
  ])("goes on with the old code when the new one %s", async (_what, extra, reason) => {
    await open();
    const pid = host.spawn(older, "settled");
    await host.call(pid, add(5));
    const error = await failureOf(host.changeCode(pid, newer, { extra: atom(extra) }));
    expect(error.code).toBe("E_CODE_CHANGE");
    expect(error.cause).toMatchObject(reason as object);
    expect(await host.call(pid, add(1))).toBe(6);
    expect(await host.call(pid, atom("version"))).toBe("old");
    expect(host.info(pid)?.dictionary).toEqual([["colour", "red"]]);
    expect(host.pool.parkedBytes).toBe(0);
    // And once more, now well.
    await host.changeCode(pid, newer);
    expect(await host.call(pid, atom("version"))).toBe("new after counter 1");
  });
});

describe("a gen_statem whose code is changed", () => {
  test("keeps its state, what it postponed and its running timeouts", async () => {
    const sim = createSimulation({ host: { grants: "all" } });
    const pid = sim.spawn(older, "door");
    sim.send(pid, tuple(atom("$gen_cast"), atom("open")));
    const late = sim.host.call(pid, atom("later"), { timeoutMs: 60_000 });
    await sim.advance(900);
    expect(await sim.call(pid, atom("look"))).toEqual(tuple(atom("open"), 1));
    await sim.settle(sim.host.changeCode(pid, newer, { entry: "door" }));
    await sim.advance(50);
    expect(await sim.call(pid, atom("look"))).toEqual(tuple(atom("open"), "1"));
    await sim.advance(100);
    expect(await sim.settle(late)).toEqual(atom("done"));
    expect(await sim.call(pid, atom("look"))).toEqual(tuple(atom("shut"), "1 closed late"));
    await sim.advance(2_000);
    expect(await sim.call(pid, atom("look"))).toEqual(tuple(atom("shut"), "1 closed late ring"));
    await sim.close();
  });
});

describe("a process with a loop of its own", () => {
  /** What it says after what it was told. */
  async function told(...messages: ((pid: Pid) => unknown)[]): Promise<unknown[]> {
    const pid = host.spawn(older, "plain");
    return new Promise((resolve) => {
      host.runtime.spawn(async (self) => {
        self.send(pid, self.pid);
        const said: unknown[] = [];
        for (const message of messages) {
          self.send(pid, message(pid));
          said.push(await self.receive());
        }
        resolve(said);
      });
    });
  }
  const change = (pid: Pid, entry: string) => tuple(atom("change"), host.lendCode(pid, newer), entry);

  test("changes by itself, with a reference that it was lent", async () => {
    await open();
    const pid = host.spawn(older, "plain");
    const said = await new Promise((resolve) => {
      host.runtime.spawn(async (self) => {
        for (const message of [self.pid, add(1), change(pid, "plain"), add(2)]) self.send(pid, message);
        resolve([await self.receive(), await self.receive()]);
      });
    });
    expect(said).toEqual([1, 201]);
  });

  test.each([
    [
      "traps",
      (pid: Pid) => change(pid, "traps"),
      tuple(atom("trap"), atom("unreachable"), expect.anything(), expect.anything()),
    ],
    [
      "ends",
      (pid: Pid) => change(pid, "ends"),
      tuple(atom("trap"), atom("not_ready"), expect.anything(), expect.anything()),
    ],
    [
      "is not there",
      (pid: Pid) => change(pid, "missing"),
      tuple(atom("no_entry"), expect.stringContaining("missing")),
    ],
  ])("goes on after the call when the entry %s, and learns the reason", async (_what, message, reason) => {
    await open();
    const said = await told(
      () => add(1),
      message,
      () => add(1),
    );
    expect(said).toEqual([1, tuple(atom("kept"), expect.anything(), 1, reason), 2]);
  });

  test("cannot use a reference that was lent to another", async () => {
    await open();
    const other = host.spawn(older, "spinner");
    const said = await told(
      () => change(other, "plain"),
      () => add(1),
    );
    expect(said).toEqual([tuple(atom("kept"), expect.anything(), 0, atom("badarg")), 1]);
    host.kill(other);
  });

  test("is refused a program that needs what it has not got", async () => {
    await open();
    const grants = ["register"] as const;
    const pid = host.spawn(older, "counter", { grants });
    const error = await failureOf(host.changeCode(pid, newer));
    expect(error.message).toContain("<0.1.0> keeps its code");
    expect(error.cause).toEqual(["not_granted", expect.stringContaining("counter 2 imports")]);
    expect(await host.call(pid, add(7))).toBe(7);
  });
});

describe("a process that is not asked", () => {
  /** The first thing that it says, and the change. */
  async function forced(
    entry: string,
    into: string,
    delay?: (pid: Pid) => Promise<unknown>,
  ): Promise<[Pid, unknown, Promise<unknown>]> {
    const pid = host.spawn(older, entry);
    let listener: Pid | undefined;
    const said = new Promise((resolve) => {
      listener = host.runtime.spawn(async (self) => resolve(await self.receive()));
    });
    host.send(pid, listener);
    await delay?.(pid);
    const changed = host.changeCode(pid, newer, { state: listener, entry: into }).then(
      () => "changed",
      (error: MoonletError) => error,
    );
    return [pid, await changed, said];
  }

  test("changes in an endless loop, between two slices", async () => {
    await open();
    const [, changed, said] = await forced("spinner", "fresh");
    expect(changed).toBe("changed");
    expect(await said).toBe("new");
  });

  test("changes while it is parked, and is parked while it changes", async () => {
    await open({ pool: { maxInstances: 2, parking: "always" } });
    const [pid, changed, said] = await forced("patient", "fresh", () => new Promise(setImmediate));
    expect(changed).toBe("changed");
    expect(await said).toBe("new");
    host.kill(pid);
    await host.exited(pid);
    expect(host.pool).toMatchObject({ parked: 0, parkedBytes: 0 });
  });

  test("goes on waiting for what it waited for when the new code fails", async () => {
    await open();
    const [pid, error, said] = await forced("patient", "traps", () => new Promise(setImmediate));
    expect(error).toMatchObject({ code: "E_CODE_CHANGE", cause: { type: "trap", kind: "unreachable" } });
    host.send(pid, add(3));
    expect(await said).toBe("old got 3");
  });

  test("that is killed meanwhile leaves nothing behind", async () => {
    await open({ sliceFuel: 1_000 });
    const pid = host.spawn(older, "patient");
    await new Promise(setImmediate);
    const changed = failureOf(host.changeCode(pid, newer, { state: [], entry: "spins" }));
    await new Promise(setImmediate);
    host.kill(pid);
    expect((await changed).cause).toBe("killed");
    expect(host.pool).toMatchObject({ parked: 0, parkedBytes: 0 });
  });

  test("goes on when the new code is not ready in time", async () => {
    await open({ sliceFuel: 1_000 });
    const [pid, , said] = await forced("patient", "spins", () => new Promise(setImmediate));
    const sim = createSimulation({ host: { grants: "all" }, fuelPerMs: 100 });
    const slow = sim.spawn(older, "counter");
    await sim.call(slow, add(1), { timeoutMs: 1_000_000 });
    const late = sim.settle(
      failureOf(sim.host.changeCode(slow, newer, { state: [], entry: "spins", timeoutMs: 50 })),
    );
    expect((await late).code).toBe("E_TIMEOUT");
    expect(await sim.call(slow, add(1), { timeoutMs: 1_000_000 })).toBe(2);
    await sim.close();
    host.send(pid, add(4));
    expect(await said).toBe("old got 4");
  });
});

describe("several changes of one process", () => {
  test("that are asked for at once come one after the other", async () => {
    await open();
    const pid = host.spawn(older, "counter");
    await host.call(pid, add(1));
    const [first, second, third] = await Promise.allSettled([
      host.changeCode(pid, newer, { extra: atom("trap") }),
      host.changeCode(pid, newer, { extra: 10 }),
      host.changeCode(pid, newer, { extra: atom("refuse") }),
    ]);
    expect([first, second, third].map(({ status }) => status)).toEqual(["rejected", "fulfilled", "rejected"]);
    expect(await host.call(pid, add(1))).toBe(12);
  });

  test("that all fail leave nothing behind", async () => {
    await open({ pool: { parking: "always" } });
    const pid = host.spawn(older, "patient");
    for (let i = 0; i < 50; i++) {
      await failureOf(host.changeCode(pid, newer, { state: [], entry: "traps" }));
    }
    host.kill(pid);
    await host.exited(pid);
    expect(host.pool).toMatchObject({ parked: 0, parkedBytes: 0 });
    expect(host.pool.instances).toBeLessThan(4);
  });
});

describe("a simulated run with changes of code", () => {
  async function logOf(seed: number): Promise<string> {
    let draws = seed;
    // Parking differs from run to run and must not be seen.
    const parking = () => {
      draws = (draws * 1103515245 + 12345) & 0x7fffffff;
      return draws % 3 === 0;
    };
    const sim = createSimulation({
      seed: 5,
      schedule: "random",
      host: { grants: "all", pool: { parking }, sliceFuel: 500 },
    });
    const pids = [sim.spawn(older, "counter"), sim.spawn(older, "counter"), sim.spawn(older, "counter")];
    for (const [i, pid] of pids.entries()) {
      await sim.call(pid, add(i));
      const change = sim.host
        .changeCode(pid, newer, { extra: [1, atom("trap"), atom("refuse")][i] })
        .catch(() => {});
      const pending = sim.call(pid, add(10));
      expect([10, 11, 12, 11]).toContain(await pending);
      await sim.settle(change);
    }
    const { hash } = sim.log;
    expect(sim.log.events.map(({ type }) => type)).toEqual(
      expect.arrayContaining(["codeChanged", "codeChangeFailed"]),
    );
    await sim.close();
    return hash;
  }

  test("has the same log each time, however its processes are parked", async () => {
    expect(await logOf(1)).toBe(await logOf(2));
  });
});
