// Node's `Stats` as the file system of guests has them.
import type { BigIntStats } from "node:fs";
import type { FileStat, FileType } from "../wasm/wasi/file-system.ts";
import { exactTimes } from "./exact-times.ts";

/** What `Stats` and `Dirent` both know. */
interface Kind {
  isFile(): boolean;
  isDirectory(): boolean;
  isSymbolicLink(): boolean;
  isCharacterDevice(): boolean;
  isBlockDevice(): boolean;
  isSocket(): boolean;
  isFIFO(): boolean;
}

export function typeOf(kind: Kind): FileType {
  if (kind.isFile()) return "file";
  if (kind.isDirectory()) return "directory";
  if (kind.isSymbolicLink()) return "symlink";
  if (kind.isCharacterDevice()) return "character";
  if (kind.isBlockDevice()) return "block";
  if (kind.isSocket()) return "socket";
  return kind.isFIFO() ? "fifo" : "unknown";
}

export function fileStat(stats: BigIntStats): FileStat {
  return {
    type: typeOf(stats),
    device: stats.dev,
    inode: stats.ino,
    links: stats.nlink,
    size: stats.size,
    ...exactTimes.of(stats),
    changed: stats.ctimeNs,
  };
}
