// The file systems that guests may have, each with a folder to work in, a way to put files there and one to look at them from outside.
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { createNodeFileSystem, nodeFileSystem } from "../../../../host/node/file-system.ts";
import { MemoryFileSystem } from "../../../../host/sim/memory-file-system.ts";
import type { Directory, FileSystem } from "../../../../host/wasm/wasi/file-system.ts";

export interface Place {
  readonly fileSystem: FileSystem;
  /** The path of the folder that guests are given. What lies beside it is outside. */
  readonly path: string;
  /** Puts a file there; folders on the way are made. Paths are relative to the folder, and may lead out of it. */
  file(path: string, text: string): void;
  folder(path: string): void;
  symlink(target: string, path: string): void;
  /** The text of a file. */
  read(path: string): string | undefined;
  [Symbol.dispose](): void;
}

export const places: readonly (readonly [string, () => Place])[] = [
  ["the machine's file system", () => nodePlace(nodeFileSystem)],
  [
    "the machine's file system by path, as where there is no /proc",
    () => nodePlace(createNodeFileSystem(false)),
  ],
  ["a file system in memory", memoryPlace],
];

function nodePlace(fileSystem: FileSystem): Place {
  const outside = mkdtempSync(join(tmpdir(), "moonlet-wasi-"));
  const path = join(outside, "box");
  mkdirSync(path);
  const at = (name: string) => {
    mkdirSync(dirname(join(path, name)), { recursive: true });
    return join(path, name);
  };
  return {
    fileSystem,
    path,
    file: (name, text) => writeFileSync(at(name), text),
    folder: (name) => void mkdirSync(at(name), { recursive: true }),
    symlink: (target, name) => symlinkSync(target, at(name)),
    read: (name) => {
      try {
        return readFileSync(join(path, name), "utf8");
      } catch {
        return undefined;
      }
    },
    [Symbol.dispose]: () => rmSync(outside, { recursive: true, force: true }),
  };
}

function memoryPlace(): Place {
  const fileSystem = new MemoryFileSystem({ box: {} });
  const base = "/box";
  const absolute = (name: string) => new URL(`file://${base}/${name}`).pathname;
  const parentOf = (name: string): [Directory, string] => {
    const path = absolute(name);
    return [fileSystem.openDirectory(dirname(path)), path.slice(path.lastIndexOf("/") + 1)];
  };
  return {
    fileSystem,
    path: base,
    file: (name, text) => {
      const [directory, last] = parentOf(name);
      const file = directory.openFile(last, { read: false, write: true, create: true, exclusive: false });
      file.write(new TextEncoder().encode(text), 0);
      file.close();
    },
    folder: (name) => void fileSystem.openDirectory(absolute(name)),
    symlink: (target, name) => {
      const [directory, last] = parentOf(name);
      directory.makeSymbolicLink(target, last);
    },
    read: (name) => {
      const bytes = fileSystem.read(absolute(name));
      return bytes && new TextDecoder().decode(bytes);
    },
    [Symbol.dispose]: () => {},
  };
}

/** Makes a named pipe. */
export function makePipe(path: string): void {
  execFileSync("mkfifo", [path]);
}
