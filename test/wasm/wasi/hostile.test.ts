// Arguments that no honest program would pass: a bad pointer ends the guest and nobody else, and no call can be made to do so much at
// once that the host stands still.
import { describe, expect, it } from "vitest";
import { Host } from "../../../host/host.ts";
import { MemoryFileSystem } from "../../../host/sim/memory-file-system.ts";
import { Random } from "../../../host/sim/random.ts";
import { ERRNO } from "../../../host/wasm/wasi/errno.ts";
import { PREVIEW1 } from "../../../host/wasm/wasi/preview1-types.ts";
import { MEMORY_BYTES, OPEN, Script } from "./support/script.ts";

const { success, inval } = ERRNO;

function given() {
  return {
    fileSystem: new MemoryFileSystem({ box: { file: "text", folder: {} } }),
    directories: [{ host: "/box", guest: "/", mode: "write" as const }],
    stdin: "some input",
  };
}

/** Calls that write a result or read a record at `at`, everything else about them being in order. */
const POINTERS: readonly (readonly [string, number, (script: Script, at: number) => void])[] = [
  ["args_sizes_get", 4, (s, at) => s.call("args_sizes_get", at, s.room(4))],
  ["args_get (pointers)", 4, (s, at) => s.call("args_get", at, s.room(64))],
  ["args_get (texts)", 12, (s, at) => s.call("args_get", s.room(64), at)],
  ["environ_sizes_get", 4, (s, at) => s.call("environ_sizes_get", s.room(4), at)],
  ["clock_time_get", 8, (s, at) => s.call("clock_time_get", 1, 0n, at)],
  ["clock_res_get", 8, (s, at) => s.call("clock_res_get", 1, at)],
  ["random_get", 16, (s, at) => s.call("random_get", at, 16)],
  ["fd_write (vectors)", 8, (s, at) => s.call("fd_write", 1, at, 1, s.room(4))],
  ["fd_write (buffer)", 16, (s, at) => s.call("fd_write", 1, ...s.vectors([at, 16]), s.room(4))],
  ["fd_write (count)", 4, (s, at) => s.call("fd_write", 1, ...s.vectors([8, 0]), at)],
  ["fd_read (vectors)", 8, (s, at) => s.call("fd_read", 0, at, 1, s.room(4))],
  ["fd_read (buffer)", 16, (s, at) => s.call("fd_read", 0, ...s.vectors([at, 16]), s.room(4))],
  ["fd_read (count)", 4, (s, at) => s.call("fd_read", 0, ...s.vectors([8, 4]), at)],
  ["fd_fdstat_get", 24, (s, at) => s.call("fd_fdstat_get", 3, at)],
  ["fd_filestat_get", 64, (s, at) => s.call("fd_filestat_get", 3, at)],
  ["fd_prestat_get", 8, (s, at) => s.call("fd_prestat_get", 3, at)],
  ["fd_prestat_dir_name", 1, (s, at) => s.call("fd_prestat_dir_name", 3, at, 1)],
  ["fd_readdir (buffer)", 100, (s, at) => s.call("fd_readdir", 3, at, 100, 0n, s.room(4))],
  ["fd_readdir (used)", 4, (s, at) => s.call("fd_readdir", 3, s.room(8), 8, 0n, at)],
  ["path_filestat_get (path)", 4, (s, at) => s.call("path_filestat_get", 3, 0, at, 4, s.room(64))],
  ["path_filestat_get (result)", 64, (s, at) => s.call("path_filestat_get", 3, 0, ...s.text("file"), at)],
  ["path_open (result)", 4, (s, at) => s.call("path_open", 3, 0, ...s.text("file"), 0, 0n, 0n, 0, at)],
  ["path_readlink (buffer)", 16, (s, at) => s.call("path_readlink", 3, ...s.text("file"), at, 16, s.room(4))],
  ["path_rename (new name)", 4, (s, at) => s.call("path_rename", 3, ...s.text("file"), 3, at, 4)],
  ["path_symlink (target)", 4, (s, at) => s.call("path_symlink", at, 4, 3, ...s.text("new"))],
  ["poll_oneoff (subscriptions)", 48, (s, at) => s.call("poll_oneoff", at, s.room(32), 1, s.room(4))],
  ["poll_oneoff (events)", 32, (s, at) => s.call("poll_oneoff", s.room(48), at, 1, s.room(4))],
  ["poll_oneoff (count)", 4, (s, at) => s.call("poll_oneoff", s.room(48), s.room(32), 1, at)],
];

describe("a pointer", () => {
  it.each(POINTERS)(
    "of %s may lead up to the memory's last byte, and not one further",
    async (_, size, call) => {
      for (const [at, fits] of [
        [MEMORY_BYTES - size, true],
        [MEMORY_BYTES - size + 1, false],
        [MEMORY_BYTES, false],
        [-1, false],
        [-size, false],
        [0x7fff_ffff, false],
      ] as const) {
        const script = new Script();
        call(script, at);
        const { reason } = await script.play(given());
        if (fits) expect(reason).toBe("normal");
        else expect(reason).toMatchObject({ type: "trap", kind: "bad_argument" });
      }
    },
  );
});

describe("a call that asks for too much", () => {
  it("moves a part, and says how much", async () => {
    const script = new Script();
    const fd = script.open("file", { flags: OPEN.create });
    // The whole memory, forty times: 2.6 MB.
    const count = script.room(4);
    script.call("fd_write", fd, ...script.vectors(...Array(40).fill([0, MEMORY_BYTES] as const)), count);
    script.call("fd_read", 0, script.room(8), 1025, count);
    const options = given();
    const { errnos, memory } = await script.play(options);
    expect([errnos, memory.getUint32(count, true)]).toEqual([[success, success, inval], 2 ** 20]);
    expect(options.fileSystem.read("box/file")).toHaveLength(2 ** 20);
  });

  it("is checked to its end all the same", async () => {
    const script = new Script();
    const vectors = script.vectors(...Array(20).fill([0, MEMORY_BYTES] as const), [MEMORY_BYTES, 1]);
    script.call("fd_write", 1, ...vectors, script.room(4));
    expect((await script.play(given())).reason).toMatchObject({ kind: "bad_argument" });
  });

  it("of a file system in memory finds it full", async () => {
    const script = new Script();
    const fd = script.open("file");
    script.call("fd_filestat_set_size", fd, 1n << 40n);
    script.call("fd_filestat_set_size", fd, -1n);
    script.call("fd_pwrite", fd, ...script.vectors(script.text("x")), (1n << 53n) - 1n, script.room(4));
    expect((await script.play(given())).errnos).toEqual([success, ERRNO.nospc, inval, ERRNO.nospc]);
  });
});

it("costs the guest fuel when the host works on its files, so that nobody else waits for it", async () => {
  const cost = async (calls: (script: Script) => void) => {
    const script = new Script();
    calls(script);
    await using host = new Host({ grants: ["stdio"], write: () => {}, ...given() });
    const program = await script.load(host);
    const pid = host.spawn(program);
    const process = host.runtime.process(pid)!;
    await host.exited(pid);
    return process.reductions;
  };
  const idle = await cost(() => {});
  const stat = (path: string) => (s: Script) =>
    void s.call("path_filestat_get", 3, 0, ...s.text(path), s.room(64));
  const near = (await cost(stat("file"))) - idle;
  const far = (await cost(stat(`${"folder/../".repeat(50)}file`))) - idle;
  const sync = (await cost((s) => void s.call("fd_sync", 3))) - idle;
  expect(near).toBeGreaterThan(1000);
  expect(far).toBeGreaterThan(50 * 2 * 1000);
  expect(sync).toBeGreaterThan(100_000);
});

it("comes through thousands of calls with any arguments whatever", async () => {
  const random = new Random("wasi");
  const names = Object.keys(PREVIEW1).filter((name) => name !== "proc_exit");
  const below = (n: number) => random.below(n);
  const numbers = [
    0,
    1,
    2,
    3,
    4,
    5,
    8,
    16,
    64,
    1023,
    1024,
    MEMORY_BYTES - 8,
    MEMORY_BYTES,
    -1,
    0x7fff_ffff,
    -0x8000_0000,
  ];
  const wide = [0n, 1n, 2n, -1n, 1n << 31n, 1n << 53n, 1n << 62n, (1n << 28n) - 1n];
  await using host = new Host({ grants: "all", write: () => {}, limits: { fuel: 1e9 }, ...given() });
  const kinds = new Set<unknown>();
  for (let round = 0; round < 150; round++) {
    const script = new Script();
    const [path] = script.text("file\0folder/../file");
    for (let i = 0; i < 20; i++) {
      const name = names[below(names.length)]!;
      const args = PREVIEW1[name]!.split(" ")
        .filter((type) => type !== "")
        .map((type) => {
          if (type === "i64") return wide[below(wide.length)]!;
          return below(4) === 0 ? path : below(3) === 0 ? below(2048) : numbers[below(numbers.length)]!;
        });
      script.call(name, ...args);
    }
    const pid = host.spawn(await script.load(host));
    // Some wait for a clock that never comes.
    await new Script().play();
    const exited = host.exited(pid);
    host.kill(pid);
    const reason = (await exited) as { kind?: unknown } | string;
    kinds.add(typeof reason === "string" ? reason : reason.kind);
  }
  for (const kind of kinds) expect(["normal", "killed", "noproc", "bad_argument"]).toContain(kind);
}, 120_000);
