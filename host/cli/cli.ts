// The command line: finds the command, reads its arguments, runs it, and shows what went wrong.
import { suggestion } from "../wasm/did-you-mean.ts";
import { parseArguments, usageError } from "./arguments.ts";
import type { Command } from "./command.ts";
import { COMMANDS, findCommand } from "./commands.ts";
import { EXIT, exitCodeOf } from "./exit-code.ts";
import { failureJson, renderFailure } from "./failure.ts";
import { commandHelp, overview } from "./help.ts";
import type { Terminal } from "./terminal.ts";
import { version } from "./version.ts";

/** Runs one command line, without the program's own name; resolves with the exit code and never rejects. */
export async function runCli(argv: readonly string[], terminal: Terminal): Promise<number> {
  try {
    return await dispatch(argv, terminal);
  } catch (error) {
    if (wantsJson(argv)) terminal.out(`${JSON.stringify({ ok: false, error: failureJson(error) })}\n`);
    else terminal.err(renderFailure(error, { color: terminal.color }));
    return exitCodeOf(error);
  }
}

async function dispatch(argv: readonly string[], terminal: Terminal): Promise<number> {
  const [first, ...others] = argv;
  switch (first) {
    case undefined:
      terminal.err(overview(COMMANDS));
      return EXIT.usage;
    case "help":
    case "--help":
    case "-h":
      return help(others, terminal);
    case "version":
    case "--version":
    case "-v":
      terminal.out(`${version()}\n`);
      return EXIT.ok;
  }
  const command = findCommand(first);
  if (command) return runCommand(command, others, terminal);
  // A program, or options with which one is run.
  if (first.startsWith("-") || /[./\\]/.test(first)) return runCommand(findCommand("run")!, argv, terminal);
  throw unknownCommand(first);
}

async function runCommand(command: Command, argv: readonly string[], terminal: Terminal): Promise<number> {
  const args = parseArguments(command, argv);
  if (args.has("help")) {
    terminal.out(commandHelp(command));
    return EXIT.ok;
  }
  return command.run(args, terminal);
}

function help([name]: readonly string[], terminal: Terminal): number {
  const command = name === undefined ? undefined : findCommand(name);
  if (name !== undefined && !command) throw unknownCommand(name);
  terminal.out(command ? commandHelp(command) : overview(COMMANDS));
  return EXIT.ok;
}

function unknownCommand(name: string): Error {
  const names = [...COMMANDS.map((command) => command.name), "help", "version"];
  return usageError(
    `unknown command "${name}".${suggestion(name, names)}`,
    `The commands are: ${names.join(", ")}.`,
  );
}

function wantsJson(argv: readonly string[]): boolean {
  const end = argv.indexOf("--");
  return argv.slice(0, end < 0 ? undefined : end).includes("--json");
}
