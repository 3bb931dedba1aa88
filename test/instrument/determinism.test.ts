import { describe, expect, it } from "vitest";
import { instrument, parseWat } from "../../instrument/index.ts";
import { COMPILERS, type Done, type Job, runUnder } from "./support/compilers.ts";

/** Counts in the first word of memory how often it was entered. */
const COUNT = "(i32.store (i32.const 0) (i32.add (i32.load (i32.const 0)) (i32.const 1)))";

const locals = (count: number, type: string) => `(local ${`${type} `.repeat(count)})`;
/** Keeps every local needed over the call. */
const sum = (count: number, first: number) =>
  Array.from(
    { length: count },
    (_, k) => `(local.set ${first} (i64.add (local.get ${first}) (local.get ${first + k})))`,
  ).join("\n");

/** Recursions without an end, and programs with one, each as functions of a module. */
const PROGRAMS: Readonly<Record<string, string>> = {
  "small frames": `(func $f (export "main") (param $n i32) (result i32) ${COUNT} (i32.add (i32.const 1) (call $f (i32.add (local.get $n) (i32.const 1)))))`,
  "many locals": `(func $f (export "main") (param $n i32) (result i32) ${locals(120, "i64")} ${COUNT}
    (local.set 7 (i64.extend_i32_s (local.get $n)))
    (local.set $n (call $f (local.get $n)))
    ${sum(120, 1)} (i32.wrap_i64 (local.get 1)))`,
  "many vectors": `(func $f (export "main") (param $n i32) (result i32) ${locals(100, "v128")} ${COUNT}
    (local.set 9 (i32x4.splat (local.get $n)))
    (local.set $n (call $f (local.get $n)))
    (i32.add (local.get $n) (i32x4.extract_lane 2 (local.get 9))))`,
  "very many locals that nobody needs": `(func $f (export "main") (param $n i32) (result i32) ${locals(3_000, "i64")} ${COUNT} (i32.add (i32.const 1) (call $f (local.get $n))))`,
  "many operands": `(func $f (export "main") (param $n i32) (result i32) ${COUNT}
    ${"(i32.mul (local.get $n) (i32.const 3))".repeat(400)} (call $f (local.get $n)) ${"i32.add ".repeat(400)})`,
  "a table": `(type $t (func (param i32) (result i32))) (table 2 funcref) (elem (i32.const 0) $f $g)
    (func $f (export "main") (param $n i32) (result i32) ${COUNT} (i32.add (i32.const 1) (call_indirect (type $t) (i32.add (local.get $n) (i32.const 1)) (i32.and (local.get $n) (i32.const 1)))))
    (func $g (param $n i32) (result i32) (i32.mul (i32.const 3) (call $f (local.get $n))))`,
  "a chain that cannot stop": `${Array.from(
    { length: 30 },
    (_, k) =>
      `(func $c${k} (param $n i32) (result i32) ${locals(100, "i64")} (local.set 5 (i64.extend_i32_s (local.get $n)))
        (i32.add (i32.wrap_i64 (local.get 5)) ${k === 29 ? "(local.get $n)" : `(call $c${k + 1} (local.get $n))`}))`,
  ).join("\n")}
    (func $f (export "main") (param $n i32) (result i32) ${COUNT} (drop (call $c0 (local.get $n))) (i32.add (i32.const 1) (call $f (local.get $n))))`,
  "a chain of many operands": `${Array.from(
    { length: 120 },
    (_, k) =>
      `(func $c${k} (param $n i32) (result i32)
        ${"(i32.mul (local.get $n) (i32.const 3))".repeat(400)} ${k === 119 ? "(local.get $n)" : `(call $c${k + 1} (local.get $n))`} ${"i32.add ".repeat(400)})`,
  ).join("\n")}
    (func (export "main") (param $n i32) (result i32) (call $c0 (local.get $n)))`,
  "calls from the host": `(import "env" "back" (func $back (param i32) (result i32)))
    (func $deep (param $n i32) (result i32) (if (result i32) (local.get $n) (then (i32.add (i32.const 1) (call $deep (i32.sub (local.get $n) (i32.const 1))))) (else (call $back (i32.const 9)))))
    (func (export "main") (param $n i32) (result i32) (call $deep (i32.const 300)))
    (func (export "again") (param $n i32) (result i32) ${COUNT} (call $deep (i32.const 300)))`,
  "a call from the host that does not end": `(import "env" "back" (func $back (param i32) (result i32)))
    (func $f (param $n i32) (result i32) ${COUNT} (i32.add (i32.const 1) (call $f (local.get $n))))
    (func (export "main") (param $n i32) (result i32) (call $back (local.get $n)))
    (func (export "again") (param $n i32) (result i32) (call $f (local.get $n)))`,
  "a recursion that ends": `(func $fib (export "main") (param $n i32) (result i32)
    (if (result i32) (i32.lt_s (local.get $n) (i32.const 2)) (then (local.get $n))
      (else (i32.add (call $fib (i32.sub (local.get $n) (i32.const 1))) (call $fib (i32.sub (local.get $n) (i32.const 2)))))))`,
  "loops, bulk instructions and waiting": `(import "env" "wait" (func $wait (param i32) (result i32)))
    (func (export "main") (param $n i32) (result i32) (local $i i32) (local $s i32)
      (loop $l
        (memory.fill (i32.const 100) (local.get $i) (i32.mul (local.get $i) (i32.const 100)))
        (if (i32.eqz (i32.rem_u (local.get $i) (i32.const 50))) (then (drop (call $wait (local.get $i)))))
        (local.set $s (i32.add (local.get $s) (i32.load8_u (i32.const 150))))
        (br_if $l (i32.lt_s (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 300))))
      (local.get $s))`,
  "a loop into recursions": `
    (func $down (param $n i32) (param $k i32) (result i32)
      (if (i32.eqz (local.get $n)) (then (return (local.get $k))))
      (i32.xor (call $down (i32.sub (local.get $n) (i32.const 1)) (i32.add (local.get $k) (i32.const 3))) (local.get $n)))
    (func (export "main") (param $depth i32) (result i32) (local $i i32) (local $s i32)
      (loop $l
        (local.set $s (i32.add (local.get $s) (call $down (i32.mul (local.get $i) (local.get $depth)) (local.get $s))))
        (br_if $l (i32.lt_s (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 60))))
      (local.get $s))`,
  "a loop into recursions that get too deep": `
    (func $down (param $n i32) (result i32)
      (if (i32.eqz (local.get $n)) (then (return (i32.const 1))))
      (i32.add (call $down (i32.sub (local.get $n) (i32.const 1))) (local.get $n)))
    (func (export "main") (param $depth i32) (result i32) (local $i i32) (local $s i32)
      (loop $l
        (local.set $s (i32.add (local.get $s) (call $down (i32.mul (local.get $i) (i32.const 25)))))
        (local.set $i (i32.add (local.get $i) (i32.const 1)))
        (br $l)) (unreachable))`,
};

async function jobs(): Promise<Job[]> {
  const list: Job[] = [];
  for (const [name, functions] of Object.entries(PROGRAMS)) {
    const [, imports, rest] = /^((?:\(import (?:[^()]|\((?:[^()]|\([^()]*\))*\))*\)\s*)*)([\s\S]*)$/.exec(
      functions,
    )!;
    const source = parseWat(`(module ${imports} (memory (export "memory") 1) ${rest})`);
    const { wasm } = await instrument(source, { name, suspending: ["env.wait"] });
    for (const slice of [1_000_000, 500]) {
      list.push({
        name: `${name}, slices of ${slice}`,
        wasm,
        entry: "main",
        args: [18],
        slice,
        fuel: 20_000_000,
      });
    }
  }
  return list;
}

describe("a program on every compiler of the engine", async () => {
  const list = await jobs();
  const runs = COMPILERS.map((flags) => runUnder(flags, list));
  const [first, ...others] = runs as [Done[], ...Done[][]];

  it.each(first)("ends in the same way at the same depth for the same fuel: $name", (done) => {
    for (const other of others) expect(other.find(({ name }) => name === done.name)).toEqual(done);
    const whole = first.find(({ name }) => name === done.name.replace(/500$/, "1000000"))!;
    expect({ ...done, name: "" }).toEqual({ ...whole, name: "" });
  });

  it("never meets the engine's own limit of the stack", () => {
    expect(runs.flat().filter(({ isRangeError }) => isRangeError)).toEqual([]);
  });

  it("overflows its stack where it has no end, and nowhere else", () => {
    const ends = Object.fromEntries(first.map(({ name, end }) => [name.replace(/,.*/, ""), end]));
    expect(ends).toMatchObject({
      "small frames": "stack overflow",
      "many locals": "stack overflow",
      "many vectors": "stack overflow",
      "very many locals that nobody needs": "stack overflow",
      "many operands": "stack overflow",
      "a table": "stack overflow",
      "a chain that cannot stop": "stack overflow",
      "a call from the host that does not end": expect.stringMatching(
        /would have to stop, which it cannot there$/,
      ),
      "a recursion that ends": "2584",
      "a loop into recursions": expect.stringMatching(/^-?\d+$/),
      "a loop into recursions that get too deep": "stack overflow",
    });
  });
});
