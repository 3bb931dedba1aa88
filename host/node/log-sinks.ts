// Turns the `log` option into the sinks that the runtime and the guests write to; by default this process's own streams.
import type { GuestLogRecord, HostLogRecord, LogOptions } from "../options.ts";
import type { LogLevel, LogRecord, Pid } from "../otp/index.ts";
import { renderLogRecord } from "../report/log-line.ts";
import type { GuestLogLevel } from "../wasm/services.ts";
import type { WriteOutput } from "../wasm/surroundings.ts";
import { writeTo } from "./standard-output.ts";

export interface LogSinks {
  readonly level: LogLevel;
  lifecycle(record: LogRecord): void;
  guest(level: GuestLogLevel, text: string, pid: Pid, label: string | undefined, at: number): void;
  /** Something is wrong with the audit's file. */
  audit(text: string, at: number): void;
  readonly write: WriteOutput;
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
    audit: (text, at) => {
      // Who keeps an audit wants to know, whatever is logged.
      if (level === "off") process.emitWarning(`the audit: ${text}`, { code: "MOONLET_AUDIT" });
      else write({ at, level: "error", event: "audit", text });
    },
    write: (stream, bytes) => writeTo(stream === 1 ? process.stdout : process.stderr, bytes),
  };
}

function writeLine(record: LogRecord | GuestLogRecord | HostLogRecord): void {
  process.stderr.write(`${renderLogRecord(record, { color: process.stderr.isTTY === true })}\n`);
}
