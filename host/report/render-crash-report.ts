// A crash report as text: what ended, why, where, in which state, and what to do about it.
import { formatTerm } from "../otp/term/index.ts";
import type { TrapFrame } from "../wasm/trap.ts";
import type { CrashReport, LastState } from "./crash-report.ts";
import { renderExcerpt } from "./excerpt.ts";
import { type Field, renderFields, wrap } from "./fields.ts";
import { painter, type RenderOptions } from "./paint.ts";
import { printable } from "./printable.ts";
import { formatBytes, formatCount } from "./quantity.ts";
import { describeFrame, describeReason, isTrap } from "./reason.ts";

const MAX_FRAMES = 20;

/**
 * Several lines without a last line end:
 *
 *     crash of <0.4.0> "worker" (pong in examples/ping.ts)
 *       reason    trap integer_divide_by_zero: divide by zero
 *       at        share (examples/ping.ts:12:14)
 *                 pong (examples/ping.ts:20:3)
 *
 *                 12 |   return total / count;
 *                    |                ^
 *
 *       argument  []
 *       state     used 1,204 fuel; memory 64 KiB of 256 MiB; 0 messages waiting
 *       hint      An integer was divided by zero. Check the divisor before dividing.
 */
export function renderCrashReport(report: CrashReport, options: RenderOptions): string {
  const paint = painter(options);
  const frames = frameLines(report.frames);
  const fields: Field[] = [
    ["reason", [reasonLine(report)]],
    ["at", report.excerpt ? [...frames, "", ...renderExcerpt(report.excerpt, options), ""] : frames],
    ["argument", [printable(formatTerm(report.argument, { maxCharacters: 300 }))]],
    ["state", [stateLine(report.state)]],
    ["hint", report.hint === undefined ? [] : wrap(report.hint)],
  ];
  return [`${paint("red", "crash")} of ${who(report)}`, ...renderFields(fields, paint)].join("\n");
}

function who(report: CrashReport): string {
  const name = report.name ?? report.label;
  const called = name === undefined ? "" : ` "${printable(name)}"`;
  const entry = typeof report.entry === "number" ? `function ${report.entry} of the table` : report.entry;
  return `${report.pid}${called} (${printable(entry)} in ${printable(report.program)})`;
}

function reasonLine({ reason, cause }: CrashReport): string {
  const text = isTrap(reason)
    ? printable(`trap ${reason.kind}${reason.message === reason.kind ? "" : `: ${reason.message}`}`)
    : describeReason(reason);
  if (cause.type === "link") return `${text}, over the link from ${cause.from}`;
  if (cause.type === "signal") return `${text}, by an exit signal from ${cause.from ?? "outside"}`;
  return text;
}

/** One line per frame; a run of equal ones, as recursion leaves it, is one line with its number. */
function frameLines(frames: readonly TrapFrame[]): string[] {
  const runs: { text: string; count: number }[] = [];
  for (const frame of frames) {
    const text = describeFrame(frame);
    const last = runs.at(-1);
    if (last?.text === text) last.count++;
    else runs.push({ text, count: 1 });
  }
  const lines = runs.slice(0, MAX_FRAMES).map(({ text, count }) => (count > 1 ? `${text} x ${count}` : text));
  if (runs.length > MAX_FRAMES) lines.push(`... and ${runs.length - MAX_FRAMES} more`);
  return lines;
}

function stateLine(state: LastState): string {
  const fuel = Number.isFinite(state.fuelLimit) ? ` of ${formatCount(state.fuelLimit)}` : "";
  const messages = state.mailbox === 1 ? "1 message" : `${formatCount(state.mailbox)} messages`;
  return [
    `used ${formatCount(state.fuel)}${fuel} fuel`,
    `memory ${formatBytes(state.memoryBytes)} of ${formatBytes(state.memoryLimitBytes)}`,
    `${messages} waiting`,
  ].join("; ");
}
