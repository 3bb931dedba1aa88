// The same programs under wasi-js, raw and in no process: where it does what the specification says, moonlet does the same.
import * as fs from "node:fs";
import { createRequire } from "node:module";
import * as path from "node:path";
import { expect, it } from "vitest";
import { PREVIEW1 } from "../../../host/wasm/wasi/preview1-types.ts";
import { parseWat } from "../../../instrument/index.ts";
import { places } from "./support/file-systems.ts";
import { OPEN, type Played, Script } from "./support/script.ts";

interface WasiJs {
  readonly wasiImport: Readonly<Record<string, unknown>>;
  setMemory(memory: WebAssembly.Memory): void;
}
const { default: WASI } = createRequire(import.meta.url)("wasi-js") as {
  default: new (config: object) => WasiJs;
};

const ARGS = ["one", "zwei ß", ""];
const ENV = { HOME: "/home", EMPTY: "" };

function underWasiJs(script: Script, folder: string): Played {
  const wasi = new WASI({
    args: ["script.wasm", ...ARGS],
    env: ENV,
    preopens: { "/": folder },
    bindings: {
      hrtime: () => process.hrtime.bigint(),
      exit: () => {},
      kill: () => {},
      randomFillSync: () => {},
      isTTY: () => false,
      fs,
      path,
    },
  });
  const missing = Object.fromEntries(Object.keys(PREVIEW1).map((name) => [name, () => 52]));
  const pieces: Uint8Array[] = [];
  const instance = new WebAssembly.Instance(new WebAssembly.Module(parseWat(script.source) as BufferSource), {
    wasi_snapshot_preview1: { ...missing, ...wasi.wasiImport } as WebAssembly.ModuleImports,
    stdio: {
      write: (_: number, at: number, length: number) => {
        pieces.push(new Uint8Array(memory.buffer, at, length).slice());
        return 0;
      },
    },
  });
  const memory = instance.exports.memory as WebAssembly.Memory;
  wasi.setMemory(memory);
  (instance.exports._start as () => void)();
  return script.read("normal", pieces);
}

/** Both leave this in memory where the script has room, and answer with the same errnos. */
async function compare(write: (script: Script) => void): Promise<Played> {
  const played: Played[] = [];
  for (const run of [
    (script: Script, folder: string) => Promise.resolve(underWasiJs(script, folder)),
    (script: Script, folder: string) =>
      script.play({ directories: [{ host: folder, guest: "/", mode: "write" }], env: ENV }, { args: ARGS }),
  ]) {
    using place = places[0]![1]();
    place.file("file", "some text");
    place.folder("folder");
    const script = new Script();
    write(script);
    played.push(await run(script, place.path));
  }
  const [theirs, ours] = played as [Played, Played];
  expect(ours.errnos).toEqual(theirs.errnos);
  expect(Buffer.from(ours.memory.buffer)).toEqual(Buffer.from(theirs.memory.buffer));
  return ours;
}

it("arguments and variables lie in memory in the same way", async () => {
  const { errnos } = await compare((script) => {
    script.call("args_sizes_get", script.room(4), script.room(4));
    script.call("args_get", script.room(64), script.room(256));
    script.call("environ_sizes_get", script.room(4), script.room(4));
    script.call("environ_get", script.room(64), script.room(256));
  });
  expect(errnos).toEqual([0, 0, 0, 0]);
});

it("a granted directory is found, and files in it are read and written with the same results", async () => {
  const { errnos } = await compare((script) => {
    script.call("fd_prestat_get", 3, script.room(8));
    script.call("fd_prestat_dir_name", 3, script.room(8), 1);
    script.call("fd_prestat_get", 4, script.room(8));
    const fd = script.open("file", { rights: 2n | 4n | 32n | 64n | (1n << 21n) });
    script.call("fd_read", fd, ...script.vectors([script.room(5), 5], [script.room(64), 64]), script.room(4));
    script.call("fd_write", fd, ...script.vectors(script.text(" and "), script.text("more")), script.room(4));
    script.call("fd_seek", fd, 2n, 0, script.room(8));
    script.call("fd_pread", fd, ...script.vectors([script.room(16), 16]), 3n, script.room(4));
    script.call("fd_tell", fd, script.room(8));
    script.call("fd_close", fd);
    script.call("fd_close", fd);
  });
  expect(errnos).toEqual([0, 0, 8, 0, 0, 0, 0, 0, 0, 0, 8]);
});

it("names are made, moved and removed with the same results", async () => {
  const { errnos } = await compare((script) => {
    script.call("path_create_directory", 3, ...script.text("new"));
    script.call("path_create_directory", 3, ...script.text("new"));
    script.call("path_rename", 3, ...script.text("file"), 3, ...script.text("new/file"));
    script.open("file", { rights: 2n });
    script.open("new/file", { rights: 2n });
    script.open("new/file", { rights: 2n, flags: OPEN.directory });
    script.open("new/other", { rights: 2n, flags: OPEN.create | OPEN.exclusive });
    script.open("new/other", { rights: 2n, flags: OPEN.create | OPEN.exclusive });
    script.call("path_remove_directory", 3, ...script.text("new"));
    script.call("path_unlink_file", 3, ...script.text("new/file"));
    script.call("path_unlink_file", 3, ...script.text("new/file"));
    script.call("path_remove_directory", 3, ...script.text("folder"));
  });
  expect(errnos).toEqual([0, 20, 0, 44, 0, 54, 0, 20, 55, 0, 44, 0]);
});
