// A file system in memory, for simulated runs and for tests: what guests do in it is a function of what it began with and of the clock
// that it is given. Each one is its own; nothing of it reaches a disk.
import {
  type Directory,
  type DirectoryEntry,
  type File,
  type FileStat,
  type FileSystem,
  type FileTimes,
  fileSystemError,
  type OpenMode,
} from "../wasm/wasi/file-system.ts";

/** Files by name, as text or bytes, and folders. */
export interface Files {
  readonly [name: string]: string | Uint8Array | Files;
}

/** Bytes of all files together, above which writing fails with ENOSPC. */
const CAPACITY_BYTES = 2 ** 30;
const MAX_NAME_BYTES = 255;

type Node = FileNode | FolderNode | LinkNode;

interface Common {
  readonly inode: bigint;
  links: number;
  accessed: bigint;
  modified: bigint;
  changed: bigint;
}
interface FileNode extends Common {
  readonly type: "file";
  bytes: Uint8Array;
  size: number;
  /** How many have it open: one without a name lives on for them. */
  opened: number;
}
interface FolderNode extends Common {
  readonly type: "directory";
  readonly entries: Map<string, Node>;
}
interface LinkNode extends Common {
  readonly type: "symlink";
  readonly target: string;
}

export class MemoryFileSystem implements FileSystem {
  readonly #now: () => number;
  readonly #root: FolderNode;
  #inodes = 0n;
  #usedBytes = 0;

  /** `now`: Unix milliseconds; default 0 for ever. */
  constructor(files: Files = {}, now: () => number = () => 0) {
    this.#now = now;
    this.#root = this.folder();
    this.#fill(this.#root, files);
  }

  /** A folder by its path from the root, made if it is not there. */
  openDirectory(path: string): Directory {
    let folder = this.#root;
    for (const name of path.split("/").filter((part) => part !== "" && part !== ".")) {
      const found = folder.entries.get(name);
      if (found && found.type !== "directory") throw fileSystemError("ENOTDIR", path);
      const next = found ?? this.folder();
      folder.entries.set(name, next);
      folder = next;
    }
    return new MemoryDirectory(this, folder);
  }

  /** The bytes of a file by its path from the root; undefined where there is none. */
  read(path: string): Uint8Array | undefined {
    let node: Node | undefined = this.#root;
    for (const name of path.split("/").filter((part) => part !== "" && part !== ".")) {
      node = node?.type === "directory" ? node.entries.get(name) : undefined;
    }
    return node?.type === "file" ? node.bytes.slice(0, node.size) : undefined;
  }

  // ---- for what lies in it

  get time(): bigint {
    return BigInt(Math.round(this.#now() * 1e6));
  }
  file(): FileNode {
    return { type: "file", bytes: new Uint8Array(0), size: 0, opened: 0, ...this.#common(1) };
  }
  folder(): FolderNode {
    return { type: "directory", entries: new Map(), ...this.#common(2) };
  }
  link(target: string): LinkNode {
    return { type: "symlink", target, ...this.#common(1) };
  }

  /** Sets a file's size. @throws ENOSPC */
  resize(node: FileNode, size: number): void {
    const grown = size - node.size;
    if (this.#usedBytes + grown > CAPACITY_BYTES)
      throw fileSystemError("ENOSPC", "the file system in memory is full");
    if (size > node.bytes.length) {
      const bytes = new Uint8Array(Math.max(size, Math.min(node.bytes.length * 2, CAPACITY_BYTES)));
      bytes.set(node.bytes.subarray(0, node.size));
      node.bytes = bytes;
    } else if (grown < 0) {
      node.bytes.fill(0, size, node.size);
    }
    this.#usedBytes += grown;
    node.size = size;
  }

  /** A name of the node is gone. */
  unlinked(node: Node): void {
    node.links--;
    node.changed = this.time;
    if (node.type === "file") this.#freeUnused(node);
  }

  /** A file is no longer open. */
  closed(node: FileNode): void {
    node.opened--;
    this.#freeUnused(node);
  }

  #freeUnused(node: FileNode): void {
    if (node.links === 0 && node.opened === 0) this.#usedBytes -= node.size;
  }

  #common(links: number): Common {
    const now = this.time;
    return { inode: ++this.#inodes, links, accessed: now, modified: now, changed: now };
  }

  #fill(folder: FolderNode, files: Files): void {
    for (const [name, content] of Object.entries(files)) {
      if (typeof content === "string" || content instanceof Uint8Array) {
        const node = this.file();
        const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
        this.resize(node, bytes.length);
        node.bytes.set(bytes);
        folder.entries.set(name, node);
      } else {
        const below = this.folder();
        this.#fill(below, content);
        folder.entries.set(name, below);
      }
    }
  }
}

function statOf(node: Node): FileStat {
  const size = node.type === "file" ? node.size : node.type === "symlink" ? node.target.length : 0;
  const { type, inode, accessed, modified, changed } = node;
  return {
    type,
    device: 1n,
    inode,
    links: BigInt(node.links),
    size: BigInt(size),
    accessed,
    modified,
    changed,
  };
}

function applyTimes(node: Node, { accessed, modified }: FileTimes, now: bigint): void {
  if (accessed !== undefined) node.accessed = accessed;
  if (modified !== undefined) node.modified = modified;
  node.changed = now;
}

class MemoryDirectory implements Directory {
  readonly #system: MemoryFileSystem;
  readonly #folder: FolderNode;

  constructor(system: MemoryFileSystem, folder: FolderNode) {
    this.#system = system;
    this.#folder = folder;
  }

  openDirectory(name: string): Directory {
    const node = this.#get(name);
    if (node.type === "directory") return new MemoryDirectory(this.#system, node);
    throw fileSystemError(node.type === "symlink" ? "ELOOP" : "ENOTDIR", name);
  }
  openFile(name: string, { create, exclusive }: OpenMode): File {
    let node = this.#folder.entries.get(name);
    if (node && create && exclusive) throw fileSystemError("EEXIST", name);
    if (!node) {
      if (!create) throw fileSystemError("ENOENT", name);
      node = this.#system.file();
      this.#put(name, node);
    }
    if (node.type === "file") return new MemoryFile(this.#system, node);
    throw fileSystemError(node.type === "symlink" ? "ELOOP" : "EISDIR", name);
  }
  stat(name: string): FileStat {
    return statOf(this.#get(name));
  }
  setTimes(name: string, times: FileTimes): void {
    applyTimes(this.#get(name), times, this.#system.time);
  }
  readLink(name: string): string {
    const node = this.#get(name);
    if (node.type !== "symlink") throw fileSystemError("EINVAL", name);
    return node.target;
  }
  makeDirectory(name: string): void {
    this.#put(name, this.#system.folder());
  }
  removeDirectory(name: string): void {
    const node = this.#get(name);
    if (node.type !== "directory") throw fileSystemError("ENOTDIR", name);
    if (node.entries.size > 0) throw fileSystemError("ENOTEMPTY", name);
    this.#remove(name, node);
  }
  removeFile(name: string): void {
    const node = this.#get(name);
    if (node.type === "directory") throw fileSystemError("EISDIR", name);
    this.#remove(name, node);
  }
  makeLink(name: string, to: Directory, newName: string): void {
    const node = this.#get(name);
    if (node.type === "directory") throw fileSystemError("EPERM", name);
    this.#other(to).#put(newName, node);
    node.links++;
  }
  makeSymbolicLink(target: string, name: string): void {
    this.#put(name, this.#system.link(target));
  }

  rename(name: string, to: Directory, newName: string): void {
    const target = this.#other(to);
    const node = this.#get(name);
    const there = target.#folder.entries.get(newName);
    if (there === node) return;
    if (node.type === "directory" && (target.#folder === node || holds(node, target.#folder))) {
      throw fileSystemError("EINVAL", "a folder cannot be moved into itself");
    }
    if (there) {
      if (node.type === "directory" && there.type !== "directory") throw fileSystemError("ENOTDIR", newName);
      if (node.type !== "directory" && there.type === "directory") throw fileSystemError("EISDIR", newName);
      if (there.type === "directory" && there.entries.size > 0) throw fileSystemError("ENOTEMPTY", newName);
      target.#remove(newName, there);
    }
    this.#folder.entries.delete(name);
    target.#put(newName, node);
    node.changed = this.#system.time;
    this.#folder.modified = node.changed;
  }

  *list(): Generator<DirectoryEntry, undefined> {
    for (const [name, { type }] of [...this.#folder.entries]) yield { name, type };
    return undefined;
  }
  reopen(): Directory {
    return new MemoryDirectory(this.#system, this.#folder);
  }
  statSelf(): FileStat {
    return statOf(this.#folder);
  }
  setTimesSelf(times: FileTimes): void {
    applyTimes(this.#folder, times, this.#system.time);
  }
  sync(): void {}
  close(): void {}

  #get(name: string): Node {
    const node = this.#folder.entries.get(name);
    if (!node) throw fileSystemError("ENOENT", name);
    return node;
  }
  #put(name: string, node: Node): void {
    if (this.#folder.entries.has(name)) throw fileSystemError("EEXIST", name);
    if (new TextEncoder().encode(name).length > MAX_NAME_BYTES) throw fileSystemError("ENAMETOOLONG", name);
    // Removed while somebody has it open.
    if (this.#folder.links === 0) throw fileSystemError("ENOENT", name);
    this.#folder.entries.set(name, node);
    this.#folder.modified = this.#system.time;
  }
  #remove(name: string, node: Node): void {
    this.#folder.entries.delete(name);
    this.#folder.modified = this.#system.time;
    if (node.type === "directory") node.links = 0;
    else this.#system.unlinked(node);
  }
  #other(directory: Directory): MemoryDirectory {
    if (directory instanceof MemoryDirectory && directory.#system === this.#system) return directory;
    throw fileSystemError("EXDEV", "directories of two file systems");
  }
}

function holds(folder: FolderNode, sought: FolderNode): boolean {
  for (const node of folder.entries.values()) {
    if (node.type === "directory" && (node === sought || holds(node, sought))) return true;
  }
  return false;
}

class MemoryFile implements File {
  readonly #system: MemoryFileSystem;
  readonly #node: FileNode;

  constructor(system: MemoryFileSystem, node: FileNode) {
    this.#system = system;
    this.#node = node;
    node.opened++;
  }

  read(into: Uint8Array, position = 0): number {
    const { bytes, size } = this.#node;
    const count = Math.max(0, Math.min(into.length, size - position));
    into.set(bytes.subarray(position, position + count));
    this.#node.accessed = this.#system.time;
    return count;
  }
  write(bytes: Uint8Array, position = 0): number {
    const end = position + bytes.length;
    if (end > this.#node.size) this.#system.resize(this.#node, end);
    this.#node.bytes.set(bytes, position);
    this.#node.modified = this.#system.time;
    return bytes.length;
  }
  stat(): FileStat {
    return statOf(this.#node);
  }
  truncate(size: number): void {
    this.#system.resize(this.#node, size);
    this.#node.modified = this.#system.time;
  }
  setTimes(times: FileTimes): void {
    applyTimes(this.#node, times, this.#system.time);
  }
  sync(): void {}
  close(): void {
    this.#system.closed(this.#node);
  }
}
