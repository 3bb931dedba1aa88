// Files, through WASI: out of the directory, too many, too large; and what else the calls of WASI can be made to do.
import { linkSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { LIVES, NORMAL, type Subject } from "../attack.ts";
import { attacker, expectResult, forever, guest, main, times } from "../guest-text.ts";

const ERRNO = { success: 0, inval: 28, mfile: 33, noent: 44, notcapable: 76 } as const;
const RIGHTS = "(i64.const 268435391) (i64.const 268435455)";
const FD = "(i32.const 4096)";
/** A directory with a file, a folder and links that lead out. */
function prepare(folder: string): void {
  writeFileSync(join(folder, "file"), "text");
  mkdirSync(join(folder, "folder"));
  symlinkSync("../outside/secret", join(folder, "link"));
  symlinkSync("..", join(folder, "up"));
  symlinkSync("/etc/passwd", join(folder, "absolute"));
  symlinkSync("loop2", join(folder, "loop1"));
  symlinkSync("loop1", join(folder, "loop2"));
  symlinkSync("folder/../../outside", join(folder, "around"));
}
const open = (path: string, flags = 0) =>
  `(call $wasi.path_open (i32.const 3) (i32.const 1) ${path} (i32.const ${flags}) ${RIGHTS} (i32.const 0) ${FD})`;
const PATHS = [
  "../outside/secret",
  "/etc/passwd",
  "link",
  "up/outside/secret",
  "absolute",
  "loop1",
  "around/secret",
  "folder/../../outside/secret",
  "./.././outside/secret",
  "//etc/passwd",
  "folder/../../box/../outside/secret",
  "file/../../outside/secret",
  "..",
  "up",
  "up/up",
];

export const files: Subject = {
  name: "files",
  attacks: [
    {
      tries: "opens what lies outside of its directory, by any path",
      module: () =>
        attacker(({ text }) =>
          PATHS.map(
            (path, i) =>
              `(if (i32.eqz ${open(text(path))}) (then (call $wasi.proc_exit (i32.const ${i + 1}))))`,
          ).join("\n"),
        ),
      files: prepare,
      ends: NORMAL,
    },
    {
      tries: "writes, removes, renames and links what lies outside",
      module: () =>
        attacker(({ text }) =>
          PATHS.filter((path) => path !== "link" && path !== "absolute" && path !== "loop1" && path !== "up")
            .flatMap((path) => [
              open(text(path), 1 | 8),
              `(call $wasi.path_unlink_file (i32.const 3) ${text(path)})`,
              `(call $wasi.path_remove_directory (i32.const 3) ${text(path)})`,
              `(call $wasi.path_rename (i32.const 3) ${text("file")} (i32.const 3) ${text(path)})`,
              `(call $wasi.path_link (i32.const 3) (i32.const 0) ${text(path)} (i32.const 3) ${text("mine")})`,
              `(call $wasi.path_create_directory (i32.const 3) ${text(`${path}/new`)})`,
              `(call $wasi.path_filestat_set_times (i32.const 3) (i32.const 1) ${text(path)} (i64.const 0) (i64.const 0) (i32.const 5))`,
            ])
            .map((call, i) => `(if (i32.eqz ${call}) (then (call $wasi.proc_exit (i32.const ${i + 1}))))`)
            .join("\n"),
        ),
      files: prepare,
      ends: NORMAL,
    },
    {
      tries: "makes a link that leads out, and follows it",
      module: () =>
        attacker(
          ({
            text,
          }) => `(drop (call $wasi.path_symlink ${text("../outside/secret")} (i32.const 3) ${text("mine")}))
          (if (i32.eqz ${open(text("mine"))}) (then (call $wasi.proc_exit (i32.const 1))))
          (drop (call $wasi.path_symlink ${text("..")} (i32.const 3) ${text("above")}))
          (if (i32.eqz ${open(text("above/outside/secret"))}) (then (call $wasi.proc_exit (i32.const 2))))
          (if (i32.eqz (call $wasi.path_symlink ${text("/etc")} (i32.const 3) ${text("etc")})) (then (call $wasi.proc_exit (i32.const 3))))`,
        ),
      files: prepare,
      ends: NORMAL,
    },
    {
      tries: "swaps a folder for a link while another one opens through it",
      module: () =>
        attacker(({ text }) =>
          times(
            500,
            `
          (drop (call $wasi.path_rename (i32.const 3) ${text("folder")} (i32.const 3) ${text("kept")}))
          (drop (call $wasi.path_symlink ${text("../outside")} (i32.const 3) ${text("folder")}))
          (if (i32.eqz ${open(text("folder/secret"))}) (then (call $wasi.proc_exit (i32.const 1))))
          (drop (call $wasi.path_unlink_file (i32.const 3) ${text("folder")}))
          (drop (call $wasi.path_rename (i32.const 3) ${text("kept")} (i32.const 3) ${text("folder")}))
          (if (i32.eqz ${open(text("folder/secret"))}) (then (call $wasi.proc_exit (i32.const 2))))
          (drop (call $wasi.sched_yield))`,
          ),
        ),
      files: prepare,
      attackers: 3,
      turns: 60_000,
      ends: NORMAL,
    },
    {
      tries: "names what is outside by a second name",
      module: () =>
        attacker(
          ({ text }) =>
            `(if (i32.eqz ${open(text("hard"), 8)}) (then (drop (call $wasi.fd_write (i32.load ${FD}) (i32.const 0) (i32.const 0) (i32.const 8)))))`,
        ),
      // One that the host has made itself leads out: it is the file.
      files: (folder) => linkSync(join(folder, "..", "outside", "other"), join(folder, "hard")),
      ends: NORMAL,
    },
    {
      tries: "opens files until there are no more",
      module: () =>
        attacker(
          ({ text }) => `(loop $more (br_if $more (i32.eqz (local.tee $n ${open(text("file"))}))))
          ${expectResult("(local.get $n)", ERRNO.mfile, 1)}
          ${times(100, expectResult(open(text("file")), ERRNO.mfile, 2))}`,
        ),
      files: prepare,
      host: { limits: { openResources: 100 } },
      turns: 5000,
      ends: NORMAL,
    },
    {
      tries: "dies with a hundred files open",
      module: () => attacker(({ text }) => `${times(90, `(drop ${open(text("file"))})`)} unreachable`),
      files: prepare,
      attackers: 5,
      turns: 5000,
      ends: { type: "exits", reason: { kind: "unreachable" } },
    },
    {
      tries: "uses numbers of files that it has not opened",
      module: () =>
        guest(
          () =>
            `(memory (export "memory") 1) ${main(`
          ${times(
            2000,
            `(if (i32.gt_u (local.get $i) (i32.const 3)) (then
            (if (i32.eqz (call $wasi.fd_fdstat_get (local.get $i) (i32.const 200))) (then (call $wasi.proc_exit (i32.const 1))))
            (if (i32.eqz (call $wasi.fd_read (local.get $i) (i32.const 200) (i32.const 1) (i32.const 300))) (then (call $wasi.proc_exit (i32.const 2))))
            (if (i32.eqz (call $wasi.fd_renumber (local.get $i) (i32.const 3))) (then (call $wasi.proc_exit (i32.const 3))))
            (if (i32.eqz (call $wasi.fd_close (local.get $i))) (then (call $wasi.proc_exit (i32.const 4))))))`,
          )}`)}`,
        ),
      files: prepare,
      turns: 5000,
      ends: NORMAL,
    },
    {
      tries: "lists its directory again and again",
      module: () =>
        attacker(() =>
          forever(
            "(drop (call $wasi.fd_readdir (i32.const 3) (i32.const 4096) (i32.const 2000) (i64.const 0) (i32.const 200)))",
          ),
        ),
      files: (folder) => {
        for (let i = 0; i < 300; i++) writeFileSync(join(folder, `file-${i}`), "");
      },
      turns: 200,
      ends: LIVES,
    },
    {
      tries: "waits for four thousand clocks at once, and for more than may be",
      module: () =>
        guest(
          `(memory (export "memory") 16) ${main(`
          ${expectResult("(call $wasi.poll_oneoff (i32.const 0) (i32.const 262144) (i32.const 1000000) (i32.const 8))", 0, 1)}`)}`,
        ),
      ends: { type: "cleanly" },
    },
    {
      tries: "writes with vectors that lie over each other and over the memory's end",
      module: () =>
        guest(
          () => `(memory (export "memory") 1)
          ${main(`${times(1024, "(i32.store (i32.mul (local.get $i) (i32.const 8)) (i32.const 0)) (i32.store offset=4 (i32.mul (local.get $i) (i32.const 8)) (i32.const 65536))")}
          ${times(50, "(drop (call $wasi.fd_write (i32.const 1) (i32.const 0) (i32.const 1024) (i32.const 65000)))")}
          (drop (call $wasi.fd_write (i32.const 1) (i32.const 0) (i32.const -1) (i32.const 65000)))`)}`,
        ),
      options: { grants: ["stdio"] },
      turns: 5000,
      ends: { type: "cleanly" },
    },
    {
      tries: "asks for a gigabyte of random bytes",
      module: () => attacker(() => "(drop (call $wasi.random_get (i32.const 0) (i32.const 1073741824)))"),
      ends: { type: "exits", reason: { kind: "bad_argument" } },
    },
    {
      tries: "asks for its whole memory full of random bytes, again and again",
      module: () =>
        guest(
          `(memory (export "memory") 32) ${main(forever("(drop (call $wasi.random_get (i32.const 0) (i32.const 2097152)))"))}`,
        ),
      turns: 100,
      ends: LIVES,
    },
    {
      tries: "makes a path of four thousand directories",
      module: () =>
        attacker(
          ({ text }) =>
            `${times(50, `(drop (call $wasi.path_filestat_get (i32.const 3) (i32.const 1) ${text("folder/../".repeat(400))} (i32.const 200)))`)}`,
        ),
      files: prepare,
      turns: 5000,
      ends: NORMAL,
    },
  ],
};
