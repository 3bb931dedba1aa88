// The runtime seen from outside, and the default environment.
import { expect, it } from "vitest";
import { WAITING } from "../../host/otp/body.ts";
import { defaultEnvironment } from "../../host/otp/environment.ts";
import { Pid } from "../../host/otp/pid.ts";
import { Runtime } from "../../host/otp/runtime.ts";
import { encodeTerm } from "../../host/otp/term/encode.ts";
import { scripted } from "./support/scripted-body.ts";
import { recorder, settled, waiter, world } from "./support/world.ts";

it("exited resolves with the reason, or with noproc for a process that is gone", async () => {
  const { environment, runtime } = world();
  const pid = runtime.spawn((self) => self.exit("done"));
  const reasons = [runtime.exited(pid), runtime.exited(pid)];
  await environment.settle();
  expect(await Promise.all(reasons)).toEqual(["done", "done"]);
  expect(await runtime.exited(pid)).toBe("noproc");
});

it("send, exit and kill work from outside", async () => {
  const { environment, runtime } = world();
  const inbox: unknown[] = [];
  const pid = runtime.spawn(recorder(inbox), { name: "recorder" });
  await environment.settle();
  runtime.send("recorder", 1);
  runtime.send(pid, 2);
  runtime.exit(pid, "please");
  await environment.settle();
  expect(inbox).toEqual([1, 2, { type: "exit", from: pid, reason: "please" }]);
  const reason = runtime.exited(pid);
  runtime.kill(pid);
  expect(await reason).toBe("killed");
  runtime.kill(pid);
});

it("a guest's bytes are decoded for a JavaScript process, with this runtime's own pids", async () => {
  const { play } = world();
  await play(async (self) => {
    self.process.sendEncoded(self.pid, encodeTerm({ from: self.pid, n: 1 }));
    const message = (await self.receive()) as { from: Pid; n: number };
    expect(message.n).toBe(1);
    expect(message.from).toBe(self.pid);
    self.process.sendAfterEncoded(5, self.pid, encodeTerm([1, 2]));
    expect(await self.receive()).toEqual([1, 2]);
  });
});

it("a message is encoded once, however often a guest asks", async () => {
  const { play } = world();
  await play(async (self) => {
    self.send(self.pid, [1]);
    const envelope = self.process.mailbox.take()!;
    expect(envelope.encoded).toBeUndefined();
    expect(envelope.bytes()).toBe(envelope.bytes());
    expect(envelope.bytes()).toEqual(encodeTerm([1]));
  });
});

it("a value that is no term is refused to its sender when the receiver reads bytes", async () => {
  const { environment, runtime } = world();
  const read: unknown[] = [];
  const body = scripted((process) => {
    for (let e = process.mailbox.take(); e !== undefined; e = process.mailbox.take())
      read.push(e.bytes(), e.value);
    return WAITING;
  });
  const pid = runtime.spawnBody(body, { readsEncoded: true });
  const badarg = expect.objectContaining({ code: "badarg" });
  expect(() => runtime.send(pid, () => {})).toThrow(badarg);
  runtime.spawn((self) => {
    expect(() => self.sendAfter(1, pid, [Symbol("no term")])).toThrow(badarg);
    self.send(pid, ["from", self.pid]);
    self.sendAfter(1, pid, 7);
  });
  await environment.advance(1);
  const [bytes, value] = read as [Uint8Array, unknown[]];
  expect(bytes).toEqual(encodeTerm(["from", value[1]]));
  expect(read.slice(2)).toEqual([encodeTerm(7), 7]);
});

it("pids of another creation or node reach nobody", async () => {
  const { play, runtime } = world();
  await play(async (self) => {
    self.send(new Pid(runtime.name, self.pid.number, 2), "lost");
    self.send(new Pid("elsewhere@host", self.pid.number, 1), "lost");
    expect(await settled(self)).toEqual([]);
  });
});

it("shutdown kills everything, disposes of every body, and nothing runs or starts afterwards", async () => {
  const { environment, runtime } = world();
  let disposed = 0;
  let ran = 0;
  const body = () => ({
    run: () => {
      ran++;
      return { type: "waiting" } as const;
    },
    dispose: () => {
      disposed++;
    },
  });
  const pids = [0, 1].map(() => runtime.spawnBody(body));
  await environment.settle();
  runtime.send(pids[0]!, "too late");
  const reasons = pids.map((pid) => runtime.exited(pid));
  runtime.shutdown();
  expect(await Promise.all(reasons)).toEqual(["killed", "killed"]);
  await environment.advance(1000);
  expect([ran, disposed]).toEqual([2, 2]);
  expect(runtime.processes()).toEqual([]);
  expect(environment.armedTimers).toBe(0);
  expect(() => runtime.spawn(waiter)).toThrow(expect.objectContaining({ code: "E_SHUT_DOWN" }));
});

it("two runtimes share nothing", async () => {
  const first = world();
  const second = world({ name: "other@host" });
  first.runtime.spawn(waiter, { name: "n" });
  expect(second.runtime.whereis("n")).toBeUndefined();
  const pid = second.runtime.spawn(waiter);
  expect(first.runtime.info(pid)).toBeUndefined();
});

it("works on the real environment: timers, deferral, randomness and both clocks", async () => {
  const environment = defaultEnvironment();
  const runtime = new Runtime({ environment });
  const pid = runtime.spawn(async (self) => {
    const start = environment.now();
    self.sendAfter(5, self.pid, "tick");
    await self.receive();
    // A burning neighbour makes the scheduler give the event loop back.
    const neighbour = self.spawn(async (child) => {
      for (;;) await child.yield();
    });
    await self.sleep(5);
    self.exitSignal(neighbour, "kill");
    self.exit(environment.now() - start >= 10 ? "on time" : "early");
  });
  expect(await runtime.exited(pid)).toBe("on time");
  const bytes = new Uint8Array(200_000);
  environment.randomBytes(bytes);
  expect(new Set(bytes.subarray(100_000)).size).toBe(256);
  expect(Math.abs(environment.wallTime() - Date.now())).toBeLessThan(60_000);
});
