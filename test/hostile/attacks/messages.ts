// Messages: too many, too large, and what is none.
import { atom, tuple } from "../../../host/otp/term/index.ts";
import { LIVES, NORMAL, type Subject } from "../attack.ts";
import { attacker, expectResult, forever, guest, main, times } from "../guest-text.ts";

const NONE = "(i32.const 0) (i32.const 0)";
const VICTIM = "(i32.const 0) (call $victim)";
const SELF = "(i32.const 100) (call $process.self (i32.const 100) (i32.const 64))";
const SYSTEM_LIMIT = -4;
/** A binary of 983,040 bytes. */
const LARGE = '(data (i32.const 65536) "\\83\\4d\\00\\0f\\00\\00\\08")';
const LARGE_TERM = "(i32.const 65536) (i32.const 983047)";
const large = (body: string) => guest(`(memory (export "memory") 17 32) ${LARGE} ${main(body)}`);
/** To the pids from 1 to 12, whoever that may be. */
const toEverybody = (message: string) => `
  ${times(12, `(i32.store8 (i32.const 320) (local.get $i)) (drop (call $message.send (i32.const 300) (i32.const 29) ${message}))`)}`;
const FORGED_PID =
  '(data (i32.const 300) "\\83\\58\\77\\0dnonode@nohost\\00\\00\\00\\00\\00\\00\\00\\00\\00\\00\\00\\01")';

export const messages: Subject = {
  name: "messages",
  attacks: [
    {
      tries: "floods the victim with messages",
      module: () => attacker(({ term }) => forever(`(drop (call $message.send ${VICTIM} ${term("spam")}))`)),
      ends: LIVES,
    },
    {
      tries: "floods the victim with messages, thirty times over",
      module: () => attacker(({ term }) => forever(`(drop (call $message.send ${VICTIM} ${term("spam")}))`)),
      attackers: 30,
      turns: 600,
      ends: LIVES,
    },
    {
      tries: "floods the victim with large messages",
      module: () => large(forever(`(drop (call $message.send ${VICTIM} ${LARGE_TERM}))`)),
      ends: LIVES,
    },
    {
      tries: "sends one message that is too large",
      module: () =>
        large(
          expectResult(`(call $message.send ${VICTIM} (i32.const 0) (i32.const 1048577))`, SYSTEM_LIMIT, 1),
        ),
      ends: NORMAL,
    },
    {
      tries: "sends one message to the victim ten thousand times over",
      module: () =>
        guest(
          ({ term }) => `(memory (export "memory") 32)
          ${main(`(local.set $n (call $victim))
          (i32.store (i32.const 65536) (i32.const 0x00006c83)) (i32.store8 (i32.const 65540) (i32.const 0x27)) (i32.store8 (i32.const 65541) (i32.const 0x10))
          ${times(10_000, `(memory.copy (i32.add (i32.const 65542) (i32.mul (local.get $i) (i32.sub (local.get $n) (i32.const 1)))) (i32.const 1) (i32.sub (local.get $n) (i32.const 1)))`)}
          (i32.store8 (i32.add (i32.const 65542) (i32.mul (i32.const 10000) (i32.sub (local.get $n) (i32.const 1)))) (i32.const 106))
          (local.set $m (i32.add (i32.const 7) (i32.mul (i32.const 10000) (i32.sub (local.get $n) (i32.const 1)))))
          ${forever(`(drop (call $message.send_all (i32.const 65536) (local.get $m) ${term("spam")}))`)}`)}`,
        ),
      turns: 2000,
      ends: { type: "cleanly" },
    },
    {
      tries: "sends itself messages and never looks at them",
      module: () =>
        attacker(({ term }) => forever(`(drop (call $message.send ${SELF} ${term("note to self")}))`)),
      ends: LIVES,
    },
    {
      tries: "fills its mailbox and looks through it in vain, again and again",
      module: () =>
        attacker(
          ({ term, bytes }) =>
            `${times(1000, `(drop (call $message.send ${SELF} ${term(["a long beginning that is the same", 1])}))`)}
          ${forever(`(drop (call $message.receive ${bytes([7, 0, 0, 0, 131, 108, 0, 0, 0, 2, 98])} ${NONE} (i32.const 0)))`)}`,
        ),
      ends: LIVES,
    },
    {
      tries: "looks for ten thousand patterns at once",
      module: () =>
        guest(
          ({ term }) => `(memory (export "memory") 4)
          ${main(`${times(
            10_000,
            `(i32.store (i32.add (i32.const 65536) (i32.mul (local.get $i) (i32.const 6))) (i32.const 2))
            (i32.store16 offset=4 (i32.add (i32.const 65536) (i32.mul (local.get $i) (i32.const 6))) (i32.const 0x1183))`,
          )}
          ${times(900, `(drop (call $message.send ${SELF} ${term("x")}))`)}
          ${forever(`(drop (call $message.receive (i32.const 65536) (i32.const 60000) ${NONE} (i32.const 0)))`)}`)}`,
        ),
      turns: 3000,
      ends: { type: "cleanly" },
    },
    {
      tries: "makes up news of deaths, exits and answers, and sends them to everybody",
      module: () =>
        guest(
          ({ term }) =>
            `${FORGED_PID} ${main(
              [
                tuple(atom("EXIT"), atom("kernel"), atom("kill")),
                tuple(atom("DOWN"), 1, atom("process"), 2, atom("kill")),
                tuple(atom("$gen_call"), tuple(1, 2), atom("stop")),
                tuple(atom("$gen_cast"), atom("stop")),
                tuple(atom("system"), tuple(1, 2), tuple(atom("terminate"), atom("kill"))),
                tuple(atom("$stream"), atom("reader"), 1),
                tuple(atom("ETS-TRANSFER"), 1, 2, 3),
                new Map([
                  [atom("then"), 1],
                  [atom("toTerm"), 1],
                  [atom("__proto__"), 1],
                ]),
              ]
                .map((message) => toEverybody(term(message)))
                .join("\n"),
            )}`,
        ),
      ends: NORMAL,
    },
    {
      tries: "sends everybody what is no term",
      module: () =>
        guest(
          ({ bytes }) =>
            `${FORGED_PID} ${main(
              [
                [131, 255],
                [131, 109, 255, 255, 255, 255],
                [131, 108, 255, 255, 255, 255, 97, 1],
                [131, 80, 255, 255, 255, 255, 120, 156, 3, 0],
                [131, 111, 127, 255, 255, 255, 0],
                Array.from({ length: 8000 }, (_, i) => (i === 0 ? 131 : [108, 0, 0, 0, 1][(i - 1) % 5]!)),
                Array.from({ length: 4001 }, (_, i) => (i === 0 ? 131 : [104, 1][(i - 1) % 2]!)),
              ]
                .map((message) => toEverybody(bytes(message)))
                .join("\n"),
            )}`,
        ),
      ends: NORMAL,
    },
    {
      tries: "waits for a million years",
      module: () => attacker(() => forever(`(drop (call $message.receive ${NONE} ${NONE} (i32.const -2)))`)),
      ends: LIVES,
    },
  ],
};
