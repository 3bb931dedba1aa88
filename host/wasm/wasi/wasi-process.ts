// What one process has of WASI: its arguments, variables and descriptors. Made when it first makes a call, freed when it ends.
import { decodeTerm } from "../../otp/term/index.ts";
import type { Guest } from "../guest.ts";
import { openSockets } from "../net/resource.ts";
import type { OpenDirectory } from "../surroundings.ts";
import { DescriptorTable, type LentBy } from "./descriptors.ts";
import { ERRNO, errnoOf } from "./errno.ts";
import { DIRECTORY_RIGHTS, FILE_RIGHTS, INPUT_RIGHTS, OUTPUT_RIGHTS } from "./rights.ts";

const encoder = new TextEncoder();

export class WasiProcess {
  /** argv: the name of the program's file and, when the process was spawned with a list of texts, those. Each ends with NUL. */
  readonly arguments: readonly Uint8Array[];
  /** `NAME=value`, each with NUL at the end. */
  readonly variables: readonly Uint8Array[];
  readonly descriptors: DescriptorTable;
  #cancelWait: (() => void) | undefined;

  constructor(guest: Guest) {
    const { directories, variables } = guest.surroundings;
    this.arguments = [fileName(guest.program.name), ...textsOf(guest.argument)].map(terminated);
    this.variables = [...variables].map(([name, value]) => terminated(`${name}=${value}`));
    this.descriptors = new DescriptorTable(guest.process, guest.limits.openResources, () =>
      openSockets(guest.process),
    );
    this.descriptors.set(0, { type: "stream", stream: 0, rights: INPUT_RIGHTS, inheriting: 0n, flags: 0 });
    if (guest.grants.has("stdio")) {
      for (const stream of [1, 2] as const) {
        this.descriptors.set(stream, {
          type: "stream",
          stream,
          rights: OUTPUT_RIGHTS,
          inheriting: 0n,
          flags: 0,
        });
      }
    }
    for (const { guest: preopen, mode, directory } of directories) {
      this.descriptors.add({
        type: "directory",
        directory,
        isWritable: mode === "write",
        preopen,
        listing: undefined,
        rights: DIRECTORY_RIGHTS,
        inheriting: DIRECTORY_RIGHTS | FILE_RIGHTS,
        flags: 0,
      });
    }
  }

  /** A descriptor of its own for a directory that is lent to it; undefined when too many are open. It ends with the loan. */
  openLent({ mode, directory }: OpenDirectory, loan: LentBy): number | undefined {
    try {
      this.descriptors.assertRoom();
    } catch (error) {
      if (errnoOf(error) === ERRNO.mfile) return undefined;
      throw error;
    }
    return this.descriptors.add({
      type: "directory",
      directory: directory.reopen(),
      isWritable: mode === "write",
      preopen: undefined,
      listing: undefined,
      rights: DIRECTORY_RIGHTS,
      inheriting: DIRECTORY_RIGHTS | FILE_RIGHTS,
      flags: 0,
      loan,
    });
  }

  /** Notes how the wait that begins is taken back; `endWait` does so. */
  beginWait(cancel: () => void): void {
    this.endWait();
    this.#cancelWait = cancel;
  }

  endWait(): void {
    this.#cancelWait?.();
    this.#cancelWait = undefined;
  }

  /** Frees everything. */
  close(): void {
    this.endWait();
    this.descriptors.closeAll();
  }
}

function fileName(path: string): string {
  return path.split(/[\\/]/).at(-1) || path;
}

function textsOf(argument: Uint8Array): readonly string[] {
  const term = decodeTerm(argument);
  return Array.isArray(term) && term.every((item) => typeof item === "string") ? term : [];
}

/** Ends at a NUL within it, as it would for the program. */
function terminated(text: string): Uint8Array {
  return encoder.encode(`${text.split("\0", 1)[0]}\0`);
}
