// Runs a script's commands over raw and over instrumented modules and compares what each action gives.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { InstrumentError, instrument } from "../../instrument/index.ts";
import type { Action, Command } from "./convert.ts";
import { LeftOut, Session } from "./session.ts";

export interface Tally {
  modules: number;
  passed: number;
  failed: number;
  readonly failures: string[];
  readonly leftOut: Map<string, number>;
}

export function tally(): Tally {
  return { modules: 0, passed: 0, failed: 0, failures: [], leftOut: new Map() };
}

const ACTIONS = new Set(["action", "assert_return", "assert_trap", "assert_exhaustion", "assert_exception"]);
/** Suffix of what is instantiated and has to fail. */
const FAILING = new Set(["assert_unlinkable", "assert_uninstantiable"]);

export async function compareScript(
  folder: string,
  commands: readonly Command[],
  fuels: readonly number[],
  result: Tally,
): Promise<void> {
  const instrumented = new Map<string, Uint8Array | string>();
  for (const { filename, type } of commands) {
    if (!filename?.endsWith(".wasm") || !(type === "module" || FAILING.has(type))) continue;
    const bytes = new Uint8Array(readFileSync(join(folder, filename)));
    if (!WebAssembly.validate(bytes)) {
      instrumented.set(filename, "module that this engine does not accept");
      continue;
    }
    try {
      instrumented.set(filename, (await instrument(bytes, { name: filename })).wasm);
      if (type === "module") result.modules++;
    } catch (error) {
      if (!(error instanceof InstrumentError)) throw error;
      instrumented.set(
        filename,
        `refused: ${error.message.replace(/^.*? holds /, "").replace(/^.*cannot be instrumented: /, "")}`,
      );
    }
  }
  const raw = play(folder, commands, undefined, instrumented);
  for (const fuel of fuels) {
    const ours = play(folder, commands, fuel, instrumented);
    commands.forEach((command, i) => {
      if (!ACTIONS.has(command.type) && !FAILING.has(command.type) && command.type !== "module") return;
      const expected = raw[i]!;
      const found = ours[i]!;
      const reason = expected.leftOut ?? found.leftOut;
      if (reason !== undefined) {
        if (fuel === fuels[0]) result.leftOut.set(reason, (result.leftOut.get(reason) ?? 0) + 1);
      } else if (expected.value === found.value) {
        if (command.type !== "module") result.passed++;
      } else {
        result.failed++;
        result.failures.push(
          `${command.line} at fuel ${fuel}: ${command.type} ${command.action?.field ?? ""} gives ${found.value}, raw ${expected.value}`,
        );
      }
    });
  }
}

interface Outcome {
  value?: string;
  leftOut?: string;
}

/** Fuel undefined: raw. */
function play(
  folder: string,
  commands: readonly Command[],
  fuel: number | undefined,
  instrumented: ReadonlyMap<string, Uint8Array | string>,
): Outcome[] {
  const session = new Session(fuel);
  const broken = new Map<string, string>();
  let current: string | undefined;
  let counter = 0;
  return commands.map((command) => {
    try {
      if (command.type === "module" || FAILING.has(command.type)) {
        const keep = command.type === "module";
        const key = command.name ?? `#${counter++}`;
        if (keep) current = key;
        const wasm = instrumented.get(command.filename!);
        if (wasm === undefined) return { leftOut: "module as text" };
        if (typeof wasm === "string") {
          if (keep) broken.set(key, wasm);
          return { leftOut: wasm };
        }
        try {
          const bytes =
            fuel === undefined ? new Uint8Array(readFileSync(join(folder, command.filename!))) : wasm;
          session.instantiate(key, bytes, !keep);
        } catch (error) {
          if (keep) broken.set(key, "assertion on a module that could not be made");
          throw error;
        }
        return { value: "instantiated" };
      }
      if (command.type === "register") {
        const key = command.name ?? current!;
        if (!broken.has(key)) session.register(command.as!, key);
        return {};
      }
      if (!ACTIONS.has(command.type)) return {};
      const action = command.action as Action;
      const key = action.module ?? current!;
      const reason = broken.get(key);
      if (reason !== undefined) return { leftOut: reason };
      return { value: session.act(key, action, command.expected ?? []) };
    } catch (error) {
      if (error instanceof LeftOut) return { leftOut: error.message };
      return { value: nameOf(error) };
    }
  });
}

/** What went wrong, in words that do not depend on how the module was instrumented. */
function nameOf(error: unknown): string {
  const { message } = error as Error;
  if (error instanceof RangeError || message === "stack overflow") return "stack overflow";
  if (error instanceof WebAssembly.LinkError) return "link error";
  if (error instanceof WebAssembly.Exception) return "exception";
  return message;
}
