// Turns the `log` option into the sinks that the runtime and the guests write to; by default this process's own streams.
import type { GuestLogRecord, LogOptions } from "../options.ts";
import type { LogLevel, LogRecord, Pid } from "../otp/index.ts";
import { renderLogRecord } from "../report/log-line.ts";
import type { GuestLogLevel } from "../wasm/services.ts";

export interface LogSinks {
  readonly level: LogLevel;
  lifecycle(record: LogRecord): void;
  guest(level: GuestLogLevel, text: string, pid: Pid, label: string | undefined, at: number): void;
  write(stream: 1 | 2, bytes: Uint8Array): void;
}

const RANK: Readonly<Record<LogLevel, number>> = { off: 0, error: 1, warn: 2, info: 3, debug: 4 };

export function logSinks(option: LogLevel | LogOptions): LogSinks {
  const given: LogOptions = typeof option === "string" ? { level: option } : option;
  const { level = "info", lifecycle = level, write = writeLine } = given;
  return {
    level: lifecycle,
    lifecycle: write,
    guest: (guestLevel, text, pid, label, at) => {
      if (RANK[guestLevel] <= RANK[level]) write({ at, level: guestLevel, event: "guest", pid, label, text });
    },
    write: (stream, bytes) => {
      (stream === 1 ? process.stdout : process.stderr).write(bytes);
    },
  };
}

function writeLine(record: LogRecord | GuestLogRecord): void {
  process.stderr.write(`${renderLogRecord(record, { color: process.stderr.isTTY === true })}\n`);
}
