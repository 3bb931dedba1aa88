// The embedder's or operator's mistakes. A guest's fault is never one of these: it becomes an exit reason.

export interface MoonletErrorOptions {
  /** What to do about it, as one sentence. */
  readonly hint?: string;
  readonly cause?: unknown;
}

/**
 * Whether a MoonletError records where it was made. A backend for which such errors are results, not surprises, turns that off around a
 * call: recording a stack costs some 5 us, fifty times the call that failed.
 */
export const errorStacks = { wanted: true };

/** An error with a stable code. The message names the thing, what was expected and what to do. */
export class MoonletError extends Error {
  override readonly name = "MoonletError";
  /** `E_...`, or Erlang's word where Erlang raises one: badarg, noproc, system_limit. */
  readonly code: string;
  readonly hint: string | undefined;

  constructor(code: string, message: string, options: MoonletErrorOptions = {}) {
    const limit = Error.stackTraceLimit;
    if (!errorStacks.wanted) Error.stackTraceLimit = 0;
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    if (!errorStacks.wanted) Error.stackTraceLimit = limit;
    this.code = code;
    this.hint = options.hint;
  }
}

/** Reports a bug of moonlet's own. */
export function invariant(condition: unknown, message: string): asserts condition {
  if (!condition)
    throw new Error(`moonlet is broken: ${message}. Please report this with the program that caused it.`);
}
