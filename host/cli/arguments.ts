// Reads a command's arguments against its table of options.
import { MoonletError } from "../otp/error.ts";
import { suggestion } from "../wasm/did-you-mean.ts";
import type { Command, OptionSpec } from "./command.ts";

/** The operator called a command in a way that it does not have. */
export function usageError(message: string, hint: string): MoonletError {
  return new MoonletError("E_USAGE", message, { hint });
}

export class Arguments {
  readonly positionals: readonly string[];
  /** What followed `--`; undefined without one. */
  readonly rest: readonly string[] | undefined;
  readonly #values: ReadonlyMap<string, readonly string[]>;

  constructor(
    positionals: readonly string[],
    values: ReadonlyMap<string, readonly string[]>,
    rest: readonly string[] | undefined,
  ) {
    this.positionals = positionals;
    this.#values = values;
    this.rest = rest;
  }

  /** Whether an option was given. */
  has(name: string): boolean {
    return this.#values.has(name);
  }
  /** The value of an option, the last one given. */
  value(name: string): string | undefined {
    return this.#values.get(name)?.at(-1);
  }
  /** All values of an option that may be given more than once. */
  values(name: string): readonly string[] {
    return this.#values.get(name) ?? [];
  }

  /** The one positional argument. Throws E_USAGE when there is none, or more. */
  only(what: string, command: Command): string {
    const [first, second] = this.positionals;
    if (first === undefined || first === "") {
      throw usageError(`moonlet ${command.name} needs ${what}`, usageHint(command));
    }
    if (second !== undefined) {
      const hint = command.takesRest
        ? "Arguments for the program come after --, as in: moonlet run program.ts -- one two."
        : usageHint(command);
      throw usageError(`unexpected argument "${second}"`, hint);
    }
    return first;
  }
}

/** The options that every command has. */
export const COMMON_OPTIONS: Readonly<Record<string, OptionSpec>> = {
  help: { short: "h", help: "show this help" },
};

export function parseArguments(command: Command, argv: readonly string[]): Arguments {
  const options = { ...command.options, ...COMMON_OPTIONS };
  const positionals: string[] = [];
  const values = new Map<string, string[]>();
  let rest: string[] | undefined;
  for (let i = 0; i < argv.length; i++) {
    const word = argv[i]!;
    if (word === "--") {
      rest = argv.slice(i + 1);
      break;
    }
    if (word === "-" || !word.startsWith("-")) {
      positionals.push(word);
      continue;
    }
    const { name, shown, inline } = splitOption(command, options, word);
    const spec = options[name]!;
    if (spec.value === undefined) {
      if (inline !== undefined) throw usageError(`${shown} takes no value`, usageHint(command));
      values.set(name, []);
      continue;
    }
    const value = inline ?? argv[i + 1];
    if (value === undefined || (inline === undefined && value !== "-" && value.startsWith("-"))) {
      throw usageError(`${shown} needs a value: ${shown} ${spec.value}`, usageHint(command));
    }
    if (inline === undefined) i++;
    const known = values.get(name) ?? [];
    if (known.length > 0 && !spec.many) throw usageError(`${shown} is given twice`, usageHint(command));
    values.set(name, [...known, value]);
  }
  if (rest !== undefined && !command.takesRest) {
    throw usageError(`moonlet ${command.name} takes nothing after --`, usageHint(command));
  }
  return new Arguments(positionals, values, rest);
}

/** `--name`, `--name=value`, `-n` or `-nvalue`. */
function splitOption(
  command: Command,
  options: Readonly<Record<string, OptionSpec>>,
  word: string,
): { name: string; shown: string; inline: string | undefined } {
  if (word.startsWith("--")) {
    const equals = word.indexOf("=");
    const name = word.slice(2, equals < 0 ? undefined : equals);
    if (Object.hasOwn(options, name)) {
      return { name, shown: `--${name}`, inline: equals < 0 ? undefined : word.slice(equals + 1) };
    }
    throw unknownOption(command, options, `--${name}`);
  }
  const found = Object.entries(options).find(([, { short }]) => short === word[1]);
  if (found === undefined) throw unknownOption(command, options, word);
  const inline = word.slice(2).replace(/^=/, "");
  return { name: found[0], shown: `-${word[1]}`, inline: word.length === 2 ? undefined : inline };
}

function unknownOption(
  command: Command,
  options: Readonly<Record<string, OptionSpec>>,
  word: string,
): MoonletError {
  const names = Object.keys(options).map((name) => `--${name}`);
  return usageError(
    `unknown option "${word}" of moonlet ${command.name}.${suggestion(word, names)}`,
    usageHint(command),
  );
}

function usageHint(command: Command): string {
  return `Usage: moonlet ${command.name} ${command.usage}. More: moonlet help ${command.name}.`;
}
