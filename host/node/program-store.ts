// Loads programs from files and bytes. Keeps what it has compiled for as long as the host lives, and on disk if it is given a place.
import { createHash } from "node:crypto";
import { readFileSync, statSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { extname, resolve } from "node:path";
import type { LoadOptions } from "../options.ts";
import { MoonletError } from "../otp/error.ts";
import { Program } from "../wasm/program.ts";
import { WAITING_SYSCALLS } from "../wasm/syscalls/index.ts";
import { BackgroundCompiler } from "./background-compiler.ts";
import { BuiltPrograms } from "./built-programs.ts";
import type { Dependencies } from "./dependencies.ts";
import { ProgramCache } from "./program-cache.ts";
import type { StackOptions } from "./program-compiler.ts";

/** Endings of the files that are programs. */
export const PROGRAM_EXTENSIONS = [".ts", ".wat", ".wasm"] as const;

interface LoadedSource extends Dependencies {
  readonly program: Program;
}

export class ProgramStore {
  readonly #background: BackgroundCompiler;
  readonly #cache: ProgramCache | undefined;
  readonly #built = new BuiltPrograms();
  /** By name and hash of what it was made from. */
  readonly #modules = new Map<string, Promise<Program>>();
  /** AssemblyScript programs by absolute path and stack. */
  readonly #sources = new Map<string, Promise<LoadedSource>>();

  /** `background` compiles what is loaded with that option. `cacheDirectory`: where compiled programs are kept on disk; undefined for nowhere. */
  constructor(cacheDirectory?: string, background = new BackgroundCompiler()) {
    this.#background = background;
    this.#cache = cacheDirectory === undefined ? undefined : new ProgramCache(cacheDirectory);
  }

  async load(source: string | Uint8Array, options: LoadOptions): Promise<Program> {
    checkStackBytes(options.stackBytes);
    if (typeof source !== "string") return this.#module(source, options.name ?? "module", options);
    const name = options.name ?? source;
    const path = resolve(source);
    checkFile(source, path);
    switch (extname(path)) {
      case ".ts":
        return this.#assemblyScript(path, name, options);
      case ".wat":
        return this.#text(read(source, path), name, options);
      default:
        return this.#module(read(source, path), name, options, sourceMapOf(path));
    }
  }

  /** Loaded anew when it is asked for again. */
  async forget(program: Program): Promise<void> {
    this.#built.forget(program);
    for (const [key, made] of this.#modules) {
      if ((await made.catch(() => undefined)) === program) this.#modules.delete(key);
    }
    for (const [path, made] of this.#sources) {
      if ((await made.catch(() => undefined))?.program === program) this.#sources.delete(path);
    }
  }

  #module(bytes: Uint8Array, name: string, options: LoadOptions, sourceMap?: string): Promise<Program> {
    const built = options.trusted ? this.#built.take(bytes, name, sourceMap) : undefined;
    if (built) return Promise.resolve(built);
    const stack = stackOf(options);
    return remember(this.#modules, keyOf("module", name, bytes, stack), () =>
      this.#cached(keyOf("module", "", bytes, stack), name, async () => {
        const compiled = options.background
          ? await this.#background.compile(bytes, name, stack)
          : (await import("./module-compiler.ts")).compileModule(bytes, name, {
              suspending: WAITING_SYSCALLS,
              ...stack,
            });
        return new Program(name, compiled.wasm, undefined, compiled);
      }),
    );
  }

  #text(bytes: Uint8Array, name: string, options: LoadOptions): Promise<Program> {
    const stack = stackOf(options);
    return remember(this.#modules, keyOf("text", name, bytes, stack), () =>
      this.#cached(keyOf("text", "", bytes, stack), name, async () =>
        (await compiler()).fromText(new TextDecoder().decode(bytes), name, stack),
      ),
    );
  }

  async #cached(key: string, name: string, make: () => Promise<Program>): Promise<Program> {
    const kept = this.#cache?.recall(key);
    if (kept) return new Program(name, kept.wasm, kept.sourceMap);
    const program = await make();
    this.#cache?.keep(key, { wasm: program.bytes, sourceMap: program.sourceMap });
    return program;
  }

  async #assemblyScript(path: string, name: string, options: LoadOptions): Promise<Program> {
    const stack = stackOf(options);
    const key = path + suffixOf(stack);
    const known = await this.#sources.get(key)?.catch(() => undefined);
    if (known && !(await isCurrent(known))) this.#sources.delete(key);
    return (await remember(this.#sources, key, () => this.#source(path, name, stack))).program;
  }

  async #source(path: string, name: string, stack: StackOptions): Promise<LoadedSource> {
    // Names of files in the module are relative to the current folder.
    const key = `source ${process.cwd()} ${path}${suffixOf(stack)}`;
    const kept = this.#cache?.recall(key);
    if (kept) return { program: new Program(name, kept.wasm, kept.sourceMap), ...kept };
    const source = await (await compiler()).fromAssemblyScript(path, name, stack);
    const { program } = source;
    this.#cache?.keep(key, { wasm: program.bytes, sourceMap: program.sourceMap }, source);
    return source;
  }
}

type Compiler = typeof import("./program-compiler.ts");

function compiler(): Promise<Compiler> {
  return import("./program-compiler.ts");
}

function keyOf(kind: string, name: string, bytes: Uint8Array, stack: StackOptions): string {
  return `${kind} ${name} ${createHash("sha256").update(bytes).digest("hex")}${suffixOf(stack)}`;
}

function stackOf({ stackBytes }: LoadOptions): StackOptions {
  return stackBytes === undefined ? {} : { stackBytes };
}

/** What tells the same program with another stack apart. */
function suffixOf({ stackBytes }: StackOptions): string {
  return stackBytes === undefined ? "" : ` stack ${stackBytes}`;
}

const STACK_BYTES = { min: 4096, max: 2 ** 24 };

function checkStackBytes(stackBytes: number | undefined): void {
  if (stackBytes === undefined) return;
  const { min, max } = STACK_BYTES;
  if (Number.isInteger(stackBytes) && stackBytes >= min && stackBytes <= max) return;
  throw new MoonletError("E_STACK_BYTES", `${stackBytes} is no size for a call stack`, {
    hint: `stackBytes is a whole number from ${min} to ${max}.`,
  });
}

/** Makes a value once per key; a failure is not remembered. */
function remember<T>(store: Map<string, Promise<T>>, key: string, make: () => Promise<T>): Promise<T> {
  let made = store.get(key);
  if (!made) {
    made = make();
    store.set(key, made);
    made.catch(() => store.delete(key));
  }
  return made;
}

/** Throws unless it is a file, and one with an ending that says what is in it. */
function checkFile(source: string, path: string): void {
  const found = attempt(source, () => statSync(path));
  const endings = PROGRAM_EXTENSIONS.join(", ");
  if (found.isDirectory()) {
    throw new MoonletError("E_CANNOT_READ", `cannot read ${source}: it is a directory`, {
      hint: `Name the program's own file, which ends in one of ${endings}.`,
    });
  }
  if (!PROGRAM_EXTENSIONS.some((extension) => extension === extname(path))) {
    throw new MoonletError(
      "E_UNKNOWN_PROGRAM_TYPE",
      `${source} is no program: expected a file that ends in one of ${endings}`,
    );
  }
}

function read(source: string, path: string): Uint8Array {
  return new Uint8Array(attempt(source, () => readFileSync(path)));
}

/** At once, as it is done in less time than Node needs to do it later. */
function attempt<T>(source: string, look: () => T): T {
  try {
    return look();
  } catch (cause) {
    throw cannotRead(source, cause);
  }
}

const FILE_ERRORS: Readonly<Record<string, string>> = {
  ENOENT: "there is no such file",
  ENOTDIR: "a part of the path is a file, not a directory",
  EACCES: "permission denied",
  EISDIR: "it is a directory",
};

function cannotRead(source: string, cause: unknown): MoonletError {
  const { code = "", message } = cause as NodeJS.ErrnoException;
  return new MoonletError("E_CANNOT_READ", `cannot read ${source}: ${FILE_ERRORS[code] ?? message}`, {
    cause,
  });
}

/** The map that `moonlet build` puts beside a module; a broken one is as good as none. */
function sourceMapOf(path: string): string | undefined {
  try {
    const text = readFileSync(`${path}.map`, "utf8");
    return typeof (JSON.parse(text) as { mappings?: unknown } | null)?.mappings === "string"
      ? text
      : undefined;
  } catch {
    return undefined;
  }
}

async function isCurrent({ files, missed }: Dependencies): Promise<boolean> {
  for (const [path, text] of files) {
    if ((await readFile(path, "utf8").catch(() => undefined)) !== text) return false;
  }
  for (const path of missed) {
    if ((await readFile(path).catch(() => undefined)) !== undefined) return false;
  }
  return true;
}
