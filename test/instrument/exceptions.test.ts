import { describe, expect, it } from "vitest";
import { assemble, engineRuns } from "./support/assemble.ts";
import { type Call, outcome, SLICES } from "./support/both-ways.ts";

/** Every way in which legacy handlers can meet something that stops. `$spin` stops; `$burn` stops and then throws its argument. */
const LEGACY = `(module
  (import "env" "note" (func $note (param i32)))
  (import "env" "wait" (func $wait (param i32) (result i32)))
  (import "env" "fail" (func $fail (param i32)))
  (import "env" "regret" (func $regret (param i32)))
  (tag $t (param i32))
  (tag $wide (param i64 f64))
  (memory (export "memory") 1)
  (func $spin (param $n i32) (result i32) (local $s i32)
    (loop $l
      (local.set $s (i32.add (local.get $s) (local.get $n)))
      (br_if $l (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (local.get $s))
  (func $burn (param $n i32)
    (call $note (call $spin (i32.const 3)))
    (throw $t (local.get $n)))
  (func (export "caught") (param $n i32) (result i32)
    (i32.add (call $spin (i32.const 4))
      (try (result i32)
        (do (drop (call $spin (i32.const 2))) (call $burn (local.get $n)) (i32.const -1))
        (catch $t (i32.add (pop i32) (local.get $n))))))
  (func (export "uncaught") (param $n i32) (try (do (call $burn (local.get $n))) (catch $wide (tuple.drop 2 (pop (tuple i64 f64))))))
  (func (export "not thrown") (result i32)
    (try (result i32) (do (call $spin (i32.const 5))) (catch_all (i32.const -1))))
  (func (export "stops in its handler") (param $n i32) (result i32) (local $x i32)
    (try (do (call $burn (local.get $n)))
      (catch $t (local.set $x (pop i32)) (local.set $x (i32.add (local.get $x) (call $spin (i32.const 6)))) (call $note (call $wait (local.get $x)))))
    (local.get $x))
  (func $again (param $n i32)
    (try $try
      (do (call $burn (local.get $n)))
      (catch_all (call $note (call $spin (i32.const 7))) (rethrow $try))))
  (func (export "thrown again") (param $n i32) (result i32)
    (try (result i32) (do (call $again (local.get $n)) (i32.const 0)) (catch $t (i32.add (pop i32) (call $spin (i32.const 2))))))
  (func (export "thrown again by tag") (param $n i32) (result i32)
    (try (result i32)
      (do
        (try $try (do (call $burn (local.get $n)))
          (catch $t (drop (pop i32)) (call $note (call $wait (i32.const 77))) (rethrow $try)))
        (i32.const 0))
      (catch $t (pop i32))))
  (func (export "delegated") (param $n i32) (result i32)
    (try $outer (result i32)
      (do
        (try
          (do (try (do (call $burn (local.get $n))) (delegate $outer)))
          (catch_all (call $note (i32.const -99))))
        (i32.const 0))
      (catch $t (pop i32))))
  (func (export "in a loop") (param $n i32) (result i32) (local $s i32)
    (loop $l
      (try
        (do
          (if (i32.and (local.get $n) (i32.const 1)) (then (call $burn (local.get $n))))
          (local.set $s (i32.add (local.get $s) (call $spin (i32.const 2)))))
        (catch $t (local.set $s (i32.add (pop i32) (local.get $s)))))
      (br_if $l (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (local.get $s))
  (func (export "loop in a try") (param $n i32) (result i32) (local $s i32)
    (try
      (do
        (loop $l
          (local.set $s (i32.add (local.get $s) (call $spin (local.get $n))))
          (loop $m (if (i32.eq (local.get $s) (i32.const 9)) (then (call $burn (local.get $s)))) (br_if $m (i32.gt_s (local.tee $s (i32.sub (local.get $s) (i32.const 1))) (i32.const 5))))
          (br_if $l (local.tee $n (i32.sub (local.get $n) (i32.const 1))))))
      (catch $t (local.set $s (i32.add (pop i32) (i32.mul (local.get $n) (i32.const 1000))))))
    (local.get $s))
  (func $deep (param $n i32) (result i32)
    (if (result i32) (local.get $n)
      (then (try (result i32) (do (i32.add (i32.const 1) (call $deep (i32.sub (local.get $n) (i32.const 1))))) (catch $wide (tuple.drop 2 (pop (tuple i64 f64))) (i32.const -5))))
      (else (call $burn (i32.const 40)) (i32.const 0))))
  (func (export "through many frames") (param $n i32) (result i32)
    (try (result i32) (do (call $deep (local.get $n))) (catch $t (pop i32))))
  (func (export "wide") (param $n i32) (result f64) (local $f f64)
    (try $try (result f64)
      (do (try $inner (do (drop (call $wait (i32.const 1))) (throw $wide (i64.const 5) (f64.const 2.5)))
            (catch_all (drop (call $spin (i32.const 3))) (rethrow $inner)))
          (f64.const 0))
      (catch $wide (local.set $f (tuple.extract 2 1 (pop (tuple i64 f64)))) (f64.add (local.get $f) (f64.convert_i32_s (call $spin (i32.const 3)))))))
  (func $host (param $n i32) (drop (call $spin (i32.const 3))) (call $fail (local.get $n)))
  (func (export "host error caught") (param $n i32) (result i32)
    (try (result i32) (do (call $host (local.get $n)) (i32.const 1)) (catch_all (call $spin (i32.const 3)))))
  (func (export "host error thrown again") (param $n i32)
    (try $try (do (call $host (local.get $n))) (catch_all (call $note (call $spin (i32.const 3))) (rethrow $try))))
  (func (export "host error uncaught") (param $n i32)
    (try $try (do (call $host (local.get $n))) (catch $t (call $note (pop i32)))))
  (func (export "host error instead of a stop") (param $n i32) (result i32)
    (try (result i32) (do (call $regret (local.get $n)) (i32.const 1)) (catch_all (i32.add (call $spin (i32.const 3)) (call $wait (i32.const 4))))))
  (func (export "trap") (param $n i32)
    (try (do (drop (call $spin (local.get $n))) (unreachable)) (catch_all (call $note (i32.const -1)))))
  (func (export "burns in a try") (param $n i32) (result i32) (local $i i32)
    (loop $l
      (try (do (call $plain (call $spin (i32.const 40)))) (catch $t (drop (pop i32))))
      (br_if $l (i32.lt_s (local.tee $i (i32.add (local.get $i) (i32.const 1))) (local.get $n))))
    (local.get $i))
  (func $plain (param i32) (throw $t (local.get 0)))
)`;

const LEGACY_CALLS: Call[] = [
  "caught",
  "uncaught",
  "not thrown",
  "stops in its handler",
  "thrown again",
  "thrown again by tag",
  "delegated",
  "in a loop",
  "loop in a try",
  "through many frames",
  "wide",
  "host error caught",
  "host error thrown again",
  "host error uncaught",
  "host error instead of a stop",
  "trap",
  "burns in a try",
].map((name) => ({ name, args: name === "not thrown" ? [] : [6] }));

describe("an exception in a program that is stopped", () => {
  it.each(LEGACY_CALLS)("goes where it goes without stops: $name", async (call) => {
    await compare(LEGACY, call);
  });

  it("takes back the stop that its import had asked for", async () => {
    const call = { name: "host error instead of a stop", args: [6] };
    // The one stop is that of the handler's own waiting.
    expect((await outcome(LEGACY, [call], 1_000_000)).stops).toBe(1);
  });
});

/** The same with try_table, whose exceptions are values. */
const EXNREF = assemble(`(module
  (import "env" "note" (func $note (param i32)))
  (import "env" "wait" (func $wait (param i32) (result i32)))
  (import "env" "fail" (func $fail (param i32)))
  (tag $t (param i32))
  (tag $wide (param i64 f64))
  (memory (export "memory") 1)
  (func $spin (param $n i32) (result i32) (local $s i32)
    (loop $l
      (local.set $s (i32.add (local.get $s) (local.get $n)))
      (br_if $l (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (local.get $s))
  (func $burn (param $n i32) (call $note (call $spin (i32.const 3))) (throw $t (local.get $n)))
  (func (export "caught") (param $n i32) (result i32)
    (i32.add (call $spin (i32.const 4))
      (block $h (result i32)
        (try_table (catch $t $h) (drop (call $spin (i32.const 2))) (call $burn (local.get $n)))
        (i32.const -1))))
  (func (export "uncaught") (param $n i32)
    (drop (block $h (result i32) (try_table (catch $t $h) (call $note (call $spin (i32.const 4))) (throw $wide (i64.const 1) (f64.const 2))) (i32.const 1))))
  (func (export "kept over a stop") (param $n i32) (result i32) (local $e exnref)
    (local.set $e (block $h (result exnref) (try_table (catch_all_ref $h) (call $burn (local.get $n))) (return (i32.const 0))))
    (call $note (call $wait (call $spin (i32.const 3))))
    (block $h (result i32) (try_table (result i32) (catch $t $h) (call $note (call $spin (i32.const 3))) (throw_ref (local.get $e)))))
  (func (export "kept on the stack") (param $n i32) (result i32)
    (block $v (result i32)
      (try_table (result i32) (catch $t $v)
        (block $h (result exnref) (try_table (catch_all_ref $h) (call $burn (local.get $n))) (return (i32.const 0)))
        (call $note (call $wait (i32.const 5)))
        (throw_ref))))
  (func (export "value and reference") (param $n i32) (result i32) (local $e exnref) (local $v i32)
    (block $h (result i32 exnref) (try_table (catch_ref $t $h) (call $burn (local.get $n))) (return (i32.const 0)))
    (local.set $e) (local.set $v)
    (i32.add (call $spin (local.get $v))
      (block $g (result i32) (try_table (result i32) (catch $t $g) (call $note (call $spin (i32.const 2))) (throw_ref (local.get $e))))))
  (func (export "to a loop") (param $n i32) (result i32) (local $i i32)
    (i32.const 0)
    (loop $l (param i32)
      (local.set $i (i32.add (local.get $i)))
      (if (i32.lt_s (local.get $i) (i32.const 30))
        (then (try_table (catch $t $l) (call $burn (local.get $n))))))
    (local.get $i))
  (func $deep (param $n i32) (result i32)
    (if (result i32) (local.get $n)
      (then
        (tuple.drop 2 (block $h (result i64 f64)
          (try_table (catch $wide $h) (return (i32.add (i32.const 1) (call $deep (i32.sub (local.get $n) (i32.const 1))))))
          (unreachable)))
        (i32.const 9))
      (else (call $burn (i32.const 40)) (i32.const 0))))
  (func (export "through many frames") (param $n i32) (result i32)
    (block $h (result i32) (try_table (result i32) (catch $t $h) (call $deep (local.get $n)))))
  (func (export "in a loop") (param $n i32) (result i32) (local $s i32)
    (loop $l
      (local.set $s (i32.add (local.get $s)
        (block $h (result i32)
          (try_table (result i32) (catch $t $h)
            (if (i32.and (local.get $n) (i32.const 1)) (then (call $burn (local.get $n))))
            (call $spin (i32.const 2))))))
      (br_if $l (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (local.get $s))
  (func $host (param $n i32) (drop (call $spin (i32.const 3))) (call $fail (local.get $n)))
  (func (export "host error caught") (param $n i32) (result i32)
    (block $h (try_table (catch_all $h) (call $host (local.get $n))))
    (call $spin (i32.const 3)))
  (func (export "host error thrown again") (param $n i32) (local $e exnref)
    (local.set $e (block $h (result exnref) (try_table (catch_all_ref $h) (call $host (local.get $n))) (return)))
    (call $note (call $spin (i32.const 3)))
    (throw_ref (local.get $e)))
  (func (export "trap") (param $n i32)
    (block $h (try_table (catch_all $h) (drop (call $spin (local.get $n))) (unreachable)))
    (call $note (i32.const -1)))
)`);

const EXNREF_CALLS: Call[] = [
  "caught",
  "uncaught",
  "kept over a stop",
  "kept on the stack",
  "value and reference",
  "to a loop",
  "through many frames",
  "in a loop",
  "host error caught",
  "host error thrown again",
  "trap",
].map((name) => ({ name, args: [6] }));

describe.skipIf(!engineRuns(EXNREF))("an exception reference in a program that is stopped", () => {
  it.each(EXNREF_CALLS)("goes where it goes without stops: $name", async (call) => {
    await compare(EXNREF, call);
  });
});

async function compare(source: string | Uint8Array, call: Call): Promise<void> {
  const raw = await outcome(source, [call], "raw");
  const whole = await outcome(source, [call], 1_000_000);
  for (const slice of SLICES) {
    const ours = await outcome(source, [call], slice);
    expect({ results: ours.results, notes: ours.notes }).toEqual({ results: raw.results, notes: raw.notes });
    expect(ours.fuel).toBe(whole.fuel);
    if (slice === 1) expect(ours.stops).toBeGreaterThan(1);
  }
}
