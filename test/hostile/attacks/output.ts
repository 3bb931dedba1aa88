// What leaves the host: log lines, output, reports.
import { LIVES, NORMAL, type Subject } from "../attack.ts";
import { attacker, forever, guest, main } from "../guest-text.ts";

const never = new Promise<void>(() => {});
const large = (body: string) => () =>
  guest(
    `(memory (export "memory") 16) ${main(`(memory.fill (i32.const 1024) (i32.const 65) (i32.const 1000000)) ${body}`)}`,
  );
const MOST_LOGGED = 2_000_000;
const logsLittle = ({ logBytes, logLines }: { logBytes: number; logLines: number }) => [
  ...(logBytes > MOST_LOGGED ? [`${logBytes} bytes were logged`] : []),
  ...(logLines > 3000 ? [`${logLines} lines were logged`] : []),
];
const writesLittle = ({ outputBytes }: { outputBytes: number }) =>
  outputBytes > 2_000_000 ? [`${outputBytes} bytes were written to one who does not read them`] : [];
/** Somebody who takes what is written and is never done with it. */
const slow = (stdout = { bytes: 0 }) => ({
  write: (_: number, bytes: Uint8Array) => {
    stdout.bytes += bytes.length;
    return never;
  },
});

function slowly(body: string) {
  const taken = { bytes: 0 };
  return {
    module: large(body),
    options: { grants: ["stdio"] as const },
    host: slow(taken),
    check: () => writesLittle({ outputBytes: taken.bytes }),
  };
}

export const output: Subject = {
  name: "output",
  attacks: [
    {
      tries: "logs without end",
      module: () => attacker(({ text }) => forever(`(call $log.write (i32.const 2) ${text("a line")})`)),
      check: logsLittle,
      ends: LIVES,
    },
    {
      tries: "logs lines of a megabyte",
      module: large(forever("(call $log.write (i32.const 2) (i32.const 1024) (i32.const 1000000))")),
      check: logsLittle,
      ends: LIVES,
    },
    {
      tries: "logs what looks like lines of others, and moves the cursor",
      module: () =>
        attacker(
          ({ text }) =>
            `(call $log.write (i32.const 2) ${text("x\r\n\u001b[2J\u202e12:00 error <0.1.0> forged\u0000")})`,
        ),
      ends: NORMAL,
    },
    {
      tries: "is refused something, again and again, which is logged",
      module: () =>
        attacker(({ term }) =>
          forever(
            `(drop (call $process.spawn ${term("main")} (i32.const 0) (i32.const 0) ${term({ env: ["HOME"] })} (i32.const 0) (i32.const 0)))`,
          ),
        ),
      options: { grants: ["spawn"] },
      check: logsLittle,
      ends: LIVES,
    },
    {
      tries: "aborts with a message of a megabyte",
      module: () =>
        guest(
          `(memory (export "memory") 16) ${main(`(memory.fill (i32.const 1024) (i32.const 65) (i32.const 1000000))
          (i32.store (i32.const 1020) (i32.const 1000000)) (call $env.abort (i32.const 1024) (i32.const 1024) (i32.const 1) (i32.const 1))`)}`,
        ),
      check: logsLittle,
      ends: { type: "cleanly" },
    },
    {
      tries: "writes to somebody who does not read",
      ...slowly(forever("(drop (call $stdio.write (i32.const 1) (i32.const 1024) (i32.const 100000)))")),
      ends: LIVES,
    },
    {
      tries: "writes to somebody who does not read, in pieces without a line's end",
      ...slowly(
        forever(`(drop (call $stdio.write (i32.const 1) (i32.const 1024) (i32.const 8000)))
        (drop (call $message.receive (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 1)))`),
      ),
      turns: 4000,
      ends: LIVES,
    },
    {
      tries: "prints to somebody who does not read, as AssemblyScript does",
      ...slowly(
        `(i32.store (i32.const 1020) (i32.const 100000)) ${forever("(call $env.console.log (i32.const 1024))")}`,
      ),
      turns: 1500,
      ends: { type: "cleanly" },
    },
    {
      tries: "reports what is none, and what is a megabyte",
      module: large(
        `(i32.store (i32.const 1024) (i32.const 0x000f4d83)) ${forever("(drop (call $log.report (i32.const 1024) (i32.const 983047)))")}`,
      ),
      ends: { type: "cleanly" },
    },
  ],
};
