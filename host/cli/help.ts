// moonlet help: what there is, and how each command is called.
import { COMMON_OPTIONS } from "./arguments.ts";
import type { Command, OptionSpec } from "./command.ts";
import { EXIT } from "./exit-code.ts";

/** All commands. */
export function overview(commands: readonly Command[]): string {
  const rows = [
    ...commands.map(({ name, summary }): [string, string] => [name, summary]),
    ["help", "show this, or how a command is called: moonlet help run"],
    ["version", "show the version"],
  ] satisfies [string, string][];
  return [
    "moonlet runs programs compiled to WebAssembly as Erlang processes.",
    "",
    "Usage: moonlet <command> [options]",
    "       moonlet <program>              the same as moonlet run <program>",
    "",
    ...columns(rows),
    "",
    `Exit codes: ${EXIT.ok} fine, ${EXIT.guestFailed} the program failed, ${EXIT.usage} usage, ${EXIT.buildFailed} build failed, ${EXIT.bug} a bug of moonlet.`,
    "",
  ].join("\n");
}

/** One command. */
export function commandHelp(command: Command): string {
  const options = Object.entries({ ...command.options, ...COMMON_OPTIONS });
  return [
    `moonlet ${command.name}: ${command.summary}`,
    "",
    `Usage: moonlet ${command.name} ${command.usage}`,
    "",
    ...columns(options.map(([name, spec]) => [optionTitle(name, spec), spec.help])),
    ...(command.notes ? ["", ...command.notes] : []),
    "",
  ].join("\n");
}

function optionTitle(name: string, { short, value }: OptionSpec): string {
  return `${short === undefined ? "    " : `-${short}, `}--${name}${value === undefined ? "" : ` ${value}`}`;
}

function columns(rows: readonly (readonly [string, string])[]): string[] {
  const width = Math.max(...rows.map(([left]) => left.length));
  return rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`);
}
