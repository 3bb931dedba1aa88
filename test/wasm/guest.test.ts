import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, it } from "vitest";
import { Host } from "../../host/host.ts";
import type { GuestSpawnOptions, HostOptions } from "../../host/options.ts";
import { atom, type Context, type Pid, tuple } from "../../host/otp/index.ts";
import type { Program } from "../../host/wasm/program.ts";
import { parseWat } from "../../instrument/index.ts";

const SOURCE = fileURLToPath(new URL("guests/behaviours.ts", import.meta.url));
let program: Program;

beforeAll(async () => {
  program = await new Host().load(SOURCE, { name: "behaviours.ts" });
}, 60_000);

/** The line of the guests' source that holds `text`, from 1. */
function lineOf(text: string): number {
  return (
    readFileSync(SOURCE, "utf8")
      .split("\n")
      .findIndex((line) => line.includes(text)) + 1
  );
}

function newHost(options: HostOptions = {}): Host {
  return new Host({ grants: "all", ...options });
}

/** Spawns an entry, introduces a JavaScript process to it as its listener, and gives the first message that one gets. */
async function reportOf(
  entry: string,
  options: HostOptions = {},
  talk?: (self: Context, guest: Pid) => void,
): Promise<unknown> {
  const host = newHost(options);
  return new Promise((resolve) => {
    host.runtime.spawn(async (self) => {
      const guest = host.spawn(program, entry);
      self.send(guest, tuple(atom("listener"), self.pid));
      talk?.(self, guest);
      resolve(await self.receive());
    });
  });
}

function endOf(entry: string, options: GuestSpawnOptions = {}): Promise<unknown> {
  const host = newHost();
  return host.exited(host.spawn(program, entry, options));
}

const report = (text: string) => tuple(atom("report"), text);

describe("a guest", () => {
  it("spawns a child by function and exchanges messages with it", async () => {
    expect(await reportOf("ping")).toEqual(report("sum 6"));
  });

  it("that loops for ever is preempted and starves nobody", async () => {
    const host = newHost();
    const spinners = Array.from({ length: 5 }, () => host.spawn(program, "spin"));
    const counter = host.spawn(program, "counter");
    expect(await host.call(counter, tuple(atom("add"), 20))).toBe(20);
    expect(await host.call(counter, tuple(atom("add"), 22))).toBe(42);
    expect(spinners.map((pid) => host.info(pid) !== undefined)).not.toContain(false);
    await host.close();
  });

  it("that traps ends alone, with kind, message and frames of its source", async () => {
    const host = newHost();
    const neighbour = host.spawn(program, "counter");
    const reason = await host.exited(host.spawn(program, "crash"));
    expect(reason).toMatchObject({ type: "trap", kind: "unreachable", message: "unreachable" });
    const [top] = (
      reason as { frames: { functionName: string; file: string; line: number; column: number }[] }
    ).frames;
    expect(top?.functionName).toMatch(/descend$/);
    expect(top?.file).toMatch(/behaviours\.ts$/);
    expect(top?.line).toBe(lineOf("if (n == 0) unreachable()"));
    expect(top?.column).toBeGreaterThan(1);
    expect(await host.call(neighbour, tuple(atom("add"), 1))).toBe(1);
  });

  it("whose assertion fails tells the assertion's message", async () => {
    expect(await endOf("assertion")).toMatchObject({
      type: "trap",
      kind: "abort",
      message: `two and two are five (test/wasm/guests/behaviours.ts:${lineOf("assert(false")}:3)`,
    });
  });

  it("that recurses for ever ends with a stack overflow", async () => {
    expect(await endOf("recurse")).toMatchObject({ type: "trap", kind: "stack_overflow" });
  });

  it("that uses up its fuel ends at exactly its limit", async () => {
    const reasons = await Promise.all([1, 2].map(() => endOf("spin", { limits: { fuel: 1_000_000 } })));
    expect(reasons[0]).toMatchObject({
      type: "trap",
      kind: "fuel_exhausted",
      message: "it has used its 1000000 units of fuel",
    });
    expect(reasons[1]).toEqual(reasons[0]);
  });

  it("cannot grow its memory beyond its limit", async () => {
    const host = newHost();
    const pid = host.spawn(program, "hog", { limits: { memoryBytes: 4 << 20 } });
    expect(await host.exited(pid)).toMatchObject({ type: "trap" });
    expect(host.info(pid)).toBeUndefined();
  });

  it("that starts with more memory than its limit does not start", async () => {
    expect(await endOf("counter", { limits: { memoryBytes: 100 } })).toMatchObject({
      type: "trap",
      kind: "memory_limit",
    });
  });

  it("learns from a monitor why another ended", async () => {
    expect(await reportOf("watcher")).toEqual(
      tuple(atom("report"), expect.stringMatching(/^\{trap,\s*unreachable,/)),
    );
  });

  it("that traps exits receives the exit of a linked process", async () => {
    expect(await reportOf("trapper")).toEqual(report("enough"));
  });

  it("that does not trap exits dies of a linked process", async () => {
    expect(await endOf("victim")).toBe("infectious");
  });

  it("registers names", async () => {
    expect(await reportOf("named")).toEqual(report("true true"));
  });

  it("joins processes into groups, lists and kills them", async () => {
    expect(await reportOf("groups")).toEqual(report("0 2 2 true"));
  });

  it("streams more than a stream holds to another guest", async () => {
    expect(await reportOf("streamer")).toEqual(report("10000 10000"));
  });

  it("reads a stream that a JavaScript process gives it", async () => {
    const got = await reportOf("summer", {}, async (self, guest) => {
      const { reader, writer } = self.openStream(10);
      self.send(guest, tuple(atom("body"), reader));
      self.spawn(async (pump) => {
        const end = (await pump.receive()) as typeof writer;
        await pump.write(end, new Uint8Array(100).fill(2));
        pump.close(end);
      });
      for (const pid of self.runtime.processes().slice(-1)) self.send(pid, writer);
    });
    expect(got).toEqual(report("100 200"));
  });

  it("learns that the writer of its stream died", async () => {
    expect(await endOf("brokenStream")).toEqual(tuple("closed", "StreamReader.read: the writer died"));
  });

  it("spawns a child with a typed argument", async () => {
    expect(await reportOf("withArgument")).toEqual(report("got_42"));
  });

  it("gets the argument that the host gives", async () => {
    expect(await endOf("echoArgument", { args: tuple(atom("a"), [1, 2n ** 70n, 1.5]) })).toEqual(
      tuple("a", [1, 2n ** 70n, 1.5]),
    );
  });

  it("kills another with exit/2", async () => {
    expect(await reportOf("killer")).toEqual(report("killed false"));
  });

  it("exits with a reason of its own", async () => {
    expect(await endOf("leave")).toBe("tired");
  });

  it("receives selectively, and leaves the rest in order", async () => {
    const got = await reportOf("selective", {}, (self, guest) => {
      self.send(guest, tuple(atom("add"), 1));
      self.send(guest, tuple(atom("add"), 2));
      self.send(guest, tuple(atom("pong"), 3));
    });
    expect(got).toEqual(report("3 1"));
  });

  it("sends and receives messages larger than any buffer", async () => {
    const bytes = new Uint8Array(1 << 20);
    bytes[1 << 19] = 42;
    expect(await reportOf("large")).toEqual(tuple(atom("big"), bytes));
    const got = await reportOf("receiveLarge", {}, (self, guest) =>
      self.send(guest, tuple(atom("big"), bytes)),
    );
    expect(got).toEqual(report("1048576 42"));
  });

  it("is killed from outside", async () => {
    const host = newHost();
    const pid = host.spawn(program, "spin");
    const end = host.exited(pid);
    host.kill(pid);
    expect(await end).toBe("killed");
  });

  it("whose start function never ends is preempted too", async () => {
    const host = newHost();
    const endless = await host.load(
      parseWat(
        '(module (memory (export "memory") 1) (func $s (loop $l (br $l))) (start $s) (func (export "main")))',
      ),
    );
    const pid = host.spawn(endless, "main", { limits: { fuel: 100_000 } });
    expect(await host.exited(pid)).toMatchObject({ type: "trap", kind: "fuel_exhausted" });
  });
});

describe("bytes that are no term", () => {
  const FORGER = `(module
    (import "message" "receive" (func $receive (param i32 i32 i32 i32 i32) (result i32)))
    (import "message" "send" (func $send (param i32 i32 i32 i32) (result i32)))
    (import "process" "argument" (func $argument (param i32 i32) (result i32)))
    (import "process" "exit" (func $exit (param i32 i32)))
    (memory (export "memory") 1)
    (data (i32.const 1000) "\\83\\68\\ff\\00")
    (func (export "main") (local $n i32)
      (local.set $n (call $argument (i32.const 0) (i32.const 100)))
      ;; answers with the result of the send, as {-n}: the atom is spared, the small integer is enough
      (i32.store8 (i32.const 2001) (i32.const 97))
      (i32.store8 (i32.const 2000) (i32.const 131))
      (i32.store8 (i32.const 2002) (i32.sub (i32.const 0)
        (call $send (i32.const 0) (local.get $n) (i32.const 1000) (i32.const 4))))
      (call $exit (i32.const 2000) (i32.const 3))))`;

  it("are refused to their sender when a JavaScript process would receive them", async () => {
    const host = newHost();
    const forger = await host.load(parseWat(FORGER), { name: "forger.wat" });
    const received: unknown[] = [];
    const victim = host.runtime.spawn(async (self) => {
      while (true) received.push(await self.receive());
    });
    expect(await host.exited(host.spawn(forger, "main", { args: victim }))).toBe(2);
    host.send(victim, "still here");
    const other = host.runtime.spawn(async () => {});
    await host.exited(other);
    expect(received).toEqual(["still here"]);
  });
});

describe("a host", () => {
  it("tells a caller that the process it calls has died", async () => {
    const host = newHost();
    const pid = host.spawn(program, "crash");
    await expect(host.call(pid, "anything")).rejects.toMatchObject({ code: "E_CALL_FAILED" });
  });

  it("refuses a guest that imports more than it is granted", async () => {
    const host = new Host({ grants: ["spawn", "streams"] });
    expect(() => host.spawn(program, "ping")).toThrow(
      /imports .*"(registry\.register|process\.exit_signal|stream\.open)".*needs the grant "(register|kill|streams)"/,
    );
  });

  it("supervises guests and JavaScript processes alike", async () => {
    const host = newHost();
    const reasons: unknown[] = [];
    await new Promise<void>((done) => {
      host.runtime.spawn(async (self) => {
        self.trapExit = true;
        const guest = host.spawn(program, "crash", { link: self });
        const message = (await self.receive()) as { type: string; from: Pid; reason: { kind: string } };
        reasons.push(message.type, message.from === guest || guest.equals(message.from), message.reason.kind);
        done();
      });
    });
    expect(reasons).toEqual(["exit", true, "unreachable"]);
  });

  it("stops everything when it is disposed of", async () => {
    const host = newHost();
    const pids = ["spin", "counter", "pong"].map((entry) => host.spawn(program, entry));
    await host.close();
    expect(pids.map((pid) => host.info(pid))).toEqual([undefined, undefined, undefined]);
    expect(() => host.spawn(program, "spin")).toThrow(/closed/);
  });
});
