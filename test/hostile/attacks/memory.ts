// Linear memory: more of it than was allotted, what lies before and behind it, and what others have left in it.
import { LIVES, NORMAL, type Subject, traps } from "../attack.ts";
import { attacker, expectResult, forever, guest, main } from "../guest-text.ts";

const outside = (code: string) => ({
  module: () => guest(`(memory (export "memory") 1) (data $d "0123456789abcdef") ${main(code)}`),
  ends: traps("out_of_bounds_memory_access"),
});

export const memory: Subject = {
  name: "memory",
  attacks: [
    {
      tries: "grows its memory without end",
      module: () => attacker(() => forever("(drop (memory.grow (i32.const 1)))")),
      ends: LIVES,
    },
    {
      tries: "grows its memory to its limit, a hundred times over",
      module: () =>
        attacker(
          () => `(loop $l (br_if $l (i32.ne (memory.grow (i32.const 1)) (i32.const -1))))
          ${expectResult("(memory.size)", 32, 1)}
          (memory.fill (i32.const 0) (i32.const 255) (i32.const 2097152))
          (drop (call $message.receive (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const -1)))`,
        ),
      attackers: 100,
      turns: 1500,
      ends: LIVES,
    },
    {
      tries: "asks for all the memory there is at once",
      module: () => attacker(() => expectResult("(memory.grow (i32.const 65535))", -1, 1)),
      ends: NORMAL,
    },
    { tries: "reads behind its memory", ...outside("(drop (i32.load (i32.const 65533)))") },
    { tries: "reads at an address below zero", ...outside("(drop (i32.load (i32.const -4)))") },
    { tries: "writes at an address below zero", ...outside("(i64.store (i32.const -8) (i64.const -1))") },
    {
      tries: "writes below zero by an offset that leads around",
      ...outside("(i32.store offset=4294967288 (i32.const 16) (i32.const -1))"),
    },
    {
      tries: "reads below zero by an offset that leads around",
      ...outside("(drop (i64.load offset=4294967295 (i32.const 1)))"),
    },
    {
      tries: "fills from below zero",
      ...outside("(memory.fill (i32.const -64) (i32.const 255) (i32.const 128))"),
    },
    {
      tries: "copies its memory to below zero",
      ...outside("(memory.copy (i32.const -64) (i32.const 0) (i32.const 128))"),
    },
    {
      tries: "copies from below zero",
      ...outside("(memory.copy (i32.const 0) (i32.const -64) (i32.const 128))"),
    },
    {
      tries: "copies with a length that leads around",
      ...outside("(memory.copy (i32.const 64) (i32.const 0) (i32.const -32))"),
    },
    {
      tries: "initialises memory below zero",
      ...outside("(memory.init $d (i32.const -8) (i32.const 0) (i32.const 16))"),
    },
    {
      tries: "writes below zero with vectors",
      module: () =>
        guest(
          `(memory (export "memory") 1) ${main("(v128.store (i32.const -16) (v128.const i64x2 -1 -1))")}`,
        ),
      ends: traps("out_of_bounds_memory_access"),
    },
    {
      tries: "looks for what another process has left in memory that it gets, and leaves secrets itself",
      module: () =>
        guest(`(memory (export "memory") 2 8) (global $g (mut i64) (i64.const 7))
        (func $look (param $at i32) (param $end i32)
          (loop $next
            (if (i64.ne (i64.load (local.get $at)) (i64.const 0)) (then (call $wasi.proc_exit (i32.const 3))))
            (br_if $next (i32.lt_u (local.tee $at (i32.add (local.get $at) (i32.const 8))) (local.get $end)))))
        (func $deep (param $n i32) (param $secret i64) (result i64)
          (if (result i64) (local.get $n)
            (then (i64.add (call $deep (i32.sub (local.get $n) (i32.const 1)) (local.get $secret)) (local.get $secret)))
            (else (call $process.yield) (local.get $secret))))
        ${main(`
          (if (i64.ne (global.get $g) (i64.const 7)) (then (call $wasi.proc_exit (i32.const 2))))
          ${expectResult("(memory.size)", 2, 1)}
          (call $look (i32.const 0) (i32.const 131072))
          (global.set $g (i64.const 0x5ec2e7))
          (memory.fill (i32.const 0) (i32.const 0x5e) (i32.const 131072))
          (drop (memory.grow (i32.const 1)))
          (call $look (i32.const 131072) (i32.const 196608))
          (memory.fill (i32.const 131072) (i32.const 0x5e) (i32.const 65536))
          (drop (call $deep (i32.const 40) (i64.const 0x5ec2e7)))`)}`),
      attackers: 60,
      host: { pool: { maxInstances: 3 } },
      turns: 3000,
      ends: NORMAL,
    },
    {
      tries: "looks for what another process has left in a table, and leaves a function of its own there",
      module: () =>
        guest(`(table $t 4 funcref) (elem declare func $f) (func $f)
        ${main(`(if (i32.eqz (ref.is_null (table.get $t (i32.const 1)))) (then (call $wasi.proc_exit (i32.const 1))))
          ${expectResult("(table.size $t)", 4, 2)}
          (table.set $t (i32.const 1) (ref.func $f))
          (drop (table.grow $t (ref.func $f) (i32.const 100)))
          (call $process.yield)`)}`),
      attackers: 60,
      host: { pool: { maxInstances: 100 } },
      turns: 3000,
      ends: NORMAL,
    },
  ],
};
