// Processes: too many of them, what ties them together, and those of others.
import { atom, tuple } from "../../../host/otp/term/index.ts";
import { exits, LIVES, NORMAL, refused, type Subject } from "../attack.ts";
import { attacker, expectResult, forever, guest, main, times } from "../guest-text.ts";

const BADARG = -2;
const SYSTEM_LIMIT = -4;
const NOT_GRANTED = -5;
const NONE = "(i32.const 0) (i32.const 0)";
const OUT = "(i32.const 200) (i32.const 100)";
const VICTIM = "(i32.const 0) (call $victim)";
/** Repeats until the call answers `system_limit`, and then some. */
const untilFull = (call: string) => `
  (loop $more
    (local.set $n ${call})
    (if (i32.lt_s (local.get $n) (i32.const -4)) (then (call $wasi.proc_exit (i32.const 1))))
    (br_if $more (i32.ne (local.get $n) (i32.const ${SYSTEM_LIMIT}))))
  ${times(100, `(drop ${call})`)}`;

export const processes: Subject = {
  name: "processes",
  attacks: [
    {
      tries: "spins at the highest priority",
      module: () => attacker(() => `(drop (call $process.priority (i32.const 3))) ${forever("")}`),
      ends: LIVES,
    },
    {
      tries: "spawns a child of the highest priority that spins",
      module: () =>
        guest(
          ({ term }) => `(func (export "child") ${forever("")})
          ${main(`(drop (call $process.spawn ${term("child")} ${NONE} ${term({ priority: atom("max") })} ${OUT}))`)}`,
        ),
      options: { grants: ["spawn"] },
      ends: { type: "cleanly" },
    },
    {
      tries: "spawns itself without end",
      module: () =>
        attacker(({ term }) =>
          forever(`(drop (call $process.spawn ${term("main")} ${NONE} ${NONE} ${OUT}))`),
        ),
      options: { grants: ["spawn"] },
      ends: LIVES,
    },
    {
      tries: "spawns itself without end, linked and monitored",
      module: () =>
        attacker(({ term }) =>
          forever(
            `(drop (call $process.spawn ${term("main")} ${NONE} ${term({ link: true, monitor: true })} ${OUT}))`,
          ),
        ),
      options: { grants: ["spawn"] },
      ends: LIVES,
    },
    {
      tries: "spawns children that end at once, without end, and monitors them",
      module: () =>
        guest(
          ({ term }) => `(func (export "child"))
          ${main(forever(`(drop (call $process.spawn ${term("child")} ${NONE} ${term({ monitor: true })} ${OUT}))`))}`,
        ),
      options: { grants: ["spawn"] },
      ends: LIVES,
    },
    {
      tries: "spawns children that trap at once, without end",
      module: () =>
        guest(
          ({ term }) => `(func (export "child") unreachable)
          ${main(forever(`(drop (call $process.spawn ${term("child")} ${NONE} ${NONE} ${OUT}))`))}`,
        ),
      options: { grants: ["spawn"] },
      ends: LIVES,
    },
    {
      tries: "spawns at places of its table that are none, a different one each time",
      module: () =>
        guest(
          ({ bytes }) => `(table (export "table") 1 funcref) (data (i32.const 100) "\\83\\62")
          ${main(
            forever(`(i32.store offset=102 (i32.const 0) (local.tee $i (i32.add (local.get $i) (i32.const 1))))
            (i32.store8 offset=102 (i32.const 0) (i32.const 1))
            (drop (call $process.spawn (i32.const 100) (i32.const 6) ${NONE} ${NONE} ${OUT}))`),
          )} ${bytes([]).slice(0, 0)}`,
        ),
      options: { grants: ["spawn"] },
      ends: LIVES,
    },
    {
      tries: "gives its children large arguments",
      module: () =>
        guest(
          ({ term }) => `(memory (export "memory") 17) (data (i32.const 65536) "\\83\\4d\\00\\0f\\00\\00\\08")
          (func (export "child") (drop (call $message.receive ${NONE} ${NONE} (i32.const -1))))
          ${main(
            forever(`(i32.store (i32.const 65544) (local.tee $i (i32.add (local.get $i) (i32.const 1))))
            (drop (call $process.spawn ${term("child")} (i32.const 65536) (i32.const 983047) ${NONE} ${OUT}))`),
          )}`,
        ),
      options: { grants: ["spawn"] },
      ends: LIVES,
    },
    {
      tries: "gives a child what it has not got itself",
      module: () =>
        attacker(
          ({ term }) =>
            expectResult(
              `(call $process.spawn ${term("main")} ${NONE} ${term({ grants: [atom("kill")] })} ${OUT})`,
              NOT_GRANTED,
              1,
            ) +
            expectResult(
              `(call $process.spawn ${term("main")} ${NONE} ${term({ env: ["HOME"] })} ${OUT})`,
              NOT_GRANTED,
              2,
            ) +
            expectResult(
              `(call $process.spawn ${term("main")} ${NONE} ${term({ directories: [tuple("/", atom("write"))] })} ${OUT})`,
              NOT_GRANTED,
              3,
            ) +
            expectResult(
              `(call $process.spawn ${term("main")} ${NONE} ${term({ name: atom("somebody") })} ${OUT})`,
              NOT_GRANTED,
              4,
            ),
        ),
      options: { grants: ["spawn"] },
      ends: NORMAL,
    },
    {
      tries: "kills without the grant to do so",
      module: () =>
        attacker(({ term }) => `(drop (call $process.exit_signal ${VICTIM} ${term(atom("kill"))}))`),
      ends: refused("E_NOT_GRANTED"),
    },
    {
      tries: "suspends without the grant to do so",
      module: () => attacker(() => `(drop (call $process.suspend ${VICTIM}))`),
      ends: refused("E_NOT_GRANTED"),
    },
    {
      tries: "kills by linking itself to others and dying",
      module: () =>
        attacker(
          ({ term }) => `(drop (call $process.link ${VICTIM})) (call $process.exit ${term("die with me")})`,
        ),
      ends: exits("die with me"),
    },
    {
      tries: "kills whoever sends an exit as a message",
      module: () =>
        attacker(
          ({ term }) =>
            `(drop (call $message.send ${VICTIM} ${term(tuple(atom("EXIT"), atom("victim"), atom("kill")))}))`,
        ),
      ends: NORMAL,
    },
    {
      tries: "monitors the victim without end",
      module: () => attacker(() => forever(`(drop (call $process.monitor ${VICTIM} (i32.const 0) ${OUT}))`)),
      turns: 4000,
      check: ({ host, victim }) => {
        const count = host.runtime.process(victim)?.monitoredBy?.size ?? 0;
        return count > 20_000 ? [`there are ${count} monitors on the victim`] : [];
      },
      ends: LIVES,
    },
    {
      tries: "monitors the victim with large tags",
      module: () =>
        attacker(({ term }) =>
          untilFull(
            `(call $process.monitor_with ${VICTIM} ${term([tuple(atom("tag"), "t".repeat(20_000))])} ${OUT})`,
          ),
        ),
      turns: 4000,
      ends: NORMAL,
    },
    {
      tries: "makes aliases without end",
      module: () => attacker(() => untilFull(`(call $process.alias (i32.const 0) ${OUT})`)),
      turns: 4000,
      ends: NORMAL,
    },
    {
      tries: "lets its mailbox grow with the news of dead processes",
      module: () =>
        attacker(({ term, room }) => {
          const dead = term(atom("nobody has this name"));
          return `${forever(`(drop (call $process.monitor ${dead} (i32.const 0) (i32.const ${room(64)}) (i32.const 64)))`)}`;
        }),
      turns: 2000,
      check: largestMailbox,
      ends: LIVES,
    },
    {
      tries: "traps exits, and lets its mailbox grow with those of processes that never were",
      module: () =>
        guest(
          () => `(data (i32.const 300) "\\83\\58\\77\\0dnonode@nohost\\00\\00\\ff\\ff\\00\\00\\00\\00\\00\\00\\00\\01")
          ${main(`(drop (call $process.trap_exit (i32.const 1))) ${forever("(drop (call $process.link (i32.const 300) (i32.const 29)))")}`)}`,
        ),
      turns: 2000,
      check: largestMailbox,
      ends: LIVES,
    },
    {
      tries: "ignores every exit",
      module: () =>
        attacker(
          () =>
            `(drop (call $process.trap_exit (i32.const 1))) ${forever(`(drop (call $message.receive ${NONE} ${NONE} (i32.const -1)))`)}`,
        ),
      attackers: 20,
      ends: LIVES,
    },
    {
      tries: "has a name of fifty thousand letters, and logs",
      module: () =>
        guest(
          () =>
            `(memory (export "memory") 2) ${main(`(memory.fill (i32.const 100) (i32.const 65) (i32.const 100000))
          (call $process.label (i32.const 100) (i32.const 100000))
          ${forever("(call $log.write (i32.const 0) (i32.const 100) (i32.const 10))")}`)}`,
        ),
      check: ({ logBytes }) => (logBytes > 2_000_000 ? [`${logBytes} bytes were logged`] : []),
      ends: LIVES,
    },
    {
      tries: "leads a group of processes that it does not know",
      module: () => attacker(() => expectResult(`(call $process.set_group_leader ${VICTIM})`, 0, 1)),
      ends: NORMAL,
    },
    {
      tries: "takes the victim's name for itself",
      module: () =>
        attacker(({ term }) => {
          const self = "(i32.const 512) (call $process.self (i32.const 512) (i32.const 64))";
          return expectResult(`(call $registry.register ${term(atom("victim"))} ${self})`, BADARG, 1);
        }),
      options: { grants: ["register"] },
      ends: NORMAL,
    },
    {
      tries: "dies of a reason of a megabyte, with a hundred linked to it",
      module: () =>
        guest(
          ({ term }) => `(memory (export "memory") 32) (data (i32.const 65536) "\\83\\4d\\00\\0f\\00\\00\\08")
          (func (export "child") (drop (call $process.trap_exit (i32.const 1))) (drop (call $message.receive ${NONE} ${NONE} (i32.const -1))))
          ${main(`${times(100, `(drop (call $process.spawn ${term("child")} ${NONE} ${term({ link: true })} ${OUT}))`)}
            ${times(200, "(call $process.yield)")}
            (call $process.exit (i32.const 65536) (i32.const 983047))`)}`,
        ),
      options: { grants: ["spawn"] },
      turns: 30_000,
      ends: { type: "cleanly" },
    },
  ],
};

/** No mailbox may hold more than it is allowed to. */
function largestMailbox({ host }: import("../town.ts").Town): string[] {
  const { runtime } = host;
  const lengths = runtime.processes().map((pid) => runtime.process(pid)!.mailbox.length);
  const most = Math.max(...lengths);
  return most > 1100 ? [`${most} messages wait, and 1,000 may`] : [];
}
