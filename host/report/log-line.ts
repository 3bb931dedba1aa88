// A log record as one line of text with aligned columns: time, level, pid, label, event, words.
import type { GuestLogRecord, HostLogRecord } from "../options.ts";
import type { LogRecord } from "../otp/index.ts";
import { formatTerm, reasonToTerm } from "../otp/term/index.ts";
import { painter, type RenderOptions, type Tint } from "./paint.ts";
import { printable } from "./printable.ts";
import { describeReason } from "./reason.ts";

export type AnyLogRecord = LogRecord | GuestLogRecord | HostLogRecord;

const TINTS: Readonly<Record<AnyLogRecord["level"], Tint>> = {
  error: "red",
  warn: "yellow",
  info: "green",
  debug: "blue",
};
const PID_WIDTH = 8;
const LABEL_WIDTH = 12;
const EVENT_WIDTH = 7;

/**
 * One line without its end, e.g. `08:21:07.314 error <0.4.0>  worker       crash   trap unreachable: ...`. The time is local. What
 * guests wrote cannot break the line.
 */
export function renderLogRecord(record: AnyLogRecord, options: RenderOptions): string {
  const paint = painter(options);
  const pid = "pid" in record ? record.pid.toString() : "";
  const label = "label" in record ? printable(record.label ?? "") : "";
  const columns = [
    paint("dim", clock(record.at)),
    paint(TINTS[record.level], record.level.padEnd(5)),
    pid.padEnd(PID_WIDTH),
    paint("cyan", label.padEnd(LABEL_WIDTH)),
    (record.event === "killGroup" ? "kill" : record.event).padEnd(EVENT_WIDTH),
    words(record),
  ];
  return columns.join(" ").trimEnd();
}

function words(record: AnyLogRecord): string {
  switch (record.event) {
    case "guest":
    case "audit":
      return printable(record.text);
    case "spawn": {
      const parent = record.parent === undefined ? "" : `by ${record.parent}`;
      const may = record.capabilities.length > 0 ? `may ${record.capabilities.join(", ")}` : "";
      return printable([parent, may].filter((part) => part !== "").join(", "));
    }
    case "exit":
    case "crash":
      return describeReason(record.reason);
    case "kill":
    case "cascade":
      return `${describeReason(record.reason)}${record.from === undefined ? "" : ` from ${record.from}`}`;
    case "killGroup":
      return `group ${named(record.group)}: ${record.count} ${record.count === 1 ? "process" : "processes"}`;
    case "census":
      return [...counts("", record.labels), ...counts("group ", record.groups)].join(", ");
  }
}

function counts(prefix: string, census: ReadonlyMap<unknown, number>): string[] {
  return [...census].map(([key, count]) => `${prefix}${named(key)} ${count}`);
}

/** A label or a group's name; a group can be any term. */
function named(name: unknown): string {
  return printable(typeof name === "string" ? name : formatTerm(reasonToTerm(name), { maxCharacters: 60 }));
}

/** Local time of day to the millisecond. */
export function clock(at: number): string {
  const date = new Date(at);
  const two = (value: number) => String(value).padStart(2, "0");
  const time = [date.getHours(), date.getMinutes(), date.getSeconds()].map(two).join(":");
  return `${time}.${String(date.getMilliseconds()).padStart(3, "0")}`;
}
