// A program: a compiled module with everything that its processes share. Made once, run by any number of guests.
import { capturedFrames, type GuestFrame, type Manifest, readManifest } from "../../instrument/running.ts";
import { MoonletError } from "../otp/error.ts";
import { suggestion } from "./did-you-mean.ts";
import type { Image } from "./image.ts";
import { checkImports } from "./link.ts";
import { type FunctionType, formatFunctionType, type ModuleTypes, readModuleTypes } from "./module-types.ts";
import { readableName } from "./rust-names.ts";
import { SourceMapReader, type SourcePosition } from "./source-map.ts";
import type { Entry } from "./spawn-request.ts";
import type { TrapFrame } from "./trap.ts";

/** The tables that a compiler may export for `process.spawn` by index. */
const TABLE_EXPORTS = ["table", "__indirect_function_table"];
const MAX_FRAMES = 64;
const RESERVED = /^moonlet:/;

/** A module that has been instrumented and compiled, perhaps in another thread. */
export interface CompiledModule {
  readonly wasm: Uint8Array;
  readonly module: WebAssembly.Module;
  readonly types: ModuleTypes;
}

export class Program {
  /** Shown in logs and reports: the path it was loaded from, or what the embedder called it. */
  readonly name: string;
  readonly module: WebAssembly.Module;
  readonly manifest: Manifest;
  readonly types: ModuleTypes;
  /** The instrumented module. */
  readonly bytes: Uint8Array;
  readonly sourceMap: string | undefined;
  /** The table that `process.spawn` finds functions in. */
  readonly tableExport: string | undefined;
  readonly #exports: ReadonlyMap<string, WebAssembly.ImportExportKind>;
  /** What `imageOf` has found. */
  begun: { readonly image: Image | undefined } | undefined = undefined;
  /** Read when it is first needed; null when it cannot be. */
  #positions: SourceMapReader | null | undefined;

  /** Throws a MoonletError when the module lacks what the host needs, or imports what there is not. */
  constructor(name: string, bytes: Uint8Array, sourceMap?: string, compiled?: CompiledModule) {
    this.name = name;
    this.bytes = bytes;
    this.sourceMap = sourceMap;
    this.module = compiled?.module ?? new WebAssembly.Module(bytes as BufferSource);
    const manifest = readManifest(this.module);
    if (!manifest) {
      throw new MoonletError("E_NOT_INSTRUMENTED", `${name} is not instrumented`, {
        hint: "Load it with host.load, which instruments it.",
      });
    }
    if (manifest.allocates) {
      throw new MoonletError("E_UNBOUNDED_HEAP", `${name} makes structs or arrays of the engine's`, {
        hint: "No limit of a process reaches the engine's heap. Compile the program for linear memory.",
      });
    }
    this.manifest = manifest;
    this.types = compiled?.types ?? readModuleTypes(bytes);
    this.#exports = new Map(WebAssembly.Module.exports(this.module).map(({ name, kind }) => [name, kind]));
    this.tableExport = TABLE_EXPORTS.find((name) => this.#exports.get(name) === "table");
    checkImports(name, this.module, this.types);
    if (this.#exports.get("memory") !== "memory") {
      throw new MoonletError("E_NO_MEMORY", `${name} exports no memory called "memory"`, {
        hint: 'Add (export "memory") to its memory; a guest exchanges messages through it.',
      });
    }
  }

  /** Exported functions that are the program's own. */
  get exportedFunctions(): string[] {
    return [...this.#exports]
      .filter(([name, kind]) => kind === "function" && !RESERVED.test(name))
      .map(([name]) => name);
  }

  /** Whether a process could begin there. What an index in the table leads to shows only when it is called. */
  hasEntry(entry: Entry): boolean {
    if (typeof entry === "number") return entry >= 0 && this.tableExport !== undefined;
    return (
      !RESERVED.test(entry) &&
      this.#exports.get(entry) === "function" &&
      isEntryType(this.types.functionExports.get(entry))
    );
  }

  exportsFunction(name: string): boolean {
    return this.#exports.get(name) === "function";
  }

  /** The entry to run when none is named: `main`, else `_start`. Compilers export a `main` of C too, which is none. */
  get defaultEntry(): string {
    return !this.hasEntry("main") && this.exportedFunctions.includes("_start") ? "_start" : "main";
  }

  /** Throws E_NO_ENTRY or E_ENTRY_TYPE unless a process can begin at `entry`. */
  checkEntry(entry: string): void {
    if (this.hasEntry(entry)) return;
    const own = this.exportedFunctions;
    // A reactor's start is no place to begin: it runs before.
    const entries = own.filter((name) => name !== "_initialize" && this.hasEntry(name));
    const type = own.includes(entry) ? this.types.functionExports.get(entry) : undefined;
    if (type) {
      throw new MoonletError(
        "E_ENTRY_TYPE",
        `"${entry}" in ${this.name} has the type ${formatFunctionType(type)}, not () -> ()`,
        {
          hint: "Export an entry without parameters; process.argument gives a process its argument.",
        },
      );
    }
    const alternative = entry === "main" ? ' and no "_start"' : "";
    throw new MoonletError(
      "E_NO_ENTRY",
      `${this.name} exports no function "${entry}"${alternative}.${suggestion(entry, entries)}`,
      {
        hint:
          entries.length > 0
            ? `It exports: ${entries.join(", ")}. Name the one to begin with.`
            : "It exports no function of type () -> ().",
      },
    );
  }

  /** The captured frames of a guest that is not in an instance. */
  framesIn(stack: Uint8Array): readonly GuestFrame[] {
    return capturedFrames(this.manifest, stack);
  }

  /** Frames with names and source positions; of a very deep stack the innermost ones. */
  locate(frames: readonly GuestFrame[]): TrapFrame[] {
    return frames.slice(0, MAX_FRAMES).map((frame) => {
      const functionName = readableName(frame.functionName ?? `function ${frame.functionIndex}`);
      const position = this.#position(frame.offset);
      return {
        functionName,
        functionIndex: frame.functionIndex,
        ...(frame.offset !== undefined && { offset: frame.offset }),
        ...position,
      };
    });
  }

  #position(offset: number | undefined): SourcePosition | undefined {
    if (this.sourceMap === undefined || offset === undefined) return undefined;
    if (this.#positions === undefined) this.#positions = SourceMapReader.read(this.sourceMap) ?? null;
    return this.#positions?.find(offset);
  }
}

/** `() -> ()`, or a C `main`-like `() -> i32` whose result is dropped. */
function isEntryType(type: FunctionType | undefined): boolean {
  return type === undefined || (type.params.length === 0 && type.results.length <= 1);
}
