// The directories that a host's guests may use: opened once, shared by all guests, closed with the host. One that only some guests were
// given is closed when the last of them has ended.
import { MoonletError } from "./otp/error.ts";
import type { Process } from "./otp/index.ts";
import type { DirectoryGrant, OpenDirectory } from "./wasm/surroundings.ts";
import type { Directory, FileSystem } from "./wasm/wasi/file-system.ts";
import { resolve } from "./wasm/wasi/resolve.ts";

interface Root extends OpenDirectory {
  readonly host: string;
}

export class Directories {
  readonly #roots: readonly Root[];
  /** How many processes hold a directory that is not the host's own. */
  readonly #holders = new Map<Directory, number>();

  /** @throws MoonletError E_DIRECTORY for what is no directory, E_GRANT for two of the same name. */
  constructor(fileSystem: FileSystem, grants: readonly DirectoryGrant[] = []) {
    assertNames(grants);
    this.#roots = grants.map(({ host, guest, mode = "read" }) => ({
      host: withoutSlash(host),
      guest,
      mode: checkMode(mode),
      directory: fileSystem.openDirectory(host),
    }));
  }

  /** All of them. */
  get all(): readonly OpenDirectory[] {
    return this.#roots;
  }

  /** Those of one guest. @throws MoonletError E_NOT_GRANTED for what the host has not got, E_DIRECTORY for what is not there. */
  open(grants: readonly DirectoryGrant[]): readonly OpenDirectory[] {
    assertNames(grants);
    return grants.map(({ host, guest, mode = "read" }) => {
      const wanted = withoutSlash(host);
      const root = this.#roots.find(
        (root) =>
          (wanted === root.host || wanted.startsWith(root.host === "/" ? "/" : `${root.host}/`)) &&
          (checkMode(mode) === "read" || root.mode === "write"),
      );
      if (!root) {
        const what = `the directory "${host}"${mode === "write" ? " for writing" : ""}`;
        throw new MoonletError("E_NOT_GRANTED", `${what} was asked for, but the host itself has not got it`, {
          hint: "Add it, or one that it lies in, to the directories of createHost.",
        });
      }
      const rest = wanted.slice(root.host.length).replace(/^\/+/, "");
      return { guest, mode, directory: rest === "" ? root.directory : openBelow(root.directory, rest, host) };
    });
  }

  /** Keeps directories open while a process lives, which has just been spawned. */
  hold(process: Process, directories: readonly OpenDirectory[]): void {
    const lent = this.#lent(directories);
    if (lent.length === 0) return;
    for (const directory of lent) this.#holders.set(directory, (this.#holders.get(directory) ?? 0) + 1);
    process.onExit(() => {
      for (const directory of lent) this.#release(directory);
    });
  }

  /** Closes those that no process came to hold. */
  abandon(directories: readonly OpenDirectory[]): void {
    for (const directory of this.#lent(directories)) if (!this.#holders.has(directory)) directory.close();
  }

  close(): void {
    for (const { directory } of this.#roots) directory.close();
  }

  /** Those that are not the host's own. */
  #lent(directories: readonly OpenDirectory[]): readonly Directory[] {
    return directories
      .map(({ directory }) => directory)
      .filter((directory) => !this.#roots.some((root) => root.directory === directory));
  }

  #release(directory: Directory): void {
    const left = (this.#holders.get(directory) ?? 0) - 1;
    if (left > 0) {
      this.#holders.set(directory, left);
      return;
    }
    this.#holders.delete(directory);
    directory.close();
  }
}

function openBelow(root: Directory, path: string, shown: string): Directory {
  try {
    return resolve(root, path, { follow: true }, ({ directory, name }) =>
      name === undefined ? directory.reopen() : directory.openDirectory(name),
    );
  } catch (error) {
    throw new MoonletError("E_DIRECTORY", `cannot open the directory "${shown}"`, {
      hint: "It has to be there, and no link in it may lead out of the directory that the host was given.",
      cause: error,
    });
  }
}

function assertNames(grants: readonly DirectoryGrant[]): void {
  const seen = new Set<string>();
  for (const { guest } of grants) {
    if (guest === "" || guest.includes("\0") || seen.has(guest)) {
      throw new MoonletError("E_GRANT", `"${guest}" cannot be the name of a directory in the guest`, {
        hint: "Each directory needs a name of its own, such as /data.",
      });
    }
    seen.add(guest);
  }
}

function checkMode(mode: string): "read" | "write" {
  if (mode === "read" || mode === "write") return mode;
  throw new MoonletError("E_GRANT", `unknown mode "${mode}" of a directory`, {
    hint: "The modes are read and write.",
  });
}

function withoutSlash(path: string): string {
  return path.length > 1 ? path.replace(/\/+$/, "") || "/" : path;
}
