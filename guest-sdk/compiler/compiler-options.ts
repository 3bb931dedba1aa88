// asconfig.json at the package's root holds the options of every guest compilation. This file applies them; a key it does not
// know is an error, so that what stands there is what is used.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as asc from "assemblyscript";
import { packageRoot } from "./package-root.ts";

/** The `options` of asconfig.json, as asc's command line knows them. */
export interface CompilerOptions {
  /** How memory is managed: `incremental` collects by itself, `minimal` only when told, `stub` never. */
  readonly runtime: "incremental" | "minimal" | "stub";
  readonly exportRuntime: boolean;
  /** Exports the function table as `table`, which `process.spawn` by index needs. */
  readonly exportTable: boolean;
  /** Keeps function names. */
  readonly debug: boolean;
  readonly optimizeLevel: 0 | 1 | 2 | 3;
  readonly shrinkLevel: 0 | 1 | 2;
  /** Bytes of the stack on which the collector finds references. */
  readonly stackSize: number;
  /** Pages; 0: as few as the static data needs. */
  readonly initialMemory: number;
  /** Pages; 0: no limit of its own. */
  readonly maximumMemory: number;
  readonly noAssert: boolean;
}

const RUNTIMES = { stub: 0, minimal: 1, incremental: 2 } as const;
const DEFAULTS: CompilerOptions = {
  runtime: "incremental",
  exportRuntime: false,
  exportTable: true,
  debug: true,
  optimizeLevel: 3,
  shrinkLevel: 0,
  stackSize: asc.DEFAULT_STACK_SIZE,
  initialMemory: 0,
  maximumMemory: 0,
  noAssert: false,
};

let configured: CompilerOptions | undefined;

/** The options from asconfig.json. Throws when it holds a key or a type that this compiler does not know. */
export function configuredOptions(): CompilerOptions {
  configured ??= parseOptions(readFileSync(join(packageRoot(), "asconfig.json"), "utf8"));
  return configured;
}

/** Reads the text of an asconfig.json. */
export function parseOptions(text: string): CompilerOptions {
  const config = JSON.parse(text) as { options?: Record<string, unknown> };
  for (const key of Object.keys(config)) {
    if (key !== "options") throw new Error(`asconfig.json: unknown key "${key}"; expected "options" alone`);
  }
  const given = config.options ?? {};
  for (const [key, value] of Object.entries(given)) {
    if (!Object.hasOwn(DEFAULTS, key)) {
      throw new Error(
        `asconfig.json: unknown option "${key}"; expected one of ${Object.keys(DEFAULTS).join(", ")}`,
      );
    }
    const expected = typeof DEFAULTS[key as keyof CompilerOptions];
    if (typeof value !== expected || (key === "runtime" && !Object.hasOwn(RUNTIMES, value as string))) {
      throw new Error(
        `asconfig.json: option "${key}" is ${JSON.stringify(value)}; expected a ${expected} that asc knows`,
      );
    }
  }
  return { ...DEFAULTS, ...given };
}

/** Translates the options for one compilation. */
export function newAscOptions(options: CompilerOptions): asc.Options {
  const translated = asc.newOptions();
  asc.setTarget(translated, 0);
  asc.setRuntime(translated, RUNTIMES[options.runtime]);
  asc.setExportRuntime(translated, options.exportRuntime);
  asc.setExportTable(translated, options.exportTable);
  asc.setDebugInfo(translated, options.debug);
  asc.setSourceMap(translated, true);
  asc.setStackSize(translated, options.runtime === "incremental" ? options.stackSize : 0);
  asc.setInitialMemory(translated, options.initialMemory);
  asc.setMaximumMemory(translated, options.maximumMemory);
  asc.setNoAssert(translated, options.noAssert);
  asc.setOptimizeLevelHints(translated, options.optimizeLevel, options.shrinkLevel);
  return translated;
}
