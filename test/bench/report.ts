// What a run came to, as data and as text.
import type { SideResult, SubjectResult } from "./compare.ts";
import type { Machine } from "./machine.ts";
import { geometricMean } from "./statistics.ts";
import { table } from "./table.ts";

/** Field names are steady: this is what `--json` prints. */
export interface Report {
  readonly version: 1;
  /** ISO 8601, UTC. */
  readonly date: string;
  readonly machine: Machine;
  readonly rounds: number;
  readonly scale: number;
  readonly subjects: readonly SubjectResult[];
}

export function formatReport(report: Report): string {
  const { machine, date, rounds, scale } = report;
  const lines = [
    `${machine.cpu}, ${machine.cores} cores, load ${machine.load.toFixed(1)}, ${machine.platform}`,
    `Node ${machine.node} (V8 ${machine.v8}), ${machine.otp === null ? "no Erlang" : `Erlang/OTP ${machine.otp} with one scheduler`}`,
    `${date}, medians of ${rounds} interleaved rounds${scale === 1 ? "" : ` at ${scale} of their size`}`,
  ];
  if (machine.otp === null) lines.push("The columns of the BEAM are not there: no erl was found.");
  const group = (name: SubjectResult["group"]) => report.subjects.filter((subject) => subject.group === name);
  const messages = group("messages");
  if (messages.length > 0) lines.push("", messageTable(messages));
  const fairness = group("fairness");
  if (fairness.length > 0) lines.push("", fairnessTable(fairness));
  const start = group("start");
  if (start.length > 0) lines.push("", startTable(start));
  const kernels = group("kernels");
  if (kernels.length > 0) lines.push("", kernelTable(kernels));
  return lines.join("\n");
}

function messageTable(results: readonly SubjectResult[]): string {
  const withBeam = results.some(({ sides }) => sides.beam);
  const head = [
    "messages",
    "guest",
    "JavaScript",
    ...(withBeam ? ["BEAM", "guest/BEAM", "JavaScript/BEAM"] : []),
  ];
  const rows = results.map(({ title, unit, sides, ratios }) => [
    title,
    figure(sides.guest, unit),
    figure(sides.javascript, unit),
    ...(withBeam ? [figure(sides.beam, unit), ratio(ratios.guest), ratio(ratios.javascript)] : []),
  ]);
  return table(head, rows);
}

function fairnessTable(results: readonly SubjectResult[]): string {
  const withBeam = results.some(({ sides }) => sides.beam);
  const spread = (side: SideResult | undefined): string => {
    if (side?.percentiles === undefined) return "-";
    const { p50, p99, max } = side.percentiles;
    return [p50, p99, max].map(time).join(" / ");
  };
  return table(
    [
      "fairness: p50 / p99 / max",
      "alone",
      "1,000 guests spin",
      ...(withBeam ? ["1,000 spin on the BEAM"] : []),
    ],
    results.map(({ title, sides }) => [
      title,
      spread(sides.alone),
      spread(sides.guest),
      ...(withBeam ? [spread(sides.beam)] : []),
    ]),
  );
}

function startTable(results: readonly SubjectResult[]): string {
  return table(
    ["start", "moonlet", "Node alone", "escript", "moonlet/escript"],
    results.map(({ title, sides, unit, ratios }) => [
      title,
      figure(sides.moonlet, unit),
      figure(sides.node, unit),
      figure(sides.escript, unit),
      ratio(ratios.moonlet),
    ]),
  );
}

function kernelTable(results: readonly SubjectResult[]): string {
  const rows = results.map(({ title, unit, sides, ratios }) => [
    title,
    figure(sides.raw, unit),
    figure(sides.instrumented, unit),
    ratio(ratios.instrumented),
  ]);
  const all = results.map(({ ratios }) => ratios.instrumented).filter((found) => found !== undefined);
  return table(
    ["kernels", "raw", "instrumented", "instrumented/raw"],
    [...rows, ["geometric mean", "", "", ratio(geometricMean(all))]],
  );
}

function figure(side: SideResult | undefined, unit: SubjectResult["unit"]): string {
  if (!side) return "-";
  return unit === "bytes" ? scaled(side.median, 1024, ["B", "KB", "MB"]) : time(side.median);
}

function time(nanoseconds: number): string {
  return scaled(nanoseconds, 1000, ["ns", "us", "ms", "s"]);
}

/** Three digits or so, with the unit that makes the number readable. */
function scaled(value: number, step: number, units: readonly string[]): string {
  let at = 0;
  let shown = value;
  while (shown >= step && at < units.length - 1) {
    shown /= step;
    at++;
  }
  return `${shown >= 100 || at === 0 ? shown.toFixed(0) : shown >= 10 ? shown.toFixed(1) : shown.toFixed(2)} ${units[at]}`;
}

function ratio(value: number | undefined): string {
  return value === undefined ? "-" : value.toFixed(2);
}
