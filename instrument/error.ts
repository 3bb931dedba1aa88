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

/** What `Coroutine.save` and `restore` throw. The message says what is wrong with the snapshot, the instance or the moment. */
export class SnapshotError extends Error {
  override readonly name = "SnapshotError";
  readonly code:
    | "E_GUEST_RUNNING"
    | "E_NOT_FRESH"
    | "E_NOT_SERIALISABLE"
    | "E_NO_ROOM"
    | "E_SNAPSHOT_MALFORMED"
    | "E_SNAPSHOT_MISMATCH"
    | "E_SNAPSHOT_VERSION";
  /** What to do about it. */
  readonly hint: string | undefined;

  constructor(code: SnapshotError["code"], message: string, hint?: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
    this.hint = hint;
  }
}
