// Thrown by a syscall to end the calling guest; never leaves the backend.

/** What a guest did that ends it. */
export type FaultKind =
  | "abort"
  | "bad_argument"
  | "fuel_exhausted"
  | "memory_limit"
  | "suspended_in_callback"
  | "host_error";

/** Ends the guest with a trap of this kind. */
export class GuestFault extends Error {
  /** No handler of the guest's catches it. */
  readonly uncatchable = true;
  readonly kind: FaultKind;
  constructor(kind: FaultKind, message: string) {
    super(message);
    this.kind = kind;
  }
}

/** Ends the guest with an exit reason of its own choosing. */
export class GuestExit extends Error {
  /** No handler of the guest's catches it. */
  readonly uncatchable = true;
  readonly reason: unknown;
  constructor(reason: unknown) {
    super("guest exit");
    this.reason = reason;
  }
}
