// What a guest has around it beyond its grants: the directories and variables that it was given, and its standard streams. A child has
// its parent's, or a part of them.
import type { Pid } from "../otp/index.ts";
import type { GrantSet } from "./grant.ts";
import type { StandardInput } from "./standard-input.ts";
import type { Directory } from "./wasi/file-system.ts";

/** A directory that a guest may use. */
export interface DirectoryGrant {
  /** Its path in the file system. */
  readonly host: string;
  /** Its name in the guest, such as "/data" or ".". */
  readonly guest: string;
  /** Whether what lies in it may be changed. Default "read". */
  readonly mode?: "read" | "write";
}

/** A granted directory, opened. The handle is the host's: it is shared, and no guest closes it. */
export interface OpenDirectory {
  readonly guest: string;
  readonly mode: "read" | "write";
  readonly directory: Directory;
}

/** Takes what a guest writes. Gives a promise to have the guest wait until it is settled before it writes more; else anything. */
export type WriteOutput = (stream: 1 | 2, bytes: Uint8Array, pid: Pid) => unknown;

export interface Surroundings {
  readonly directories: readonly OpenDirectory[];
  /** Environment variables by name. */
  readonly variables: ReadonlyMap<string, string>;
  /** Undefined: at its end from the start. */
  readonly input: StandardInput | undefined;
  /** Default: the host's. */
  readonly write?: WriteOutput;
}

/** Nothing at all. */
export const BARE: Surroundings = { directories: [], variables: new Map(), input: undefined };

/** What a child is to have of its parent's surroundings. Absent: everything. */
export interface SurroundingsPart {
  readonly directories?: readonly { readonly guest: string; readonly mode: "read" | "write" }[];
  readonly variables?: readonly string[];
}

/** The part, or the name of what was asked for and is not there: `directory "/data" for writing`, `variable "HOME"`. */
export function attenuate(whole: Surroundings, part: SurroundingsPart): Surroundings | string {
  let { directories, variables } = whole;
  if (part.directories) {
    const kept: OpenDirectory[] = [];
    for (const { guest, mode } of part.directories) {
      const found = directories.find((directory) => directory.guest === guest);
      if (!found || (mode === "write" && found.mode === "read")) {
        return `directory "${guest}"${mode === "write" ? " for writing" : ""}`;
      }
      kept.push({ ...found, mode });
    }
    directories = kept;
  }
  if (part.variables) {
    const kept = new Map<string, string>();
    for (const name of part.variables) {
      const value = variables.get(name);
      if (value === undefined) return `variable "${name}"`;
      kept.set(name, value);
    }
    variables = kept;
  }
  return { ...whole, directories, variables };
}

/** As the log of spawns has them: grants, and what goes with them. */
export function capabilitiesOf(grants: GrantSet, surroundings: Surroundings): string[] {
  const { directories, variables } = surroundings;
  return [
    ...grants,
    ...directories.map(({ guest, mode }) => `directory:${guest}:${mode}`),
    ...[...variables.keys()].map((name) => `env:${name}`),
  ];
}
