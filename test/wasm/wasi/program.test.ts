import { describe, expect, it } from "vitest";
import { Host } from "../../../host/host.ts";
import { tuple } from "../../../host/otp/index.ts";
import { parseWat } from "../../../instrument/index.ts";

/** Writes its arguments and its name, one a line, and exits with their number. */
const ARGUMENTS = `(module
  (import "wasi_snapshot_preview1" "args_sizes_get" (func $sizes (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "args_get" (func $get (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
  (memory (export "memory") 1)
  (func (export "_start")
    (drop (call $sizes (i32.const 0) (i32.const 4)))
    (drop (call $get (i32.const 100) (i32.const 1000)))
    (i32.store (i32.const 16) (i32.const 1000))
    (i32.store (i32.const 20) (i32.load (i32.const 4)))
    (drop (call $write (i32.const 1) (i32.const 16) (i32.const 1) (i32.const 24)))
    (call $exit (i32.load (i32.const 0)))))`;

/** Sleeps a second with poll_oneoff. */
const SLEEPER = `(module
  (import "wasi_snapshot_preview1" "poll_oneoff" (func $poll (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
  (memory (export "memory") 1)
  (func (export "_start")
    (i32.store (i32.const 16) (i32.const 1))
    (i64.store (i32.const 24) (i64.const 20000000))
    (call $exit (i32.add (i32.const 40) (i32.add
      (call $poll (i32.const 0) (i32.const 100) (i32.const 1) (i32.const 200))
      (i32.load (i32.const 200)))))))`;

async function run(source: string, args: string[], grants: "all" | [] = "all") {
  const written: string[] = [];
  const host = new Host({ grants, write: (_, bytes) => written.push(new TextDecoder().decode(bytes)) });
  const program = await host.load(parseWat(source), { name: "program.wasm" });
  const reason = await host.exited(host.spawn(program, program.defaultEntry, { args }));
  return { reason, written: written.join("") };
}

describe("WASI preview 1", () => {
  it("gives a program its name and arguments, standard output and an exit code", async () => {
    expect(await run(ARGUMENTS, ["one", "two"])).toEqual({
      reason: tuple("exit_code", 3),
      written: "program.wasm\0one\0two\0",
    });
  });

  it("keeps standard output closed to whom it is not granted", async () => {
    expect((await run(ARGUMENTS, [], [])).written).toBe("");
  });

  it("suspends a program that sleeps", async () => {
    expect((await run(SLEEPER, [])).reason).toEqual(tuple("exit_code", 41));
  });

  it("begins a command at _start, whatever else it exports as main", async () => {
    const command = `(module
      (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
      (memory (export "memory") 1)
      (func (export "main") (param i32 i32) (result i32) (i32.const 1))
      (func (export "_start") (call $exit (i32.const 7))))`;
    expect((await run(command, [])).reason).toEqual(tuple("exit_code", 7));
  });

  it("runs a reactor's _initialize before its entry, and calls may wait in it", async () => {
    const reactor = `(module
      (import "wasi_snapshot_preview1" "sched_yield" (func $yield (result i32)))
      (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
      (memory (export "memory") 1)
      (global $ready (mut i32) (i32.const 0))
      (func (export "_initialize") (drop (call $yield)) (global.set $ready (i32.const 5)))
      (func (export "main") (call $exit (global.get $ready))))`;
    expect((await run(reactor, [])).reason).toEqual(tuple("exit_code", 5));
  });
});
