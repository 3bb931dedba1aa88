// Directories, environment variables and standard streams as grants: nothing by default, a part of the host's for a guest, a part of
// the parent's for a child, and an error that names what is asked for beyond that.
import { describe, expect, it } from "vitest";
import { Host } from "../../../host/host.ts";
import type { GuestSpawnOptions, HostOptions } from "../../../host/options.ts";
import { tuple } from "../../../host/otp/index.ts";
import { atom, encodeTerm } from "../../../host/otp/term/index.ts";
import { MemoryFileSystem } from "../../../host/sim/memory-file-system.ts";
import { ERRNO } from "../../../host/wasm/wasi/errno.ts";
import { parseWat } from "../../../instrument/index.ts";
import { Script, textAt } from "./support/script.ts";

const { success, badf, rofs } = ERRNO;
const NOT_GRANTED = -5;
const BADARG = -2;

function world(): HostOptions {
  return {
    fileSystem: new MemoryFileSystem({ data: { a: { file: "a" }, b: { file: "b" } }, other: {} }),
    directories: [
      { host: "/data", guest: "/data", mode: "write" },
      { host: "/other", guest: "/other" },
    ],
    env: { HOME: "/home", LANG: "C" },
  };
}

/** Names of granted directories and variables, as a guest finds them. */
async function seen(options: HostOptions, spawn: GuestSpawnOptions = {}) {
  const script = new Script();
  const names = [3, 4, 5].map((fd) => {
    const [stat, name] = [script.room(8), script.room(32)];
    script.call("fd_prestat_get", fd, stat);
    script.call("fd_prestat_dir_name", fd, name, 32);
    return { stat, name };
  });
  const [pointers, texts, count, bytes] = [
    script.room(64),
    script.room(8192),
    script.room(4),
    script.room(4),
  ];
  script.call("environ_sizes_get", count, bytes);
  script.call("environ_get", pointers, texts);
  const { errnos, memory } = await script.play(options, spawn);
  return {
    directories: names
      .filter((_, i) => errnos[2 * i] === success)
      .map(({ stat, name }) => textAt(memory, name, memory.getUint32(stat + 4, true))),
    variables: textAt(memory, texts, memory.getUint32(bytes, true)).split("\0").slice(0, -1),
    count: memory.getUint32(count, true),
  };
}

describe("a guest", () => {
  it("has no directory, no variable and no input by default", async () => {
    expect(await seen({})).toEqual({ directories: [], variables: [], count: 0 });
  });

  it("has what its host was given", async () => {
    expect(await seen(world())).toEqual({
      directories: ["/data", "/other"],
      variables: ["HOME=/home", "LANG=C"],
      count: 2,
    });
  });

  it("gets variables by name from the process that the host runs in, where they are", async () => {
    const { variables } = await seen({ env: ["PATH", "MOONLET_NO_SUCH_VARIABLE"] });
    expect(variables).toEqual([`PATH=${process.env.PATH}`]);
  });

  it("has the part of it that its spawn says: one inside, under another name, for reading, other values", async () => {
    const spawn = { directories: [{ host: "/data/a", guest: "." }], env: { LANG: "de" } };
    expect(await seen(world(), spawn)).toEqual({ directories: ["."], variables: ["LANG=de"], count: 1 });
    const script = new Script();
    script.open("file", { rights: 2n });
    script.open("file", { rights: 64n });
    expect((await script.play(world(), spawn)).errnos).toEqual([success, rofs]);
  });

  it.each([
    [{ directories: [{ host: "/", guest: "/" }] }, 'the directory "/" was asked for'],
    [{ directories: [{ host: "/data2", guest: "/" }] }, 'the directory "/data2" was asked for'],
    [
      { directories: [{ host: "/other", guest: "/", mode: "write" as const }] },
      '"/other" for writing was asked for',
    ],
    [{ env: ["PATH"] }, 'the environment variable "PATH" was asked for'],
    [{ env: { PATH: "/bin" } }, 'the environment variable "PATH" was asked for'],
  ])("is not spawned with %j, which the host has not got", async (spawn, message) => {
    await expect(new Script().play(world(), spawn)).rejects.toMatchObject({
      code: "E_NOT_GRANTED",
      message: expect.stringContaining(message),
    });
  });

  it("is not given a directory that leads out of the host's, or that is not there", async () => {
    for (const host of ["/data/../other", "/data/none", "/data/a/file"]) {
      const played = new Script().play(world(), { directories: [{ host, guest: "/" }] });
      await expect(played).rejects.toMatchObject({ code: "E_DIRECTORY" });
    }
  });

  it.each([
    [{ directories: [{ host: "/data", guest: "" }] }],
    [
      {
        directories: [
          { host: "/data", guest: "/x" },
          { host: "/other", guest: "/x" },
        ],
      },
    ],
    [{ directories: [{ host: "/data", guest: "/x", mode: "execute" as "read" }] }],
    [{ env: { "A=B": "c" } }],
    [{ env: { A: "b\0c" } }],
  ])("cannot be given %j", async (options) => {
    await expect(new Script().play({ ...world(), ...options })).rejects.toMatchObject({ code: "E_GRANT" });
  });

  it("shows what it was given in the log line of its spawn", async () => {
    const records: unknown[] = [];
    await using host = new Host({
      ...world(),
      grants: ["stdio"],
      log: { level: "debug", write: (r) => records.push(r) },
    });
    host.spawn(await new Script().load(host), "_start", { label: "it" });
    expect(records).toContainEqual(
      expect.objectContaining({
        event: "spawn",
        capabilities: ["stdio", "directory:/data:write", "directory:/other:read", "env:HOME", "env:LANG"],
      }),
    );
  });
});

/** Spawns `child` with the options given as its argument, and ends with what spawn answered; `child` ends with what it can do. */
const PARENT = `(module
  (import "process" "argument" (func $argument (param i32 i32) (result i32)))
  (import "process" "spawn" (func $spawn (param i32 i32 i32 i32 i32 i32 i32 i32) (result i32)))
  (import "stdio" "write" (func $print (param i32 i32 i32) (result i32)))
  (import "env" "console.log" (func $log (param i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
  (import "wasi_snapshot_preview1" "environ_sizes_get" (func $sizes (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_prestat_get" (func $prestat (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "path_create_directory" (func $mkdir (param i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 0) "\\83m\\00\\00\\00\\05child")
  (data (i32.const 32) "new")
  (func (export "main") (local $result i32)
    (local.set $result (call $spawn (i32.const 0) (i32.const 11) (i32.const 0) (i32.const 0)
      (i32.const 1000) (call $argument (i32.const 1000) (i32.const 1000)) (i32.const 3000) (i32.const 100)))
    (if (i32.lt_s (local.get $result) (i32.const 0)) (then (call $exit (local.get $result)))))
  (func (export "child")
    (drop (call $sizes (i32.const 100) (i32.const 104)))
    ;; How many variables, whether descriptor 4 is there, what comes of making a directory below 3, and of printing.
    (i32.store (i32.const 104) (call $prestat (i32.const 4) (i32.const 200)))
    (i32.store (i32.const 108) (call $mkdir (i32.const 3) (i32.const 32) (i32.const 3)))
    (i32.store (i32.const 112) (call $print (i32.const 1) (i32.const 100) (i32.const 12)))
    (call $log (i32.const 0))
    (call $exit (i32.add (i32.const 100) (i32.load (i32.const 112))))))`;

async function childOf(options: Record<string, unknown>) {
  const pieces: Uint8Array[] = [];
  const warnings: string[] = [];
  const exits: unknown[] = [];
  await using host = new Host({
    ...world(),
    grants: "all",
    write: (_, bytes) => void pieces.push(bytes),
    log: {
      level: "warn",
      lifecycle: "off",
      write: (record) => warnings.push("text" in record ? record.text : ""),
    },
    crashed: ({ reason }) => exits.push((reason as unknown[])[1]),
  });
  const program = await host.load(parseWat(PARENT), { name: "parent.wasm" });
  const parent = host.spawn(program, "main", { args: options });
  await host.exited(parent);
  for (const pid of host.runtime.processes()) await host.exited(pid);
  const words = new DataView(Uint8Array.from(Buffer.concat(pieces)).buffer);
  const found = words.byteLength < 12 ? undefined : [0, 4, 8].map((at) => words.getUint32(at, true));
  return { exits, warnings, found };
}

describe("a child", () => {
  it("has what its parent has", async () => {
    expect(await childOf({})).toEqual({ exits: [100], warnings: [], found: [2, success, success] });
  });

  it("has the part that its parent gives it", async () => {
    const options = { directories: [tuple("/data", atom("read"))], env: ["LANG"] };
    expect(await childOf(options)).toEqual({ exits: [100], warnings: [], found: [1, badf, rofs] });
    expect((await childOf({ directories: [], env: [] })).found).toEqual([0, badf, badf]);
  });

  it("is told not_granted when it calls what its parent kept for itself", async () => {
    expect(await childOf({ grants: [atom("spawn")] })).toEqual({
      exits: [100 + NOT_GRANTED],
      warnings: [
        'stdio.write: the grant "stdio" was asked for and is not granted',
        'env.console.log: the grant "stdio" was asked for and is not granted',
      ],
      found: undefined,
    });
  });

  it.each([
    [{ directories: [tuple("/other", atom("write"))] }, 'the directory "/other" for writing'],
    [{ directories: [tuple("/", atom("read"))] }, 'the directory "/"'],
    [{ env: ["PATH"] }, 'the variable "PATH"'],
  ])("is not spawned with more than its parent has: %j", async (options, what) => {
    expect(await childOf(options)).toEqual({
      exits: [NOT_GRANTED],
      warnings: [`process.spawn: ${what} was asked for and is not granted`],
      found: undefined,
    });
  });

  it.each([
    [{ directories: atom("all") }],
    [{ directories: ["/data"] }],
    [{ directories: [tuple("/data", atom("execute"))] }],
    [{ env: [1] }],
    [{ grants: [atom("fly")] }],
    [{ grants: 7 }],
  ])("cannot be given %j", async (options) => {
    expect((await childOf(options)).exits).toEqual([BADARG]);
    expect(encodeTerm(options).length).toBeGreaterThan(0);
  });
});
