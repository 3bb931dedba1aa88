// The thread in which modules of strangers are instrumented and compiled, so that no process waits for it. `background-compiler.ts` starts it.
import { parentPort } from "node:worker_threads";
import { MoonletError } from "../otp/error.ts";
import { compileStrange, type ModuleOptions } from "./module-compiler.ts";

/** What it is asked. */
export interface CompileRequest {
  readonly bytes: Uint8Array;
  readonly name: string;
  readonly options: ModuleOptions;
}

const port = parentPort!;

port.on("message", ({ bytes, name, options }: CompileRequest) => {
  try {
    port.postMessage({ type: "compiled", compiled: compileStrange(bytes, name, options) });
  } catch (error) {
    const { code, hint } =
      error instanceof MoonletError ? error : { code: "E_NOT_INSTRUMENTABLE", hint: undefined };
    port.postMessage({ type: "failed", code, message: (error as Error).message, hint });
  }
});
