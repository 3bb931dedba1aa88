// Code that does not end, goes too deep, or will not be stopped.
import { LIVES, NORMAL, type Subject, traps } from "../attack.ts";
import { attacker, forever, guest, main } from "../guest-text.ts";

const nop = '(func (export "main"))';
const locals = (count: number) => Array.from({ length: count }, () => "i64").join(" ");

export const running: Subject = {
  name: "running",
  attacks: [
    { tries: "spins for ever", module: () => attacker(() => forever("")), ends: LIVES },
    {
      tries: "spins for ever, thirty times over",
      module: () => attacker(() => forever("")),
      attackers: 30,
      turns: 1000,
      ends: LIVES,
    },
    {
      tries: "spins in its start function",
      module: () => guest(`(start $s) (func $s ${forever("")}) ${nop}`),
      ends: LIVES,
    },
    {
      tries: "spins in _initialize",
      module: () => guest(`(func (export "_initialize") ${forever("")}) ${nop}`),
      ends: LIVES,
    },
    {
      tries: "spins by tail calls",
      module: () => guest(`(func $f (export "main") (return_call $f))`),
      ends: LIVES,
    },
    {
      tries: "spins in a loop of ten thousand instructions",
      module: () =>
        attacker(() => forever("(local.set $n (i32.mul (local.get $n) (i32.const 7)))".repeat(10_000))),
      ends: LIVES,
    },
    {
      tries: "fills its whole memory again and again",
      module: () =>
        guest(
          `(memory (export "memory") 32) ${main(forever("(memory.fill (i32.const 0) (i32.const 1) (i32.const 2097152))"))}`,
        ),
      ends: LIVES,
    },
    {
      tries: "recurses for ever",
      module: () => guest(`(func $f (export "main") (call $f) (call $f))`),
      ends: traps("stack_overflow"),
    },
    {
      tries: "recurses through two functions for ever",
      module: () => guest(`(func $f (export "main") (call $g) (call $g)) (func $g (call $f) (call $f))`),
      ends: traps("stack_overflow"),
    },
    {
      tries: "recurses through a table for ever",
      module: () =>
        guest(`(type $t (func)) (table 1 funcref) (elem (i32.const 0) $f)
        (func $f (export "main") (call_indirect (type $t) (i32.const 0)) (call_indirect (type $t) (i32.const 0)))`),
      ends: traps("stack_overflow"),
    },
    {
      tries: "recurses for ever with large frames",
      module: () =>
        guest(
          `(func $f (export "main") (local ${locals(2000)}) (local.set 1999 (i64.const 1)) (call $f) (call $f) (drop (local.get 1999)))`,
        ),
      turns: 1500,
      ends: traps("stack_overflow"),
    },
    {
      tries: "recurses for ever in its start function",
      module: () => guest(`(start $f) (func $f (call $f) (call $f)) ${nop}`),
      ends: traps("stack_overflow"),
    },
    {
      tries: "calls the host from the deepest place it can reach",
      module: () =>
        guest(
          ({ term, room }) =>
            `(func $f (export "main") (drop (call $registry.whereis ${term("nobody")} (i32.const ${room(64)}) (i32.const 64))) (call $f) (call $f))`,
        ),
      ends: { type: "cleanly" },
    },
    {
      tries: "catches everything that is thrown, and goes on",
      module: () =>
        guest(
          `${main(forever(`(try (do (call $process.yield) (call $process.exit (i32.const 0) (call $victim))) (catch_all))`))}`,
        ),
      ends: { type: "cleanly" },
    },
    {
      tries: "catches that its stack is full, and goes on",
      module: () =>
        guest(`(func $f (call $f) (call $f)) ${main(forever("(try (do (call $f)) (catch_all))"))}`),
      ends: { type: "cleanly" },
    },
    {
      tries: "never waits and never ends, but asks the host for nothing all the time",
      module: () => attacker(() => forever("(drop (call $clock.monotonic))")),
      ends: LIVES,
    },
    {
      tries: "yields for ever",
      module: () => attacker(() => forever("(call $process.yield)")),
      ends: LIVES,
    },
    {
      tries: "ends at once, a hundred times over",
      module: () => guest(nop),
      attackers: 100,
      ends: NORMAL,
    },
    {
      tries: "traps at once, a hundred times over, from a function with a long name",
      module: () =>
        guest(
          `(func $${"n".repeat(50_000)} unreachable) (func (export "main") (call $${"n".repeat(50_000)}))`,
        ),
      attackers: 100,
      ends: traps("unreachable"),
    },
  ],
};
