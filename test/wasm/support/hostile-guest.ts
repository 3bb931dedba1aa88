// A guest that does what it is told: its argument is a list of calls of any syscalls with any arguments. And one that must not notice.
import { SYSCALLS } from "../../../host/wasm/syscalls/index.ts";
import { parseWat } from "../../../instrument/index.ts";

export interface SyscallShape {
  readonly name: string;
  readonly params: readonly string[];
}

/** One call: which, and the bits of its arguments, 8 bytes each. */
export interface Call {
  readonly syscall: number;
  readonly args: Uint8Array;
}

/** Every syscall there is. */
export const SHAPES: readonly SyscallShape[] = Object.entries(SYSCALLS).flatMap(([module, namespace]) =>
  Object.entries(namespace).map(([name, { type }]) => ({ name: `${module}.${name}`, params: type.params })),
);

export const MEMORY_BYTES = 131_072;
/** Where the argument begins; its content follows 7 bytes later. */
const SCRIPT = 0;
const HEADER = 7;
/** Room for the arguments of any syscall. */
export const ARGUMENT_BYTES = 8 * Math.max(...SHAPES.map(({ params }) => params.length));
const STEP_BYTES = 8 + ARGUMENT_BYTES;
/** Where in memory the bytes lie that a script brings along. */
export const BYTES_AT = 16_384;

/** Runs the script. Its entry `main`; exports `table` with functions of several types, one of them an import. */
export const HOSTILE = parseWat(hostileText());

function hostileText(): string {
  const calls = Object.entries(SYSCALLS).flatMap(([module, namespace]) =>
    Object.entries(namespace).map(([name, { type }]) => ({
      module,
      name,
      params: type.params,
      results: type.results,
    })),
  );
  const imports = calls.map(({ module, name, params, results }, i) => {
    const result = results.length > 0 ? ` (result ${results.join(" ")})` : "";
    return `(import "${module}" "${name}" (func $s${i} (param ${params.join(" ")})${result}))`;
  });
  const wrappers = calls.map(({ params, results }, i) => {
    const args = params.map((type, k) => `(${type}.load offset=${8 + k * 8} (local.get 0))`);
    const call = `(call $s${i} ${args.join(" ")})`;
    return `(func $c${i} (param i32) ${results.length > 0 ? `(drop ${call})` : call})`;
  });
  const yielding = calls.findIndex(({ module, name }) => module === "process" && name === "yield");
  const argument = calls.findIndex(({ module, name }) => module === "process" && name === "argument");
  return `(module
    ${imports.join("\n    ")}
    (memory (export "memory") 2 4)
    (table (export "table") ${calls.length + 3} funcref)
    (elem (i32.const 0) ${calls.map((_, i) => `$c${i}`).join(" ")} $main $s${yielding})
    (type $step (func (param i32)))
    ${wrappers.join("\n    ")}
    (func $main (export "main") (local $at i32) (local $end i32)
      (local.set $end (i32.add (i32.const ${SCRIPT + HEADER}) (call $s${argument} (i32.const ${SCRIPT}) (i32.const ${MEMORY_BYTES}))))
      (local.set $at (i32.const ${SCRIPT + HEADER}))
      (if (i32.lt_u (local.get $end) (i32.const ${BYTES_AT})) (then (return)))
      (loop $next
        (if (i32.lt_u (i32.load (local.get $at)) (i32.const ${calls.length}))
          (then
            (call_indirect (type $step) (local.get $at) (i32.load (local.get $at)))
            (local.set $at (i32.add (local.get $at) (i32.const ${STEP_BYTES})))
            (br_if $next (i32.lt_u (local.get $at) (i32.const ${BYTES_AT - STEP_BYTES}))))))))`;
}

/** The script as the argument's bytes: calls, then whatever the calls may point to. */
export function script(calls: readonly Call[], bytes: Uint8Array): Uint8Array {
  const made = new Uint8Array(BYTES_AT - HEADER + bytes.length);
  const view = new DataView(made.buffer);
  calls.forEach(({ syscall, args }, i) => {
    view.setUint32(i * STEP_BYTES, syscall, true);
    made.set(args, i * STEP_BYTES + 8);
  });
  view.setUint32(calls.length * STEP_BYTES, 0xffff_ffff, true);
  made.set(bytes, BYTES_AT - HEADER);
  return made;
}

/** Counts what it gets, and answers each message, which must be a pid, with its count and its memory. It trusts nobody. */
export const VICTIM = parseWat(`(module
  (import "message" "receive" (func $receive (param i32 i32 i32 i32 i32) (result i32)))
  (import "message" "send" (func $send (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  ;; 131, BIT_BINARY_EXT, 16 bytes, 8 bits; then the count and a text.
  (data (i32.const 4096) "\\83\\4d\\00\\00\\00\\10\\08" "\\00\\00\\00\\00" "do not touch")
  ;; The beginning of a NEW_PID_EXT.
  (data (i32.const 8192) "\\02\\00\\00\\00\\83\\58")
  (func (export "main") (local $n i32)
    (loop $again
      (local.set $n (call $receive (i32.const 8192) (i32.const 6) (i32.const 0) (i32.const 256) (i32.const -1)))
      (i32.store (i32.const 4103) (i32.add (i32.load (i32.const 4103)) (i32.const 1)))
      (drop (call $send (i32.const 0) (local.get $n) (i32.const 4096) (i32.const 23)))
      (br $again))))`);
