import { fileURLToPath } from "node:url";
import { beforeAll, expect, it } from "vitest";
import { Host } from "../../host/host.ts";
import { atom } from "../../host/otp/term/index.ts";
import {
  checkDeterminism,
  crashSweep,
  faults,
  type Simulation,
  SimulationFailure,
  simulate,
  swarm,
} from "../../host/sim/index.ts";
import type { Program } from "../../host/wasm/program.ts";

const BANK = fileURLToPath(new URL("guests/bank.ts", import.meta.url));
let bank: Program;
beforeAll(async () => {
  bank = await new Host().load(BANK, { name: "bank.ts" });
}, 60_000);

const host = { grants: "all" } as const;
const accounts = [faults.kill({ only: ({ name }) => name === "account", max: 2 })];

/** The customer is P.1, the supervisor P.1.1, the accounts are its children. */
function scenario(entry: "careful" | "trusting") {
  return async (sim: Simulation) => {
    const customer = sim.spawn(bank, entry);
    expect(await sim.exited(customer)).toBe("normal");
  };
}

it("runs a supervised guest through fifty virtual minutes", async () => {
  const run = await checkDeterminism(scenario("careful"), { host });
  expect(run.error).toBeUndefined();
  const last = run.log.events.at(-1);
  expect(last).toMatchObject({ process: "P.1", type: "exited" });
  expect(last?.at).toBeGreaterThan(3_000_000);
  expect(
    run.log.lines.find((line) => line.endsWith('P.1      logged info "five deposits made"')),
  ).toBeDefined();
  expect(run.reached.size).toBe(0);
});

it("kills the account at its second answer: the supervisor starts another, the customer asks again", async () => {
  const run = await simulate(
    async (sim) => {
      sim.kill("account", { before: { call: "message.send", nth: 2 } });
      await scenario("careful")(sim);
      expect(sim.log.lines.filter((line) => / P\.1\.1\.\d +spawned/.test(line))).toHaveLength(2);
    },
    { host },
  );
  expect(run.error).toBeUndefined();
  expect(run.reached).toEqual(new Map([["no answer", 1]]));
});

it("finds the customer who counts on a process never dying, and replays it", async () => {
  const options = { runs: 100, faults: accounts, host };
  const failure = await swarm(scenario("trusting"), options).catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(SimulationFailure);
  const { run } = failure as SimulationFailure;
  expect(run.log.events.at(-1)?.reason).toBe(atom("money_is_gone").name);
  const again = await simulate(scenario("trusting"), { seed: run.seed, schedule: "random", ...options });
  expect(again.log.lines).toEqual(run.log.lines);
  const { reached } = await swarm(scenario("careful"), { ...options, runs: 40 });
  expect(reached.get("no answer")).toBeGreaterThan(0);
});

it("sweeps over every host call of the account", async () => {
  const sweep = await crashSweep(scenario("careful"), { host, only: (address) => address === "P.1.1.1" });
  expect(sweep.points.length).toBeGreaterThan(20);
  expect(sweep.failed).toEqual([]);
});
