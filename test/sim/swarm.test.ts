import { describe, expect, it } from "vitest";
import type { Context } from "../../host/otp/index.ts";
import {
  crashSweep,
  createSimTest,
  faults,
  type Simulation,
  SimulationFailure,
  simulate,
  swarm,
} from "../../host/sim/index.ts";
import { TRANSFER } from "./guests.ts";

/** A ledger that guests take from and give to. */
async function transfers(sim: Simulation, isSafe: boolean): Promise<void> {
  const transfer = await sim.load(TRANSFER);
  let balance = 10;
  const ledger = sim.runtime.spawn(async (self: Context) => {
    for (;;) {
      const message = await self.receive<{ take?: number; give?: number }>();
      if (!isSafe) balance += (message?.give ?? 0) - (message?.take ?? 0);
    }
  });
  for (let i = 0; i < 3; i++) sim.spawn(transfer, "main", { args: ledger });
  await sim.run();
  expect(balance).toBe(10);
}
const unsafe = (sim: Simulation) => transfers(sim, false);
const safe = (sim: Simulation) => transfers(sim, true);

/** A server that takes it for granted that it is told what to do before the first request comes. */
async function hastyServer(sim: Simulation): Promise<void> {
  const server = sim.runtime.spawn(async (self: Context) => {
    const first = await self.receive();
    if (first !== "settings") self.exit("no settings");
    await self.receive();
  });
  sim.runtime.spawn((self) => self.send(server, "settings"));
  sim.runtime.spawn((self) => self.send(server, "request"));
  expect(await sim.exited(server)).toBe("normal");
}

it("finds the crash between two steps that belong together, and its report leads back to it", async () => {
  const failure = await swarm(unsafe, { runs: 200, faults: [faults.kill()] }).catch(
    (error: unknown) => error,
  );
  expect(failure).toBeInstanceOf(SimulationFailure);
  const { message, run } = failure as SimulationFailure;
  expect(message).toMatch(/failed with seed \d+: expected \d+ to be 10/);
  expect(message).toContain(`MOONLET_SIM_SEED=${run.seed}`);
  expect(message).toContain(`MOONLET_SIM_REPLAY=${run.token}`);
  const again = await simulate(unsafe, { seed: run.seed, schedule: "random", faults: [faults.kill()] });
  expect(again.log.hash).toBe(run.log.hash);
  expect(again.passed).toBe(false);
});

it("finds nothing where nothing is wrong", async () => {
  const result = await swarm(safe, { runs: 50, faults: [faults.kill()] });
  expect(result.runs).toBe(50);
  expect(result.distinct).toBeGreaterThan(10);
});

it("finds an order of events that the default never takes", async () => {
  expect((await simulate(hastyServer)).passed).toBe(true);
  const failure = await swarm(hastyServer, { runs: 200 }).catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(SimulationFailure);
  expect((failure as SimulationFailure).message).toMatch(
    /1 deviations? from the default run:\n {2}run P\.3 at P\.1@0\/1/,
  );
});

it("kills only whom a fault may hit", async () => {
  for (let seed = 1; seed <= 20; seed++) {
    const run = await simulate(safe, {
      seed,
      faults: [faults.kill({ only: ({ address }) => address === "P.3" })],
    });
    for (const deviation of run.deviations) expect(deviation).toMatchObject({ process: "P.3" });
  }
});

it("kills JavaScript processes too, where that is asked for", async () => {
  let killed = 0;
  for (let seed = 1; seed <= 30; seed++) {
    const run = await simulate(safe, { seed, faults: [faults.kill({ only: ({ isGuest }) => !isGuest })] });
    expect(run.passed).toBe(true);
    killed += run.deviations.length;
  }
  expect(killed).toBeGreaterThan(0);
});

it("sweeps over a crash at every host call, and finds exactly those in between", async () => {
  const sweep = await crashSweep(unsafe, { only: (address) => address === "P.2" });
  // argument, send, receive, send; before and after each.
  expect(sweep.points).toHaveLength(8);
  expect(sweep.points.every(({ outcome }) => outcome !== "not reached")).toBe(true);
  expect(sweep.failed.map(({ deviation }) => deviation)).toMatchObject([
    { when: "after", call: "message.send", nth: 1 },
    { when: "before", call: "message.send", nth: 2 },
    { when: "before", call: "message.receive", nth: 1 },
    { when: "after", call: "message.receive", nth: 1 },
  ]);
  expect(sweep.toString()).toMatch(/P\.2 +message\.receive +0 +2 +0\n/);
  expect((await crashSweep(safe)).failed).toEqual([]);
});

const simTest = createSimTest(it);

describe("as tests", () => {
  simTest("one run without options", async (sim) => {
    const pid = sim.runtime.spawn((self) => self.sleep(1_000_000));
    expect(await sim.exited(pid)).toBe("normal");
    expect(Math.round(sim.now)).toBe(1_000_000);
  });
  simTest("many seeds", { runs: 20, faults: [faults.kill()] }, safe);
  simTest.crashSweep("a crash at each host call", {}, safe);
});

it("fails a test with a report that leads back to the run", async () => {
  const tests: (() => Promise<void>)[] = [];
  const collect = createSimTest((_, run) => tests.push(run));
  collect("the ledger", { runs: 200, faults: [faults.kill()] }, unsafe);
  collect.crashSweep("the ledger", {}, unsafe);
  await expect(tests[0]?.()).rejects.toThrow(/^the ledger failed with seed \d+/);
  await expect(tests[1]?.()).rejects.toThrow(/12 crashes break it/);
});

it("runs one seed or one replay when the environment says so", async () => {
  const run = await simulate(unsafe, {
    seed: 1,
    deviations: [{ do: "killAtCall", process: "P.4", when: "before", call: "message.send", nth: 2 }],
  });
  expect(run.passed).toBe(false);
  const seen: Simulation[] = [];
  const tests: (() => Promise<void>)[] = [];
  const collect = createSimTest((_, test) => tests.push(test));
  collect("the ledger", { runs: 3 }, (sim) => {
    seen.push(sim);
    return unsafe(sim);
  });
  try {
    process.env.MOONLET_SIM_REPLAY = run.token;
    await expect(tests[0]?.()).rejects.toThrow(/kill P\.4 before message\.send\/2/);
    delete process.env.MOONLET_SIM_REPLAY;
    seen.length = 0;
    process.env.MOONLET_SIM_SEED = "17";
    await tests[0]?.();
    expect(seen.map(({ seed }) => seed)).toEqual(["17"]);
  } finally {
    delete process.env.MOONLET_SIM_REPLAY;
    delete process.env.MOONLET_SIM_SEED;
  }
});
