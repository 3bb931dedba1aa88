// The descriptors of one process: what they stand for, and their numbers. They hang on the process, never on its Wasm instance, and
// all of them are closed when it ends.
import type { Process } from "../../otp/index.ts";
import { ERRNO, fail } from "./errno.ts";
import type { Directory, DirectoryEntry, File, FileType } from "./file-system.ts";

/** What a descriptor is lent by. */
export interface LentBy {
  readonly isOver: boolean;
}

interface Rights {
  /** What may be done with it, and with what is opened through it; see `rights.ts`. */
  rights: bigint;
  inheriting: bigint;
  /** `$fdflags`. */
  flags: number;
  /** The loan that it, or what it was opened through, came with; when that is over nothing can be done with it but closing it. */
  loan?: LentBy | undefined;
}

/** Standard input, output or error. */
export interface StreamDescriptor extends Rights {
  readonly type: "stream";
  readonly stream: 0 | 1 | 2;
}

export interface FileDescriptor extends Rights {
  readonly type: "file";
  readonly file: File;
  /** As it was opened; a file stays of its type. */
  readonly fileType: FileType;
  /** Whether it has positions; a terminal has none. */
  readonly isSeekable: boolean;
  /** Whether the grant that it came from lets it be changed. */
  readonly isWritable: boolean;
  position: number;
}

export interface DirectoryDescriptor extends Rights {
  readonly type: "directory";
  readonly directory: Directory;
  readonly isWritable: boolean;
  /** The name under which it was granted; undefined for one that the program opened. */
  readonly preopen: string | undefined;
  /** What has been read of it so far. */
  listing: Listing | undefined;
}

/** Entries of a directory in the order in which they were first seen; more are read as they are asked for. */
export interface Listing {
  readonly entries: DirectoryEntry[];
  readonly more: Iterator<DirectoryEntry, undefined>;
}

export type Descriptor = StreamDescriptor | FileDescriptor | DirectoryDescriptor;

/** The first number for what a program opens: the standard streams keep theirs, open or closed. */
const FIRST = 3;

export class DescriptorTable {
  readonly #open = new Map<number, Descriptor>();
  readonly #process: Process;
  readonly #limit: number;
  readonly #others: () => number;

  /** `limit`: how many may be open besides the standard streams, what `others` counts included; those of subtrees hold as well. */
  constructor(process: Process, limit: number, others: () => number = () => 0) {
    this.#process = process;
    this.#limit = limit;
    this.#others = others;
  }

  /** BADF for a number that nothing has, NOTCAPABLE for what was lent and is taken back. */
  get(fd: number): Descriptor {
    const found = this.#open.get(fd >>> 0) ?? fail(ERRNO.badf);
    return found.loan?.isOver === true ? fail(ERRNO.notcapable) : found;
  }

  /** With what it is and may do: BADF, NOTDIR, NOTCAPABLE. */
  directory(fd: number, right: bigint): DirectoryDescriptor {
    const found = this.get(fd);
    if (found.type !== "directory") return fail(ERRNO.notdir);
    if ((found.rights & right) !== right) fail(ERRNO.notcapable);
    return found;
  }

  /** ISDIR for a directory, SPIPE for a stream, NOTCAPABLE without the right. */
  file(fd: number, right: bigint): FileDescriptor {
    const found = this.get(fd);
    if (found.type === "directory") return fail(ERRNO.isdir);
    if (found.type === "stream") return fail(ERRNO.spipe);
    if ((found.rights & right) !== right) fail(ERRNO.notcapable);
    return found;
  }

  /** How many are open, the standard streams aside. */
  get count(): number {
    let count = 0;
    for (const fd of this.#open.keys()) if (fd >= FIRST) count++;
    return count;
  }

  /** MFILE when there are too many; to be asked before something is opened that would then have to be closed. */
  assertRoom(): void {
    const { body } = this.#process;
    const others = this.#others();
    if (this.#open.size + others >= this.#limit && this.count + others >= this.#limit) {
      body?.limitReached?.("openResources", "process", this.#limit);
      fail(ERRNO.mfile);
    }
    if (this.#process.hasRoomFor("openResources", 1)) return;
    this.#process.tellLimit("openResources", 1);
    fail(ERRNO.mfile);
  }

  /** Gives it the lowest number that is free. */
  add(descriptor: Descriptor): number {
    let fd = FIRST;
    while (this.#open.has(fd)) fd++;
    this.#open.set(fd, descriptor);
    this.#process.account?.add("openResources", 1);
    return fd;
  }

  /** For the standard streams. */
  set(fd: number, descriptor: Descriptor): void {
    this.#open.set(fd, descriptor);
  }

  close(fd: number): void {
    const descriptor = this.#open.get(fd >>> 0) ?? fail(ERRNO.badf);
    this.#open.delete(fd >>> 0);
    if (descriptor.type !== "stream") this.#process.release("openResources");
    release(descriptor);
  }

  /** Moves `from` to the number `to`, closing what has it. Both have to be open (`fd_renumber`). */
  renumber(from: number, to: number): void {
    const moved = this.get(from);
    this.get(to);
    if (from >>> 0 === to >>> 0) return;
    this.close(to);
    this.#open.delete(from >>> 0);
    this.#open.set(to >>> 0, moved);
  }

  closeAll(): void {
    const all = [...this.#open.values()];
    this.#open.clear();
    for (const descriptor of all) {
      if (descriptor.type !== "stream") this.#process.release("openResources");
      try {
        release(descriptor);
      } catch {
        // The disk's complaint at the last moment: there is nobody left to hear it.
      }
    }
  }
}

/** Granted directories belong to the host and stay open. */
function release(descriptor: Descriptor): void {
  if (descriptor.type === "file") descriptor.file.close();
  if (descriptor.type !== "directory") return;
  descriptor.listing?.more.return?.();
  if (descriptor.preopen === undefined) descriptor.directory.close();
}
