// What the `moonlet` executable runs: the command line on the streams and signals of this Node process.
import { isatty } from "node:tty";
import { StandardStream } from "../node/standard-stream.ts";
import { runCli } from "./cli.ts";
import { EXIT } from "./exit-code.ts";
import { renderFailure } from "./failure.ts";
import type { InterruptSignal, Terminal } from "./terminal.ts";

/** Whether anybody has asked for input, which then keeps this process alive. */
let isReading = false;

const KEEP_ALIVE_MS = 0x7fff_ffff;
const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

const out = new StandardStream(1, (error) => outputFailed("output", error));
const err = new StandardStream(2, (error) => outputFailed("error", error));

const terminal: Terminal = {
  out: (data) => out.write(data),
  err: (data) => err.write(data),
  input: {
    [Symbol.asyncIterator]: () => {
      isReading = true;
      return process.stdin[Symbol.asyncIterator]();
    },
  },
  isTerminal: (stream) => isatty(stream),
  get color() {
    return process.env.NO_COLOR === undefined && isatty(2);
  },
  onInterrupt: (handler) => {
    const listener = (signal: NodeJS.Signals): void => handler(signal as InterruptSignal);
    for (const signal of SIGNALS) process.on(signal, listener);
    return () => {
      for (const signal of SIGNALS) process.off(signal, listener);
    };
  },
  onIdle: (handler) => {
    let keepAlive: NodeJS.Timeout | undefined;
    const listener = (): void => {
      keepAlive = setInterval(() => {}, KEEP_ALIVE_MS);
      handler();
    };
    process.once("beforeExit", listener);
    return () => {
      process.off("beforeExit", listener);
      clearInterval(keepAlive);
    };
  },
  exit: (code) => process.exit(code),
};

/** Whoever read the output has gone, as `head` does: no reason to complain. Anything else is. */
function outputFailed(name: string, error: NodeJS.ErrnoException): void {
  if (error.code === "EPIPE") process.exit(EXIT.brokenPipe);
  if (name !== "error")
    terminal.err(`error E_CANNOT_WRITE: cannot write to standard ${name}: ${error.message}\n`);
  process.exit(EXIT.guestFailed);
}

process.on("uncaughtException", (error) => {
  terminal.err(renderFailure(error, { color: terminal.color }));
  process.exit(EXIT.bug);
});

// No top-level await: a process that goes idle while one is pending ends with a code of Node's own.
void runCli(process.argv.slice(2), terminal).then((code) => {
  process.exitCode = code;
  if (isReading) process.stdin.destroy();
});
