// What is known of a guest that ended badly, as data. `renderCrashReport` shows it, `crashReportJson` gives it to machines.
import type { ExitReason, Pid, Process } from "../otp/index.ts";
import type { Cause } from "../otp/lifecycle.ts";
import { decodeTerm, formatTerm, reasonToTerm } from "../otp/term/index.ts";
import type { Guest } from "../wasm/guest.ts";
import type { Entry } from "../wasm/spawn-request.ts";
import type { TrapFrame } from "../wasm/trap.ts";
import type { Excerpt } from "./excerpt.ts";
import { describeReason, isTrap } from "./reason.ts";
import { trapHint } from "./trap-hint.ts";

/** How much of each thing that is limited the process had when it ended. */
export interface LastState {
  readonly fuel: number;
  readonly fuelLimit: number;
  readonly memoryBytes: number;
  readonly memoryLimitBytes: number;
  /** Messages that were waiting. */
  readonly mailbox: number;
  readonly mailboxLimit: number;
}

export interface CrashReport {
  /** Unix milliseconds. */
  readonly at: number;
  readonly program: string;
  /** The function with which the process began: its name, or its index in the table. */
  readonly entry: Entry;
  readonly pid: Pid;
  readonly parent: Pid | undefined;
  readonly name: string | undefined;
  readonly label: string | undefined;
  readonly reason: ExitReason;
  /** Whether it ended by itself, by an exit signal, or over a link. */
  readonly cause: Cause;
  /** Where a trap happened, innermost first; empty for other reasons. */
  readonly frames: readonly TrapFrame[];
  /** The argument it was spawned with, a term. */
  readonly argument: unknown;
  readonly state: LastState;
  /** What the reason means and what to do; undefined where there is nothing to say. */
  readonly hint: string | undefined;
  /** The source line, where somebody has looked for it. */
  readonly excerpt?: Excerpt;
}

/** Reports a guest in the moment in which it ends: from a hook of `Process.onExit`, while its mailbox is still there. */
export function crashReport(process: Process, guest: Guest, entry: Entry, reason: ExitReason): CrashReport {
  const { limits } = guest;
  // A trap that came over a link has the frames of another process, which says the same of it.
  const frames = isTrap(reason) ? reason.frames : [];
  return {
    at: process.runtime.environment.wallTime(),
    program: guest.program.name,
    entry,
    pid: process.pid,
    parent: process.parent,
    name: process.name,
    label: process.label,
    reason,
    cause: process.exitCause,
    frames,
    argument: argumentOf(guest),
    state: {
      fuel: guest.usedFuel,
      fuelLimit: limits.fuel,
      memoryBytes: guest.memoryBytes,
      memoryLimitBytes: limits.memoryBytes,
      mailbox: process.mailbox.length,
      mailboxLimit: limits.mailbox,
    },
    hint: isTrap(reason) ? trapHint(reason.kind) : undefined,
  };
}

/** The report as JSON: terms as text in Erlang's syntax, numbers without a limit as null. */
export function crashReportJson(report: CrashReport): Record<string, unknown> {
  const { cause, reason, state } = report;
  const limit = (value: number) => (Number.isFinite(value) ? value : null);
  return {
    at: new Date(report.at).toISOString(),
    program: report.program,
    entry: report.entry,
    pid: report.pid.toString(),
    parent: report.parent?.toString() ?? null,
    name: report.name ?? null,
    label: report.label ?? null,
    reason: reasonJson(reason),
    cause:
      cause.type === "self" ? { type: "self" } : { type: cause.type, from: cause.from?.toString() ?? null },
    frames: report.frames,
    excerpt: report.excerpt ?? null,
    argument: formatTerm(report.argument),
    state: { ...state, fuelLimit: limit(state.fuelLimit), mailboxLimit: limit(state.mailboxLimit) },
    hint: report.hint ?? null,
  };
}

/** A reason as JSON: `text` for all of them, `kind` and `message` for a trap, `term` in Erlang's syntax for the rest. */
export function reasonJson(reason: ExitReason): Record<string, unknown> {
  const text = describeReason(reason);
  if (isTrap(reason)) return { type: "trap", kind: reason.kind, message: reason.message, text };
  return { type: "term", term: formatTerm(reasonToTerm(reason)), text };
}

function argumentOf(guest: Guest): unknown {
  try {
    return decodeTerm(guest.argument);
  } catch {
    return guest.argument;
  }
}
