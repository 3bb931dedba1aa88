// The guest that must not notice anything. It holds secrets in its memory, a global, its dictionary and two tables, a timer, a stream and an alias
// over which nobody may reach it. It answers each pid that it is sent with how often it was asked and a checksum of everything it holds, and
// ignores every other message.
import { atom, tuple } from "../../host/otp/term/index.ts";
import { guest } from "./guest-text.ts";

/** Words of memory that it fills. */
const SECRET_WORDS = 1024;
const SECRETS = 16_384;
/** A binary of eight bytes: the count and the checksum. */
const ANSWER = 4096;
/** What it looks up is written here. */
const FOUND = 3072;

export const VICTIM_NAME = "victim";
/** A table that everybody may read and nobody else may write. */
export const VICTIM_TABLE = "victims";
/** What lies there. */
export const READABLE = "in a table to be read";
export const SECRET_KEY = atom("secret");

export function victim(): Uint8Array {
  return guest(
    ({ term, room, bytes }) => `
    (memory (export "memory") 1)
    (data (i32.const ${ANSWER}) "\\83\\4d\\00\\00\\00\\08\\08")
    (global $count (mut i32) (i32.const 0))
    (global $secret (mut i64) (i64.const 0x5ec2e75ec2e7))
    (global $sum (mut i32) (i32.const 0))
    (global $private (mut i32) (i32.const 0))
    (global $alias (mut i32) (i32.const 0))
    (func $mix (param $at i32) (param $length i32) (local $end i32)
      (local.set $end (i32.add (local.get $at) (local.get $length)))
      (loop $next
        (global.set $sum (i32.add (i32.mul (global.get $sum) (i32.const 31)) (i32.load (local.get $at))))
        (local.set $at (i32.add (local.get $at) (i32.const 4)))
        (br_if $next (i32.lt_u (local.get $at) (local.get $end)))))
    (func $answer (param $n i32)
      (global.set $count (i32.add (global.get $count) (i32.const 1)))
      (global.set $sum (i32.wrap_i64 (global.get $secret)))
      (memory.fill (i32.const ${FOUND}) (i32.const 0) (i32.const 512))
      (call $mix (i32.const ${SECRETS}) (i32.const ${4 * SECRET_WORDS}))
      (call $mix (i32.const ${FOUND}) (call $process.get ${term(SECRET_KEY)} (i32.const ${FOUND}) (i32.const 512)))
      (call $mix (i32.const ${FOUND}) (call $table.lookup (i32.const 2048) (global.get $private) ${term(SECRET_KEY)} (i32.const ${FOUND}) (i32.const 512)))
      (call $mix (i32.const ${FOUND}) (call $table.lookup ${term(atom(VICTIM_TABLE))} ${term(SECRET_KEY)} (i32.const ${FOUND}) (i32.const 512)))
      (i32.store (i32.const ${ANSWER + 7}) (global.get $count))
      (i32.store (i32.const ${ANSWER + 11}) (global.get $sum))
      (drop (call $message.send (i32.const 0) (local.get $n) (i32.const ${ANSWER}) (i32.const 15))))
    ;; A message of so many bytes has come to address 0, if there is one and it fits.
    (func $handle (param $n i32)
      (if (i32.lt_s (local.get $n) (i32.const 0)) (then (return)))
      (if (i32.and (i32.le_u (local.get $n) (i32.const 64)) (i32.eq (i32.load16_u (i32.const 0)) (i32.const 0x5883)))
        (then (call $answer (local.get $n)))
        (else (drop (call $message.read (i32.const 512) (i32.const 0)))))
      (i32.store (i32.const 0) (i32.const 0)))
    (func (export "main") (local $i i32) (local $n i32)
      (loop $fill
        (i32.store (i32.add (i32.const ${SECRETS}) (i32.mul (local.get $i) (i32.const 4))) (i32.mul (i32.add (local.get $i) (i32.const 7)) (i32.const 0x9e3779b1)))
        (br_if $fill (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const ${SECRET_WORDS}))))
      (drop (call $process.put ${term(SECRET_KEY)} ${term("in the dictionary of the victim")} (i32.const ${room(64)}) (i32.const 64)))
      (global.set $private (call $table.new ${term(SECRET_KEY)} ${term([atom("private")])} (i32.const 2048) (i32.const 256)))
      (drop (call $table.insert (i32.const 2048) (global.get $private) ${term(tuple(SECRET_KEY, "in a private table"))}))
      (drop (call $table.new ${term(atom(VICTIM_TABLE))} ${term([atom("named_table"), atom("protected")])} (i32.const ${room(64)}) (i32.const 64)))
      (drop (call $table.insert ${term(atom(VICTIM_TABLE))} ${term(tuple(SECRET_KEY, READABLE))}))
      (global.set $alias (call $process.alias (i32.const 0) (i32.const 1024) (i32.const 256)))
      (drop (call $timer.send_after (f64.const 1e9) (i32.const 0) (call $process.self (i32.const 0) (i32.const 64)) ${term("late")} (i32.const ${room(64)}) (i32.const 64)))
      (drop (call $stream.open (i32.const 100) (i32.const ${room(128)}) (i32.const 128)))
      (loop $again
        (call $handle (call $message.receive ${bytes([2, 0, 0, 0, 131, 88])} (i32.const 0) (i32.const 256) (i32.const 1)))
        (if (i32.ge_s (call $message.receive_tagged (i32.const 1024) (global.get $alias) (i32.const ${FOUND}) (i32.const 512) (i32.const 0)) (i32.const 0))
          (then (global.set $secret (i64.const 666))))
        (loop $drain
          (local.set $n (call $message.receive (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 256) (i32.const 0)))
          (if (i32.ge_s (local.get $n) (i32.const 0)) (then (call $handle (local.get $n)) (br $drain))))
        (br $again)))`,
  );
}
