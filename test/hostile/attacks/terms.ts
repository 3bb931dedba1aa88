// Terms that are cheap to write and dear to read.
import { LIVES, type Subject } from "../attack.ts";
import { forever, guest, main } from "../guest-text.ts";

const AT = 65_536;
const OUT = "(i32.const 200) (i32.const 100)";

/** A guest that writes a term of so many bytes to `AT` and has the host read it, again and again. */
function reads(write: string, length: number, call?: string) {
  const size = Math.ceil((AT + length) / 65_536) + 1;
  const reading = call ?? `(drop (call $process.get (i32.const ${AT}) (i32.const ${length}) ${OUT}))`;
  return {
    module: () => guest(`(memory (export "memory") ${size}) ${main(`${write} ${forever(reading)}`)}`),
    host: { limits: { memoryBytes: 64 * 2 ** 20, messageBytes: 16 * 2 ** 20 } },
    turns: 3000,
    ends: { type: "cleanly" } as const,
  };
}

const byte = (at: number, value: number) => `(i32.store8 (i32.const ${at}) (i32.const ${value}))`;
const u32 = (at: number, value: number) =>
  [24, 16, 8, 0].map((shift, i) => byte(at + i, (value >>> shift) & 255)).join(" ");
const fill = (at: number, value: number, length: number) =>
  `(memory.fill (i32.const ${at}) (i32.const ${value}) (i32.const ${length}))`;
/** The head of a list of so many elements. */
const list = (at: number, count: number) => `${byte(at, 131)} ${byte(at + 1, 108)} ${u32(at + 2, count)}`;
/** Repeats what lies at `at`, `length` bytes, so often. */
const repeat = (at: number, length: number, count: number) =>
  `(memory.copy (i32.const ${at + length}) (i32.const ${at}) (i32.const ${length}))
   (local.set $n (i32.const ${2 * length}))
   (loop $double
     (memory.copy (i32.add (i32.const ${at}) (local.get $n)) (i32.const ${at})
       (select (local.get $n) (i32.sub (i32.const ${length * count}) (local.get $n)) (i32.le_u (i32.mul (local.get $n) (i32.const 2)) (i32.const ${length * count}))))
     (local.set $n (i32.mul (local.get $n) (i32.const 2)))
     (br_if $double (i32.lt_u (local.get $n) (i32.const ${length * count}))))`;

const COUNT = 4_000_000;
const DEPTH = 500;

export const terms: Subject = {
  name: "terms",
  attacks: [
    {
      tries: "has millions of empty lists read",
      ...reads(`${list(AT, COUNT)} ${fill(AT + 6, 106, COUNT + 1)}`, COUNT + 7),
    },
    {
      tries: "has millions of empty tuples read",
      ...reads(
        `${list(AT, COUNT)} ${byte(AT + 6, 104)} ${byte(AT + 7, 0)} ${repeat(AT + 6, 2, COUNT)} ${byte(AT + 6 + 2 * COUNT, 106)}`,
        2 * COUNT + 7,
      ),
    },
    {
      tries:
        "has a list read whose tail is a list whose tail is a list, and so on, with a million elements in the last one",
      ...reads(
        `${byte(AT, 131)}
        ${byte(AT + 1, 108)} ${u32(AT + 2, 1)} ${byte(AT + 6, 97)} ${byte(AT + 7, 1)}
        ${repeat(AT + 1, 7, DEPTH)}
        ${byte(AT + 1 + 7 * DEPTH, 108)} ${u32(AT + 2 + 7 * DEPTH, COUNT / 4)}
        ${fill(AT + 6 + 7 * DEPTH, 106, COUNT / 4 + 1)}`,
        7 * DEPTH + 7 + COUNT / 4,
      ),
    },
    {
      tries: "looks up a key of a megabyte in five hundred nested tuples",
      ...reads(
        `${byte(AT, 131)} ${byte(AT + 1, 104)} ${byte(AT + 2, 1)} ${repeat(AT + 1, 2, DEPTH)}
        ${byte(AT + 1 + 2 * DEPTH, 109)} ${u32(AT + 2 + 2 * DEPTH, 1_000_000)} ${fill(AT + 6 + 2 * DEPTH, 65, 1_000_000)}`,
        6 + 2 * DEPTH + 1_000_000,
      ),
    },
    {
      tries: "looks up an integer of a million digits",
      ...reads(
        `${byte(AT, 131)} ${byte(AT + 1, 111)} ${u32(AT + 2, 415_000)} ${byte(AT + 6, 0)} ${fill(AT + 7, 255, 415_000)}`,
        415_007,
      ),
    },
    {
      tries: "dies of an integer of a million digits",
      ...reads(
        `${byte(AT, 131)} ${byte(AT + 1, 111)} ${u32(AT + 2, 415_000)} ${byte(AT + 6, 0)} ${fill(AT + 7, 255, 415_000)}`,
        415_007,
        `(call $process.exit (i32.const ${AT}) (i32.const 415007))`,
      ),
      host: { limits: { memoryBytes: 2 ** 23 } },
    },
    {
      tries: "makes up atoms without end",
      module: () =>
        guest(`(data (i32.const 300) "\\83\\77\\08........")
        ${main(
          forever(`(i64.store (i32.const 303) (i64.or (i64.const 0x6161616161616161) (i64.and (i64.const 0x0f0f0f0f0f0f0f0f) (i64.extend_i32_u (i32.mul (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 0x9e3779b1))))))
          (drop (call $registry.whereis (i32.const 300) (i32.const 11) ${OUT}))`),
        )}`),
      turns: 1000,
      ends: LIVES,
    },
  ],
};
