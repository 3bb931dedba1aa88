// Prints what was measured, as a table or as JSON.
import type { Measured } from "./measure.ts";

export interface Group {
  readonly title: string;
  readonly results: readonly Measured[];
}

export interface CaptureReport {
  readonly node: string;
  readonly slice: number;
  readonly groups: readonly Group[];
  readonly switches: readonly { readonly depth: number; readonly ns: number }[];
  /** Names of what could not be measured, with the reason. */
  readonly leftOut: Readonly<Record<string, string>>;
}

export function geomean(results: readonly Measured[]): number {
  return Math.exp(results.reduce((sum, { ratio }) => sum + Math.log(ratio), 0) / results.length);
}

export function formatReport(report: CaptureReport): string {
  const lines: string[] = [];
  for (const { title, results } of report.groups) {
    if (results.length === 0) continue;
    if (lines.length > 0) lines.push("");
    lines.push(
      row([title, "raw ms", "ours ms", "ratio", "raw code", "our code", "size", "switches", "results"]),
    );
    for (const r of results) {
      lines.push(
        row([
          r.name,
          r.rawMs.toFixed(3),
          r.instrumentedMs.toFixed(3),
          r.ratio.toFixed(3),
          String(r.rawCodeBytes),
          String(r.instrumentedCodeBytes),
          (r.instrumentedCodeBytes / r.rawCodeBytes).toFixed(2),
          String(r.switches),
          r.same ? (r.stoppedResult === null ? "same*" : "same") : "DIFFER",
        ]),
      );
      if (!r.same || results.length === 1) {
        lines.push(`  raw gives ${r.rawResult}`, `  ours gives ${r.instrumentedResult}`);
        lines.push(
          `  stopped at each of ${r.stoppedAtEveryCheck} checks it ${r.stoppedResult === null ? "was not done in time" : `gives ${r.stoppedResult}`}`,
          `  module: ${r.rawBytes} bytes raw, ${r.instrumentedBytes} instrumented (${(r.instrumentedBytes / r.rawBytes).toFixed(2)})`,
        );
      }
    }
    if (results.length > 1) {
      const worst = results.reduce((a, b) => (a.ratio > b.ratio ? a : b));
      lines.push(
        `geomean ${geomean(results).toFixed(3)}, worst ${worst.name} ${worst.ratio.toFixed(3)}, slices of ${report.slice}, Node ${report.node}`,
      );
    }
  }
  if (report.groups.some(({ results }) => results.some(({ stoppedResult }) => stoppedResult === null)))
    lines.push("* not compared at every check: that took too long");
  if (report.switches.length > 0) lines.push("");
  for (const { depth, ns } of report.switches)
    lines.push(`suspend and resume at depth ${depth}: ${ns.toFixed(0)} ns`);
  for (const [name, reason] of Object.entries(report.leftOut)) lines.push(`left out: ${name}: ${reason}`);
  return `${lines.join("\n")}\n`;
}

function row(cells: readonly string[]): string {
  return `${cells[0]!.padEnd(18)}${cells
    .slice(1)
    .map((cell) => cell.padStart(11))
    .join("")}`;
}
