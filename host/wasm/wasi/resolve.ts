// From a guest's path to a directory and a name in it: component by component, never above the directory it starts from. Symbolic
// links are followed here and nowhere else, so an absolute one, or one with too many "..", leads out of the sandbox for nobody. Each
// directory on the way is held open while the path is walked: whoever moves them about meanwhile moves nothing into the guest's reach.
import { ERRNO, fail } from "./errno.ts";
import type { Directory } from "./file-system.ts";

/** Where a path leads. Valid until the callback that gets it returns. */
export interface Place {
  readonly directory: Directory;
  /** One component; undefined for the directory itself. It need not exist. */
  readonly name: string | undefined;
  /** The path ended with a slash. */
  readonly mustBeDirectory: boolean;
}

export interface ResolveOptions {
  /** Whether a symbolic link in the last place is followed. */
  readonly follow: boolean;
  /** Called for each component, so that long paths cost their user. Default nothing. */
  readonly step?: () => void;
}

const MAX_PATH_BYTES = 4096;
const MAX_LINKS = 40;
/** How many directories one path may hold open. */
const MAX_DEPTH = 128;
/** Components that are walked for one path, those of its links included. */
const MAX_STEPS = 1024;

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** The text of a path. ILSEQ unless it is UTF-8 without NUL, NAMETOOLONG above 4,096 bytes. */
export function decodePath(bytes: Uint8Array): string {
  if (bytes.length > MAX_PATH_BYTES) fail(ERRNO.nametoolong);
  if (bytes.includes(0)) fail(ERRNO.ilseq);
  try {
    return decoder.decode(bytes);
  } catch {
    return fail(ERRNO.ilseq);
  }
}

/**
 * Calls `use` with where `path` leads from `start`. NOENT for the empty path, NOTCAPABLE for one that leads out, LOOP after 40
 * links, NAMETOOLONG for what is too deep; otherwise what the file system throws.
 */
export function resolve<T>(
  start: Directory,
  path: string,
  options: ResolveOptions,
  use: (place: Place) => T,
): T {
  const walk = new Walk(start, options);
  try {
    return use(walk.to(path));
  } finally {
    walk.end();
  }
}

class Walk {
  readonly #start: Directory;
  readonly #options: ResolveOptions;
  /** Directories that were entered, the innermost last. */
  readonly #entered: Directory[] = [];
  /** Components that are to come, the next one last. */
  readonly #rest: string[] = [];
  #mustBeDirectory = false;
  #links = 0;
  #steps = 0;

  constructor(start: Directory, options: ResolveOptions) {
    this.#start = start;
    this.#options = options;
  }

  end(): void {
    for (const directory of this.#entered) directory.close();
  }

  to(path: string): Place {
    if (path === "") fail(ERRNO.noent);
    this.#prepend(path);
    for (let name = this.#rest.pop(); name !== undefined; name = this.#rest.pop()) {
      this.#options.step?.();
      if (++this.#steps > MAX_STEPS) fail(ERRNO.nametoolong);
      if (name === ".") continue;
      if (name === "..") this.#leave();
      else if (this.#rest.length > 0) this.#enter(name);
      else if (!this.#options.follow || !this.#followLast(name)) return this.#place(name);
    }
    return this.#place(undefined);
  }

  get #directory(): Directory {
    return this.#entered.at(-1) ?? this.#start;
  }

  #place(name: string | undefined): Place {
    return { directory: this.#directory, name, mustBeDirectory: this.#mustBeDirectory };
  }

  #prepend(path: string): void {
    if (path.startsWith("/")) fail(ERRNO.notcapable);
    if (this.#rest.length === 0 && path.endsWith("/")) this.#mustBeDirectory = true;
    this.#rest.push(
      ...path
        .split("/")
        .filter((name) => name !== "")
        .reverse(),
    );
  }

  #leave(): void {
    const left = this.#entered.pop();
    if (left === undefined) fail(ERRNO.notcapable);
    left.close();
  }

  #enter(name: string): void {
    if (this.#entered.length >= MAX_DEPTH) fail(ERRNO.nametoolong);
    const { error, directory } = attempt(this.#directory, name);
    if (directory) {
      this.#entered.push(directory);
      return;
    }
    const { code } = error as { code?: unknown };
    if (code !== "ELOOP" && code !== "ENOTDIR") throw error;
    // A link, or no directory at all.
    if (this.#directory.stat(name).type !== "symlink") fail(ERRNO.notdir);
    this.#followLink(name);
  }

  /** Whether the last component was a link, which now is followed. */
  #followLast(name: string): boolean {
    try {
      if (this.#directory.stat(name).type !== "symlink") return false;
    } catch (error) {
      if ((error as { code?: unknown }).code === "ENOENT") return false;
      throw error;
    }
    this.#followLink(name);
    return true;
  }

  #followLink(name: string): void {
    if (++this.#links > MAX_LINKS) fail(ERRNO.loop);
    const target = this.#directory.readLink(name);
    if (target === "") fail(ERRNO.noent);
    this.#prepend(target);
  }
}

function attempt(parent: Directory, name: string): { error?: unknown; directory?: Directory } {
  try {
    return { directory: parent.openDirectory(name) };
  } catch (error) {
    return { error };
  }
}
