// Each limit of a process and of a subtree: what happens at it, what is told of it, and that what was given back can be had again.
import { describe, expect, it } from "vitest";
import { Host } from "../../host/host.ts";
import { type Account, type LimitInfo, type Pid, UNBOUNDED, type Use } from "../../host/otp/index.ts";
import { atom } from "../../host/otp/term/index.ts";
import { createSimulation, type Simulation } from "../../host/sim/index.ts";
import { MemoryFileSystem } from "../../host/sim/memory-file-system.ts";
import type { Limits, SubtreeLimits } from "../../host/wasm/limits.ts";
import { ERROR } from "../../host/wasm/syscall.ts";
import { ERRNO } from "../../host/wasm/wasi/errno.ts";
import { answerOf, callsGuest, OUT, repeat, type Step, spin, step, term, wasm } from "./support/calls.ts";

const FULL = ERROR.system_limit;
const self = step("process.self", OUT);
const waitFor = (ms: number) => step("message.receive", { bytes: new Uint8Array(0) }, OUT, ms);
const spawned = (entry: string, options: object = {}) =>
  step("process.spawn", term(entry), term([]), term(options), { room: 200 });
const spawnMany = (times: number, entry: string, options: object = {}) => ({
  ...spawned(entry, options),
  times,
});
const timer = (times: number) => repeat(times, "timer.send_after", 60_000, answerOf(0), term("late"), OUT);
const newBag = step("table.new", term(atom("t")), term([atom("duplicate_bag")]), OUT);
/** The object `{7}`. */
const SEVEN = { bytes: Uint8Array.of(131, 104, 1, 97, 7) };

type Entries = Readonly<Record<string, readonly Step[]>>;

/** A world in which `main` runs under limits. */
async function world(
  entries: Entries,
  limits: Limits,
  options: object = {},
): Promise<{ sim: Simulation; main: Pid }> {
  const sim = createSimulation({ host: { grants: "all", ...options } });
  const program = await sim.load(
    callsGuest({ waits: [waitFor(-1)], waitsLong: [waitFor(3_600_000)], ...entries }),
    { name: "guest" },
  );
  return { sim, main: sim.spawn(program, "main", { limits }) };
}

/** The results of `main`'s steps, and the lines of the log that are about limits. */
async function run(entries: Entries, limits: Limits, options: object = {}) {
  const { sim, main } = await world(entries, limits, options);
  const results = await sim.exited(main);
  const reached = sim.log.events.flatMap(({ type, text }) => (type === "limitReached" ? [text] : []));
  await sim.close();
  return { results, reached };
}

const counts = (results: unknown) => results as number[];

describe("timers", () => {
  it("that are pending are as many as the limit says; one that was cancelled or has fired makes room", async () => {
    const cancel = step("timer.cancel", answerOf(1));
    const once = step("timer.send_after", 60_000, answerOf(0), term("late"), OUT);
    const steps = [
      self,
      once,
      timer(9),
      cancel,
      timer(9),
      waitFor(70_000),
      waitFor(70_000),
      waitFor(70_000),
      timer(9),
    ];
    const { results, reached } = await run({ main: steps }, { timers: 3 });
    const [, , more, left, again, , , , later] = counts(results);
    expect([more, again, later]).toEqual([2, 1, 3]);
    expect(left).toBeGreaterThan(50_000);
    expect(new Set(reached)).toEqual(new Set(["limit reached: timers of the process, 3"]));
  });

  it("beyond the limit give system_limit", async () => {
    const one = step("timer.send_after", 60_000, answerOf(0), term("late"), OUT);
    expect(counts((await run({ main: [self, one] }, { timers: 0 })).results)[1]).toBe(FULL);
  });
});

describe("objects in tables", () => {
  const steps = [
    newBag,
    repeat(100, "table.insert", answerOf(0), SEVEN),
    step("table.insert", answerOf(0), SEVEN),
    step("table.delete", answerOf(0), term(7)),
    repeat(100, "table.insert", answerOf(0), SEVEN),
  ];
  it("are as many as the limit of their owner says, whatever table they are in", async () => {
    const { results, reached } = await run({ main: steps }, { tableEntries: 5 });
    expect(counts(results).slice(1)).toEqual([5, FULL, 0, 5]);
    expect(new Set(reached)).toEqual(new Set(["limit reached: tableEntries of the process, 5"]));
  });

  it("that take the place of others do not count twice", async () => {
    const set = step("table.new", term(atom("t")), term([]), OUT);
    const put = { bytes: Uint8Array.of(131, 104, 2, 97, 7, 97, 1) };
    const other = { bytes: Uint8Array.of(131, 104, 2, 97, 8, 97, 1) };
    const made = [set, repeat(9, "table.insert", answerOf(0), put), step("table.insert", answerOf(0), other)];
    const { results, reached } = await run({ main: made }, { tableEntries: 1 });
    expect(counts(results).slice(1)).toEqual([9, FULL]);
    expect(reached).toHaveLength(1);
  });

  it("are not inherited by an heir that has no room for them", async () => {
    const { results } = await run(
      {
        main: [
          self,
          step("table.new", term(atom("mine")), term([atom("named_table"), atom("duplicate_bag")]), OUT),
          repeat(3, "table.insert", answerOf(1), SEVEN),
          spawned("waits", { limits: { table_entries: 2 } }),
          step("table.give_away", answerOf(1), answerOf(3), term(1)),
          spawned("waits", { limits: { table_entries: 3 } }),
          step("table.give_away", answerOf(1), answerOf(5), term(1)),
        ],
      },
      {},
    );
    expect([counts(results)[4], counts(results)[6]]).toEqual([FULL, 0]);
  });
});

describe("children", () => {
  it("that live are as many as the limit says; one that has ended makes room", async () => {
    const { results, reached } = await run(
      {
        main: [spawnMany(9, "short"), spawned("short"), waitFor(100), spawnMany(9, "short")],
        short: [waitFor(50)],
      },
      { children: 3 },
    );
    expect(counts(results)).toEqual([3, FULL, ERROR.timeout, 3]);
    expect(reached[0]).toBe("limit reached: children of the process, 3");
  });

  it("have the same limit for their own children, or the lower one that they are given", async () => {
    const seen: unknown[] = [];
    const { sim, main } = await world(
      {
        main: [
          spawned("parent"),
          spawned("parent", { limits: { children: 1 } }),
          spawned("parent", { limits: { children: 9 } }),
        ],
        parent: [spawnMany(9, "waits")],
      },
      { children: 5 },
    );
    sim.runtime.subscribe((event) => {
      if (event.type === "exited" && !event.pid.equals(main)) seen.push(event.reason);
    });
    await sim.exited(main);
    await sim.advance(20);
    expect(seen.sort()).toEqual([[1], [5], [5]]);
    await sim.close();
  });
});

describe("fuel in a second", () => {
  it("makes a process wait until there is more, by the clock of the world", async () => {
    const { sim, main } = await world({ main: [spin(1_000_000)] }, { fuelPerSecond: 100_000 });
    await sim.exited(main);
    // A second's worth was there at once.
    expect(sim.now).toBeGreaterThan(8_900);
    expect(sim.now).toBeLessThan(9_200);
    await sim.close();
  });

  it("holds up nobody else, and no message makes it run before its time", async () => {
    const { sim, main } = await world(
      { main: [spin(300_000)], free: [spin(300_000)] },
      { fuelPerSecond: 100_000 },
    );
    const program = await sim.load(callsGuest({ free: [spin(300_000)] }));
    const free = sim.spawn(program, "free");
    await sim.exited(free);
    expect(sim.now).toBeLessThan(10);
    for (let i = 0; i < 5; i++) sim.send(main, "hello");
    await sim.exited(main);
    expect(sim.now).toBeGreaterThan(1_900);
    await sim.close();
  });

  it("counts what was not used, up to a second's worth", async () => {
    const { sim, main } = await world(
      { main: [spin(90_000), waitFor(5_000), spin(90_000), waitFor(500), spin(90_000)] },
      { fuelPerSecond: 100_000 },
    );
    await sim.exited(main);
    expect(sim.now).toBeGreaterThan(5_500);
    expect(sim.now).toBeLessThan(6_000);
    await sim.close();
  });

  it("does not stop a receive from running out of time, nor the process from being killed", async () => {
    const { sim, main } = await world({ main: [spin(500_000), waitFor(10)] }, { fuelPerSecond: 100_000 });
    await sim.advance(20);
    sim.host.kill(main);
    expect(await sim.exited(main)).toBe("killed");
    expect(sim.runtime.timers.size).toBe(0);
    await sim.close();
  });

  it("of a subtree is shared: each gets its turn", async () => {
    const ends: number[] = [];
    const { sim, main } = await world(
      { main: [spawnMany(3, "worker"), waitFor(-1)], worker: [spin(100_000)] },
      { subtree: { fuelPerSecond: 100_000 } },
    );
    sim.runtime.subscribe((event) => {
      if (event.type === "exited") ends.push(event.at);
    });
    while (ends.length < 3) await sim.advance(100);
    expect(ends[0]).toBeGreaterThan(1_400);
    expect(ends[2]! - ends[0]!).toBeLessThan(700);
    expect(sim.now).toBeGreaterThan(1_900);
    expect(sim.now).toBeLessThan(2_500);
    sim.host.kill(main);
    await sim.close();
  });
});

describe("wall time", () => {
  it.each([
    ["waits", [waitFor(-1)]],
    ["computes", [spin(2_000_000_000)]],
  ])("ends a process that %s, with a reason of its own", async (_, steps) => {
    const { results, reached } = await run({ main: steps }, { wallTimeMs: 250 });
    expect(results).toMatchObject({
      type: "trap",
      kind: "wall_time_exhausted",
      message: "it has lived for 250 ms",
    });
    expect((results as { frames: object[] }).frames).not.toEqual([]);
    expect(reached).toEqual(["limit reached: wallTimeMs of the process, 250"]);
  });

  it("of a subtree ends all of it at once", async () => {
    const { sim, main } = await world(
      { main: [spawned("waits"), spawned("waits"), waitFor(-1)] },
      { subtree: { wallTimeMs: 250 } },
    );
    expect(await sim.exited(main)).toMatchObject({ message: "its subtree has lived for 250 ms" });
    expect(sim.runtime.processes()).toEqual([]);
    await sim.close();
  });

  it("leaves nothing behind when the process ends before", async () => {
    const { sim, main } = await world({ main: [] }, { wallTimeMs: 250, subtree: { wallTimeMs: 500 } });
    await sim.exited(main);
    expect(sim.runtime.timers.size).toBe(0);
    await sim.close();
  });
});

describe("a subtree", () => {
  const bounded = (entries: Entries, subtree: SubtreeLimits, options?: object) =>
    run(entries, { subtree }, options);

  it("has as many processes as its limit says, whoever spawns them", async () => {
    const bomb = [spawnMany(99, "bomb"), waitFor(1000)];
    const { sim, main } = await world({ main: bomb, bomb }, { subtree: { processes: 10 } });
    await sim.advance(20);
    expect(sim.runtime.processes()).toHaveLength(10);
    expect(sim.log.events.some(({ text }) => text === "limit reached: processes of the subtree, 10")).toBe(
      true,
    );
    await sim.exited(main);
    await sim.close();
  });

  it("has so much memory: growing fails, and what starts with more than is left ends with memory_limit", async () => {
    const page = 65_536;
    const grow = wasm("(memory.grow (i32.const 1))", 99);
    const { sim, main } = await world(
      { main: [grow, spawned("waits"), waitFor(10)] },
      { subtree: { memoryBytes: 12 * page } },
    );
    const ends: unknown[] = [];
    sim.runtime.subscribe((event) => event.type === "exited" && ends.push(event.reason));
    // The module begins with 4 pages.
    expect(counts(await sim.exited(main))[0]).toBe(8);
    expect(ends[0]).toMatchObject({
      kind: "memory_limit",
      message: expect.stringContaining("more than its subtree has left"),
    });
    await sim.close();
  });

  it("counts memory of tables and of the dictionary with it, and what ended is given back", async () => {
    const put = (key: number) => step("process.put", term(key), term(new Uint8Array(100_000)), OUT);
    const worker = [put(1), wasm("(memory.grow (i32.const 1))", 99)];
    const { sim, main } = await world(
      { main: [spawned("worker"), waitFor(10), spawned("worker"), waitFor(10)], worker },
      { subtree: { memoryBytes: 16 * 65_536 } },
    );
    const ends: unknown[] = [];
    sim.runtime.subscribe((event) => event.type === "exited" && ends.push(event.reason));
    await sim.exited(main);
    // 16 pages, less 4 for each of the two, less two for the dictionary.
    expect(ends.slice(0, 2).map((end) => counts(end)[1])).toEqual([6, 6]);
    await sim.close();
  });

  it("has so much fuel in all: whoever of it runs then ends", async () => {
    const { sim, main } = await world(
      { main: [spawned("worker"), spawned("worker"), waitFor(-1), spin(1000)], worker: [spin(10_000_000)] },
      { subtree: { fuel: 500_000 } },
    );
    const ends: { pid: Pid; reason: unknown; reductions: number }[] = [];
    sim.runtime.subscribe((event) => event.type === "exited" && ends.push(event));
    await sim.advance(20);
    expect(ends.map(({ reason }) => reason)).toEqual([
      expect.objectContaining({
        kind: "fuel_exhausted",
        message: "its subtree has used its 500000 units of fuel",
      }),
      expect.objectContaining({ kind: "fuel_exhausted" }),
    ]);
    expect(ends[0]!.reductions + ends[1]!.reductions).toBeGreaterThan(480_000);
    expect(ends[0]!.reductions + ends[1]!.reductions).toBeLessThan(501_000);
    sim.send(main, "wake up");
    expect(await sim.exited(main)).toMatchObject({ kind: "fuel_exhausted" });
    await sim.close();
  });

  it.each<[keyof SubtreeLimits, readonly Step[]]>([
    ["timers", [self, timer(4), spawned("main"), waitFor(10)]],
    ["tableEntries", [newBag, repeat(4, "table.insert", answerOf(0), SEVEN), spawned("main"), waitFor(10)]],
  ])("has so many %s, whoever of it has them", async (limit, steps) => {
    const { sim, main } = await world({ main: steps }, { subtree: { [limit]: 7, processes: 2 } });
    const ends: number[][] = [];
    sim.runtime.subscribe((event) => event.type === "exited" && ends.push(counts(event.reason)));
    await sim.exited(main);
    await sim.advance(20);
    expect(ends.map(([, count]) => count).sort()).toEqual([3, 4]);
    expect(sim.log.events.some(({ text }) => text === `limit reached: ${limit} of the subtree, 7`)).toBe(
      true,
    );
    await sim.close();
  });

  it("has so many bytes in its mailboxes: a sender gets system_limit until something was received", async () => {
    const send = repeat(99, "message.send", answerOf(0), {
      bytes: Uint8Array.of(131, 109, 0, 0, 0, 4, 1, 2, 3, 4),
    });
    const { results } = await bounded({ main: [self, send, waitFor(0), send] }, { mailboxBytes: 95 });
    expect(counts(results).slice(1)).toEqual([10, 10, 1]);
  });

  it("has so many open files, those that each process was given included", async () => {
    const path = { bytes: new TextEncoder().encode("file") };
    const open = step("wasi_snapshot_preview1.path_open", 3, 0, path, 0, 2, 0, 0, 2048);
    await using host = new Host({
      grants: "all",
      fileSystem: new MemoryFileSystem({ box: { file: "text" } }),
      directories: [{ host: "/box", guest: "/", mode: "read" }],
    });
    const program = await host.load(callsGuest({ main: [wasm("(i32.const 0)"), ...Array(6).fill(open)] }));
    const results = await host.exited(
      host.spawn(program, "main", { limits: { subtree: { openResources: 4 } } }),
    );
    expect(counts(results).slice(1)).toEqual([0, 0, 0, ERRNO.mfile, ERRNO.mfile, ERRNO.mfile]);
  });

  it("logs so many lines in a second, all of it together", async () => {
    const line = { bytes: new TextEncoder().encode("a line") };
    const log = Array.from({ length: 6 }, () => step("log.write", 2, line));
    const { sim, main } = await world(
      { main: [...log, spawned("other"), waitFor(10)], other: log },
      { subtree: { logLines: 8 } },
    );
    await sim.exited(main);
    await sim.advance(20);
    expect(sim.log.lines.filter((text) => text.includes("a line"))).toHaveLength(8);
    expect(
      sim.log.lines.some((text) =>
        text.includes("4 lines were not logged: the limit is 8 a second for its subtree"),
      ),
    ).toBe(true);
    await sim.close();
  });

  it("within a subtree is bound by both, and a guest makes one by its own limits", async () => {
    const steps = (processes: number) => [
      spawned("inner", { limits: { subtree: { processes } } }),
      waitFor(10),
    ];
    const inner = [spawnMany(99, "waitsLong")];
    const ends: unknown[] = [];
    for (const [outer, within] of [
      [10, 4],
      [4, 10],
    ] as const) {
      const { sim, main } = await world({ main: steps(within), inner }, { subtree: { processes: outer } });
      sim.runtime.subscribe(
        (event) => event.type === "exited" && !event.pid.equals(main) && ends.push(event.reason),
      );
      await sim.exited(main);
      await sim.close();
    }
    expect(ends.filter((end) => Array.isArray(end))).toEqual([[3], [2]]);
  });
});

describe("limits that a guest gives its child", () => {
  it.each([
    [{ limits: 7 }],
    [{ limits: { memory: 1 } }],
    [{ limits: { timers: -1 } }],
    [{ limits: { timers: 1.5 } }],
    [{ limits: { timers: "1" } }],
    [{ limits: { fuel_per_second: 0 } }],
    [{ limits: { subtree: { children: 1 } } }],
    [{ limits: { subtree: 1 } }],
  ])("cannot be %j", async (options) => {
    expect(counts((await run({ main: [spawned("waits", options)] }, {})).results)).toEqual([ERROR.badarg]);
  });

  it("are never more than its own", async () => {
    const { sim, main } = await world(
      { main: [spawned("waits", { limits: { timers: 99, fuel: 5 } }), waitFor(1)] },
      { timers: 7 },
    );
    await sim.advance(20);
    const child = sim.runtime.processes().find((pid) => !pid.equals(main))!;
    expect(limitOf(sim, child, "timers")).toMatchObject({ max: 7 });
    await sim.exited(main);
    await sim.close();
  });
});

function limitOf(sim: Simulation, pid: Pid, limit: string, scope = "process"): LimitInfo | undefined {
  return sim.host.info(pid)?.limits.find((line) => line.limit === limit && line.scope === scope);
}

describe("the limits of a process", () => {
  it("are told with what is used of them, each in a line of its own", async () => {
    const { sim, main } = await world(
      {
        main: [
          self,
          timer(2),
          newBag,
          repeat(3, "table.insert", answerOf(2), SEVEN),
          spawned("waits"),
          waitFor(-1),
        ],
      },
      {
        timers: 10,
        tableEntries: 20,
        children: 30,
        fuel: 1e9,
        fuelPerSecond: 1e9,
        wallTimeMs: 1e6,
        subtree: { processes: 5, memoryBytes: 1e7, fuel: 1e9 },
      },
    );
    await sim.advance(20);
    const lines = sim.host.info(main)!.limits;
    const of = (scope: string) =>
      Object.fromEntries(
        lines.filter((line) => line.scope === scope).map(({ limit, used, max }) => [limit, [used, max]]),
      );
    expect(of("process")).toMatchObject({
      timers: [2, 10],
      tableEntries: [3, 20],
      children: [1, 30],
      memoryBytes: [expect.any(Number), 268_435_456],
      fuel: [expect.any(Number), 1e9],
      fuelPerSecond: [expect.any(Number), 1e9],
      wallTimeMs: [expect.any(Number), 1e6],
      mailbox: [0, 100_000],
      mailboxBytes: [0, 67_108_864],
      messageBytes: [0, 16_777_216],
      openResources: [0, 1024],
      logLines: [0, 1000],
    });
    expect(of("subtree")).toMatchObject({
      processes: [2, 5],
      memoryBytes: [expect.any(Number), 1e7],
      fuel: [expect.any(Number), 1e9],
    });
    expect((of("subtree").memoryBytes as number[])[0]).toBeGreaterThan(8 * 65_536);
    await sim.close();
  });

  it("that an embedder cannot give are refused by name", async () => {
    await using host = new Host();
    const program = await host.load(callsGuest({ main: [] }));
    const spawn = (limits: object) => () => host.spawn(program, "main", { limits: limits as Limits });
    expect(spawn({ timer: 1 })).toThrow('unknown limit "timer". Did you mean "timers"?');
    expect(spawn({ subtree: { timer: 1 } })).toThrow('unknown limit "subtree.timer". Did you mean "timers"?');
    expect(spawn({ subtree: { fuelPerSecond: 0.5 } })).toThrow(
      "the limit subtree.fuelPerSecond is 0.5, expected a number of 1 or more",
    );
    expect(spawn({ timers: Number.NaN })).toThrow("the limit timers is NaN");
  });

  it("are all given back when the processes have ended", async () => {
    const everything = [
      self,
      timer(3),
      newBag,
      repeat(3, "table.insert", answerOf(2), SEVEN),
      step("process.put", term(1), term("value"), OUT),
      step("stream.open", 1000, OUT),
      step("message.send", answerOf(0), term("to itself")),
      step("process.monitor", answerOf(0), 1, OUT),
      step("process.alias", 0, OUT),
      step("group.join", term("group"), answerOf(0)),
      wasm("(memory.grow (i32.const 1))"),
      spawned("waits", { link: true }),
      spawned("main"),
      step("process.monitor", answerOf(11), 0, OUT),
      waitFor(0),
      waitFor(100),
    ];
    const { sim, main } = await world(
      { main: everything },
      { timers: 5, subtree: { processes: 6, fuelPerSecond: 1e6 } },
    );
    await sim.advance(20);
    const account = sim.runtime.process(main)!.account as Account;
    expect(account.outer!.used("processes")).toBeGreaterThan(2);
    await sim.exited(main);
    await sim.advance(120_000);
    for (const pid of sim.runtime.processes()) sim.host.kill(pid);
    await sim.advance(20);
    for (const use of Object.keys(UNBOUNDED).filter(
      (key) => key !== "fuel" && !/Second|Lines|Ms/.test(key),
    ) as Use[])
      expect([use, account.used(use), account.outer!.used(use)]).toEqual([use, 0, 0]);
    await sim.close();
  });
});
