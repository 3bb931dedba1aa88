// What `instrument` throws when a module cannot be instrumented.

/** The module is malformed or holds something that cannot be captured. The message names the module and the thing. */
export class InstrumentError extends Error {
  override readonly name = "InstrumentError";
  readonly code: "E_MALFORMED_WASM" | "E_NOT_INSTRUMENTABLE" | "E_ALREADY_INSTRUMENTED";
  /** What to do about it. */
  readonly hint: string | undefined;

  constructor(code: InstrumentError["code"], message: string, hint?: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
    this.hint = hint;
  }
}
