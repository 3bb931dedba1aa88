// What the command line's exit codes mean, and which one an error has.
import { MoonletError } from "../otp/error.ts";

export const EXIT = {
  ok: 0,
  /** The guest ended badly. */
  guestFailed: 1,
  /** The command line, the file or the grants were not as they have to be. */
  usage: 2,
  /** The program cannot be made into one that runs. */
  buildFailed: 3,
  /** A bug of moonlet. */
  bug: 70,
  /** A WASI command trapped: 128 + SIGABRT, as wasmtime has it. */
  trapped: 134,
  /** Nobody reads the output any more: 128 + SIGPIPE. */
  brokenPipe: 141,
} as const;

const BUILD_FAILURES: ReadonlySet<string> = new Set([
  "E_COMPILE",
  "E_MALFORMED_WASM",
  "E_NOT_INSTRUMENTABLE",
  "E_ALREADY_INSTRUMENTED",
  "E_NOT_INSTRUMENTED",
  "E_OTHER_ABI",
  "E_UNKNOWN_IMPORT",
  "E_IMPORT_TYPE",
  "E_NO_MEMORY",
  "E_UNBOUNDED_HEAP",
  "E_CANNOT_WRITE",
]);

export function exitCodeOf(error: unknown): number {
  const { code } = error as { code?: unknown };
  if (typeof code === "string" && BUILD_FAILURES.has(code)) return EXIT.buildFailed;
  return error instanceof MoonletError ? EXIT.usage : EXIT.bug;
}

/** The code with which a program ended by itself (`proc_exit`), from its exit reason; undefined for one that ended otherwise. */
export function programExitCode(reason: unknown): number | undefined {
  if (!Array.isArray(reason) || reason.length !== 2 || reason[0] !== "exit_code") return undefined;
  const code: unknown = reason[1];
  if (typeof code !== "number") return undefined;
  // A shell learns the lowest eight bits, of which a failure must not leave it none.
  return code & 255 || EXIT.guestFailed;
}
