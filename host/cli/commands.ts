// The commands. One file each; what a command works with is loaded when it runs.
import { build } from "./build.ts";
import type { Command } from "./command.ts";
import { inspect } from "./inspect.ts";
import { instrument } from "./instrument.ts";
import { run } from "./run.ts";

export const COMMANDS: readonly Command[] = [run, build, instrument, inspect];

export function findCommand(name: string): Command | undefined {
  return COMMANDS.find((command) => command.name === name);
}
