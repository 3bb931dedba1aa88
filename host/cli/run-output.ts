// What `moonlet run` shows while a program runs: as text for people, or as JSON lines.

import type { Pid } from "../otp/index.ts";
import { formatTerm } from "../otp/term/index.ts";
import { type CrashReport, crashReportJson, reasonJson } from "../report/crash-report.ts";
import { findExcerpt, type ReadSource } from "../report/excerpt.ts";
import type { AnyLogRecord } from "../report/log-line.ts";
import { renderLogRecord } from "../report/log-line.ts";
import { describeReason } from "../report/reason.ts";
import { renderCrashReport } from "../report/render-crash-report.ts";
import type { Terminal } from "./terminal.ts";

export interface RunOutput {
  log(record: AnyLogRecord): void;
  /** A process crashed by itself, or it was the main process. */
  crash(report: CrashReport): void;
  /** What a guest wrote to its standard output (1) or standard error (2). */
  write(stream: 1 | 2, bytes: Uint8Array, pid: Pid): unknown;
  /** Says something of moonlet's own. */
  say(text: string): void;
}

/** Crashes that are alike are told in full once; a worker that is restarted over and over does not bury the rest. */
export class TextOutput implements RunOutput {
  readonly #terminal: Terminal;
  readonly #readSource: ReadSource;
  readonly #told = new Set<string>();
  /** Whose crash was just told in full: the log's line would say it again. */
  #justTold: Pid | undefined;

  constructor(terminal: Terminal, readSource: ReadSource) {
    this.#terminal = terminal;
    this.#readSource = readSource;
  }

  log(record: AnyLogRecord): void {
    if (record.event === "crash" && record.pid === this.#justTold) return;
    this.#terminal.err(`${renderLogRecord(record, this.#terminal)}\n`);
  }

  crash(report: CrashReport): void {
    const { entry, pid, program, reason, cause } = report;
    const words = describeReason(reason);
    const key = `${program} ${entry} ${cause.type} ${words}`;
    if (this.#told.has(key)) {
      if (report.label === undefined && report.name === undefined) {
        this.say(`crash of ${pid} (${entry} in ${program}), as reported before`);
      }
      return;
    }
    // A reason that came over a link was told in full where it arose.
    const isEcho = cause.type !== "self" && this.#told.has(words);
    this.#told.add(key).add(words);
    this.#justTold = pid;
    const shown = isEcho ? { ...report, frames: [], hint: undefined } : withExcerpt(report, this.#readSource);
    this.#terminal.err(`${renderCrashReport(shown, this.#terminal)}\n`);
  }

  write(stream: 1 | 2, bytes: Uint8Array): unknown {
    return stream === 1 ? this.#terminal.out(bytes) : this.#terminal.err(bytes);
  }

  say(text: string): void {
    this.#terminal.err(`${text}\n`);
  }
}

/** One JSON object per line, all of them to standard error: standard output belongs to the result. */
export class JsonOutput implements RunOutput {
  readonly #terminal: Terminal;
  readonly #readSource: ReadSource;
  readonly #decoder = new TextDecoder();

  constructor(terminal: Terminal, readSource: ReadSource) {
    this.#terminal = terminal;
    this.#readSource = readSource;
  }

  log(record: AnyLogRecord): void {
    this.#line(logJson(record));
  }
  crash(report: CrashReport): void {
    this.#line({
      event: "crashReport",
      level: "error",
      ...crashReportJson(withExcerpt(report, this.#readSource)),
    });
  }
  write(stream: 1 | 2, bytes: Uint8Array, pid: Pid): unknown {
    const name = stream === 1 ? "stdout" : "stderr";
    return this.#line({ event: "output", stream: name, pid, text: this.#decoder.decode(bytes) });
  }
  say(text: string): void {
    this.#line({ event: "notice", text });
  }

  #line(object: object): unknown {
    return this.#terminal.err(`${JSON.stringify(object)}\n`);
  }
}

export function withExcerpt(report: CrashReport, readSource: ReadSource): CrashReport {
  const excerpt = findExcerpt(report.frames, readSource);
  return excerpt ? { ...report, excerpt } : report;
}

/** A log record with its terms as text and its time in ISO 8601. */
export function logJson(record: AnyLogRecord): Record<string, unknown> {
  const { at, level, event } = record;
  const about = { at: new Date(at).toISOString(), level, event };
  switch (record.event) {
    case "guest":
      return { ...about, pid: record.pid, label: record.label ?? null, text: record.text };
    case "audit":
      return { ...about, text: record.text };
    case "spawn": {
      const { pid, label, parent, capabilities } = record;
      return { ...about, pid, label, parent: parent ?? null, capabilities };
    }
    case "exit":
    case "crash":
      return { ...about, pid: record.pid, label: record.label, reason: reasonJson(record.reason) };
    case "kill":
    case "cascade": {
      const { pid, label, from, reason } = record;
      return { ...about, pid, label, reason: reasonJson(reason), from: from ?? null };
    }
    case "killGroup":
      return { ...about, group: name(record.group), count: record.count };
    case "census":
      return {
        ...about,
        labels: Object.fromEntries(record.labels),
        groups: Object.fromEntries([...record.groups].map(([key, count]) => [name(key), count])),
      };
  }
}

function name(group: unknown): string {
  return typeof group === "string" ? group : formatTerm(group);
}
