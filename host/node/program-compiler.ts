// Turns sources into programs. Loads the AssemblyScript compiler and binaryen, which takes a good part of a
// second, so it is itself loaded only when there is something to compile.
import { createHash } from "node:crypto";
import { compileAssemblyScript } from "../../guest-sdk/compiler/index.ts";
import { type Instrumented, instrumentModule, parseWat } from "../../instrument/index.ts";
import { Program } from "../wasm/program.ts";
import { WAITING_SYSCALLS } from "../wasm/syscalls/index.ts";
import { compileModule, explained } from "./module-compiler.ts";

/** The map's name inside a module that is not a file; `moonlet build` writes the file's own. */
export const SOURCE_MAP_URL = "module.wasm.map";

/** How large a captured call stack may be; without, as `instrument` has it. */
export interface StackOptions {
  readonly stackBytes?: number;
}

export interface CompiledSource {
  readonly program: Program;
  /** Text of the files that went in by absolute path, and the paths that were looked for in vain. */
  readonly files: ReadonlyMap<string, string>;
  readonly missed: ReadonlySet<string>;
}

/** A program from the text format. @throws MoonletError as `compileModule`. */
export async function fromText(text: string, name: string, stack: StackOptions): Promise<Program> {
  const compiled = compileModule(
    explained(() => parseWat(text, name)),
    name,
    { suspending: WAITING_SYSCALLS, ...stack },
  );
  return new Program(name, compiled.wasm, undefined, compiled);
}

/** A program from AssemblyScript. @throws CompileError. */
export async function fromAssemblyScript(
  path: string,
  name: string,
  stack: StackOptions,
): Promise<CompiledSource> {
  const { transformed, files, missed } = await compileAssemblyScript(path, {
    transformModule: (module) => {
      const sourceHash = createHash("sha256").update(module.emitBinary()).digest("hex");
      return instrumentModule(module, sourceHash, {
        name,
        suspending: WAITING_SYSCALLS,
        sourceMapUrl: SOURCE_MAP_URL,
        ...stack,
      });
    },
  });
  return { program: programOf(name, transformed), files, missed };
}

function programOf(name: string, { wasm, sourceMap }: Instrumented): Program {
  return new Program(name, wasm, sourceMap);
}
