// What a syscall is: its Wasm type, the grant it needs, and how it is made for one guest.
import { errorStacks, MoonletError } from "../otp/error.ts";
import type { GrantName } from "./grant.ts";
import type { Guest } from "./guest.ts";
import type { FunctionType } from "./module-types.ts";

type WasmNumber = number | bigint;

export interface Syscall {
  readonly type: FunctionType;
  /** Needed to import it at all, be it for a part only; what part that is the call looks at. Default none. */
  readonly grant?: GrantName;
  /** Whether it may suspend its caller. Default false. */
  readonly waits?: boolean;
  /** What it does for the guest that calls it. The guest may wait meanwhile in no instance at all: what goes on later asks it anew for its memory. */
  readonly call: (guest: Guest, ...args: never[]) => WasmNumber | undefined;
  /** Makes the import itself, for the few syscalls that are called more often than all others: one function, and nothing between. */
  readonly link?: (seated: () => Guest) => (...args: never[]) => WasmNumber | undefined;
}

/** One import namespace. */
export type Namespace = Readonly<Record<string, Syscall>>;

/** Results of a syscall that are errors (ABI.md, Conventions). */
export const ERROR = {
  timeout: -1,
  badarg: -2,
  noproc: -3,
  system_limit: -4,
  not_granted: -5,
  not_exported: -6,
  closed: -7,
  failed: -8,
  revoked: -9,
} as const;

/** `type("i32 i32 -> i32")`. */
export function type(notation: string): FunctionType {
  return new NotedType(notation);
}

/** Read when it is asked for: a start makes two hundred, of which a program imports a few. */
class NotedType implements FunctionType {
  readonly #notation: string;
  #read: FunctionType | undefined;

  constructor(notation: string) {
    this.#notation = notation;
  }

  get params(): readonly string[] {
    this.#read ??= readType(this.#notation);
    return this.#read.params;
  }
  get results(): readonly string[] {
    this.#read ??= readType(this.#notation);
    return this.#read.results;
  }
}

function readType(notation: string): FunctionType {
  const [params = "", results = ""] = notation.split("->");
  const words = (text: string) => text.split(" ").filter((word) => word !== "");
  return { params: words(params), results: words(results) };
}

/** Fuel of a syscall that fails in the core: some 2 us. */
export const FAILURE_UNITS = 500;

/** What `act` gives, or the error code for what the core raised. Failing this way is cheap: a guest may do it in a loop. */
export function attempt<T extends number | undefined>(guest: Guest, act: () => T): T | number {
  errorStacks.wanted = false;
  try {
    return act();
  } catch (error) {
    const code = errorCode(error);
    guest.charge(FAILURE_UNITS);
    return code;
  } finally {
    errorStacks.wanted = true;
  }
}

/** The error code for what the core raised; anything else is thrown on. */
export function errorCode(error: unknown): number {
  if (error instanceof MoonletError) {
    if (error.code === "function_clause") return ERROR.badarg;
    if (Object.hasOwn(ERROR, error.code)) return ERROR[error.code as keyof typeof ERROR];
  }
  throw error;
}
