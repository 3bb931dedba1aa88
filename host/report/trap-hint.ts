// What each kind of trap means and what to do about it.
import type { TrapKind } from "../wasm/trap.ts";

const HINTS: Readonly<Record<TrapKind, string>> = {
  unreachable:
    "The program ran into code that its compiler marked as impossible: a failed assertion, a panic or an explicit trap. Look at the innermost frame.",
  integer_divide_by_zero: "An integer was divided by zero. Check the divisor before dividing.",
  integer_overflow:
    "The smallest integer was divided by -1, and the result does not fit. Check for it, or use a wider type.",
  invalid_conversion_to_integer:
    "A float that is NaN, infinite or too large was turned into an integer. Check its range first.",
  out_of_bounds_memory_access:
    "The program read or wrote outside its memory: an index that was not checked, or a pointer to freed or uninitialised memory.",
  out_of_bounds_table_access:
    "The program called a function through an index that its table does not have: usually a broken function pointer.",
  indirect_call_type_mismatch:
    "The program called a function pointer as another type than the function has, or a null one.",
  null_reference: "The program used a null reference, or cast one to a type that it has not got.",
  stack_overflow:
    "The recursion was too deep. Give it an end, or turn it into a loop; a program can also be given a larger stack: --stack 1MB, or stackBytes of host.load.",
  uncaught_exception: "The program threw an exception that nobody caught.",
  abort: "An assertion failed or an error was thrown; a guest that throws ends. The message says which one.",
  bad_argument:
    "A syscall got a pointer or length outside the program's memory, or bytes that are no term. guest-sdk/ABI.md says what each one takes.",
  fuel_exhausted:
    "The process used all the fuel it was given: an endless loop, or a limit that is too low for its work. Raise it with --limit fuel=N or limits.fuel.",
  memory_limit:
    "The process needs more memory than its limit allows. Raise it with --limit memory=N or limits.memoryBytes.",
  table_limit:
    "The tables of the program have more elements than its limit allows. Raise it with --limit tableelements=N or limits.tableElements.",
  wall_time_exhausted:
    "The process lived as long as it may. Raise it with --limit walltime=N or limits.wallTimeMs.",
  suspended_in_callback:
    "The program waited while a host function was calling back into it; a stack with a host frame in it cannot be kept. Wait outside the callback.",
  not_ready:
    "New code of a process has to call code.ready before it acts on others, waits or ends. Restore the state first, then call it.",
  host_error: "The host failed while it served this process. This is a bug of moonlet: please report it.",
  unknown: "The engine ended the program for a reason that moonlet does not know.",
};

/** One or two sentences; undefined for a kind that is not in the table. */
export function trapHint(kind: string): string | undefined {
  return Object.hasOwn(HINTS, kind) ? HINTS[kind as TrapKind] : undefined;
}
