import { expect, it } from "vitest";
import type { Context, Pid } from "../../host/otp/index.ts";
import {
  checkDeterminism,
  createSimulation,
  decodeReplay,
  faults,
  type Simulation,
  simulate,
} from "../../host/sim/index.ts";
import { TICKER, TRANSFER } from "./guests.ts";

/** A JavaScript process that keeps what it receives. */
function collector(sim: Simulation): { pid: Pid; received: unknown[] } {
  const received: unknown[] = [];
  const pid = sim.runtime.spawn(async function collect(self) {
    for (;;) received.push(await self.receive());
  });
  return { pid, received };
}

it("lets a hundred virtual minutes of a guest pass in one go", async () => {
  await using sim = createSimulation();
  const ticker = await sim.load(TICKER, { name: "ticker" });
  const { pid, received } = collector(sim);
  sim.spawn(ticker, "main", { args: pid });
  await sim.advance("100m");
  expect(sim.now).toBeCloseTo(6_000_000, 3);
  expect(received.length).toBeGreaterThan(5990);
  expect(received.length).toBeLessThanOrEqual(6000);
  expect(new Set(received)).toEqual(new Set(["tick"]));
});

it("lets time pass while a guest loops for ever, as fast as its fuel burns", async () => {
  await using sim = createSimulation({ fuelPerMs: 10_000, host: { sliceFuel: 20_000 } });
  const ticker = await sim.load(TICKER);
  const spin = sim.spawn(ticker, "spin");
  await sim.advance("100ms");
  expect(sim.host.info(spin)?.reductions).toBeGreaterThanOrEqual(1_000_000);
  expect(sim.now).toBeGreaterThanOrEqual(100);
  expect(sim.now).toBeLessThan(103);
});

it("kills a guest at the first fuel check past N, and nobody else", async () => {
  const scenario = async (sim: Simulation) => {
    const ticker = await sim.load(TICKER);
    sim.kill("P.1", { atFuel: 30_000 });
    const victim = sim.spawn(ticker, "spin");
    const other = sim.spawn(ticker, "spin");
    expect(await sim.exited(victim)).toBe("killed");
    expect(sim.host.info(other)?.reductions).toBeGreaterThan(0);
    expect(sim.log.lines.find((line) => line.includes("killed at fuel 30000"))).toBeDefined();
  };
  const { log, error } = await checkDeterminism(scenario, { host: { sliceFuel: 20_000 } });
  expect(error).toBeUndefined();
  expect(log.lines.at(-1)).toMatch(/P\.1 +exited killed$/);
});

it.each([
  ["before", 4],
  ["after", 5],
] as const)(
  "kills a guest %s its fifth send: %i messages arrive, and all of its neighbour's",
  async (when, count) => {
    await using sim = createSimulation();
    const ticker = await sim.load(TICKER);
    const [first, second] = [collector(sim), collector(sim)];
    const victim = sim.spawn(ticker, "hundred", { args: first.pid, label: "victim" });
    sim.spawn(ticker, "hundred", { args: second.pid });
    const point = { call: "message.send", nth: 5 };
    sim.kill("victim", when === "before" ? { before: point } : { after: point });
    await sim.run();
    expect(await sim.exited(victim)).toBe("killed");
    expect(first.received).toHaveLength(count);
    expect(second.received).toHaveLength(100);
  },
);

it("kills a waiting guest after the call that waits, and counts calls of all names with *", async () => {
  await using sim = createSimulation();
  const ticker = await sim.load(TICKER);
  const { pid, received } = collector(sim);
  const a = sim.spawn(ticker, "main", { args: pid, name: "a" });
  sim.kill("a", { after: { call: "message.receive", nth: 3 } });
  const b = sim.spawn(ticker, "main", { args: pid });
  sim.kill(b, { before: { nth: 7 } });
  expect(await sim.exited(a)).toBe("killed");
  expect(await sim.exited("P.3")).toBe("killed");
  expect(sim.now).toBeGreaterThan(2000);
  expect(sim.now).toBeLessThan(3010);
  await sim.quiesce();
  expect(received).toHaveLength(4);
});

it("kills a JavaScript process after its n-th event", async () => {
  await using sim = createSimulation();
  const { pid, received } = collector(sim);
  // The spawn is the first event.
  sim.kill(pid, { atEvent: 4 });
  for (let i = 0; i < 10; i++) {
    sim.send(pid, i);
    await sim.quiesce();
  }
  expect(received).toEqual([0, 1, 2]);
  expect(await sim.exited(pid)).toBe("killed");
});

it("kills by name at once, and says who is not there", async () => {
  await using sim = createSimulation();
  const ticker = await sim.load(TICKER);
  const spin = sim.spawn(ticker, "spin", { name: "spinner" });
  sim.kill("spinner");
  expect(await sim.exited(spin)).toBe("killed");
  expect(() => sim.kill("spinner")).toThrow(/spinner is no living process/);
});

/** Three clients that race to a server, and guests that may be killed. */
async function bank(sim: Simulation): Promise<void> {
  const transfer = await sim.load(TRANSFER);
  const { pid } = collector(sim);
  for (let i = 0; i < 5; i++) sim.spawn(transfer, "main", { args: pid });
  sim.runtime.spawn(async (self: Context) => {
    const ref = self.monitor(self.spawn(async (child) => child.send(pid, child.runtime.newRef())));
    await self.receiveTagged(ref);
    self.exit("done");
  });
  await sim.run();
}

it("gives the identical log for the same seed, and others for other seeds", async () => {
  const options = { schedule: "random", faults: [faults.kill()] } as const;
  const hashes = new Set<string>();
  for (let seed = 1; seed <= 20; seed++) {
    const run = await checkDeterminism(bank, { ...options, seed });
    hashes.add(run.log.hash);
  }
  expect(hashes.size).toBeGreaterThan(10);
});

it("replays a run from its token alone to the identical log", async () => {
  let kills = 0;
  let choices = 0;
  for (let seed = 1; seed <= 20; seed++) {
    const run = await simulate(bank, { seed, schedule: "random", faults: [faults.kill()] });
    const { seed: sameSeed, deviations } = await decodeReplay(run.token);
    const again = await simulate(bank, { seed: sameSeed, deviations });
    expect(again.log.lines).toEqual(run.log.lines);
    expect(again.log.hash).toBe(run.log.hash);
    kills += deviations.filter((deviation) => deviation.do !== "run").length;
    choices += deviations.filter((deviation) => deviation.do === "run").length;
  }
  expect(kills).toBeGreaterThan(0);
  expect(choices).toBeGreaterThan(20);
});

it("takes any part of the deviations away and still has a run", async () => {
  const run = await simulate(bank, { seed: 3, schedule: "random", faults: [faults.kill()] });
  for (let i = 0; i < run.deviations.length; i++) {
    const deviations = run.deviations.filter((_, j) => j !== i);
    const again = await simulate(bank, { seed: 3, deviations });
    expect(again.passed).toBe(true);
  }
});

it("names processes by their spawn path and references by their process, and shows no pid", async () => {
  const run = await simulate(bank);
  const text = run.log.toString();
  expect(text).toMatch(/P\.7\.1 +sent P\.1 #P\.7\.1!1/);
  expect(text).toMatch(/P\.7 +monitors P\.7\.1 as P\.7!1/);
  expect(text).toMatch(/received #\{.*pid => <P\.7\.1>/);
  expect(text).not.toMatch(/<\d+\.\d+\.\d+>|#Ref/);
});

it("shows a trap by its kind, also in the DOWN that a guest or a JavaScript process gets", async () => {
  await using sim = createSimulation();
  const program = await sim.load(TICKER);
  const watcher = sim.runtime.spawn(async (self) => {
    const child = self.runtime.spawn(async () => {
      throw new TypeError("broken");
    });
    self.link(sim.spawn(program, "hundred", { limits: { fuel: 10 } }));
    self.monitor(child);
    self.trapExit = true;
    await self.receive();
    await self.receive();
  });
  await sim.exited(watcher);
  const text = sim.log.toString();
  expect(text).toMatch(/exited \{trap,fuel_exhausted,<<"it has used its 10 units of fuel">>\}/);
  expect(text).toMatch(/reason => \{error,<<"TypeError">>,<<"broken">>\}/);
  expect(text).not.toMatch(/\.ts:|wasm-function/);
});

it("waits for an event, and says so when it can no longer come", async () => {
  await using sim = createSimulation();
  const ticker = await sim.load(TICKER);
  const { pid } = collector(sim);
  sim.spawn(ticker, "main", { args: pid });
  const event = await sim.until(({ type, process }) => type === "received" && process === "P.1");
  expect(event.at).toBeGreaterThanOrEqual(1000);
  await expect(sim.until(({ type }) => type === "exited", { within: "5s" })).rejects.toThrow(
    /did not happen until 00:06/,
  );
  sim.kill("P.2");
  await sim.run();
  await expect(sim.until(({ type }) => type === "exited")).rejects.toMatchObject({ code: "E_SIM_NEVER" });
  await expect(sim.settle(new Promise(() => {}))).rejects.toMatchObject({ code: "E_SIM_NEVER" });
});

it("answers calls and keeps its time limits in virtual time", async () => {
  await using sim = createSimulation();
  const silent = collector(sim);
  await expect(sim.call(silent.pid, "hello", { timeoutMs: 60_000 })).rejects.toMatchObject({
    code: "E_TIMEOUT",
  });
  expect(sim.now).toBeCloseTo(60_000, 0);
});

it("fails as soon as an invariant does not hold", async () => {
  const run = await simulate(async (sim) => {
    const ticker = await sim.load(TICKER);
    const { pid, received } = collector(sim);
    sim.always("at most three ticks", () => received.length <= 3);
    sim.spawn(ticker, "main", { args: pid });
    await sim.run();
  });
  expect(run.error).toMatchObject({
    code: "E_SIM_INVARIANT",
    message: expect.stringContaining('"at most three ticks" did not hold at 00:04'),
  });
});

it("stops a world that runs wild", async () => {
  await using sim = createSimulation({ maxSteps: 100 });
  sim.spawn(await sim.load(TICKER), "spin");
  await expect(sim.run()).rejects.toMatchObject({ code: "E_SIM_STEPS" });
});

it("finds what is no function of the seed, and names the first event that differs", async () => {
  let leak = 0;
  await expect(
    checkDeterminism(async (sim) => {
      const { pid } = collector(sim);
      sim.send(pid, "same");
      sim.send(pid, leak++);
      await sim.run();
    }),
  ).rejects.toThrow(/event 3 is in one\n.*sent P\.1 0\nand in the other\n.*sent P\.1 1/);
});

it("catches real clocks and random numbers in a step when told to", async () => {
  const run = await simulate(
    async (sim) => {
      const pid = sim.runtime.spawn(async () => {
        Date.now();
      });
      expect(await sim.exited(pid)).toMatchObject({
        type: "error",
        message: "now was called inside a simulated step",
      });
      expect(Date.now()).toBeGreaterThan(0);
      expect(performance.now()).toBeGreaterThan(0);
    },
    { guardGlobals: true },
  );
  expect(run.error).toBeUndefined();
});

it("gives each process its own random bytes, the same for the same seed", async () => {
  const draw = async (seed: number, extra: boolean) => {
    await using sim = createSimulation({ seed });
    const bytes: number[][] = [];
    for (let i = 0; i < 2; i++) {
      sim.runtime.spawn((self) => {
        const into = new Uint8Array(4);
        if (extra && i === 0) self.runtime.environment.randomBytes(new Uint8Array(100));
        self.runtime.environment.randomBytes(into);
        bytes.push([...into]);
      });
    }
    await sim.run();
    return bytes;
  };
  const [first, second] = [await draw(1, false), await draw(1, true)];
  expect(second[1]).toEqual(first[1]);
  expect(second[0]).not.toEqual(first[0]);
  expect(await draw(1, false)).toEqual(first);
  expect(await draw(2, false)).not.toEqual(first);
});
