// Runs a command line tool of the binaryen package inside this process: its code is compiled once and instantiated for each run, which takes
// milliseconds instead of the second that a process of its own takes.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

export interface ToolRun {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}
type Instantiate = (imports: WebAssembly.Imports, receive: (instance: WebAssembly.Instance) => void) => void;

const require = createRequire(import.meta.url);

/** wasm-opt, wasm-dis, ...: scripts made by Emscripten, whose files are the real ones. */
export class BinaryenTool {
  readonly #script: (...environment: unknown[]) => void;
  readonly #path: string;
  #compiled: WebAssembly.Module | undefined;

  constructor(name: string) {
    this.#path = join(dirname(require.resolve("binaryen")), "bin", name);
    const source = readFileSync(this.#path, "utf8").replace(/^#!.*/, "");
    this.#script = new Function(
      "Module",
      "process",
      "require",
      "module",
      "__filename",
      "__dirname",
      "WebAssembly",
      source,
    ) as (...environment: unknown[]) => void;
  }

  run(args: readonly string[]): Promise<ToolRun> {
    return new Promise((resolve, reject) => {
      let stdout = "";
      let stderr = "";
      // What the script may see of the process: a status of its own, so that its exit is not ours.
      const process_ = Object.create(process, {
        argv: { value: [process.execPath, this.#path, ...args] },
        exitCode: { value: 0, writable: true },
        on: { value: () => process_ },
      }) as NodeJS.Process;
      const finish = () => resolve({ exitCode: Number(process_.exitCode), stdout, stderr });
      const instantiateWasm: Instantiate = (imports, receive) => {
        receive(new WebAssembly.Instance(this.#compiled!, imports));
      };
      const module = {
        arguments: [...args],
        print: (line: string) => {
          stdout += `${line}\n`;
        },
        printErr: (line: string) => {
          stderr += `${line}\n`;
        },
        onExit: (status: number) => {
          process_.exitCode = status;
          finish();
        },
        onAbort: (why: unknown) => {
          stderr += `${String(why)}\n`;
          process_.exitCode = 134;
          finish();
        },
        postRun: finish,
        ...(this.#compiled && { instantiateWasm }),
      };
      try {
        this.#script(module, process_, require, {}, this.#path, dirname(this.#path), this.#webAssembly());
      } catch (error) {
        reject(error);
      }
    });
  }

  /** The first run decodes the code that the script carries; it is kept for the others. */
  #webAssembly(): typeof WebAssembly {
    const keep = (module: WebAssembly.Module) => {
      this.#compiled = module;
    };
    return Object.create(WebAssembly, {
      instantiate: {
        value: (bytes: Uint8Array, imports: WebAssembly.Imports) => {
          const module = new WebAssembly.Module(bytes as BufferSource);
          keep(module);
          return Promise.resolve({ module, instance: new WebAssembly.Instance(module, imports) });
        },
      },
    }) as typeof WebAssembly;
  }
}
