// The report of a soak as text.
import type { SoakReport } from "./soak.ts";

export function renderSoakReport(report: SoakReport, seconds: number): string {
  const { deaths, received, violations } = report;
  const rate = Math.round(report.signals / seconds);
  const lines = [
    `seed ${report.seed}: ${number(report.signals)} signals in ${seconds.toFixed(1)} s (${number(rate)} per second)`,
    `sent      ${list(report.operations)}`,
    `received  ${list(received)}`,
    `processes ${number(report.spawned)} spawned; deaths by themselves ${number(deaths.self)}, by exit signals ${number(deaths.signal)}, over links ${number(deaths.link)}`,
    `checks    ${number(report.checks)}; longest mailbox of the dead ${number(report.longestMailbox)}`,
    `left      ${list(report.left)}`,
  ];
  if (report.uncollected !== undefined)
    lines.push(`memory    ${report.uncollected} of the dead that were looked at are still there`);
  lines.push(violations.length === 0 ? "every invariant held" : `${violations.length} VIOLATIONS`);
  return [...lines, ...violations.map((violation) => `  ${violation}`)].join("\n");
}

function list(counts: Readonly<Record<string, number>>): string {
  return Object.entries(counts)
    .map(([name, count]) => `${name} ${number(count)}`)
    .join(", ");
}

function number(value: number): string {
  return value.toLocaleString("en-US");
}
