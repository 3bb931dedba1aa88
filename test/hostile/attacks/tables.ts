// Tables and timers: too many, too large, too much work.
import { atom, encodeTerm, tuple } from "../../../host/otp/term/index.ts";
import { LIVES, NORMAL, type Subject } from "../attack.ts";
import { attacker, expectResult, forever, guest, main, times } from "../guest-text.ts";

const OUT = "(i32.const 4096) (i32.const 2048)";
const NONE = "(i32.const 0) (i32.const 0)";
const SYSTEM_LIMIT = -4;
const BADARG = -2;
const grants = ["tables"] as const;
/** Until there is no room, and a hundred times more. */
const untilFull = (call: string) => `
  (loop $more (br_if $more (i32.ge_s (local.tee $n ${call}) (i32.const 0))))
  ${expectResult("(local.get $n)", SYSTEM_LIMIT, 1)} ${times(100, `(drop ${call})`)}`;
const T = atom("t");
const any = atom("_");
const [$1, $2] = [atom("$1"), atom("$2")];
/** A public table of `rows` rows {I, "value"}, and then this, for ever. */
function searching(spec: unknown, call: "select" | "match" | "select_count" | "select_delete", rows = 500) {
  return {
    module: () =>
      attacker(({ term, bytes }) => {
        const row = encodeTerm(tuple(300, "value"));
        const data = bytes(row);
        const at = Number(/const (\d+)/.exec(data)![1]) + 4;
        const limited = call === "select" || call === "match" ? `(i32.const 0) ${OUT}` : "";
        return `(drop (call $table.new ${term(T)} ${term([atom("named_table")])} ${OUT}))
          ${times(
            rows,
            `(i32.store16 (i32.const ${at + 2}) (i32.or (i32.shr_u (local.get $i) (i32.const 8)) (i32.shl (local.get $i) (i32.const 8))))
            (drop (call $table.insert ${term(T)} ${data}))`,
          )}
          ${forever(`(drop (call $table.${call} ${term(T)} ${term(spec)} ${limited}))`)}`;
      }),
    options: { grants },
    turns: 300,
    ends: { type: "cleanly" } as const,
  };
}

export const tables: Subject = {
  name: "tables and timers",
  attacks: [
    {
      tries: "makes tables without end",
      module: () => attacker(({ term }) => untilFull(`(call $table.new ${term(T)} ${NONE} ${OUT})`)),
      options: { grants },
      turns: 5000,
      ends: NORMAL,
    },
    {
      tries: "fills a table without end",
      module: () =>
        guest(
          ({
            term,
          }) => `(memory (export "memory") 2) (data (i32.const 65536) "\\83\\68\\02\\62\\00\\00\\00\\00\\4d\\00\\00\\04\\00\\08")
          ${main(`(drop (call $table.new ${term(T)} ${term([atom("named_table")])} ${OUT}))
          ${untilFull(`(block (result i32) (i32.store (i32.const 65540) (local.tee $m (i32.add (local.get $m) (i32.const 1)))) (call $table.insert ${term(T)} (i32.const 65536) (i32.const 1038)))`)}`)}`,
        ),
      options: { grants },
      turns: 5000,
      ends: NORMAL,
    },
    {
      tries: "searches with a specification of a thousand clauses",
      ...searching(
        Array.from({ length: 1000 }, () => tuple(tuple($1, $2), [tuple(atom("=="), $1, 7)], [$2])),
        "select",
      ),
    },
    {
      tries: "counts with guards that are nested deeply",
      ...searching([tuple(tuple($1, any), [nested(300)], [true])], "select_count"),
    },
    {
      tries: "shifts a number by a billion places in a guard",
      ...searching(
        [tuple(tuple($1, any), [tuple(atom(">"), tuple(atom("bsl"), 1, 1_000_000_000), $1)], [true])],
        "select_count",
      ),
    },
    {
      tries: "multiplies large numbers in a guard",
      ...searching(
        [
          tuple(
            tuple($1, any),
            [
              tuple(
                atom(">"),
                tuple(atom("*"), tuple(atom("bsl"), 1, 4_000_000), tuple(atom("bsl"), 1, 4_000_000)),
                $1,
              ),
            ],
            [true],
          ),
        ],
        "select_count",
      ),
    },
    {
      tries: "has each found row answered a thousand times",
      ...searching(
        [tuple(tuple($1, $2), [], [Array.from({ length: 1000 }, () => tuple(tuple($1, $2)))])],
        "select",
      ),
    },
    { tries: "deletes and searches at once", ...searching([tuple(any, [], [true])], "select_delete") },
    {
      tries: "counts up to numbers of any length",
      module: () =>
        attacker(
          ({ term }) => `(drop (call $table.new ${term(T)} ${term([atom("named_table")])} ${OUT}))
          (drop (call $table.insert ${term(T)} ${term(tuple(1, 2n ** 30000n))}))
          ${forever(`(drop (call $table.update_counter ${term(T)} ${term(1)} ${term(2n ** 30000n)} ${NONE} ${OUT}))`)}`,
        ),
      options: { grants },
      ends: LIVES,
    },
    {
      tries: "gives its tables to the victim until the victim has no room",
      module: () =>
        guest(
          ({
            term,
          }) => `(memory (export "memory") 8) (data (i32.const 65536) "\\83\\68\\02\\61\\01\\4d\\00\\03\\00\\00\\08")
          ${main(
            times(
              40,
              `(local.set $n (call $table.new ${term(T)} ${NONE} ${OUT}))
            (drop (call $table.insert (i32.const 4096) (local.get $n) (i32.const 65536) (i32.const 196619)))
            (drop (call $table.give_away (i32.const 4096) (local.get $n) (i32.const 0) (call $victim) ${term("for you")}))`,
            ),
          )}`,
        ),
      options: { grants },
      turns: 3000,
      ends: { type: "cleanly" },
    },
    {
      tries: "makes the victim the heir of its tables, and dies",
      module: () =>
        attacker(({ term }) =>
          times(
            20,
            `(local.set $n (call $table.new ${term(T)} ${NONE} ${OUT}))
          (drop (call $table.set_heir (i32.const 4096) (local.get $n) (i32.const 0) (call $victim) ${term("yours")}))`,
          ),
        ),
      options: { grants },
      ends: { type: "cleanly" },
    },
    {
      tries: "sets timers without end",
      module: () =>
        attacker(({ term }) =>
          untilFull(
            `(call $timer.send_after (f64.const 1e12) (i32.const 0) (call $victim) ${term("later")} ${OUT})`,
          ),
        ),
      turns: 5000,
      ends: NORMAL,
    },
    {
      tries: "leaves timers behind that nobody can cancel",
      module: () =>
        attacker(({ term }) =>
          times(
            100,
            `(drop (call $timer.send_after (f64.const 1e12) ${term(atom("victim"))} ${term("later")} ${OUT}))`,
          ),
        ),
      ends: NORMAL,
    },
    {
      tries: "has a timer that is due at once send to itself, again and again",
      module: () =>
        attacker(({ term }) =>
          forever(`(drop (call $timer.send_after (f64.const 0) (i32.const 0) (call $process.self (i32.const 0) (i32.const 64)) ${term("now")} ${OUT}))
          (drop (call $message.receive ${NONE} ${OUT} (i32.const 0)))`),
        ),
      ends: LIVES,
    },
    {
      tries: "sets timers for times that are none",
      module: () =>
        attacker(({ term }) =>
          [Number.NaN, -1, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0.5]
            .map((ms, i) =>
              expectResult(
                `(call $timer.send_after (f64.const ${Number.isNaN(ms) ? "nan" : ms === Infinity ? "inf" : ms === -Infinity ? "-inf" : ms}) (i32.const 0) (call $victim) ${term("x")} ${OUT})`,
                BADARG,
                i + 1,
              ),
            )
            .join("\n"),
        ),
      ends: NORMAL,
    },
  ],
};

function nested(depth: number): unknown {
  let guard: unknown = tuple(atom(">"), $1, 0);
  for (let i = 0; i < depth; i++) guard = tuple(atom("not"), guard);
  return guard;
}
