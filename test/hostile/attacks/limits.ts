// Every limit there is, and what needs a grant: each is run into, again and again, by one that has been given little.
import { atom } from "../../../host/otp/term/index.ts";
import { LIVES, NORMAL, refused, type Subject, traps } from "../attack.ts";
import { attacker, expectResult, forever, guest, main, times } from "../guest-text.ts";
import type { Town } from "../town.ts";

const SYSTEM_LIMIT = -4;
const NONE = "(i32.const 0) (i32.const 0)";
const OUT = "(i32.const 4096) (i32.const 2048)";
const SELF = "(i32.const 100) (call $process.self (i32.const 100) (i32.const 64))";
/** So often it succeeds, then never. */
const onlyFirst = (count: number, call: string) =>
  `${times(count, `(if (i32.lt_s ${call} (i32.const 0)) (then (call $wasi.proc_exit (i32.const 1))))`)}
   ${times(100, expectResult(call, SYSTEM_LIMIT, 2))}`;
const waiting = `(func (export "child") (drop (call $message.receive ${NONE} ${NONE} (i32.const -1))))`;
const child = (term: (value: unknown) => string) =>
  `(call $process.spawn ${term("child")} ${NONE} ${NONE} ${OUT})`;
const mostProcesses = (most: number) => (town: Town) =>
  town.mostProcesses > most ? [`there were ${town.mostProcesses} processes`] : [];
const spins: () => Uint8Array = () => attacker(() => forever(""));

export const limits: Subject = {
  name: "limits",
  attacks: [
    {
      tries: "uses more fuel than it has",
      module: spins,
      options: { limits: { fuel: 100_000 } },
      ends: traps("fuel_exhausted"),
    },
    {
      tries: "uses all the fuel of each second at once",
      module: spins,
      options: { limits: { fuelPerSecond: 40_000 } },
      ends: LIVES,
    },
    {
      tries: "spins for longer than it may live",
      module: spins,
      options: { limits: { wallTimeMs: 50 } },
      ends: traps("wall_time_exhausted"),
    },
    {
      tries: "waits for longer than it may live",
      module: () => attacker(() => forever(`(drop (call $message.receive ${NONE} ${NONE} (i32.const -1)))`)),
      options: { limits: { wallTimeMs: 50 } },
      ends: traps("wall_time_exhausted"),
    },
    {
      tries: "has more children than it may",
      module: () => guest(({ term }) => `${waiting} ${main(onlyFirst(5, child(term)))}`),
      options: { grants: ["spawn"], limits: { children: 5 } },
      check: mostProcesses(8),
      ends: NORMAL,
    },
    {
      tries: "has its children have children, until its subtree is full",
      module: () =>
        attacker(({ term }) =>
          forever(`(drop (call $process.spawn ${term("main")} ${NONE} ${NONE} ${OUT}))`),
        ),
      options: { grants: ["spawn"], limits: { subtree: { processes: 10 } } },
      check: mostProcesses(12),
      ends: LIVES,
    },
    {
      tries: "has its children spin, beyond the fuel of its subtree",
      module: () =>
        attacker(({ term }) =>
          forever(`(drop (call $process.spawn ${term("main")} ${NONE} ${NONE} ${OUT}))`),
        ),
      options: { grants: ["spawn"], limits: { subtree: { processes: 10, fuel: 500_000 } } },
      ends: traps("fuel_exhausted"),
    },
    {
      tries: "sets more timers than it may",
      module: () =>
        attacker(({ term }) =>
          onlyFirst(10, `(call $timer.send_after (f64.const 1e9) ${SELF} ${term("x")} ${OUT})`),
        ),
      options: { limits: { timers: 10 } },
      ends: NORMAL,
    },
    {
      tries: "has a mailbox that is full, and asks for news of everybody's death",
      module: () =>
        attacker(
          ({ term }) => `${times(20, `(drop (call $message.send ${SELF} ${term("x")}))`)}
          ${times(50, expectResult(`(call $process.monitor (i32.const 0) (call $victim) (i32.const 0) ${OUT})`, SYSTEM_LIMIT, 1))}`,
        ),
      options: { limits: { mailbox: 20 } },
      ends: NORMAL,
    },
    {
      tries: "raises its child's limits above its own",
      module: () =>
        guest(
          ({ term }) => `(func (export "child") ${forever("")})
          ${main(`(drop (call $process.spawn ${term("child")} ${NONE} ${term({ limits: { fuel: 1_000_000_000 } })} ${OUT}))
          (drop (call $message.receive ${NONE} ${NONE} (i32.const 500)))`)}`,
        ),
      options: { grants: ["spawn"], limits: { fuel: 200_000 } },
      turns: 1500,
      check: ({ host }) => (host.runtime.processes().length > 2 ? ["the child still runs"] : []),
      ends: NORMAL,
    },
    {
      tries: "connects to another host without a grant",
      module: () =>
        guest(({ term }) =>
          main(`(drop (call $tcp.connect ${term("127.0.0.1")} (i32.const 22) (i32.const 1000) ${OUT}))`),
        ),
      ends: refused("E_NOT_GRANTED"),
    },
    {
      tries: "asks for a higher priority without a grant",
      module: () =>
        attacker(
          () =>
            `${expectResult("(call $process.priority (i32.const 3))", -5, 1)} ${expectResult("(call $process.priority (i32.const 2))", -5, 2)}`,
        ),
      ends: NORMAL,
    },
    {
      tries: "looks through names that it may not see",
      module: () => attacker(() => `(drop (call $registry.registered ${OUT}))`),
      ends: refused("E_NOT_GRANTED"),
    },
    {
      tries: "takes a name that it was not given",
      module: () =>
        attacker(({ term }) =>
          expectResult(`(call $registry.register ${term(atom("other.name"))} ${SELF})`, -5, 1),
        ),
      options: { grants: ["register:own.*"] },
      ends: NORMAL,
    },
  ],
};
