import { describe, expect, it } from "vitest";
import { createCoroutine, instrument, parseWat } from "../../instrument/index.ts";
import { assemble, engineRuns } from "./support/assemble.ts";
import { type Call, outcome, SLICES } from "./support/both-ways.ts";

/** References of every kind that are needed behind a stop: in locals, below a call on the stack, as results, as parameters of blocks. */
const SOURCE = assemble(`(module
  (import "env" "note" (func $note (param i32)))
  (import "env" "wait" (func $wait (param i32) (result i32)))
  (rec
    (type $list (struct (field $head (mut i32)) (field $tail (ref null $list))))
    (type $bytes (array (mut i8)))
    (type $pair (struct (field $a (ref $list)) (field $b (mut (ref $bytes))) (field $c i16))))
  (type $step (func (param i32) (result i32)))
  (memory (export "memory") 1)
  (table $t 4 funcref)
  (elem declare func $double $spin)
  (func $spin (type $step) (param $n i32) (result i32) (local $s i32)
    (loop $l
      (local.set $s (i32.add (local.get $s) (local.get $n)))
      (br_if $l (i32.gt_s (local.tee $n (i32.sub (local.get $n) (i32.const 1))) (i32.const 0))))
    (local.get $s))
  (func $double (type $step) (param $n i32) (result i32) (i32.mul (i32.const 2) (call $spin (local.get $n))))
  (func $cons (param $n i32) (param $tail (ref null $list)) (result (ref $list))
    (drop (call $spin (i32.const 2)))
    (struct.new $list (local.get $n) (local.get $tail)))
  (func $build (param $n i32) (result (ref null $list)) (local $l (ref null $list))
    (loop $again
      (local.set $l (call $cons (local.get $n) (local.get $l)))
      (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (local.get $l))
  (func $sum (param $l (ref null $list)) (result i32) (local $s i32)
    (block $end
      (loop $again
        (local.set $s (i32.add (local.get $s) (struct.get $list $head (br_on_null $end (local.get $l)))))
        (local.set $l (struct.get $list $tail (local.get $l)))
        (br $again)))
    (local.get $s))
  (func (export "lists") (param $n i32) (result i32)
    (i32.add (call $sum (call $build (local.get $n))) (call $wait (i32.const 3))))
  (func $pair (param $l (ref $list)) (param $b (ref $bytes)) (result (ref $pair))
    (struct.new $pair (local.get $l) (local.get $b) (call $spin (i32.const 300))))
  (func (export "structs that are never null") (param $n i32) (result i32) (local $p (ref $pair))
    (local.set $p (call $pair (call $cons (local.get $n) (ref.null $list)) (array.new $bytes (i32.const 7) (i32.const 3000))))
    (call $note (call $spin (i32.const 3)))
    (i32.add (struct.get_s $pair $c (local.get $p))
      (i32.add (array.get_u $bytes (struct.get $pair $b (local.get $p)) (i32.const 2999))
        (struct.get $list $head (struct.get $pair $a (local.get $p))))))
  (func (export "on the stack") (param $n i32) (result i32)
    (struct.set $list $head (call $cons (local.get $n) (ref.null $list)) (call $wait (i32.const 8)))
    (i32.add (struct.get $list $head (call $cons (local.get $n) (ref.null $list))) (call $wait (i32.const 9))))
  (func (export "function references") (param $n i32) (result i32) (local $f (ref null $step))
    (local.set $f (if (result (ref $step)) (local.get $n) (then (ref.func $double)) (else (ref.func $spin))))
    (call $note (call $spin (i32.const 4)))
    (i32.add (call_ref $step (local.get $n) (local.get $f)) (call_ref $step (call $wait (i32.const 5)) (ref.func $spin))))
  (func $tail (param $n i32) (param $f (ref $step)) (result i32) (return_call_ref $step (local.get $n) (local.get $f)))
  (func (export "tail calls of references") (param $n i32) (result i32)
    (i32.add (call $tail (local.get $n) (ref.func $double)) (call $tail (call $wait (i32.const 2)) (ref.func $spin))))
  (func $classify (param $x anyref) (result i32)
    (call $note (call $spin (i32.const 2)))
    (block $list (result (ref $list))
      (block $i31 (result (ref i31))
        (drop (br_on_cast $i31 anyref (ref i31) (br_on_cast $list anyref (ref $list) (local.get $x))))
        (return (i32.add (i32.const -1) (call $spin (i32.const 2)))))
      (i31.get_s)
      (return (i32.add (call $spin (i32.const 2)))))
    (struct.get $list $head)
    (i32.add (call $spin (i32.const 3))))
  (func (export "casts") (param $n i32) (result i32)
    (i32.add (call $classify (ref.i31 (local.get $n)))
      (i32.add (call $classify (call $cons (i32.const 40) (ref.null $list)))
        (i32.add (call $classify (array.new_default $bytes (i32.const 5000))) (call $classify (ref.null any))))))
  (func (export "in a loop's parameters") (param $n i32) (result i32) (local $l (ref null $list))
    (call $build (local.get $n))
    (loop $again (param (ref null $list)) (result i32)
      (local.set $l)
      (call $note (struct.get $list $head (local.get $l)))
      (drop (call $spin (i32.const 2)))
      (br_on_non_null $again (struct.get $list $tail (local.get $l)))
      (i32.const 11)))
  (func (export "casts to a loop") (param $n i32) (result i32) (local $x anyref)
    (local.set $x (call $build (local.get $n)))
    (local.get $x)
    (loop $again (param anyref) (result i32)
      (local.set $x)
      (call $note (call $spin (i32.const 2)))
      (local.set $x (struct.get $list $tail (ref.cast (ref $list) (local.get $x))))
      (drop (br_on_cast $again anyref (ref any) (local.get $x)))
      (i32.const 12)))
  (func (export "external") (param $n i32) (result i32) (local $e externref)
    (local.set $e (extern.convert_any (call $cons (local.get $n) (ref.null $list))))
    (call $note (call $wait (i32.const 1)))
    (struct.get $list $head (ref.cast (ref $list) (any.convert_extern (local.get $e)))))
  (func (export "long arrays") (param $n i32) (result i32) (local $a (ref $bytes)) (local $b (ref $bytes))
    (local.set $a (array.new_default $bytes (i32.const 100000)))
    (local.set $b (array.new $bytes (i32.const 3) (i32.const 100000)))
    (array.fill $bytes (local.get $a) (i32.const 10) (i32.const 9) (i32.const 80000))
    (array.copy $bytes $bytes (local.get $a) (i32.const 50000) (local.get $b) (i32.const 1) (i32.const 40000))
    (i32.add (array.get_s $bytes (local.get $a) (i32.const 20)) (array.get_s $bytes (local.get $a) (i32.const 60000))))
  (func (export "given back") (param $n i32) (result anyref) (ref.i31 (call $spin (local.get $n))))
)`);

const CALLS: Call[] = [
  "lists",
  "structs that are never null",
  "on the stack",
  "function references",
  "tail calls of references",
  "casts",
  "in a loop's parameters",
  "casts to a loop",
  "external",
  "long arrays",
  "given back",
].map((name) => ({ name, args: [6] }));

describe("a reference in a frame that was captured", () => {
  const KEEPER = parseWat(`(module
    (import "env" "wait" (func $wait))
    (memory (export "memory") 1)
    (func $trap (call $wait) (unreachable))
    (func (export "keep") (param $e externref) (result externref) (call $trap) (local.get $e)))`);

  it("is let go when the guest traps", async () => {
    const { wasm, manifest } = await instrument(KEEPER, { suspending: ["env.wait"] });
    const coroutine = createCoroutine(manifest);
    const imports = coroutine.imports({ env: { wait: () => coroutine.suspend() } });
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(wasm as BufferSource), imports);
    coroutine.attach({ exports } as WebAssembly.Instance);
    coroutine.fuel = 1_000;
    const kept = () => {
      const table = exports["moonlet:kept_externref"] as WebAssembly.Table;
      return Array.from({ length: table.length }, (_, i) => table.get(i) as unknown).filter(
        (value) => value !== null,
      );
    };
    const first = { first: true };
    const second = { second: true };
    expect(coroutine.start(exports.keep as never, [first])).toBe("suspended");
    expect(kept()).toEqual([first]);
    expect(() => coroutine.resume()).toThrow(WebAssembly.RuntimeError);
    expect(coroutine.start(exports.keep as never, [second])).toBe("suspended");
    expect(kept()).toEqual([second]);
  });
});

describe.skipIf(!engineRuns(SOURCE))("a reference in a program that is stopped", () => {
  it.each(CALLS)("is the same behind the stop: $name", async (call) => {
    const raw = await outcome(SOURCE, [call], "raw");
    const whole = await outcome(SOURCE, [call], 1_000_000);
    for (const slice of SLICES) {
      const ours = await outcome(SOURCE, [call], slice);
      expect({ results: ours.results, notes: ours.notes }).toEqual({
        results: raw.results,
        notes: raw.notes,
      });
      expect(ours.fuel).toBe(whole.fuel);
      if (slice === 1) expect(ours.stops).toBeGreaterThan(1);
    }
  });
});
