// What a family has together: each of it takes what it can get, at once and in turns, and all of them together must not come beyond it.
import type { Process } from "../../../host/otp/process.ts";
import { tablesOf } from "../../../host/otp/table/tables.ts";
import { atom, tuple } from "../../../host/otp/term/index.ts";
import { LIVES, type Subject } from "../attack.ts";
import { forever, guest, main, times } from "../guest-text.ts";
import type { Town } from "../town.ts";

const NONE = "(i32.const 0) (i32.const 0)";
const OUT = "(i32.const 4096) (i32.const 2048)";
const PAGE = 65_536;
const FAMILY = 8;
const wait = (ms: number) => `(drop (call $message.receive ${NONE} ${NONE} (i32.const ${ms})))`;
type Data = { readonly term: (value: unknown) => string; readonly text: (text: string) => string };
/** A parent that has so many children and waits; each of them does this. */
const family = (child: (data: Data) => string, more = "") =>
  guest(
    (data) => `${more}
    (func (export "child") (local $i i32) (local $n i32) (local $m i32) ${child(data)})
    ${main(`${times(FAMILY, `(drop (call $process.spawn ${data.term("child")} ${NONE} ${NONE} ${OUT}))`)} ${forever(wait(-1))}`)}`,
  );

/** What all attackers have of something is more than they may have together. */
const atMost = (most: number, what: string, used: (town: Town) => number) => (town: Town) => {
  const now = used(town);
  return now > most ? [`they have ${now} ${what}, of ${most}`] : [];
};
const each = (read: (process: Process) => number) => (town: Town) =>
  town.attackers().reduce((sum, pid) => sum + read(town.host.runtime.process(pid)!), 0);
const memory = each((process) => process.memoryBytes);
const elements = each(
  ({ body }) => (body as { readonly tableElements?: number } | undefined)?.tableElements ?? 0,
);
/** The victim has one object in each of two tables. */
const rows = ({ host }: Town) =>
  [...tablesOf(host.runtime)].reduce((sum, table) => sum + table.store.size, 0) - 2;

const ROOM = 20 * PAGE;
const shared = (subtree: object, grants: readonly "tables"[] = []) => ({
  options: { grants: ["spawn" as const, ...grants], limits: { subtree } },
  ends: LIVES,
});
const growing = { ...shared({ memoryBytes: ROOM }), always: atMost(ROOM, "bytes of memory", memory) };
const table = "(table $t 1 funcref) (table $u 1 externref)";
const growTables =
  "(drop (table.grow $t (ref.null func) (i32.const 3))) (drop (table.grow $u (ref.null extern) (i32.const 3)))";
const stretching = {
  ...shared({ tableElements: 500 }),
  always: atMost(500, "elements of tables", elements),
};
const inserting = {
  ...shared({ tableEntries: 100 }, ["tables"]),
  always: atMost(100, "objects in tables", rows),
};
const newBag = ({ term }: Data) =>
  `(local.set $n (call $table.new ${term(atom("t"))} ${term([atom("duplicate_bag")])} ${OUT}))`;
const insert = ({ term }: Data) =>
  `(drop (call $table.insert (i32.const 4096) (local.get $n) ${term(tuple(7))}))`;
const LINES = 50;

export const families: Subject = {
  name: "families",
  attacks: [
    {
      tries: "has its children grow, each as far as it comes",
      module: () => family(() => forever("(drop (memory.grow (i32.const 1)))")),
      ...growing,
    },
    {
      tries: "has its children grow in turns, by one page each",
      module: () => family(() => forever(`(drop (memory.grow (i32.const 1))) ${wait(1)}`)),
      ...growing,
    },
    {
      tries: "has its children fill their dictionaries in turns",
      module: () =>
        family(
          ({ term }) =>
            forever(
              `(drop (call $process.put ${term(1)} ${term(new Uint8Array(6000))} ${OUT})) (drop (memory.grow (i32.const 1))) ${wait(1)}`,
            ),
          '(memory (export "memory") 1)',
        ),
      ...growing,
    },
    {
      tries:
        "has children that grow, end, and are made anew, so that what they had is counted twice or never",
      module: () =>
        guest(
          ({
            term,
          }) => `(func (export "child") (drop (memory.grow (i32.const 3))) ${wait(1)} (if (memory.grow (i32.const 1)) (then unreachable)))
          ${main(forever(`(drop (call $process.spawn ${term("child")} ${NONE} ${NONE} ${OUT})) ${wait(1)}`))}`,
        ),
      ...growing,
    },
    {
      tries: "has its children grow their tables",
      module: () => family(() => forever(growTables), table),
      ...stretching,
    },
    {
      tries: "has its children grow their tables in turns",
      module: () => family(() => forever(`${growTables} ${wait(1)}`), table),
      ...stretching,
    },
    {
      tries: "has its children fill tables",
      module: () => family((data) => `${newBag(data)} ${forever(insert(data))}`),
      ...inserting,
    },
    {
      tries: "has its children fill tables in turns",
      module: () => family((data) => `${newBag(data)} ${forever(`${insert(data)} ${wait(1)}`)}`),
      ...inserting,
    },
    {
      tries: "has its children log without end",
      module: () => family(({ text }) => forever(`(call $log.write (i32.const 2) ${text("a line")})`)),
      ...shared({ logLines: LINES }),
      // How many lines were not logged is a line of each of them, in each second.
      always: (town) =>
        atMost(
          (LINES + FAMILY + 1) * (Math.floor(town.environment.now() / 1000) + 1),
          "lines",
          () => town.logLines,
        )(town),
      turns: 3000,
    },
    {
      tries: "has its children be refused something, again and again, so that the audit is flooded",
      module: () => family(() => forever("(drop (memory.grow (i32.const 65535)))")),
      ...shared({ memoryBytes: ROOM }),
      check: (town) => (town.auditRecords > 350 ? [`${town.auditRecords} records were written`] : []),
      turns: 2000,
    },
  ],
};
