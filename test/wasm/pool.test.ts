import fc from "fast-check";
import { afterEach, describe, expect, it, onTestFinished, vi } from "vitest";
import { createHost, type Host, type HostOptions, type Pid } from "../../host/index.ts";
import { createSimulation } from "../../host/sim/index.ts";
import { ByteStore } from "../../host/wasm/byte-store.ts";
import { parseWat } from "../../instrument/index.ts";
import { TestEnvironment } from "../otp/support/test-environment.ts";

let host: Host;
afterEach(() => host?.close());

async function open(options: HostOptions = {}): Promise<Host> {
  host = await createHost({ grants: "all", maxProcesses: 100_000, ...options });
  return host;
}

/** Sends the host's caller what a guest sends to `parent`, as bytes. */
function collect(wanted: number): { pid: Pid; messages: Promise<unknown[]> } {
  let resolve: (messages: unknown[]) => void;
  const promise = new Promise<unknown[]>((done) => {
    resolve = done;
  });
  const pid = host.runtime.spawn(async (self) => {
    const messages: unknown[] = [];
    while (messages.length < wanted) messages.push(await self.receive());
    resolve(messages);
  });
  host.runtime.register("parent", pid);
  return { pid, messages: promise };
}

/** Reports 16 bytes from each of some places of its memory and its globals, plants secrets there, and ends or waits. */
const PLANTER = parseWat(`(module
  (import "message" "send" (func $send (param i32 i32 i32 i32) (result i32)))
  (import "message" "receive" (func $receive (param i32 i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 2 4)
  (global $i32 (mut i32) (i32.const 1)) (global $i64 (mut i64) (i64.const 2)) (global $f64 (mut f64) (f64.const 3))
  ;; {131, BIT_BINARY_EXT, 48 bytes, 8 bits} and the atom parent
  (data (i32.const 16) "\\83\\4d\\00\\00\\00\\30\\08")
  (data (i32.const 128) "\\83\\77\\06parent")
  (func $spin (param $n i32)
    (loop $l (br_if $l (local.tee $n (i32.sub (local.get $n) (i32.const 1))))))
  (func $look
    (i32.store (i32.const 23) (global.get $i32))
    (i64.store (i32.const 27) (global.get $i64))
    (f64.store (i32.const 35) (global.get $f64))
    (i64.store (i32.const 43) (i64.load (i32.const 1024)))
    (i64.store (i32.const 51) (i64.load (i32.const 65536)))
    (i64.store (i32.const 59) (i64.load (i32.const 131064)))
    (i32.store (i32.const 67) (memory.size))
    (drop (call $send (i32.const 128) (i32.const 9) (i32.const 16) (i32.const 55))))
  (func $plant
    (global.set $i32 (i32.const 0x5ec2e7)) (global.set $i64 (i64.const 0x5ec2e7)) (global.set $f64 (f64.const 1e300))
    (i64.store (i32.const 1024) (i64.const 0x5ec2e7)) (i64.store (i32.const 65536) (i64.const 0x5ec2e7))
    (i64.store (i32.const 131064) (i64.const 0x5ec2e7)))
  (func (export "main") (call $look) (call $plant) (call $spin (i32.const 10)))
  (func (export "grows") (call $look) (call $plant) (drop (memory.grow (i32.const 1)))
    (i64.store (i32.const 131072) (i64.const 0x5ec2e7)))
  (func (export "traps") (call $look) (call $plant) (call $spin (i32.const 10)) unreachable)
  (func (export "waits") (call $look) (call $plant)
    (drop (call $receive (i32.const 0) (i32.const 0) (i32.const 2048) (i32.const 64) (i32.const -1)))
    (call $look)))`);

describe("a guest that has not run for idleMs", () => {
  it("is parked, its instance goes, and it goes on when it gets a message", async () => {
    const environment = new TestEnvironment();
    await open({ environment, pool: { idleMs: 1000 } });
    const program = await host.load(PLANTER);
    collect(4);
    const pids = [host.spawn(program, "waits"), host.spawn(program, "waits")];
    await environment.advance(999);
    expect(host.pool).toMatchObject({ instances: 2, parked: 0 });
    // One of them runs once more before its time is over, and ends; the other one is idle in the second round.
    host.send(pids[0]!, 1);
    await environment.advance(1001);
    expect(host.pool).toMatchObject({ instances: 0, parked: 1 });
    // Nobody is left to watch: no timer is set.
    expect(host.runtime.timers.size).toBe(0);
    host.send(pids[1]!, 1);
    await environment.advance(0);
    expect(host.info(pids[1]!)).toBeUndefined();
    expect(host.pool).toMatchObject({ parked: 0 });
  });

  it("stays where it is with parking never, and a limit that is none is refused", async () => {
    const environment = new TestEnvironment();
    await open({ environment, pool: { idleMs: 1000, parking: "never" } });
    host.spawn(await host.load(PLANTER), "waits");
    await environment.advance(10_000);
    expect(host.pool).toMatchObject({ instances: 1, parked: 0 });
    await expect(createHost({ pool: { idleMs: 0 } })).rejects.toThrow("pool.idleMs is 0, expected");
  });
});

describe("an instance that one process after another sits in", () => {
  it("shows none of them anything of those before, however they ended", async () => {
    await open({ pool: { maxInstances: 1 } });
    const program = await host.load(PLANTER);
    const entries = ["main", "traps", "grows", "main", "waits", "main", "grows", "traps", "waits", "main"];
    const { messages } = collect(entries.length);
    for (const entry of entries) {
      const pid = host.spawn(program, entry);
      await new Promise(setImmediate);
      if (entry === "waits") {
        host.kill(pid);
        await host.exited(pid);
      }
    }
    const seen = await messages;
    expect(new Set(seen.map((bytes) => (bytes as Uint8Array).join(" "))).size).toBe(1);
  });

  it("gives a process back what it left there, with others in between", async () => {
    await open({ pool: { maxInstances: 1 } });
    const program = await host.load(PLANTER);
    const { messages } = collect(5);
    const waiting = host.spawn(program, "waits");
    for (const entry of ["main", "traps", "grows"]) await host.exited(host.spawn(program, entry));
    host.send(waiting, "go on");
    await host.exited(waiting);
    const seen = (await messages) as Uint8Array[];
    expect(seen[1]).toEqual(seen[0]);
    expect(new DataView(seen[4]!.buffer, seen[4]!.byteOffset).getInt32(0, true)).toBe(0x5ec2e7);
  });
});

/** Counts its messages and answers each with the number, so many bytes of stack deep. */
const COUNTER = parseWat(`(module
  (import "message" "send" (func $send (param i32 i32 i32 i32) (result i32)))
  (import "message" "receive" (func $receive (param i32 i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (global $count (mut i32) (i32.const 0))
  (data (i32.const 16) "\\83\\61\\00")
  (data (i32.const 128) "\\83\\77\\06parent")
  (func $answer
    (drop (call $receive (i32.const 0) (i32.const 0) (i32.const 2048) (i32.const 64) (i32.const -1)))
    (global.set $count (i32.add (global.get $count) (i32.const 1)))
    (i32.store8 (i32.const 18) (global.get $count))
    (drop (call $send (i32.const 128) (i32.const 9) (i32.const 16) (i32.const 3))))
  (func $deep (param $n i32)
    (if (local.get $n) (then (call $deep (i32.sub (local.get $n) (i32.const 1)))) (else (call $answer))))
  (func (export "main") (local $n i32)
    (loop $again (call $deep (i32.const 9)) (br_if $again (i32.lt_u (global.get $count) (i32.const 3))))))`);

describe("more processes than instances", () => {
  it("all get their turns, and their state back each time", async () => {
    await open({ pool: { maxInstances: 3 } });
    const program = await host.load(COUNTER);
    const pids = Array.from({ length: 200 }, () => host.spawn(program));
    const { messages } = collect(600);
    for (let round = 0; round < 3; round++) for (const pid of pids) host.send(pid, round);
    const counts = (await messages) as number[];
    for (const n of [1, 2, 3]) expect(counts.filter((count) => count === n)).toHaveLength(200);
    await Promise.all(pids.map((pid) => host.exited(pid)));
  });

  it("that are killed while they are parked leave nothing behind", async () => {
    await open({ pool: { maxInstances: 2 } });
    const program = await host.load(COUNTER);
    const pids = Array.from({ length: 50 }, () => host.spawn(program));
    await new Promise(setImmediate);
    expect(host.info(pids[0]!)?.memoryBytes).toBe(65_536);
    expect(host.info(pids[0]!)?.currentFunction).toBeDefined();
    for (const pid of pids) host.kill(pid);
    await Promise.all(pids.map((pid) => host.exited(pid)));
    expect(host.pool).toMatchObject({ instances: 2, parkedBytes: 0 });
  });

  it("of a program whose state cannot be moved are refused, and the host goes on", async () => {
    await open({ pool: { maxInstances: 2 } });
    const movable = await host.load(COUNTER);
    const program = await host.load(
      parseWat(`(module (import "message" "receive" (func $receive (param i32 i32 i32 i32 i32) (result i32)))
        (memory (export "memory") 1) (table $t 2 funcref) (elem declare func $main)
        (func $main (export "main") (table.set $t (i32.const 0) (ref.func $main))
          (drop (call $receive (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 64) (i32.const -1)))))`),
    );
    const kept = [host.spawn(program), host.spawn(program)];
    expect(() => host.spawn(program)).toThrow("there is no room for another process");
    expect(() => host.spawn(movable)).toThrow("there is no room for another process");
    host.kill(kept[0]!);
    await host.exited(kept[0]!);
    expect(host.info(host.spawn(movable))).toBeDefined();
  });
});

describe("memory for parked processes", () => {
  it("that there is none of leaves the guest whole in its instance, and ends the one that would need it", async () => {
    await open({ pool: { maxInstances: 1 } });
    const program = await host.load(PLANTER);
    const allocate = vi.spyOn(ByteStore.prototype, "allocate").mockImplementation(() => {
      throw new RangeError("Array buffer allocation failed");
    });
    onTestFinished(() => allocate.mockRestore());
    const { messages } = collect(2);
    const first = host.spawn(program, "waits");
    await new Promise(setImmediate);
    expect(await host.exited(host.spawn(program, "main"))).toBe("system_limit");
    host.send(first, 1);
    // What it has planted is what it finds again.
    const [, after] = (await messages) as Uint8Array[];
    const view = new DataView(after!.buffer, after!.byteOffset);
    expect([view.getInt32(0, true), view.getInt32(20, true), view.getInt32(28, true)]).toEqual([
      0x5ec2e7, 0x5ec2e7, 0x5ec2e7,
    ]);
  });

  it("is bounded: above it a spawn gives system_limit, and those that are there go on", async () => {
    await open({ pool: { maxInstances: 2, maxParkedBytes: 1000 } });
    const program = await host.load(COUNTER);
    const pids: Pid[] = [];
    let error: unknown;
    while (!error) {
      try {
        pids.push(host.spawn(program));
        await new Promise(setImmediate);
      } catch (thrown) {
        error = thrown;
      }
    }
    expect(error).toMatchObject({
      code: "system_limit",
      message: expect.stringContaining("there is no room"),
    });
    expect(pids.length).toBeGreaterThan(3);
    const { messages } = collect(3 * pids.length);
    for (let round = 0; round < 3; round++) for (const pid of pids) host.send(pid, round);
    expect(await messages).toHaveLength(3 * pids.length);
    await Promise.all(pids.map((pid) => host.exited(pid)));
    expect(host.info(host.spawn(program))).toBeDefined();
  });

  it.each([
    ["maxInstances", 0],
    ["maxInstances", 1.5],
    ["maxParkedBytes", -1],
  ])("and instances have limits that make sense: %s of %d is refused", async (name, value) => {
    await expect(createHost({ pool: { [name]: value } })).rejects.toThrow(`pool.${name} is ${value}`);
    await open();
  });
});

describe("parking", () => {
  it("is invisible: after every slice, never, or at random, the same happens at the same time", async () => {
    const step = fc.record({ to: fc.nat(4), kill: fc.boolean(), ms: fc.nat(3) });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 30 }), fc.integer(), async (steps, seed) => {
        const logs: string[] = [];
        let coin = seed;
        const atRandom = () => {
          coin = (Math.imul(coin, 1_103_515_245) + 12_345) | 0;
          return coin < 0;
        };
        for (const parking of ["always", "never", atRandom, "pressure"] as const) {
          const sim = createSimulation({ seed, host: { grants: "all", pool: { parking, maxInstances: 5 } } });
          const program = await sim.load(COUNTER, { name: "counter" });
          const pids = Array.from({ length: 5 }, () => sim.spawn(program));
          for (const { to, kill, ms } of steps) {
            if (kill && ms === 0) sim.runtime.kill(pids[to]!);
            else sim.runtime.send(pids[to]!, "go on");
            await sim.advance(`${ms}ms`);
          }
          const left = pids.map((pid) => sim.runtime.info(pid));
          logs.push(
            [
              ...sim.log.events.map(({ at, process, text }) => `${at} ${process} ${text}`),
              ...left.map((info) => `${info?.reductions} ${info?.memoryBytes} ${info?.currentFunction}`),
            ].join("\n"),
          );
          await sim.close();
        }
        for (const log of logs) expect(log).toBe(logs[0]);
      }),
      { numRuns: 25 },
    );
  });
});
