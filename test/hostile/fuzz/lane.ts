// A process that runs cases, replaced by another when it crashes, hangs, or has run many.
import { type ChildProcess, fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { Found, Kind } from "./run-cases.ts";

/** Without an answer for so long the host hangs. */
const HANG_MS = 120_000;
const HEAP_MB = 2048;
/** Cases after which the process is replaced. */
const MOST_CASES = 100_000;

export class Lane {
  #worker: ChildProcess | undefined;
  #cases = 0;

  /** What was found; or how the process ended instead. */
  run(kind: Kind, first: number, count: number): Promise<Found | string> {
    if (this.#worker === undefined || this.#cases >= MOST_CASES) {
      this.end();
      this.#worker = fork(fileURLToPath(new URL("worker.js", import.meta.url)), [], {
        execArgv: [`--max-old-space-size=${HEAP_MB}`],
      });
      this.#cases = 0;
    }
    this.#cases += count;
    const worker = this.#worker;
    return new Promise((resolve) => {
      const finish = (result: Found | string) => {
        clearTimeout(timer);
        worker.removeAllListeners();
        if (typeof result === "string") this.end();
        resolve(result);
      };
      const timer = setTimeout(() => finish("hang"), HANG_MS);
      worker.on("message", (found: Found) => finish(found));
      worker.on("exit", (code, signal) => finish(`crash (${signal ?? code})`));
      worker.send({ kind, first, count });
    });
  }

  end(): void {
    this.#worker?.kill("SIGKILL");
    this.#worker = undefined;
  }
}
