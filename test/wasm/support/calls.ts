// A guest made of a list of syscalls: it makes one after the other, and ends with the list of their results as its exit reason.
import { encodeTerm } from "../../../host/otp/term/index.ts";
import { SYSCALLS } from "../../../host/wasm/syscalls/index.ts";
import { parseWat } from "../../../instrument/index.ts";

/** Pushes one value, or two: a pointer and a length. */
export type Argument =
  | number
  /** A term in the guest's memory. */
  | { readonly term: unknown }
  /** Bytes in the guest's memory. */
  | { readonly bytes: Uint8Array }
  /** Room for the answer: a pointer and a capacity. */
  | { readonly room: number }
  /** What the call of this number answered, from 0. */
  | { readonly answerOf: number };

export interface Step {
  /** A syscall; or WebAssembly's text of an i32, with no arguments. */
  readonly call: string;
  readonly args: readonly Argument[];
  /** How often it is made; the result is how often it gave 0 or more before it failed. Default: once, with its own result. */
  readonly times?: number;
}

export const term = (value: unknown): Argument => ({ term: value });
export const answerOf = (step: number): Argument => ({ answerOf: step });
/** Where an answer goes. */
export const OUT: Argument = { room: 1024 };

export const step = (call: string, ...args: Argument[]): Step => ({ call, args });
/** A step that is WebAssembly's own, an i32. */
export const wasm = (text: string, times?: number): Step => ({
  call: text,
  args: [],
  ...(times !== undefined && { times }),
});
/** A loop that uses so much fuel, and a little more. */
export const spin = (units: number): Step => wasm(`(call $spin (i32.const ${units}))`);
/** A step that is made again and again until it fails. */
export const repeat = (times: number, call: string, ...args: Argument[]): Step => ({ call, args, times });

const ROOM_BYTES = 1024;
const REPORT_AT = 65_536;

/** A module with an entry for each list of steps. */
export function callsGuest(entries: Readonly<Record<string, readonly Step[]>>, pages = 4): Uint8Array {
  const imports = new Set(["process.exit"]);
  for (const { call } of Object.values(entries).flat()) if (!call.startsWith("(")) imports.add(call);
  let end = REPORT_AT + 4096;
  const data: string[] = [];
  const place = (bytes: Uint8Array): string => {
    const at = end;
    end += bytes.length;
    data.push(
      `(data (i32.const ${at}) "${[...bytes].map((b) => `\\${b.toString(16).padStart(2, "0")}`).join("")}")`,
    );
    return `(i32.const ${at}) (i32.const ${bytes.length})`;
  };
  const bodies = Object.entries(entries).map(([name, steps]) => {
    const locals = steps.map((_, i) => `(local $r${i} i32)`).join(" ");
    const lines = steps.map((made, i) => body(made, i, place));
    // A list of INTEGER_EXTs.
    const header = [131, 108, 0, 0, 0, steps.length];
    const stores = header.map((byte, i) => `(i32.store8 (i32.const ${REPORT_AT + i}) (i32.const ${byte}))`);
    steps.forEach((_, i) => {
      const at = REPORT_AT + 6 + i * 5;
      stores.push(`(i32.store8 (i32.const ${at}) (i32.const 98))`);
      for (let k = 0; k < 4; k++)
        stores.push(
          `(i32.store8 (i32.const ${at + 1 + k}) (i32.shr_u (local.get $r${i}) (i32.const ${24 - 8 * k})))`,
        );
    });
    const tail = REPORT_AT + 6 + steps.length * 5;
    stores.push(`(i32.store8 (i32.const ${tail}) (i32.const 106))`);
    return `(func (export "${name}") ${locals} ${lines.join("\n")} ${stores.join("\n")}
      (call $process.exit (i32.const ${REPORT_AT}) (i32.const ${tail + 1 - REPORT_AT})))`;
  });
  const declared = [...imports].map((full) => {
    const { params, results } = shape(full);
    const [module, ...rest] = full.split(".");
    const result = results.length > 0 ? `(result ${results.join(" ")})` : "";
    return `(import "${module}" "${rest.join(".")}" (func $${full} (param ${params.join(" ")}) ${result}))`;
  });
  return parseWat(`(module ${declared.join("\n")} (memory (export "memory") ${pages})
    (func $spin (param i32) (result i32)
      (loop $on (br_if $on (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))
      (i32.const 0))
    ${bodies.join("\n")} ${data.join("\n")})`);
}

function body({ call, args, times }: Step, at: number, place: (bytes: Uint8Array) => string): string {
  const { params, results } = call.startsWith("(") ? { params: [], results: ["i32"] } : shape(call);
  const pushed: string[] = [];
  for (const arg of args) {
    if (typeof arg === "number") pushed.push(`(${params[pushed.length]}.const ${arg})`);
    else if ("room" in arg) pushed.push(`(i32.const ${at * ROOM_BYTES})`, `(i32.const ${arg.room})`);
    else if ("answerOf" in arg)
      pushed.push(`(i32.const ${arg.answerOf * ROOM_BYTES})`, `(local.get $r${arg.answerOf})`);
    else {
      const [pointer, length] = place("bytes" in arg ? arg.bytes : encodeTerm(arg.term)).split(") ");
      pushed.push(`${pointer})`, `${length}`);
    }
  }
  if (pushed.length !== params.length)
    throw new Error(`${call} takes ${params.length} arguments, not ${pushed.length}`);
  const made = call.startsWith("(") ? call : `(call $${call} ${pushed.join(" ")})`;
  const [type] = results;
  if (type === undefined) return made;
  const value =
    type === "i32" ? made : type === "f64" ? `(i32.trunc_sat_f64_s ${made})` : `(i32.wrap_i64 ${made})`;
  if (times === undefined) return `(local.set $r${at} ${value})`;
  return `(block $failed${at} (loop $again${at}
    (br_if $failed${at} (i32.lt_s ${value} (i32.const 0)))
    (local.set $r${at} (i32.add (local.get $r${at}) (i32.const 1)))
    (br_if $again${at} (i32.lt_u (local.get $r${at}) (i32.const ${times})))))`;
}

function shape(full: string): { readonly params: readonly string[]; readonly results: readonly string[] } {
  const [module = "", ...rest] = full.split(".");
  const found = SYSCALLS[module]?.[rest.join(".")];
  if (!found) throw new Error(`there is no syscall ${full}`);
  return found.type;
}
