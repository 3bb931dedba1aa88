// The host that random modules run on: logs what they say, suspends them, calls them back, and hands out objects.
import type { Coroutine, ReferenceNames } from "../../instrument/index.ts";

type Fn = (...args: unknown[]) => unknown;

/** One run of a module, which may go through several instances. */
export interface Run {
  readonly events: string[];
  coroutine: Coroutine | undefined;
  /** Exported functions, in order. */
  exports: readonly Fn[];
  /** Calls from imports back into the module. */
  depth: number;
  /** Such calls so far. */
  backs: number;
  /** What the import that suspends gives. */
  answer: number | bigint | undefined;
}

/** Imports that suspend, for `instrument`. */
export const SUSPENDING = [
  "fuzzing-support.sleep",
  "env.wait_i32",
  "env.wait_i64",
  "env.wait_f32",
  "env.wait_f64",
  "env.pause",
];
const MAX_BACKS = 100;
const OBJECTS = [{ object: 0 }, { object: 1 }, { object: 2 }];

/** Names of the host's objects in snapshots. */
export const NAMES: ReferenceNames = {
  nameOf: (value) => {
    if (typeof value === "string" || typeof value === "number") return JSON.stringify(value);
    const at = OBJECTS.indexOf(value as (typeof OBJECTS)[number]);
    return at < 0 ? undefined : `object ${at}`;
  },
  valueOf: (name) => (name.startsWith("object ") ? OBJECTS[Number(name.slice(7))] : JSON.parse(name)),
};

export function importsOf(module: WebAssembly.Module, run: Run): WebAssembly.Imports {
  const imports: Record<string, WebAssembly.ModuleImports> = {};
  for (const { module: from, name, kind } of WebAssembly.Module.imports(module)) {
    imports[from] ??= {};
    imports[from][name] = kind === "function" ? importedFunction(name, run) : importedValue(kind, name);
  }
  return imports;
}

function importedFunction(name: string, run: Run): Fn {
  const { events } = run;
  const suspend = (answer: number | bigint | undefined) => {
    run.answer = answer;
    if (run.coroutine && run.depth === 0) run.coroutine.suspend();
    return answer;
  };
  const back = (fn: Fn | undefined, caught: boolean): unknown => {
    if (!fn || fn.length > 0 || run.depth > 3) return 0;
    run.depth++;
    run.backs++;
    try {
      if (run.coroutine) run.coroutine.start(fn);
      else fn();
      return 0;
    } catch (error) {
      // Who is stopped for working too long and called again and again would never end.
      if (!caught || error instanceof RangeError || run.backs > MAX_BACKS) throw error;
      return 1;
    } finally {
      run.depth--;
    }
  };
  const exported = (index: unknown) =>
    run.exports[((index as number) >>> 0) % Math.max(1, run.exports.length)];
  switch (name) {
    case "sleep":
      return (_ms, id) => {
        events.push(`sleep ${show(id)}`);
        return suspend(id as number);
      };
    case "pause":
      return () => suspend(undefined);
    case "wait_i32":
    case "wait_i64":
    case "wait_f32":
    case "wait_f64":
      return (value) => {
        events.push(`${name} ${show(value)}`);
        return suspend(value as number | bigint);
      };
    case "object":
      return (index) => OBJECTS[(index as number) & 3] ?? null;
    case "back":
      return (index) => {
        const result = back(exported(index), true);
        events.push(`back ${show(index)}: ${show(result)}`);
        return result;
      };
    case "call-export":
      return (index) => void back(exported(index), false);
    case "call-export-catch":
      return (index) => back(exported(index), true);
    case "call-ref":
      return (fn) => void back(fn as Fn, false);
    case "call-ref-catch":
      return (fn) => back(fn as Fn, true);
  }
  return (...args) => {
    events.push(`${name} ${args.map(show).join(" ")}`);
    return 0;
  };
}

function importedValue(kind: string, name: string): WebAssembly.ImportValue {
  if (kind === "memory") return new WebAssembly.Memory({ initial: 32, maximum: 64 });
  if (kind === "table") return new WebAssembly.Table({ initial: 64, element: "anyfunc" });
  if (kind === "tag") {
    const { Tag } = WebAssembly as unknown as { Tag: new (type: object) => WebAssembly.ImportValue };
    return new Tag({ parameters: name === "wasmtag" ? ["i32"] : ["externref"] });
  }
  return name as unknown as WebAssembly.ImportValue;
}

export function show(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(show).join(", ")}]`;
  // A function of the module is called by its index.
  if (typeof value === "function") return `function ${value.name}`;
  if (typeof value === "bigint") return `${value}n`;
  if (Object.is(value, -0)) return "-0";
  if (typeof value !== "object" || value === null) return String(value);
  return `object ${OBJECTS.indexOf(value as (typeof OBJECTS)[number])}`;
}
