// Instruments and compiles modules in a thread of its own, one after the other, each within bounds of time and memory: whatever a stranger's module
// does to the compiler, the processes go on.
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import { packageRoot } from "../../guest-sdk/compiler/package-root.ts";
import { MoonletError } from "../otp/error.ts";
import type { CompiledModule } from "../wasm/program.ts";
import { WAITING_SYSCALLS } from "../wasm/syscalls/index.ts";
import type { CompileRequest } from "./code-worker.ts";

/** For one module; a megabyte takes less than a second. */
const MOST_MS = 30_000;
const MOST_HEAP_MB = 512;
/** Modules that wait for their turn. */
const MOST_WAITING = 64;

type Answer =
  | { readonly type: "compiled"; readonly compiled: CompiledModule }
  | { readonly type: "failed"; readonly code: string; readonly message: string; readonly hint?: string };

interface Job extends CompileRequest {
  readonly resolve: (compiled: CompiledModule) => void;
  readonly reject: (error: MoonletError) => void;
}

export class BackgroundCompiler {
  readonly #waiting: Job[] = [];
  #current: Job | undefined;
  #worker: Worker | undefined;
  #timeout: NodeJS.Timeout | undefined;

  /**
   * The bytes are copied. Rejects with a MoonletError: E_MALFORMED_WASM, E_NOT_INSTRUMENTABLE, E_ALREADY_INSTRUMENTED, E_TOO_LARGE for what takes
   * too long, too much memory or is beyond the bounds of `compileStrange`, system_limit when too many wait.
   */
  compile(
    bytes: Uint8Array,
    name: string,
    stack: { readonly stackBytes?: number } = {},
  ): Promise<CompiledModule> {
    return new Promise((resolve, reject) => {
      if (this.#waiting.length >= MOST_WAITING) {
        reject(new MoonletError("system_limit", `${MOST_WAITING} modules wait for the compiler already`));
        return;
      }
      this.#waiting.push({
        bytes,
        name,
        options: { suspending: WAITING_SYSCALLS, ...stack },
        resolve,
        reject,
      });
      this.#next();
    });
  }

  /** Ends the thread. What waits is never compiled. */
  close(): void {
    this.#waiting.length = 0;
    this.#current = undefined;
    this.#end();
  }

  #next(): void {
    if (this.#current) return;
    const job = this.#waiting.shift();
    this.#current = job;
    if (!job) {
      this.#worker?.unref();
      return;
    }
    const worker = this.#started();
    worker.ref();
    this.#timeout = setTimeout(() => this.#abandon(`takes more than ${MOST_MS} ms to compile`), MOST_MS);
    const { bytes, name, options } = job;
    worker.postMessage({ bytes, name, options } satisfies CompileRequest);
  }

  #started(): Worker {
    if (this.#worker) return this.#worker;
    // The compiled file, also when this one runs from its source.
    const path = join(packageRoot(), "dist", "host", "node", "code-worker.js");
    const worker = new Worker(path, {
      resourceLimits: { maxOldGenerationSizeMb: MOST_HEAP_MB },
    });
    worker.on("message", (answer: Answer) => this.#answered(answer));
    worker.on("error", () => this.#abandon("takes too much memory to compile"));
    this.#worker = worker;
    return worker;
  }

  #answered(answer: Answer): void {
    const job = this.#current;
    this.#current = undefined;
    clearTimeout(this.#timeout);
    if (answer.type === "compiled") job?.resolve(answer.compiled);
    else {
      const { code, message, hint } = answer;
      job?.reject(new MoonletError(code, message, hint === undefined ? {} : { hint }));
    }
    this.#next();
  }

  /** The thread is ended in the middle of its work; the next module gets a new one. */
  #abandon(why: string): void {
    const job = this.#current;
    this.#current = undefined;
    this.#end();
    job?.reject(new MoonletError("E_TOO_LARGE", `${job.name} ${why}`));
    this.#next();
  }

  #end(): void {
    clearTimeout(this.#timeout);
    const worker = this.#worker;
    this.#worker = undefined;
    worker?.removeAllListeners();
    void worker?.terminate();
  }
}
