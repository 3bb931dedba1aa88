// Networks in simulated worlds: virtual time, faults at chosen places, and the same run from the same seed.
import { beforeAll, describe, expect, it } from "vitest";
import { atom, tuple } from "../../host/otp/index.ts";
import { checkDeterminism, type Simulation, simulate } from "../../host/sim/index.ts";
import { ERROR } from "../../host/wasm/syscall.ts";
import { answerOf, callsGuest, OUT, step } from "../wasm/support/calls.ts";
import {
  accepted,
  answer,
  ask,
  connect,
  listen,
  next,
  portOf,
  response,
  serve,
  write,
} from "./support/networks.ts";
import { activeGuests, networkGuests } from "./support/town.ts";

beforeAll(async () => {
  await Promise.all([networkGuests(), activeGuests()]);
}, 60_000);

const HOST = {
  grants: ["listen", "spawn", "stdio", "connect:127.0.0.1:*", "http:127.0.0.1", "connect"],
} as const;
const bytes = (text: string) => ({ bytes: new TextEncoder().encode(text) });
const OK = expect.toSatisfy((result: number) => result > 0, "a length");

/** The port that a guest prints first. */
async function served(sim: Simulation, entry: string): Promise<number> {
  sim.spawn(await networkGuests(), entry);
  const event = await sim.until(({ type }) => type === "wrote");
  return Number(/"(\d+)\\n"/.exec(event.text)![1]);
}

/** A server and clients from outside, in one world: an echo, an answer, a crash, a timeout. */
async function town(sim: Simulation): Promise<readonly unknown[]> {
  const tcp = await served(sim, "echo");
  const client = await sim.settle(connect(sim.network, tcp));
  await sim.settle(write(client, "hello"));
  const heard = await sim.settle(next(client));
  const port = await served(sim, "serves");
  const answers: unknown[] = [];
  for (const path of ["/", "/crash", "/slow", "/stream"]) {
    const call = await sim.settle(ask(sim.network, port, { path }));
    call.finish();
    answers.push((await sim.settle(answer(call)))[0]);
  }
  return [heard, ...answers];
}

describe("a simulated network", () => {
  it("makes the same run from the same seed, whoever runs first", async () => {
    const results: unknown[] = [];
    const run = await checkDeterminism(
      async (sim) => {
        results.push(await town(sim));
      },
      { seed: 11, schedule: "random", host: HOST },
    );
    expect(run.passed).toBe(true);
    expect(run.log.length).toBeGreaterThan(10);
    expect(results).toEqual([
      ["hello", 200, 500, 504, 200],
      ["hello", 200, 500, 504, 200],
    ]);
  });

  it("makes the same run when requests and connections come as messages", async () => {
    const results: unknown[] = [];
    const run = await checkDeterminism(
      async (sim) => {
        const server = sim.spawn(await activeGuests(), "serves");
        const event = await sim.until(({ type }) => type === "wrote");
        const port = Number(/"(\d+)\\n"/.exec(event.text)![1]);
        const order = (what: string, n = 0) => sim.host.send(server, tuple(atom("do"), what, n));
        order("active", 2);
        const answers = ["/a", "/b", "/c"].map(async (path) => {
          const call = await ask(sim.network, port, { path });
          call.finish();
          return answer(call);
        });
        for (const what of ["take", "reply", "take", "reply", "take"]) order(what);
        order("active", 1);
        for (const what of ["take", "reply"]) order(what);
        results.push((await sim.settle(Promise.all(answers))).map(([status]) => status));
      },
      { seed: 5, schedule: "random", host: HOST },
    );
    expect(run.passed).toBe(true);
    expect(results[0]).toEqual([200, 200, 200]);
    expect(results[1]).toEqual(results[0]);
  });

  it("lets virtual time pass, and no other, until a request's time is over", async () => {
    const run = await simulate(
      async (sim) => {
        const port = await served(sim, "serves");
        const call = await sim.settle(ask(sim.network, port, { path: "/slow" }));
        call.finish();
        const before = sim.now;
        expect((await sim.settle(answer(call)))[0]).toBe(504);
        expect(sim.now - before).toBeGreaterThanOrEqual(300);
        expect(sim.now - before).toBeLessThan(310);
      },
      { host: HOST },
    );
    expect(run.error).toBeUndefined();
  });

  it("refuses, delays and breaks off where it is told to", async () => {
    const run = await simulate(
      async (sim) => {
        const server = await sim.settle(serve(sim.network, {}, 16, 8080));
        const program = await sim.load(
          callsGuest({
            main: [
              step("tcp.connect", bytes("127.0.0.1"), 80, OUT, 1000),
              step("tcp.connect", bytes("127.0.0.1"), 81, OUT, 50),
              step("tcp.connect", bytes("127.0.0.1"), 81, OUT, 150),
              step("tcp.recv", answerOf(2), OUT, -1),
              step("tcp.recv", answerOf(2), OUT, -1),
            ],
          }),
        );
        const { network } = sim;
        const listener = await sim.settle(listen(network, 81, 4));
        network.refuse("127.0.0.1", 80);
        network.delay("127.0.0.1", 81, 100);
        const pid = sim.spawn(program);
        const end = sim.host.exited(pid);
        const connection = await sim.settle(accepted(listener));
        await sim.settle(write(connection, "hello"));
        await sim.advance("150ms");
        network.reset("127.0.0.1", 81);
        expect(await sim.settle(end)).toEqual([ERROR.failed, ERROR.failed, OK, 5, ERROR.closed]);
        const call = await sim.settle(ask(network, portOf(server)));
        network.reset("127.0.0.1", 8080);
        expect(await sim.settle(response(call))).toMatchObject({ reason: "econnreset" });
      },
      { host: HOST },
    );
    expect(run.error).toBeUndefined();
  });

  it("finishes an exchange that its server's death interrupts, at whatever call that dies", async () => {
    for (const nth of [1, 2, 3]) {
      for (const call of ["http.respond", "http.write", "http.finish"]) {
        const run = await simulate(
          async (sim) => {
            const port = await served(sim, "serves");
            sim.kill("P.1.1", { before: { call, nth } });
            const request = await sim.settle(ask(sim.network, port, { path: "/stream" }));
            request.finish();
            const [status] = await sim.settle(answer(request));
            expect(status).toBe(call === "http.respond" && nth === 1 ? 500 : 200);
          },
          { host: HOST },
        );
        expect(run.error, `${call} ${nth}`).toBeUndefined();
      }
    }
  });
});
