// How WASI's records lie in memory (witx/typenames.witx), little-endian.
import type { Descriptor } from "./descriptors.ts";
import type { FileStat, FileType } from "./file-system.ts";

/** `$filetype`. A named pipe is what POSIX's S_IFIFO became in WASI: unknown. */
export const FILE_TYPE: Readonly<Record<FileType, number>> = {
  unknown: 0,
  block: 1,
  character: 2,
  directory: 3,
  file: 4,
  socket: 6,
  symlink: 7,
  fifo: 0,
};

export const FILESTAT_BYTES = 64;
export const FDSTAT_BYTES = 24;
export const PRESTAT_BYTES = 8;
export const DIRENT_BYTES = 24;

export function writeFilestat(view: DataView, at: number, stat: FileStat): void {
  view.setBigUint64(at, stat.device, true);
  view.setBigUint64(at + 8, stat.inode, true);
  view.setBigUint64(at + 16, BigInt(FILE_TYPE[stat.type]), true);
  view.setBigUint64(at + 24, stat.links, true);
  view.setBigUint64(at + 32, stat.size, true);
  view.setBigUint64(at + 40, stat.accessed, true);
  view.setBigUint64(at + 48, stat.modified, true);
  view.setBigUint64(at + 56, stat.changed, true);
}

export function writeFdstat(view: DataView, at: number, type: FileType, descriptor: Descriptor): void {
  view.setUint16(at, FILE_TYPE[type], true);
  view.setUint16(at + 2, descriptor.flags, true);
  view.setUint32(at + 4, 0, true);
  view.setBigUint64(at + 8, descriptor.rights, true);
  view.setBigUint64(at + 16, descriptor.inheriting, true);
}

/** A directory's entry without its name, which follows. */
export function direntHead(next: number, inode: bigint, nameBytes: number, type: FileType): Uint8Array {
  const bytes = new Uint8Array(DIRENT_BYTES);
  const view = new DataView(bytes.buffer);
  view.setBigUint64(0, BigInt(next), true);
  view.setBigUint64(8, inode, true);
  view.setUint32(16, nameBytes, true);
  view.setUint32(20, FILE_TYPE[type], true);
  return bytes;
}
