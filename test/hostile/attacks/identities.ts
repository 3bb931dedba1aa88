// What belongs to others: pids, references, timers, aliases, streams, tables, whose numbers can be guessed.
import { atom, encodeTerm, tuple } from "../../../host/otp/term/index.ts";
import { NORMAL, type Subject } from "../attack.ts";
import { attacker, expectResult, guest, main, times } from "../guest-text.ts";
import { READABLE, SECRET_KEY, VICTIM_TABLE } from "../victim.ts";

const BADARG = -2;
const OUT = "(i32.const 4096) (i32.const 1024)";
const NONE = "(i32.const 0) (i32.const 0)";
/** A reference at 400, whose number is $i. */
const REF = "(i32.const 400) (i32.const 35)";
const REF_DATA =
  '(data (i32.const 400) "\\83\\5a\\00\\03\\77\\0dnonode@nohost\\00\\00\\00\\01\\00\\00\\00\\00\\00\\00\\00\\00\\00\\00\\00\\00")';
const SET_REF =
  "(i32.store16 (i32.const 425) (i32.or (i32.shr_u (local.get $i) (i32.const 8)) (i32.shl (i32.and (local.get $i) (i32.const 255)) (i32.const 8))))";
/** Calls with every reference that the host has made so far, as far as can be known. */
const everyReference = (body: string) => main(times(2000, `${SET_REF} ${body}`));
const guessing = (write: (term: (value: unknown) => string) => string) => () =>
  guest(({ term }) => `${REF_DATA} ${everyReference(write(term))}`);
const refusesAll = (call: (term: (value: unknown) => string) => string, allowed: readonly number[]) =>
  guessing((term) => {
    const ok = allowed
      .map((code) => `(i32.eq (local.get $n) (i32.const ${code}))`)
      .reduce((a, b) => `(i32.or ${a} ${b})`);
    return `(local.set $n ${call(term)}) (if (i32.eqz ${ok}) (then (call $wasi.proc_exit (local.get $i))))`;
  });
const tables = { grants: ["tables"] as const };

export const identities: Subject = {
  name: "identities",
  attacks: [
    {
      tries: "cancels every timer whose reference it can guess",
      module: guessing(() => `(drop (call $timer.cancel ${REF}))`),
      ends: NORMAL,
    },
    {
      tries: "reads every timer whose reference it can guess",
      module: guessing(
        () =>
          `(if (f64.ge (call $timer.read ${REF}) (f64.const 0)) (then (call $wasi.proc_exit (local.get $i))))`,
      ),
      ends: NORMAL,
    },
    {
      tries: "forges an answer over every alias that it can guess",
      module: guessing((term) => `(drop (call $message.send ${REF} ${term("a forged answer")}))`),
      ends: NORMAL,
    },
    {
      tries: "ends every alias that it can guess",
      module: refusesAll(() => `(call $process.unalias ${REF})`, [0]),
      ends: NORMAL,
    },
    {
      tries: "ends every monitor that it can guess",
      module: refusesAll(() => `(call $process.demonitor ${REF} (i32.const 1))`, [0]),
      ends: NORMAL,
    },
    {
      tries: "ends every monitor of groups that it can guess",
      module: refusesAll(() => `(call $group.demonitor ${REF})`, [0]),
      options: { grants: ["groups"] },
      ends: NORMAL,
    },
    {
      tries: "takes messages of others by the tags that it can guess",
      module: refusesAll(() => `(call $message.receive_tagged ${REF} ${OUT} (i32.const 0))`, [-1]),
      ends: NORMAL,
    },
    {
      tries: "reads, writes and closes every stream whose reference it can guess",
      module: refusesAll(
        () => `(i32.and (i32.and (call $stream.read ${REF} ${OUT} (i32.const 0)) (call $stream.write ${REF} ${OUT} (i32.const 0)))
          (i32.and (call $stream.close ${REF}) (call $stream.give ${REF} (i32.const 0) (call $victim))))`,
        [BADARG],
      ),
      options: { grants: ["streams"] },
      ends: NORMAL,
    },
    {
      tries: "reads every private table whose reference it can guess",
      // One of them may be read.
      module: refusesAll(
        (term) => `(call $table.lookup ${REF} ${term(SECRET_KEY)} ${OUT})`,
        [BADARG, encodeTerm([tuple(SECRET_KEY, READABLE)]).length],
      ),
      options: tables,
      ends: NORMAL,
    },
    {
      tries: "writes to every table whose reference it can guess",
      module: refusesAll(
        (term) => `(call $table.insert ${REF} ${term(tuple(SECRET_KEY, "forged"))})`,
        [BADARG],
      ),
      options: tables,
      ends: NORMAL,
    },
    {
      tries: "empties, renames, gives away and deletes every table whose reference it can guess",
      module: refusesAll(
        (
          term,
        ) => `(i32.and (i32.and (call $table.delete_all_objects ${REF}) (call $table.rename ${REF} ${term(atom("mine"))} ${OUT}))
          (i32.and (call $table.delete_table ${REF}) (i32.and (call $table.give_away ${REF} (i32.const 0) (call $victim) ${NONE.replace("0) (i32.const 0", "0) (i32.const 11")})
          (call $table.set_heir ${REF} ${NONE} ${NONE}))))`,
        [BADARG],
      ),
      options: tables,
      ends: { type: "cleanly" },
    },
    {
      tries: "goes on with the searches of others",
      module: refusesAll(() => `(call $table.more ${REF} ${OUT})`, [BADARG]),
      options: tables,
      ends: NORMAL,
    },
    {
      tries: "writes to the table that it may read, takes from it, and deletes it",
      module: () =>
        attacker(({ term }) => {
          const table = term(atom(VICTIM_TABLE));
          const key = term(SECRET_KEY);
          return [
            `(call $table.insert ${table} ${term(tuple(SECRET_KEY, 1))})`,
            `(call $table.take ${table} ${key} ${OUT})`,
            `(call $table.delete ${table} ${key})`,
            `(call $table.delete_all_objects ${table})`,
            `(call $table.delete_table ${table})`,
            `(call $table.match_delete ${table} ${term(atom("_"))})`,
            `(call $table.update_element ${table} ${key} ${term(tuple(2, 1))})`,
            `(call $table.rename ${table} ${term(atom("mine"))} ${OUT})`,
            `(call $table.new ${table} ${term([atom("named_table")])} ${OUT})`,
          ]
            .map((call, i) => expectResult(call, BADARG, i + 1))
            .join("\n");
        }),
      options: tables,
      ends: NORMAL,
    },
    {
      tries: "fixes the victim's table, and dies without letting go",
      module: () =>
        attacker(
          ({ term }) => `(drop (call $table.safe_fixtable ${term(atom(VICTIM_TABLE))} (i32.const 1)))`,
        ),
      options: tables,
      ends: NORMAL,
    },
    {
      tries: "looks into the victim: its messages and its dictionary",
      module: () =>
        attacker(
          ({ term }) =>
            expectResult(
              `(call $process.items (i32.const 0) (call $victim) ${term([atom("dictionary")])} ${OUT})`,
              -5,
              1,
            ) +
            expectResult(
              `(call $process.items (i32.const 0) (call $victim) ${term([atom("messages")])} ${OUT})`,
              -5,
              2,
            ),
        ),
      ends: NORMAL,
    },
    {
      tries: "joins the victim to groups, and leaves them for it",
      module: () =>
        attacker(
          ({ term }) =>
            times(200, `(drop (call $group.join ${term("g")} (i32.const 0) (call $victim)))`) +
            times(200, `(drop (call $group.leave ${term("g")} (i32.const 0) (call $victim)))`),
        ),
      options: { grants: ["groups"] },
      ends: NORMAL,
    },
  ],
};
