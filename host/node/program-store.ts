// Loads programs from files and bytes, and keeps what it has compiled for as long as the host lives.
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { extname, resolve } from "node:path";
import { compileAssemblyScript } from "../../guest-sdk/compiler/index.ts";
import {
  InstrumentError,
  type Instrumented,
  instrument,
  instrumentModule,
  parseWat,
  readManifest,
} from "../../instrument/index.ts";
import type { LoadOptions } from "../options.ts";
import { MoonletError } from "../otp/error.ts";
import { Program } from "../wasm/program.ts";
import { WAITING_SYSCALLS } from "../wasm/syscalls/index.ts";

const EXTENSIONS = [".ts", ".wat", ".wasm"];

interface CompiledSource {
  readonly program: Program;
  /** Text of the files that went in, and the names that were looked for in vain. */
  readonly files: ReadonlyMap<string, string>;
  readonly missed: ReadonlySet<string>;
}

export class ProgramStore {
  /** By the hash of the module and its name. */
  readonly #modules = new Map<string, Promise<Program>>();
  /** AssemblyScript programs by absolute path. */
  readonly #sources = new Map<string, Promise<CompiledSource>>();

  async load(source: string | Uint8Array, options: LoadOptions): Promise<Program> {
    if (typeof source !== "string") return this.#module(source, options.name ?? "module", options);
    const name = options.name ?? source;
    const path = resolve(source);
    switch (extname(path)) {
      case ".ts":
        return this.#assemblyScript(path, name);
      case ".wat":
        return this.#module(parsed(await read(path), name), name, options);
      case ".wasm":
        return this.#module(await read(path), name, options, await sourceMapOf(path));
      default:
        throw new MoonletError(
          "E_UNKNOWN_PROGRAM_TYPE",
          `${source} is no program: expected a file that ends in ${EXTENSIONS.join(", ")}`,
        );
    }
  }

  #module(bytes: Uint8Array, name: string, options: LoadOptions, sourceMap?: string): Promise<Program> {
    const key = `${name} ${createHash("sha256").update(bytes).digest("hex")}`;
    return remember(this.#modules, key, () =>
      moduleProgram(bytes, name, options.trusted === true, sourceMap),
    );
  }

  async #assemblyScript(path: string, name: string): Promise<Program> {
    const known = await this.#sources.get(path)?.catch(() => undefined);
    if (known && !(await isCurrent(known))) this.#sources.delete(path);
    return (await remember(this.#sources, path, () => compile(path, name))).program;
  }
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

async function moduleProgram(
  bytes: Uint8Array,
  name: string,
  trusted: boolean,
  sourceMap?: string,
): Promise<Program> {
  if (
    trusted &&
    WebAssembly.validate(bytes as BufferSource) &&
    readManifest(new WebAssembly.Module(bytes as BufferSource))
  ) {
    return new Program(name, bytes, sourceMap);
  }
  return programOf(name, await explained(() => instrument(bytes, { name, suspending: WAITING_SYSCALLS })));
}

async function compile(path: string, name: string): Promise<CompiledSource> {
  const { transformed, files, missed } = await compileAssemblyScript(path, {
    transformModule: (module) => {
      const sourceHash = createHash("sha256").update(module.emitBinary()).digest("hex");
      return instrumentModule(module, sourceHash, {
        name,
        suspending: WAITING_SYSCALLS,
        sourceMapUrl: "module.wasm.map",
      });
    },
  });
  return { program: programOf(name, transformed), files, missed };
}

function programOf(name: string, { wasm, sourceMap }: Instrumented): Program {
  return new Program(name, wasm, sourceMap);
}

async function explained<T>(work: () => T | Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof InstrumentError)) throw error;
    throw new MoonletError(error.code, error.message, {
      cause: error,
      ...(error.hint !== undefined && { hint: error.hint }),
    });
  }
}

function parsed(text: Uint8Array, name: string): Uint8Array {
  try {
    return parseWat(new TextDecoder().decode(text), name);
  } catch (error) {
    if (!(error instanceof InstrumentError)) throw error;
    throw new MoonletError(error.code, error.message, { cause: error });
  }
}

async function read(path: string): Promise<Uint8Array> {
  try {
    return new Uint8Array(await readFile(path));
  } catch (cause) {
    const code = (cause as { code?: string }).code;
    const what = code === "ENOENT" ? "there is no such file" : (cause as Error).message;
    throw new MoonletError("E_CANNOT_READ", `cannot read ${path}: ${what}`, { cause });
  }
}

/** The map that `moonlet build` puts beside a module. */
async function sourceMapOf(path: string): Promise<string | undefined> {
  return readFile(`${path}.map`, "utf8").catch(() => undefined);
}

async function isCurrent({ files, missed }: CompiledSource): Promise<boolean> {
  for (const [path, text] of files) {
    if ((await readFile(path, "utf8").catch(() => undefined)) !== text) return false;
  }
  for (const path of missed) {
    if ((await readFile(path).catch(() => undefined)) !== undefined) return false;
  }
  return true;
}
