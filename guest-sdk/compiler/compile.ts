// Compiles a guest written in AssemblyScript. Drives asc's own parser, compiler and optimiser as a library, hands the finished
// binaryen module to the caller while its debug locations are alive, and never ends or prints anything by itself.
import * as asc from "assemblyscript";
import { libraryFiles } from "assemblyscript/asc";
import binaryen from "binaryen";
import { type CompilerOptions, configuredOptions, newAscOptions } from "./compiler-options.ts";
import { CompileError, type Diagnostic, locate, NOWHERE } from "./diagnostic.ts";
import { GuestCompiler } from "./guest-compiler.ts";
import { synthesizeMessages } from "./message-transform.ts";
import { findReservedExports } from "./reserved-exports.ts";
import { memoryFiles } from "./runtime.ts";
import { type ReadFile, SourceFiles } from "./source-files.ts";

export interface CompileOptions {
  /** Reads a source file by its absolute path. Default: from disk. */
  readonly readFile?: ReadFile;
  /** What names of files are relative to, in diagnostics, source maps and stack traces. Default: the current folder. */
  readonly baseDir?: string;
  /** Instead of the one in asconfig.json: 0 compiles fastest, 3 runs fastest. */
  readonly optimizeLevel?: 0 | 1 | 2 | 3;
}

/** The default output. */
export interface EmittedModule {
  readonly wasm: Uint8Array;
  readonly sourceMap: string;
}

export interface Compiled<T> {
  /** What `transformModule` gave; without one, the emitted module. */
  readonly transformed: T;
  readonly warnings: readonly Diagnostic[];
  /** Absolute path and text of every file that went in, for caching; asc's own library is not among them. */
  readonly files: ReadonlyMap<string, string>;
  /** Absolute paths that were looked for in vain; a cached result is stale when one of them comes to exist. */
  readonly missed: ReadonlySet<string>;
}

/**
 * Compiles the program whose entry file is `entry` (relative to `baseDir`, or absolute).
 *
 * `transformModule` gets the optimised module, may change it in place and has to emit it; the module is disposed of afterwards.
 * Functions keep their names, and expressions their debug locations, so that `module.emitBinary(url)` gives a source map.
 * Throws `CompileError` when the source is at fault.
 */
export async function compileAssemblyScript(
  entry: string,
  options?: CompileOptions,
): Promise<Compiled<EmittedModule>>;
export async function compileAssemblyScript<T>(
  entry: string,
  options: CompileOptions & { readonly transformModule: (module: binaryen.Module) => T },
): Promise<Compiled<T>>;
export async function compileAssemblyScript<T>(
  entry: string,
  options: CompileOptions & { readonly transformModule?: (module: binaryen.Module) => T } = {},
): Promise<Compiled<T | EmittedModule>> {
  const configured = configuredOptions();
  const compilerOptions: CompilerOptions = {
    ...configured,
    optimizeLevel: options.optimizeLevel ?? configured.optimizeLevel,
  };
  const files = new SourceFiles(options.baseDir ?? process.cwd(), options.readFile);
  const compilation = new Compilation(entry, compilerOptions);
  await compilation.parse(files);
  return {
    transformed: compilation.finish<T | EmittedModule>(options.transformModule ?? emitModule),
    warnings: compilation.diagnostics,
    files: files.read,
    missed: files.missed,
  };
}

/** Emits a module with the names of its functions and its source map. */
export function emitModule(module: binaryen.Module): EmittedModule {
  const debugInfo = binaryen.getDebugInfo();
  binaryen.setDebugInfo(true);
  const { binary, sourceMap } = module.emitBinary("module.wasm.map");
  binaryen.setDebugInfo(debugInfo);
  return { wasm: binary, sourceMap: sourceMap ?? "" };
}

class Compilation {
  readonly #entry: string;
  readonly #options: CompilerOptions;
  readonly #program: asc.Program;
  #compiler: GuestCompiler | undefined;
  readonly diagnostics: Diagnostic[] = [];

  constructor(entry: string, options: CompilerOptions) {
    this.#entry = entry;
    this.#options = options;
    this.#program = asc.newProgram(newAscOptions(options));
  }

  /** Parses the standard library, the runtime, the entry and everything that is imported. */
  async parse(files: SourceFiles): Promise<void> {
    for (const [name, text] of Object.entries(libraryFiles)) {
      // The files in folders are parsed when they are imported.
      if (!name.includes("/")) asc.parse(this.#program, text, `~lib/${name}.ts`, false);
    }
    if (this.#options.runtime !== "stub") {
      for (const { name, text } of memoryFiles()) asc.parse(this.#program, text, name, false);
    }
    const runtime = `rt/index-${this.#options.runtime}`;
    asc.parse(this.#program, libraryFiles[runtime]!, `~lib/${runtime}.ts`, true);

    const entry = await files.entry(this.#entry);
    if (entry === undefined) {
      const message = `cannot read ${this.#entry}`;
      throw new CompileError(this.#entry, [{ severity: "error", code: "E_NO_ENTRY", message, ...NOWHERE }]);
    }
    asc.parse(this.#program, entry.text, entry.name, true);
    await this.#parseImports(files);
    this.#check();

    const source = this.#program.parser.sources.find(({ normalizedPath }) => normalizedPath === entry.name);
    if (source !== undefined) this.diagnostics.push(...findReservedExports(source));
    this.diagnostics.push(...synthesizeMessages(this.#program.parser));
    await this.#parseImports(files);
    this.#check();
  }

  async #parseImports(files: SourceFiles): Promise<void> {
    for (;;) {
      const name = asc.nextFile(this.#program);
      if (name === null) return;
      const file = await files.imported(name, asc.getDependee(this.#program, name));
      asc.parse(this.#program, file?.text ?? null, file?.name ?? `${name}.ts`, false);
    }
  }

  /** Compiles, optimises and hands the module over. */
  finish<T>(transform: (module: binaryen.Module) => T): T {
    const compiled = this.#guard("compiling", () => {
      asc.initializeProgram(this.#program);
      this.#program.parser.finish();
      const compiler = new GuestCompiler(this.#program);
      this.#compiler = compiler;
      return compiler.compile();
    });
    const module = binaryen.wrapModule(compiled.ref);
    try {
      this.#check();
      this.#guard("optimising", () => keepSettings(() => this.#optimize(compiled, module)));
      return transform(module);
    } finally {
      module.dispose();
    }
  }

  #optimize(compiled: asc.Module, module: binaryen.Module): void {
    const { optimizeLevel, shrinkLevel, debug } = this.#options;
    if (optimizeLevel > 0) keepOverrides(module);
    asc.optimize(compiled, optimizeLevel, shrinkLevel, debug, false);
  }

  /** Turns a crash of asc into a compile error that shows what asc had found by then. */
  #guard<T>(stage: string, run: () => T): T {
    try {
      return run();
    } catch (error) {
      this.#collect();
      // binaryen throws objects that are no Error and have a message all the same.
      const said = (error as { message?: unknown } | null)?.message;
      const what = typeof said === "string" ? said : `binaryen refused the module (${String(error)})`;
      this.diagnostics.push({
        severity: "error",
        code: "E_COMPILER_CRASHED",
        message: `the AssemblyScript compiler failed while ${stage}: ${what}`,
        hint: "This is a bug of the compiler; the place is the last that it looked at.",
        ...located(this.#compiler?.lastExpression ?? null),
      });
      throw new CompileError(this.#entry, this.diagnostics, error);
    }
  }

  #check(): void {
    this.#collect();
    if (this.diagnostics.some((diagnostic) => diagnostic.severity === "error")) {
      throw new CompileError(this.#entry, this.diagnostics);
    }
  }

  #collect(): void {
    for (;;) {
      const found = asc.nextDiagnostic(this.#program);
      if (found === null) return;
      this.diagnostics.push(this.#translate(found));
    }
  }

  #translate(found: asc.DiagnosticMessage): Diagnostic {
    const caller = this.#compiler?.callerOf(found);
    const said = LIBRARY_RULE.exec(found.message);
    const hint =
      caller === undefined || said !== null ? undefined : `The compiler found it in ${placeOf(found.range)}.`;
    return {
      severity: asc.isError(found) ? "error" : asc.isWarning(found) ? "warning" : "info",
      code: `${found.code < 1000 ? "AS" : "TS"}${found.code}`,
      message: said?.[1] ?? found.message,
      ...(hint !== undefined && { hint }),
      ...located(caller ?? found.range),
    };
  }
}

/** What the library itself forbids comes as the source text of a string literal. */
const LIBRARY_RULE = /^User-defined: "(.*)"$/s;

function located(
  range: asc.Range | null,
): Pick<Diagnostic, "file" | "line" | "column" | "length" | "excerpt"> {
  if (range === null) return NOWHERE;
  const { normalizedPath: file, text } = range.source;
  return locate({ file, text, start: range.start, end: range.end });
}

function placeOf(range: asc.Range | null): string {
  const { file, line, column } = located(range);
  return `${file}:${line}:${column}`;
}

/**
 * Keeps methods that override others as functions of their own. asc calls them from one function that looks at the class, which
 * would swallow them all: a stack trace would then name that one, and no method of the guest.
 */
function keepOverrides(module: binaryen.Module): void {
  const methods = new Set<string>();
  for (let i = 0; i < module.getNumFunctions(); i++) {
    const { name } = binaryen.getFunctionInfo(module.getFunctionByIndex(i));
    const method = /#([^#@/]+)@override$/.exec(name)?.[1];
    if (method !== undefined) methods.add(method);
  }
  for (const method of methods) {
    binaryen.setPassArgument("no-inline", `*#${method}`);
    module.runPasses(["no-inline"]);
  }
  binaryen.clearPassArguments();
}

/** asc's optimiser sets binaryen up for its own source language, fast math included; other modules must not inherit that. */
function keepSettings(run: () => void): void {
  const fastMath = binaryen.getFastMath();
  const optimizeLevel = binaryen.getOptimizeLevel();
  const shrinkLevel = binaryen.getShrinkLevel();
  const debugInfo = binaryen.getDebugInfo();
  const alwaysInline = binaryen.getAlwaysInlineMaxSize();
  const flexibleInline = binaryen.getFlexibleInlineMaxSize();
  const oneCallerInline = binaryen.getOneCallerInlineMaxSize();
  const inlineLoops = binaryen.getAllowInliningFunctionsWithLoops();
  try {
    run();
  } finally {
    binaryen.setFastMath(fastMath);
    binaryen.setOptimizeLevel(optimizeLevel);
    binaryen.setShrinkLevel(shrinkLevel);
    binaryen.setDebugInfo(debugInfo);
    binaryen.setAlwaysInlineMaxSize(alwaysInline);
    binaryen.setFlexibleInlineMaxSize(flexibleInline);
    binaryen.setOneCallerInlineMaxSize(oneCallerInline);
    binaryen.setAllowInliningFunctionsWithLoops(inlineLoops);
  }
}
