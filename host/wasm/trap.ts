// Traps: how an error that came out of a guest becomes its exit reason. All kinds in one table.
import { type FaultKind, GuestFault } from "./guest-fault.ts";

export type TrapKind =
  | "unreachable"
  | "integer_divide_by_zero"
  | "integer_overflow"
  | "invalid_conversion_to_integer"
  | "out_of_bounds_memory_access"
  | "out_of_bounds_table_access"
  | "indirect_call_type_mismatch"
  | "null_reference"
  | "stack_overflow"
  | "uncaught_exception"
  | "unknown"
  | FaultKind;

/** One frame of the guest's stack, innermost first. */
export interface TrapFrame {
  readonly functionName: string;
  readonly functionIndex: number;
  /** Byte offset in the instrumented module. */
  readonly offset?: number;
  /** From the source map: path, line and column, both from 1. */
  readonly file?: string;
  readonly line?: number;
  readonly column?: number;
}

/** The exit reason of a guest that trapped. */
export interface Trap {
  readonly type: "trap";
  readonly kind: TrapKind;
  readonly message: string;
  readonly frames: readonly TrapFrame[];
}

/** V8's messages (messages in `src/common/message-template.h`), and the kind each stands for. */
const KINDS: readonly (readonly [RegExp, TrapKind])[] = [
  // Raised by the instrumentation, at the same depth on every machine.
  [/^stack overflow/, "stack_overflow"],
  [/^unreachable/, "unreachable"],
  [/^divide by zero|^remainder by zero/, "integer_divide_by_zero"],
  [/^divide result unrepresentable/, "integer_overflow"],
  [/^float unrepresentable/, "invalid_conversion_to_integer"],
  [/^memory access out of bounds|^data segment .*out of bounds/, "out_of_bounds_memory_access"],
  [
    /^table index is out of bounds|^table (access )?out of bounds|^(table initializer|element segment) .*out of bounds/,
    "out_of_bounds_table_access",
  ],
  [/^(null function or )?function signature mismatch|^indirect call/, "indirect_call_type_mismatch"],
  [/^dereferencing a null pointer|^illegal cast/, "null_reference"],
  [/^wasm exception/, "uncaught_exception"],
];

/** What an error thrown out of guest code means, without its frames. */
export function classifyTrap(error: unknown): { kind: TrapKind; message: string } {
  if (error instanceof GuestFault) return { kind: error.kind, message: error.message };
  if (error instanceof RangeError && /call stack/.test(error.message)) {
    return { kind: "stack_overflow", message: "the call stack is too deep" };
  }
  if (error instanceof WebAssembly.RuntimeError) {
    // Traps while an instance is made say so first.
    const message = error.message.replace(/^WebAssembly\.Instance\(\): /, "");
    const kind = KINDS.find(([pattern]) => pattern.test(message))?.[1] ?? "unknown";
    return { kind, message };
  }
  if (error instanceof WebAssembly.Exception)
    return { kind: "uncaught_exception", message: "an exception that nobody caught" };
  return { kind: "host_error", message: error instanceof Error ? error.message : String(error) };
}
