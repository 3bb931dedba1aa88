// The file system that guests' directories lie in, as an interface: host/node gives the machine's own, host/sim one in memory.
// No operation takes a path. A name is one component, never empty, ".", "..", nor with a slash, and no operation follows a symbolic
// link that a name stands for. So whoever holds a directory reaches what lies in it and nothing else; `resolve` does the walking.
// Errors are thrown with a `code` of POSIX ("ENOENT"). Operations are synchronous and never wait for anybody but the disk.

export type FileType =
  | "file"
  | "directory"
  | "symlink"
  | "character"
  | "block"
  | "socket"
  | "fifo"
  | "unknown";

export interface FileStat {
  readonly type: FileType;
  readonly device: bigint;
  readonly inode: bigint;
  readonly links: bigint;
  /** Bytes. */
  readonly size: bigint;
  /** Nanoseconds since 1970. */
  readonly accessed: bigint;
  readonly modified: bigint;
  readonly changed: bigint;
}

/** Nanoseconds since 1970; undefined leaves a time as it is. */
export interface FileTimes {
  readonly accessed?: bigint | undefined;
  readonly modified?: bigint | undefined;
}

export interface OpenMode {
  readonly read: boolean;
  readonly write: boolean;
  /** Make it if it is not there. */
  readonly create: boolean;
  /** With `create`: EEXIST if it is there. */
  readonly exclusive: boolean;
}

export interface DirectoryEntry {
  readonly name: string;
  readonly type: FileType;
}

/** An open file. */
export interface File {
  /** How many bytes came; 0 at the end. A position of undefined is for what has none, such as a terminal. */
  read(into: Uint8Array, position: number | undefined): number;
  /** How many bytes went. */
  write(bytes: Uint8Array, position: number | undefined): number;
  stat(): FileStat;
  /** Sets the size; what is new reads as zeros. */
  truncate(size: number): void;
  setTimes(times: FileTimes): void;
  /** Returns when it is on the disk. */
  sync(): void;
  close(): void;
}

/** An open directory. It stays the same directory wherever it is moved. */
export interface Directory {
  /** ELOOP or ENOTDIR for a symbolic link. */
  openDirectory(name: string): Directory;
  /** ELOOP for a symbolic link. Never waits, as opening a named pipe would. */
  openFile(name: string, mode: OpenMode): File;
  stat(name: string): FileStat;
  setTimes(name: string, times: FileTimes): void;
  readLink(name: string): string;
  makeDirectory(name: string): void;
  removeDirectory(name: string): void;
  removeFile(name: string): void;
  makeLink(name: string, to: Directory, newName: string): void;
  makeSymbolicLink(target: string, name: string): void;
  rename(name: string, to: Directory, newName: string): void;
  /** Without "." and "..", in any order, read as they are asked for. */
  list(): Iterator<DirectoryEntry, undefined>;
  /** Another handle on this directory. */
  reopen(): Directory;
  statSelf(): FileStat;
  setTimesSelf(times: FileTimes): void;
  sync(): void;
  close(): void;
}

export interface FileSystem {
  /** A directory by its path in the file system, which the embedder names and may follow links. */
  openDirectory(path: string): Directory;
}

/** An error as file systems throw it. */
export function fileSystemError(code: string, what: string): Error & { code: string } {
  return Object.assign(new Error(`${code}: ${what}`), { code });
}
