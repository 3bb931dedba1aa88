// Guests that hold the grant `code` bring programs of their own: run them, change to them, lend them, and get nothing more than they have.
import { fileURLToPath } from "node:url";
import { afterEach, beforeAll, describe, expect, test } from "vitest";
import {
  createHost,
  type Grant,
  type Host,
  type HostOptions,
  type Pid,
  type Program,
} from "../../host/index.ts";
import { atom, type Context, tuple } from "../../host/otp/index.ts";
import { createSimulation } from "../../host/sim/index.ts";
import { parseWat } from "../../instrument/index.ts";

let loader: Program;
let host: Host;

beforeAll(async () => {
  loader = await (await createHost()).load(fileURLToPath(new URL("guests/code/loader.ts", import.meta.url)));
}, 120_000);
afterEach(() => host?.close());

/** Sends its argument, which is a pid, a word, and waits for ever. */
const brought = (word: string, more = "") =>
  parseWat(`(module
  (import "process" "argument" (func $argument (param i32 i32) (result i32)))
  (import "message" "send" (func $send (param i32 i32 i32 i32) (result i32)))
  (import "message" "receive" (func $receive (param i32 i32 i32 i32 i32) (result i32)))
  (import "code" "ready" (func $ready (result i32)))
  ${more}
  (memory (export "memory") 1)
  (data (i32.const 0) "\\83\\77\\${word.length.toString(16).padStart(2, "0")}${word}")
  (func $say
    (drop (call $send (i32.const 64) (call $argument (i32.const 64) (i32.const 256)) (i32.const 0) (i32.const ${word.length + 3})))
    (drop (call $receive (i32.const 0) (i32.const 0) (i32.const 512) (i32.const 64) (i32.const -1))))
  (func (export "started") (call $say))
  (func (export "taken") (drop (call $ready)) (call $say)))`);

async function open(options: HostOptions = {}): Promise<void> {
  host = await createHost({ grants: ["spawn", "code"], ...options });
}

/** What a loader, spawned with these grants, and what it loads say. */
async function said(
  bytes: Uint8Array,
  then: string,
  options: { grants?: readonly Grant[]; limits?: { memoryBytes: number } } = {},
): Promise<{ pid: Pid; heard: unknown }> {
  let pid: Pid | undefined;
  const heard = await new Promise((resolve) => {
    host.runtime.spawn(async (self: Context) => {
      pid = host.spawn(loader, "main", { monitor: self, ...options });
      self.send(pid, self.pid);
      self.send(pid, tuple(atom("code"), bytes, then));
      resolve(await self.receive());
    });
  });
  return { pid: pid!, heard };
}

const told = (what: string, term: unknown) => tuple(atom("told"), what, term);

describe("code that a guest loads", () => {
  test("runs as a process of its own", async () => {
    await open();
    expect((await said(brought("hello"), "spawn")).heard).toEqual(atom("hello"));
    expect(host.runtime.processes()).toHaveLength(2);
  });

  test("takes the guest itself over, which stays the process it is", async () => {
    await open();
    const { pid, heard } = await said(brought("changed"), "change");
    expect(heard).toEqual(atom("changed"));
    expect(host.info(pid)?.status).toBe("waiting");
    expect(host.runtime.processes()).toEqual([pid]);
  });

  test("takes over a child to which it was lent, and not one that only knows its reference", async () => {
    await open();
    expect((await said(brought("lent"), "lend")).heard).toEqual(atom("lent"));
    expect((await said(brought("stolen"), "steal")).heard).toEqual(told("kept", atom("badarg")));
  });

  test.each([
    ["are no module", new Uint8Array(100), "malformed_wasm"],
    ["import what there is not", brought("x", '(import "process" "fly" (func))'), "unknown_import"],
    ["are instrumented already", undefined, "already_instrumented"],
    ["begin with too much memory", parseWat('(module (memory (export "memory") 257))'), "too_large"],
    ["have no memory", parseWat('(module (func (export "main")))'), "no_memory"],
  ])("is refused with a reason when its bytes %s", async (_what, bytes, word) => {
    await open();
    const { heard } = await said(bytes ?? loader.bytes, "spawn");
    expect(heard).toEqual(told("failed", tuple(atom(word), expect.any(String))));
  });

  test("cannot be spawned with more than its loader has been granted", async () => {
    await open();
    const needy = brought("needy", '(import "stdio" "write" (func (param i32 i32 i32) (result i32)))');
    const { heard } = await said(needy, "spawn");
    expect(heard).toMatchObject({ type: "down", reason: ["not_granted", expect.anything()] });
  });

  test("is not loaded without the grant", async () => {
    await open({ grants: ["spawn", "code", "stdio"] });
    expect(() => host.spawn(loader, "main", { grants: ["spawn"] })).toThrow('needs the grant "code"');
  });

  test("counts towards its loader's memory until it is purged", async () => {
    await open();
    const { pid, heard } = await said(brought("x"), "purge");
    expect(heard).toEqual(told("purged", true));
    const before = host.info(pid)!.memoryBytes;
    host.send(pid, tuple(atom("code"), brought("x"), "keep"));
    while (host.info(pid)!.memoryBytes === before) await new Promise(setImmediate);
    expect(host.info(pid)!.memoryBytes).toBeGreaterThan(before + 65_536);
    const small = await said(brought("x"), "spawn", { limits: { memoryBytes: before + 65_536 } });
    expect(small.heard).toMatchObject({ type: "down", reason: ["system_limit", expect.anything()] });
  });

  test("is compiled in no time of a simulated world, the same in each run", async () => {
    const run = async () => {
      const sim = createSimulation({ host: { grants: ["spawn", "code"] } });
      let heard: unknown;
      sim.runtime.spawn(async (self) => {
        const pid = sim.spawn(loader);
        self.send(pid, self.pid);
        self.send(pid, tuple(atom("code"), brought("simulated"), "spawn"));
        heard = await self.receive();
      });
      await sim.run();
      expect(heard).toEqual(atom("simulated"));
      const { hash } = sim.log;
      await sim.close();
      return hash;
    };
    expect(await run()).toBe(await run());
  });
});

describe("loading in the background", () => {
  test("gives the embedder the same program, and the same errors", async () => {
    await open();
    const program = await host.load(brought("background"), { name: "brought", background: true });
    const heard = await new Promise((resolve) => {
      host.runtime.spawn(async (self) => {
        host.spawn(program, "started", { args: self.pid });
        resolve(await self.receive());
      });
    });
    expect(heard).toEqual(atom("background"));
    await expect(host.load(new Uint8Array(9), { background: true })).rejects.toMatchObject({
      code: "E_MALFORMED_WASM",
    });
  });

  test("leaves nothing of a program that is unloaded", async () => {
    await open();
    const program = await host.load(brought("gone"), { background: true });
    const pid = host.spawn(program, "started", { args: host.spawn(program, "taken") });
    expect(await host.load(brought("gone"), { background: true })).toBe(program);
    host.kill(pid);
    await host.exited(pid);
    await host.unload(program);
    expect(await host.load(brought("gone"), { background: true })).not.toBe(program);
  });
});
