import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createHost, type GuestSpawnOptions, MoonletError } from "../../host/index.ts";
import type { Context, Pid } from "../../host/otp/index.ts";
import { createSimulation, type Simulation } from "../../host/sim/index.ts";
import { parseWat } from "../../instrument/index.ts";
import { VICTIM } from "./support/hostile-guest.ts";

const ENGINE_TALK = /Cannot |undefined|is not a function|WebAssembly\.|BigInt|of null|moonlet is broken/;

/** A guest with one page of memory and these imports, functions and so on. */
function guest(body: string, memory = '(memory (export "memory") 1)'): Uint8Array {
  const imports = /^\s*(\(import (?:[^()]|\((?:[^()]|\([^()]*\))*\))*\)\s*)*/.exec(body)?.[0] ?? "";
  return parseWat(`(module ${imports} ${memory} ${body.slice(imports.length)})`);
}
const MAIN = '(func (export "main"))';

async function loadError(bytes: Uint8Array, name = "bad.wasm"): Promise<MoonletError> {
  await using host = await createHost({ grants: "all" });
  const error = await host.load(bytes, { name }).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(MoonletError);
  return error as MoonletError;
}

describe("a module that is none", () => {
  const good = guest(MAIN);
  it.each([
    ["empty", new Uint8Array(0)],
    ["text", new TextEncoder().encode("#!/usr/bin/env node\nconsole.log('hello')")],
    ["only a header's beginning", good.slice(0, 4)],
    ["of a version to come", Uint8Array.from(good, (byte, i) => (i === 4 ? 2 : byte))],
    ["cut off", good.slice(0, -3)],
    ["with a byte too many", Uint8Array.from([...good, 1])],
    ["of a component", Uint8Array.from([0, 0x61, 0x73, 0x6d, 0x0d, 0, 1, 0])],
  ])("is refused by name: %s", async (_, bytes) => {
    const error = await loadError(bytes);
    expect(error.code).toBe("E_MALFORMED_WASM");
    expect(error.message).toContain("bad.wasm is not");
    expect(error.message).not.toMatch(/undefined|\n/);
  });

  it("is refused or runs, whatever byte is another", async () => {
    const original = guest(`
      (import "message" "send" (func $send (param i32 i32 i32 i32) (result i32)))
      (data (i32.const 0) "\\83\\61\\01")
      (func $work (param i32) (result i32) (drop (call $send (i32.const 0) (i32.const 3) (i32.const 0) (i32.const 3))) (local.get 0))
      (func (export "main") (local $i i32) (loop $l (br_if $l (i32.lt_u (local.tee $i (call $work (i32.add (local.get $i) (i32.const 1)))) (i32.const 10)))))`);
    await fc.assert(
      fc.asyncProperty(fc.nat(original.length - 1), fc.nat(255), async (at, byte) => {
        const bytes = original.slice();
        bytes[at] = byte;
        await using sim = createSimulation({ host: { grants: "all", limits: { fuel: 100_000 } } });
        let reason: unknown;
        try {
          const program = await sim.load(bytes, { name: "changed" });
          reason = await sim.exited(sim.spawn(program));
        } catch (error) {
          expect(error).toBeInstanceOf(MoonletError);
          return;
        }
        expect(JSON.stringify(reason)).not.toMatch(/host_error|Cannot |undefined/);
      }),
      { numRuns: 150 },
    );
  });
});

describe("a module that makes values on the engine's heap", () => {
  // (type (struct)) (memory (export "memory") 1) (func (export "main") (loop (drop (struct.new 0)) (br 0)))
  const bytes = Uint8Array.of(
    ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...[1, 6, 2, 0x5f, 0, 0x60, 0, 0],
    ...[3, 2, 1, 1],
    ...[5, 3, 1, 0, 1],
    ...[7, 17, 2, 6, 0x6d, 0x65, 0x6d, 0x6f, 0x72, 0x79, 2, 0, 4, 0x6d, 0x61, 0x69, 0x6e, 0, 0],
    ...[10, 13, 1, 11, 0, 3, 0x40, 0xfb, 0, 0, 0x1a, 0x0c, 0, 0x0b, 0x0b],
  );

  it.skipIf(!WebAssembly.validate(bytes))("is refused, as no limit reaches them", async () => {
    expect(await loadError(bytes)).toMatchObject({
      code: "E_UNBOUNDED_HEAP",
      message: "bad.wasm makes structs or arrays of the engine's",
    });
  });
});

describe("a module that lacks something", () => {
  it.each([
    ["no memory", parseWat(`(module ${MAIN})`)],
    ["one that is not exported", guest(MAIN, "(memory 1)")],
    ["one by another name", guest(MAIN, '(memory (export "mem") 1)')],
    ["a function called memory", guest('(func (export "memory"))', "(memory 1)")],
  ])("is refused: it has %s", async (_, bytes) => {
    expect(await loadError(bytes)).toMatchObject({
      code: "E_NO_MEMORY",
      message: 'bad.wasm exports no memory called "memory"',
      hint: expect.stringContaining('(export "memory")'),
    });
  });

  it("is refused when its memory comes from outside", async () => {
    expect(
      await loadError(guest(MAIN, '(import "env" "memory" (memory 1)) (export "memory" (memory 0))')),
    ).toMatchObject({
      code: "E_UNKNOWN_IMPORT",
      message: expect.stringContaining('"env.memory"'),
    });
  });

  it("is told which entry it has not got, and which it has", async () => {
    await using host = await createHost();
    const program = await host.load(
      guest(
        '(func (export "worker")) (func (export "wait") (param i32)) (global (export "g") i32 (i32.const 1))',
      ),
      { name: "w.wasm" },
    );
    const spawning = (entry?: string) => () => host.spawn(program, entry);
    expect(spawning("wroker")).toThrow('w.wasm exports no function "wroker". Did you mean "worker"?');
    expect(spawning("wroker")).toThrow(
      expect.objectContaining({
        code: "E_NO_ENTRY",
        hint: "It exports: worker. Name the one to begin with.",
      }),
    );
    expect(spawning()).toThrow('w.wasm exports no function "main"');
    expect(spawning("wait")).toThrow(
      expect.objectContaining({
        code: "E_ENTRY_TYPE",
        message: '"wait" in w.wasm has the type (i32) -> (), not () -> ()',
      }),
    );
    expect(spawning("memory")).toThrow(expect.objectContaining({ code: "E_NO_ENTRY" }));
    expect(spawning("g")).toThrow(expect.objectContaining({ code: "E_NO_ENTRY" }));
    expect(spawning("asyncify_stop_unwind")).toThrow(expect.objectContaining({ code: "E_NO_ENTRY" }));
    expect(spawning("__proto__")).toThrow(expect.objectContaining({ code: "E_NO_ENTRY" }));
    expect(host.runtime.processes()).toEqual([]);
  });
});

describe("imports", () => {
  it.each([
    [
      "process.spwan",
      '(import "process" "spwan" (func))',
      'unknown import "process.spwan" in bad.wasm. Did you mean "process.spawn"?',
    ],
    [
      "messages.send",
      '(import "messages" "send" (func))',
      'unknown import "messages.send" in bad.wasm. Did you mean "message.send"?',
    ],
    [
      "one like nothing else",
      '(import "quux" "frobnicate" (func))',
      'unknown import "quux.frobnicate" in bad.wasm.',
    ],
    [
      "one of every object",
      '(import "constructor" "toString" (func))',
      'unknown import "constructor.toString" in bad.wasm.',
    ],
    [
      "a prototype",
      '(import "__proto__" "valueOf" (func))',
      'unknown import "__proto__.valueOf" in bad.wasm.',
    ],
    [
      "one of our own",
      '(import "moonlet" "no_such_thing" (func))',
      'unknown import "moonlet.no_such_thing" in bad.wasm.',
    ],
    [
      "a namespace's property",
      '(import "process" "hasOwnProperty" (func))',
      'unknown import "process.hasOwnProperty" in bad.wasm.',
    ],
  ])("that are unknown are named: %s", async (_, text, message) => {
    const error = await loadError(guest(`${text} ${MAIN}`));
    expect(error.code).toBe("E_UNKNOWN_IMPORT");
    expect(error.message).toBe(message);
  });

  it("of another type are refused with both types", async () => {
    expect(
      await loadError(guest(`(import "message" "send" (func (param i32) (result i64))) ${MAIN}`)),
    ).toMatchObject({
      code: "E_IMPORT_TYPE",
      message:
        'the import "message.send" in bad.wasm has the type (i32) -> i64, expected (i32, i32, i32, i32) -> i32',
    });
    expect(await loadError(guest(`(import "process" "self" (global i32)) ${MAIN}`))).toMatchObject({
      code: "E_IMPORT_TYPE",
      message: 'the import "process.self" in bad.wasm is a global, expected a function',
    });
  });

  it("that are not granted are refused at the spawn, with the grant that is missing", async () => {
    await using host = await createHost({ grants: ["spawn"] });
    const needy = await host.load(
      guest(`
        (import "process" "spawn" (func (param i32 i32 i32 i32 i32 i32 i32 i32) (result i32)))
        (import "registry" "register" (func (param i32 i32 i32 i32) (result i32))) ${MAIN}`),
      { name: "needy" },
    );
    const refused = {
      code: "E_NOT_GRANTED",
      message: 'needy imports "registry.register", which needs the grant "register"',
    };
    expect(() => host.spawn(needy)).toThrow(expect.objectContaining(refused));
    expect(() => host.spawn(needy, "main", { grants: ["spawn", "register"] })).toThrow(
      expect.objectContaining({ code: "E_NOT_GRANTED" }),
    );
  });
});

// ---- guests that go wrong while a neighbour looks on

interface Town {
  readonly sim: Simulation;
  readonly neighbour: Pid;
}
let town: Town;
let checks: number;
const rejections: unknown[] = [];
const onRejection = (error: unknown) => rejections.push(error);

beforeEach(async () => {
  process.on("unhandledRejection", onRejection);
  const sim = createSimulation({
    host: { grants: "all", limits: { memoryBytes: 1_048_576, mailbox: 10, messageBytes: 1000 } },
  });
  town = { sim, neighbour: sim.spawn(await sim.load(VICTIM), "main", { name: "neighbour" }) };
  checks = 0;
});
afterEach(async () => {
  expect(await ask()).toEqual(checks);
  await town.sim.close();
  process.off("unhandledRejection", onRejection);
  expect(rejections.splice(0)).toEqual([]);
});

/** How often the neighbour has been asked, by its own count. */
async function ask(): Promise<number | undefined> {
  checks++;
  let count: number | undefined;
  const asker = town.sim.runtime.spawn(async (self: Context) => {
    self.send(town.neighbour, self.pid);
    count = (await self.receive<Uint8Array>(undefined, { timeoutMs: 60_000 }))?.[0];
  });
  await town.sim.exited(asker);
  return count;
}

async function endOf(bytes: Uint8Array, options: GuestSpawnOptions = {}): Promise<unknown> {
  const { sim } = town;
  return sim.exited(sim.spawn(await sim.load(bytes, { name: "bad" }), "main", options));
}

/** What a guest's `main` leaves on its exit: `{exit_code, N}`. */
const EXIT = '(import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))';
const SEND = '(import "message" "send" (func $send (param i32 i32 i32 i32) (result i32)))';
const RECEIVE = '(import "message" "receive" (func $receive (param i32 i32 i32 i32 i32) (result i32)))';
const SELF = '(import "process" "self" (func $self (param i32 i32) (result i32)))';

describe("memory", () => {
  it("does not grow beyond the limit: the guest gets -1 and goes on", async () => {
    // 1 + 15 pages are 1 MiB, one more is too much, and so is everything at once.
    const grows = `(func (export "main")
      (if (i32.ne (memory.grow (i32.const 16)) (i32.const -1)) (then (call $exit (i32.const 1))))
      (if (i32.ne (memory.grow (i32.const 15)) (i32.const 1)) (then (call $exit (i32.const 2))))
      (if (i32.ne (memory.grow (i32.const 1)) (i32.const -1)) (then (call $exit (i32.const 3))))
      (if (i32.ne (memory.grow (i32.const -1)) (i32.const -1)) (then (call $exit (i32.const 4))))
      (if (i32.ne (memory.size) (i32.const 16)) (then (call $exit (i32.const 5))))
      (i32.store (i32.const 1048572) (i32.const 7))
      (call $exit (i32.load (i32.const 1048572))))`;
    expect(await endOf(guest(`${EXIT} ${grows}`))).toEqual(["exit_code", 7]);
  });

  it("that is too large from the start ends the guest", async () => {
    expect(await endOf(guest(MAIN, '(memory (export "memory") 17)'))).toMatchObject({
      kind: "memory_limit",
      message: expect.stringContaining("1114112 bytes"),
    });
    expect(await loadError(guest(MAIN, '(memory (export "memory") 65536)'))).toMatchObject({
      message: expect.stringContaining("memory 0: it has 65536 pages at the start; 65529 is the most"),
    });
  });

  it("of no pages at all is enough for a guest that keeps nothing in it", async () => {
    const none = '(memory (export "memory") 0)';
    expect(await endOf(guest(`${EXIT} (func (export "main") (call $exit (memory.size)))`, none))).toEqual(
      "normal",
    );
  });

  it.each([
    ["with 64-bit addresses", '(memory (export "memory") i64 1)'],
    ["that is shared", '(memory (export "memory") 1 2 shared)'],
    ["beside another one", '(memory (export "memory") 1) (memory 1)'],
  ])("%s is refused, or works", async (_, memory) => {
    const { sim } = town;
    const sends = `${SELF} ${SEND} (func (export "main") (drop (call $send (i32.const 0) (call $self (i32.const 0) (i32.const 64)) (i32.const 0) (call $self (i32.const 0) (i32.const 64)))))`;
    let bytes: Uint8Array;
    try {
      bytes = guest(sends, memory);
      await sim.load(bytes);
    } catch (error) {
      expect(error).toMatchObject({
        code: expect.stringMatching(/^E_(MALFORMED_WASM|NOT_INSTRUMENTABLE|NO_MEMORY)/),
      });
      return;
    }
    expect(await endOf(bytes)).toBe("normal");
  });

  it("cannot be left by a pointer that a syscall is given, also after it has waited", async () => {
    const at = (out: number) =>
      guest(
        `${RECEIVE} (func (export "main") (drop (call $receive (i32.const 0) (i32.const 0) (i32.const ${out}) (i32.const 100) (i32.const -1))))`,
      );
    for (const out of [65_536, 65_535, -1]) {
      const { sim } = town;
      const pid = sim.spawn(await sim.load(at(out)));
      await sim.quiesce();
      sim.send(pid, "hello");
      expect(await sim.exited(pid)).toMatchObject({
        type: "trap",
        kind: "bad_argument",
        message: expect.stringContaining("outside the memory of 65536 bytes"),
      });
    }
  });
});

describe("messages", () => {
  it("over the limit are refused with system_limit, and the sender goes on", async () => {
    const big = `(data (i32.const 0) "\\83\\4d\\00\\00\\03\\e2\\08")
      (func (export "main") (local $to i32)
        (local.set $to (call $self (i32.const 4096) (i32.const 64)))
        ;; 1001 bytes are one too many.
        (if (i32.ne (call $send (i32.const 4096) (local.get $to) (i32.const 0) (i32.const 1001)) (i32.const -4)) (then (call $exit (i32.const 1))))
        (if (i32.ne (call $send (i32.const 4096) (local.get $to) (i32.const 0) (i32.const 1000)) (i32.const 0)) (then (call $exit (i32.const 2))))
        (call $exit (i32.const 3)))`;
    expect(await endOf(guest(`${EXIT} ${SELF} ${SEND} ${big}`))).toEqual(["exit_code", 3]);
  });

  it("to a full mailbox are refused with system_limit, and neither side is harmed", async () => {
    const floods = `(func (export "main") (local $to i32) (local $i i32)
        (local.set $to (call $self (i32.const 0) (i32.const 64)))
        (loop $more
          (if (i32.eqz (call $send (i32.const 0) (local.get $to) (i32.const 0) (local.get $to)))
            (then (local.set $i (i32.add (local.get $i) (i32.const 1))) (br $more))))
        (call $exit (local.get $i)))`;
    expect(await endOf(guest(`${EXIT} ${SELF} ${SEND} ${floods}`))).toEqual(["exit_code", 10]);
  });

  it("cost fuel by their size, so that copying megabytes in a loop starves nobody", async () => {
    const { sim } = town;
    const floods = guest(
      `${SELF} ${SEND}
      (data (i32.const 0) "\\83\\4d\\00\\00\\ff\\f8\\08")
      (func (export "main") (local $to i32)
        (local.set $to (call $self (i32.const 70000) (i32.const 64)))
        (loop $more
          (drop (call $send (i32.const 70000) (local.get $to) (i32.const 0) (i32.const 65535)))
          (br $more)))`,
      '(memory (export "memory") 2)',
    );
    const pid = sim.spawn(await sim.load(floods), "main", {
      limits: { messageBytes: 100_000, fuel: 1_000_000 },
    });
    expect(await sim.exited(pid)).toMatchObject({ kind: "fuel_exhausted" });
    // 8192 units each, plus the loop's few: 121 or 122 sends, refused ones included.
    const straight = guest(
      `${SELF} ${SEND} (data (i32.const 0) "\\83\\4d\\00\\0f\\00\\00\\08") (func (export "main") (local $to i32)
      (local.set $to (call $self (i32.const 70000) (i32.const 64)))
      ${"(drop (call $send (i32.const 70000) (local.get $to) (i32.const 0) (i32.const 1048576)))".repeat(1100)})`,
      '(memory (export "memory") 16)',
    );
    expect(await endOf(straight, { limits: { messageBytes: 2_000_000 } })).toMatchObject({
      kind: "fuel_exhausted",
      message: expect.stringContaining("too much work"),
    });
  });

  it("that are no terms harm no guest that gets them, whatever it does with its mailbox", async () => {
    const { sim } = town;
    // 131 and nonsense, to the pid that is the argument.
    const sender = guest(`
      (import "process" "argument" (func $argument (param i32 i32) (result i32))) ${SEND}
      (data (i32.const 4096) "\\83\\ff\\ff\\ff")
      (func (export "main") (drop (call $send (i32.const 0) (call $argument (i32.const 0) (i32.const 64)) (i32.const 4096) (i32.const 4))))`);
    const receiver = guest(`
      ${EXIT} ${SELF}
      (import "process" "yield" (func $yield))
      (import "process" "monitor" (func $monitor (param i32 i32 i32 i32 i32) (result i32)))
      (import "process" "demonitor" (func $demonitor (param i32 i32 i32) (result i32))) ${RECEIVE}
      (global $ref (mut i32) (i32.const 0))
      (data (i32.const 8192) "\\83\\77\\09neighbour")
      (data (i32.const 9000) "\\03\\00\\00\\00\\83\\61\\07")
      (func (export "main")
        (global.set $ref (call $monitor (i32.const 8192) (i32.const 12) (i32.const 0) (i32.const 100) (i32.const 100)))
        ;; A receive that looks at everything and takes nothing.
        (drop (call $receive (i32.const 9000) (i32.const 7) (i32.const 0) (i32.const 64) (i32.const 10)))
        (drop (call $demonitor (i32.const 100) (global.get $ref) (i32.const 1)))
        (call $exit (call $receive (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 64) (i32.const 10))))`);
    const pid = sim.spawn(await sim.load(receiver));
    await sim.quiesce();
    sim.spawn(await sim.load(sender), "main", { args: pid });
    const reason = await sim.exited(pid);
    // Either the four bytes arrived as they are, or they were refused.
    expect([
      ["exit_code", 4],
      ["exit_code", -1],
    ]).toContainEqual(reason);
    expect(sim.host.info(pid)).toBeUndefined();
  });
});

describe("the stack and the table", () => {
  it("end only the guest that recurses for ever", async () => {
    expect(await endOf(guest('(func $f (export "main") (call $f))'))).toMatchObject({
      kind: "stack_overflow",
    });
  });

  it("are of no use to a guest that calls the host from the deepest point it can reach", async () => {
    // At some depth the host's own code would have no stack left, in the middle of whatever it does; the padding moves that place.
    const deep = guest(
      `(import "process" "argument" (func $argument (param i32 i32) (result i32)))
      ${SEND}
      (import "process" "link" (func $link (param i32 i32) (result i32)))
      (import "registry" "whereis" (func $whereis (param i32 i32 i32 i32) (result i32)))
      (data (i32.const 8192) "\\83\\77\\09neighbour")
      (data (i32.const 9000) "\\83\\61\\07")
      (global $to (mut i32) (i32.const 0))
      (func $down
        (drop (call $send (i32.const 8300) (global.get $to) (i32.const 9000) (i32.const 3)))
        (call $down))
      (func $pad (param $n i32)
        (if (local.get $n) (then (call $pad (i32.sub (local.get $n) (i32.const 1)))) (else (call $down))))
      (func (export "main")
        (global.set $to (call $whereis (i32.const 8192) (i32.const 12) (i32.const 8300) (i32.const 64)))
        (call $pad (call $argument (i32.const 65536) (i32.const 60000))))`,
      '(memory (export "memory") 2)',
    );
    for (let pad = 0; pad < 6; pad++) {
      await using sim = createSimulation({ host: { sliceFuel: 5_000_000 } });
      const neighbour = sim.spawn(await sim.load(VICTIM), "main", { name: "neighbour" });
      await sim.quiesce();
      const reason = sim.exited(sim.spawn(await sim.load(deep), "main", { args: new Uint8Array(pad) }));
      expect(await reason).toMatchObject({ kind: "stack_overflow" });
      await sim.quiesce();
      // It takes pids and leaves everything else where it is.
      expect(sim.host.info(neighbour)).toMatchObject({ status: "waiting" });
    }
  });

  it("hold no way back into the guest: an import as an entry does what it does and ends", async () => {
    const spawns = `
      ${EXIT}
      (import "process" "yield" (func $yield))
      (import "process" "spawn" (func $spawn (param i32 i32 i32 i32 i32 i32 i32 i32) (result i32)))
      (import "process" "monitor" (func $monitor (param i32 i32 i32 i32 i32) (result i32)))
      ${RECEIVE}
      (table (export "table") 4 funcref) (elem (i32.const 0) $yield $spawn)
      (data (i32.const 0) "\\83\\61\\00\\83\\61\\01\\83\\61\\02\\83\\61\\63")
      (func $child (param $entry i32)
        (drop (call $spawn (local.get $entry) (i32.const 3) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 100) (i32.const 100))))
      (func (export "main")
        (call $child (i32.const 0)) (call $child (i32.const 3)) (call $child (i32.const 6)) (call $child (i32.const 9)))`;
    expect(await endOf(guest(spawns))).toBe("normal");
    const { sim } = town;
    await sim.run();
    expect(await sim.exited("P.2.1")).toBe("normal");
    for (const child of ["P.2.2", "P.2.3", "P.2.4"]) {
      expect(await sim.exited(child)).toMatchObject({
        kind: "bad_argument",
        message: expect.stringContaining("is no function () -> ()"),
      });
    }
  });

  it("do not let a table eat the host's memory", async () => {
    const grows = `${EXIT} (table $t 1 funcref)
      (func (export "main") (call $exit (table.grow $t (ref.null func) (i32.const 9000000))))`;
    expect(await endOf(guest(grows))).toEqual(["exit_code", -1]);
  });
});

describe("whatever a guest does before its entry", () => {
  it("counts as its own: a start function that traps, loops or waits", async () => {
    expect(await endOf(guest(`(start $s) (func $s unreachable) ${MAIN}`))).toMatchObject({
      kind: "unreachable",
    });
    expect(
      await endOf(guest(`(start $s) (func $s (loop $l (br $l))) ${MAIN}`), { limits: { fuel: 50_000 } }),
    ).toMatchObject({ kind: "fuel_exhausted" });
    const waits = `${RECEIVE} (start $s) (func $s (drop (call $receive (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 10)))) ${MAIN}`;
    expect(await endOf(guest(waits))).toBe("normal");
  });

  it("ends it when its data or elements do not fit", async () => {
    expect(await endOf(guest(`(data (i32.const 65530) "too long to fit") ${MAIN}`))).toMatchObject({
      kind: "out_of_bounds_memory_access",
    });
    expect(await endOf(guest(`(table 1 funcref) (elem (i32.const 1) $f) (func $f) ${MAIN}`))).toMatchObject({
      kind: "out_of_bounds_table_access",
    });
  });
});

it("says of every trap what it was in words of WebAssembly, not of the engine's", async () => {
  const traps: readonly (readonly [string, string])[] = [
    ["unreachable", "unreachable"],
    ["(drop (i32.div_s (i32.const 1) (i32.const 0)))", "integer_divide_by_zero"],
    ["(drop (i32.div_s (i32.const -2147483648) (i32.const -1)))", "integer_overflow"],
    ["(drop (i32.trunc_f64_s (f64.const nan)))", "invalid_conversion_to_integer"],
    ["(drop (i32.load (i32.const 65536)))", "out_of_bounds_memory_access"],
    ["(call_indirect (type $t) (i32.const 5))", "out_of_bounds_table_access"],
    ["(call_indirect (type $t) (i32.const 0))", "indirect_call_type_mismatch"],
    ["(call_indirect (type $t) (i32.const 1))", "indirect_call_type_mismatch"],
  ];
  for (const [code, kind] of traps) {
    const bytes = guest(
      `(type $t (func)) (table 2 funcref) (elem (i32.const 0) $other) (func $other (param i32)) (func (export "main") ${code})`,
    );
    const reason = (await endOf(bytes)) as { kind: string; message: string };
    expect(reason).toMatchObject({ type: "trap", kind });
    expect(reason.message).not.toMatch(ENGINE_TALK);
  }
});
