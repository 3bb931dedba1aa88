// The machine's own file system for guests. On Linux a directory is held by its descriptor, and what lies in it is named through
// /proc/self/fd, which the kernel resolves from the directory itself, wherever it has been moved: what openat(2) does, which Node does
// not have. Elsewhere a directory is held by its path and is checked to be the same one before and after each use of it; that leaves
// whoever may rename directories of the host meanwhile, from outside, a moment to be too quick.
import * as fs from "node:fs";
import { join } from "node:path";
import { MoonletError } from "../otp/error.ts";
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
import { exactTimes } from "./exact-times.ts";
import { fileStat, typeOf } from "./file-stat.ts";

const { O_CREAT, O_EXCL, O_RDONLY, O_RDWR, O_WRONLY } = fs.constants;
/** Absent on Windows, where `stat` is asked first. */
const O_NOFOLLOW = fs.constants.O_NOFOLLOW ?? 0;
const O_DIRECTORY = fs.constants.O_DIRECTORY ?? 0;
/** So that opening a named pipe or a terminal does not wait. */
const O_NONBLOCK = fs.constants.O_NONBLOCK ?? 0;
const NEW_FILE_MODE = 0o666;

const HAS_DESCRIPTOR_PATHS = process.platform === "linux" && fs.existsSync("/proc/self/fd");
/** What a name must not hold, as the system would take it for more than a name. */
const NO_NAME = process.platform === "win32" ? /^$|^\.\.$|[/\\:]/ : /^$|^\.\.$|\//;

/** The file system of the machine. `byDescriptor`: whether directories are held by descriptor alone. Default: where that is possible. */
export function createNodeFileSystem(byDescriptor = HAS_DESCRIPTOR_PATHS): FileSystem {
  return {
    openDirectory(path) {
      try {
        return openAt(fs.realpathSync(path), byDescriptor);
      } catch (error) {
        throw new MoonletError(
          "E_DIRECTORY",
          `cannot open the directory "${path}": ${(error as Error).message}`,
          {
            hint: "A granted directory has to be there when the host is created.",
            cause: error,
          },
        );
      }
    },
  };
}

/** For `createHost`. */
export const nodeFileSystem: FileSystem = createNodeFileSystem();

function openAt(path: string, byDescriptor: boolean): NodeDirectory {
  const fd = fs.openSync(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_NONBLOCK);
  return new NodeDirectory(fd, path, byDescriptor);
}

class NodeDirectory implements Directory {
  readonly #fd: number;
  /** Where names are looked up. */
  readonly #base: string;
  readonly #byDescriptor: boolean;

  constructor(fd: number, path: string, byDescriptor: boolean) {
    this.#fd = fd;
    this.#base = byDescriptor ? `/proc/self/fd/${fd}` : path;
    this.#byDescriptor = byDescriptor;
  }

  openDirectory(name: string): Directory {
    return this.#use(name, (path) => openAt(path, this.#byDescriptor));
  }

  openFile(name: string, { read, write, create, exclusive }: OpenMode): File {
    const access = write ? (read ? O_RDWR : O_WRONLY) : O_RDONLY;
    const flags = access | O_NOFOLLOW | O_NONBLOCK | (create ? O_CREAT : 0) | (exclusive ? O_EXCL : 0);
    return this.#use(name, (path) => {
      if (O_NOFOLLOW === 0 && isLink(path)) throw fileSystemError("ELOOP", name);
      return new NodeFile(fs.openSync(path, flags, NEW_FILE_MODE));
    });
  }

  stat(name: string): FileStat {
    return this.#use(name, (path) => fileStat(fs.lstatSync(path, { bigint: true })));
  }

  setTimes(name: string, times: FileTimes): void {
    this.#use(name, (path) =>
      exactTimes.set(
        times,
        () => fs.lstatSync(path, { bigint: true }),
        (accessed, modified) => fs.lutimesSync(path, accessed, modified),
      ),
    );
  }

  readLink(name: string): string {
    return this.#use(name, (path) => fs.readlinkSync(path));
  }
  makeDirectory(name: string): void {
    this.#use(name, (path) => fs.mkdirSync(path));
  }
  removeDirectory(name: string): void {
    this.#use(name, (path) => fs.rmdirSync(path));
  }
  removeFile(name: string): void {
    this.#use(name, (path) => {
      // POSIX leaves open what unlink says of a directory; Linux says so.
      if (fs.lstatSync(path).isDirectory()) throw fileSystemError("EISDIR", name);
      fs.unlinkSync(path);
    });
  }
  makeLink(name: string, to: Directory, newName: string): void {
    this.#use(name, (path) => {
      // Linux links the link, other systems what it leads to.
      if (process.platform !== "linux" && isLink(path)) throw fileSystemError("ENOTSUP", name);
      asNode(to).#use(newName, (target) => fs.linkSync(path, target));
    });
  }
  makeSymbolicLink(target: string, name: string): void {
    this.#use(name, (path) => fs.symlinkSync(target, path));
  }
  rename(name: string, to: Directory, newName: string): void {
    this.#use(name, (path) => asNode(to).#use(newName, (target) => fs.renameSync(path, target)));
  }

  *list(): Generator<DirectoryEntry, undefined> {
    const directory = this.#use(".", (path) => fs.opendirSync(path));
    try {
      for (let entry = directory.readSync(); entry !== null; entry = directory.readSync()) {
        yield { name: entry.name, type: typeOf(entry) };
      }
    } finally {
      directory.closeSync();
    }
    return undefined;
  }

  reopen(): Directory {
    // The path is known to be the directory itself, so there is no link to follow.
    return this.#use(".", (path) => {
      const fd = fs.openSync(path, O_RDONLY | O_DIRECTORY);
      return new NodeDirectory(fd, this.#base, this.#byDescriptor);
    });
  }
  statSelf(): FileStat {
    return fileStat(fs.fstatSync(this.#fd, { bigint: true }));
  }
  setTimesSelf(times: FileTimes): void {
    setTimesOf(this.#fd, times);
  }
  sync(): void {
    fs.fsyncSync(this.#fd);
  }
  close(): void {
    fs.closeSync(this.#fd);
  }

  /** Calls `act` with the path of a name, or of the directory itself for ".". */
  #use<T>(name: string, act: (path: string) => T): T {
    if (NO_NAME.test(name)) throw fileSystemError("EINVAL", name);
    if (this.#byDescriptor) return act(`${this.#base}/${name}`);
    this.#assertInPlace();
    const result = act(join(this.#base, name));
    try {
      this.#assertInPlace();
    } catch (error) {
      // What was opened may lie elsewhere.
      if (result instanceof NodeDirectory || result instanceof NodeFile || result instanceof fs.Dir)
        close(result);
      throw error;
    }
    return result;
  }

  /** The path still leads to the directory that was opened, and over no link. */
  #assertInPlace(): void {
    const now = fs.lstatSync(this.#base, { bigint: true });
    const then = fs.fstatSync(this.#fd, { bigint: true });
    if (now.dev !== then.dev || now.ino !== then.ino || fs.realpathSync(this.#base) !== this.#base) {
      throw fileSystemError("ENOENT", "the directory was moved");
    }
  }
}

class NodeFile implements File {
  readonly #fd: number;

  constructor(fd: number) {
    this.#fd = fd;
  }

  read(into: Uint8Array, position: number | undefined): number {
    return fs.readSync(this.#fd, into, 0, into.length, position ?? null);
  }
  write(bytes: Uint8Array, position: number | undefined): number {
    return fs.writeSync(this.#fd, bytes, 0, bytes.length, position ?? null);
  }
  stat(): FileStat {
    return fileStat(fs.fstatSync(this.#fd, { bigint: true }));
  }
  truncate(size: number): void {
    fs.ftruncateSync(this.#fd, size);
  }
  setTimes(times: FileTimes): void {
    setTimesOf(this.#fd, times);
  }
  sync(): void {
    fs.fsyncSync(this.#fd);
  }
  close(): void {
    fs.closeSync(this.#fd);
  }
}

function close(opened: NodeDirectory | NodeFile | fs.Dir): void {
  if (opened instanceof fs.Dir) opened.closeSync();
  else opened.close();
}

function setTimesOf(fd: number, times: FileTimes): void {
  exactTimes.set(
    times,
    () => fs.fstatSync(fd, { bigint: true }),
    (accessed, modified) => fs.futimesSync(fd, accessed, modified),
  );
}

function isLink(path: string): boolean {
  return fs.lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() === true;
}

function asNode(directory: Directory): NodeDirectory {
  if (directory instanceof NodeDirectory) return directory;
  throw fileSystemError("EXDEV", "directories of two file systems");
}
