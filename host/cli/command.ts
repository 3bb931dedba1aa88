// What a command of the command line is.
import type { Arguments } from "./arguments.ts";
import type { Terminal } from "./terminal.ts";

export interface OptionSpec {
  /** Placeholder of its value in the help; a flag has none. */
  readonly value?: string;
  /** One letter. */
  readonly short?: string;
  /** May be given more than once. */
  readonly many?: boolean;
  readonly help: string;
}

export interface Command {
  readonly name: string;
  /** One line. */
  readonly summary: string;
  /** What follows the command's name. */
  readonly usage: string;
  /** By long name, without dashes. */
  readonly options: Readonly<Record<string, OptionSpec>>;
  /** Whether `--` and what follows it are taken. Default false. */
  readonly takesRest?: boolean;
  /** Shown below the options. */
  readonly notes?: readonly string[];
  /** Resolves with the exit code. What it throws is shown, and decides the exit code. */
  run(args: Arguments, terminal: Terminal): Promise<number>;
}
