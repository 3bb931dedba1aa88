// What a guest is refused, and what it may have too much of: each is answered, logged, and told to whoever listens.
import { describe, expect, it } from "vitest";
import { Host } from "../../host/host.ts";
import type { HostOptions } from "../../host/options.ts";
import type { RuntimeEvent } from "../../host/otp/index.ts";
import { createSimulation } from "../../host/sim/index.ts";
import { MemoryFileSystem } from "../../host/sim/memory-file-system.ts";
import { parseWat } from "../../instrument/index.ts";
import { OPEN, Script } from "./wasi/support/script.ts";

/** Logs until it is killed; or as often as it is told, and ends; sends itself messages of 1,000 bytes until one is refused. */
const GUEST = `(module
  (import "log" "write" (func $log (param i32 i32 i32)))
  (import "process" "self" (func $self (param i32 i32) (result i32)))
  (import "message" "send" (func $send (param i32 i32 i32 i32) (result i32)))
  (import "message" "receive" (func $receive (param i32 i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
  (import "wasi_snapshot_preview1" "poll_oneoff" (func $poll (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 0) "a line")
  ;; A binary of 989 bytes, in 1,000 of the external term format, but for six.
  (data (i32.const 1000) "\\83m\\00\\00\\03\\dd")
  ;; A second of the monotonic clock.
  (data (i32.const 5000) "\\00\\00\\00\\00\\00\\00\\00\\00\\00\\00\\00\\00\\00\\00\\00\\00\\01\\00\\00\\00\\00\\00\\00\\00\\00\\ca\\9a\\3b")
  (func $lines (param $n i32)
    (loop $more
      (call $log (i32.const 2) (i32.const 0) (i32.const 6))
      (br_if $more (local.tee $n (i32.sub (local.get $n) (i32.const 1))))))
  (func (export "logs")
    (call $lines (i32.const 25))
    (drop (call $poll (i32.const 5000) (i32.const 6000) (i32.const 1) (i32.const 7000)))
    (call $lines (i32.const 12)))
  (func (export "fills") (local $length i32) (local $count i32)
    (local.set $length (call $self (i32.const 4000) (i32.const 100)))
    (loop $more
      (if (i32.eqz (call $send (i32.const 4000) (local.get $length) (i32.const 1000) (i32.const 995)))
        (then (local.set $count (i32.add (local.get $count) (i32.const 1))) (br $more))))
    (drop (call $receive (i32.const 0) (i32.const 0) (i32.const 8000) (i32.const 1000) (i32.const 0)))
    (if (call $send (i32.const 4000) (local.get $length) (i32.const 1000) (i32.const 995)) (then (unreachable)))
    (call $exit (local.get $count)))
  (func (export "waits")
    (drop (call $receive (i32.const 0) (i32.const 0) (i32.const 8000) (i32.const 0) (i32.const -1)))
    (drop (call $poll (i32.const 5000) (i32.const 6000) (i32.const 1) (i32.const 7000)))))`;

describe("a guest that logs too much", () => {
  it("has as many lines as its limit says in each second; how many were dropped is told", async () => {
    await using sim = createSimulation({ host: { limits: { logLines: 10 } } });
    const program = await sim.load(parseWat(GUEST), { name: "guest" });
    await sim.exited(sim.spawn(program, "logs"));
    const lines = sim.log.lines.filter((line) => /a line|not logged/.test(line));
    expect(lines.map((line) => /a line|\d+ lines were not logged.*/.exec(line)?.[0])).toEqual([
      ...Array(10).fill("a line"),
      expect.stringMatching(/^15 lines were not logged: the limit is 10 a second/),
      ...Array(10).fill("a line"),
      expect.stringMatching(/^2 lines were not logged/),
    ]);
  });
});

describe("a mailbox", () => {
  it("takes as many bytes as its limit says, then refuses, and takes more when one was received", async () => {
    await using host = new Host({ limits: { mailboxBytes: 10_000 } });
    const program = await host.load(parseWat(GUEST), { name: "guest" });
    // Messages of 995 bytes: the eleventh finds 9,950 waiting.
    expect(await host.exited(host.spawn(program, "fills"))).toEqual(["exit_code", 11]);
    const unlimited = host.spawn(program, "fills", {
      limits: { mailboxBytes: Number.POSITIVE_INFINITY, mailbox: 40 },
    });
    expect(await host.exited(unlimited)).toEqual(["exit_code", 40]);
  });

  it("tells how many bytes wait in it", async () => {
    await using host = new Host();
    const program = await host.load(parseWat(GUEST), { name: "guest" });
    const pid = host.spawn(program, "waits");
    const process = host.runtime.process(pid)!;
    for (let i = 0; i < 3; i++) process.sendEncoded(pid, Uint8Array.of(131, 97, i));
    expect(host.info(pid)).toMatchObject({ messageQueueLength: 3, messageQueueBytes: 9 });
    process.mailbox.take();
    expect(host.info(pid)?.messageQueueBytes).toBe(6);
  });
});

describe("a refusal", () => {
  async function refused(write: (script: Script) => void, options: HostOptions = {}) {
    const events: RuntimeEvent[] = [];
    await using host = new Host({
      grants: ["stdio"],
      write: () => {},
      fileSystem: new MemoryFileSystem({ box: { file: "text" } }),
      directories: [{ host: "/box", guest: "/" }],
      ...options,
    });
    host.runtime.subscribe((event) => void events.push(event));
    const script = new Script();
    write(script);
    const pid = host.spawn(await script.load(host));
    await host.exited(pid);
    return events.flatMap((event) => {
      if (event.type !== "denied") return [];
      expect(event.pid).toBe(pid);
      return [[event.call, event.grant, event.site]];
    });
  }

  it("is an event with the process, the call, what was asked for and where", async () => {
    expect(
      await refused((script) => {
        script.open("file", { rights: 2n });
        script.open("../secret");
        script.open("new", { flags: OPEN.create });
        script.call("path_symlink", ...script.text("/etc"), 3, ...script.text("link"));
      }),
    ).toEqual([
      [
        "wasi_snapshot_preview1.path_open",
        "what lies outside its directories and rights",
        expect.stringMatching(/^run \(byte 0x/),
      ],
      [
        "wasi_snapshot_preview1.path_open",
        "changing what it may only read",
        expect.stringMatching(/^run \(byte 0x/),
      ],
      [
        "wasi_snapshot_preview1.path_symlink",
        "what lies outside its directories and rights",
        expect.stringMatching(/^run \(byte 0x/),
      ],
    ]);
  });

  it("is none where nothing is refused", async () => {
    expect(await refused((script) => void script.open("none"))).toEqual([]);
  });
});
