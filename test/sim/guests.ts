// Guests for the simulation's tests, in WebAssembly text.
import { encodeTerm } from "../../host/otp/term/index.ts";
import { parseWat } from "../../instrument/index.ts";

/** A data segment and the length of what it holds. */
export function term(at: number, value: unknown): { readonly data: string; readonly length: number } {
  const bytes = encodeTerm(value);
  const text = Array.from(bytes, (byte) => `\\${byte.toString(16).padStart(2, "0")}`).join("");
  return { data: `(data (i32.const ${at}) "${text}")`, length: bytes.length };
}

const tick = term(512, "tick");
const take = term(512, { take: 1 });
const give = term(640, { give: 1 });

const IMPORTS = `
  (import "process" "argument" (func $argument (param i32 i32) (result i32)))
  (import "message" "send" (func $send (param i32 i32 i32 i32) (result i32)))
  (import "message" "receive" (func $receive (param i32 i32 i32 i32 i32) (result i32)))`;

/** Every second, for ever, sends "tick" to the pid that is its argument. `spin` loops for ever. `hundred` sends "tick" a hundred times at once. */
export const TICKER = parseWat(`(module ${IMPORTS}
  (memory (export "memory") 1)
  ${tick.data}
  (func $tick (drop (call $send (i32.const 0) (call $argument (i32.const 0) (i32.const 256)) (i32.const 512) (i32.const ${tick.length}))))
  (func (export "main")
    (loop $again
      (drop (call $receive (i32.const 0) (i32.const 0) (i32.const 1024) (i32.const 1024) (i32.const 1000)))
      (call $tick)
      (br $again)))
  (func (export "hundred") (local $i i32)
    (loop $again
      (call $tick)
      (br_if $again (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 100)))))
  (func (export "spin") (loop $again (br $again))))`);

/** Asks its argument to take one, waits for any answer, and asks it to give one: what dies in between loses one. */
export const TRANSFER = parseWat(`(module ${IMPORTS}
  (memory (export "memory") 1)
  ${take.data}
  ${give.data}
  (func (export "main") (local $to i32)
    (local.set $to (call $argument (i32.const 0) (i32.const 256)))
    (drop (call $send (i32.const 0) (local.get $to) (i32.const 512) (i32.const ${take.length})))
    (drop (call $receive (i32.const 0) (i32.const 0) (i32.const 1024) (i32.const 1024) (i32.const 10)))
    (drop (call $send (i32.const 0) (local.get $to) (i32.const 640) (i32.const ${give.length})))))`);
