// Runs a script's commands over raw and over instrumented modules and compares what each action gives.
import { InstrumentError, instrument } from "../../instrument/index.ts";
import { assemble } from "./assemble.ts";
import type { Action, Command, ModuleSource } from "./script.ts";
import { LeftOut, Session } from "./session.ts";

export interface Tally {
  modules: number;
  passed: number;
  failed: number;
  readonly failures: string[];
  /** How many modules and assertions, by reason. */
  readonly leftOut: Map<string, { modules: number; assertions: number }>;
}

export function tally(): Tally {
  return { modules: 0, passed: 0, failed: 0, failures: [], leftOut: new Map() };
}

export function leaveOut(result: Tally, reason: string, modules: number, assertions: number): void {
  const count = result.leftOut.get(reason) ?? { modules: 0, assertions: 0 };
  count.modules += modules;
  count.assertions += assertions;
  result.leftOut.set(reason, count);
}

/** Both forms of a module, or why there are none. */
type Forms = { readonly raw: Uint8Array; readonly ours: Uint8Array } | string;

export async function compareScript(
  commands: readonly Command[],
  fuels: readonly number[],
  result: Tally,
): Promise<void> {
  const forms = new Map<ModuleSource, Forms>();
  for (const command of commands) {
    if (command.type !== "module" && command.type !== "failing") continue;
    const found = await formsOf(command.module);
    forms.set(command.module, found);
    if (typeof found !== "string" && command.type === "module") result.modules++;
  }
  const calls = new Map<Action, WebAssembly.Module | undefined>();
  const raw = play(commands, undefined, forms, calls);
  for (const fuel of fuels) {
    const ours = play(commands, fuel, forms, calls);
    commands.forEach((command, i) => {
      const { type } = command;
      if (type === "invalid" || type === "register") return;
      const isModule = type === "module" || type === "instance";
      const expected = raw[i]!;
      const found = ours[i]!;
      const reason = expected.leftOut ?? found.leftOut;
      if (reason !== undefined) {
        if (fuel === fuels[0]) leaveOut(result, reason, isModule ? 1 : 0, isModule ? 0 : 1);
      } else if (expected.value === found.value) {
        if (!isModule) result.passed++;
      } else {
        result.failed++;
        const what = type === "action" ? `${command.assertion} ${command.action.field}` : type;
        result.failures.push(
          `${command.line} at fuel ${fuel}: ${what} gives ${found.value}, raw ${expected.value}`,
        );
      }
    });
  }
}

async function formsOf({ name, text, bytes }: ModuleSource): Promise<Forms> {
  const raw = bytes ?? assemble(text!);
  if (raw === "not read") return "syntax that neither wabt nor binaryen reads";
  if (raw === "not accepted" || !WebAssembly.validate(raw as BufferSource))
    return "module that this engine does not accept raw";
  try {
    const { wasm } = await instrument(raw, { ...(name !== undefined && { name }) });
    return { raw, ours: wasm };
  } catch (error) {
    if (!(error instanceof InstrumentError)) throw error;
    return `refused: ${error.message.replace(/^.*? cannot be instrumented: (function \S+ holds )?/, "")}`;
  }
}

interface Outcome {
  value?: string;
  leftOut?: string;
}

/** Fuel undefined: raw. */
function play(
  commands: readonly Command[],
  fuel: number | undefined,
  forms: ReadonlyMap<ModuleSource, Forms>,
  calls: Map<Action, WebAssembly.Module | undefined>,
): Outcome[] {
  const session = new Session(fuel, calls);
  const definitions = new Map<string | undefined, ModuleSource>();
  const broken = new Map<string, string>();
  let current = "";
  let counter = 0;
  const make = (key: string, source: ModuleSource, keep: boolean): Outcome => {
    const found = forms.get(source)!;
    if (typeof found === "string") {
      if (keep) broken.set(key, found);
      return { leftOut: found };
    }
    broken.delete(key);
    try {
      session.instantiate(key, fuel === undefined ? found.raw : found.ours, !keep);
    } catch (error) {
      if (keep) broken.set(key, error instanceof LeftOut ? error.message : "module that could not be linked");
      throw error;
    }
    return { value: "instantiated" };
  };
  const perform = (command: Command): Outcome => {
    try {
      switch (command.type) {
        case "module":
          if (command.definition) {
            definitions.set(command.module.name, command.module);
            definitions.set(undefined, command.module);
            return { value: "defined" };
          }
          current = command.module.name ?? `#${counter++}`;
          return make(current, command.module, true);
        case "instance":
          current = command.name ?? `#${counter++}`;
          return make(current, definitions.get(command.of)!, true);
        case "failing":
          return make(`#${counter++}`, command.module, false);
        case "register": {
          const key = command.module ?? current;
          if (!broken.has(key)) session.register(command.as, key);
          return {};
        }
        case "action": {
          const key = command.action.module ?? current;
          const reason = broken.get(key);
          if (reason !== undefined) return { leftOut: reason };
          return { value: session.act(key, command.action, command.expected) };
        }
        case "invalid":
          return {};
        case "unknown":
          return { leftOut: `command that the harness does not know: ${command.word || "(none)"}` };
      }
    } catch (error) {
      if (error instanceof LeftOut) return { leftOut: error.message };
      return { value: nameOf(error) };
    }
  };
  return commands.map(perform);
}

/** What went wrong, in words that do not depend on how the module was instrumented. */
function nameOf(error: unknown): string {
  const { message } = error as Error;
  if (error instanceof RangeError || message === "stack overflow") return "stack overflow";
  if (error instanceof WebAssembly.LinkError) return "link error";
  if (error instanceof WebAssembly.Exception) return "exception";
  // Where data is placed and how large memories are differs by the frames' room.
  return message.replace(/ \(offset \d+, length \d+, memory size \d+\)$/, "");
}
