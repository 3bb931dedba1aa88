// Thrown by a syscall to end the calling guest; never leaves the backend.

/** What a guest did that ends it. */
export type FaultKind =
  | "abort"
  | "bad_argument"
  | "fuel_exhausted"
  | "memory_limit"
  | "table_limit"
  | "wall_time_exhausted"
  | "suspended_in_callback"
  | "not_ready"
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
  /** "final" ends the process also where only the code that it is trying out would end. */
  readonly kind: "own" | "final";
  constructor(reason: unknown, kind: "own" | "final" = "own") {
    super("guest exit");
    this.reason = reason;
    this.kind = kind;
  }
}
