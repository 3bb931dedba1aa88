// Reports of processes, supervisors and servers as text and as JSON. The data comes from the event stream (`report` events).
import type { ChildReport, Pid, Report } from "../otp/index.ts";
import { formatTerm } from "../otp/index.ts";
import { painter, type RenderOptions, type Tint } from "./paint.ts";
import { printable } from "./printable.ts";
import { formatBytes, formatCount } from "./quantity.ts";
import { describeReason, isError } from "./reason.ts";

const MARGIN = 13;
const MAX_CHARACTERS = 300;
const MAX_FRAMES = 10;

/** What happened, in one word, and how loud. */
const TITLES: Readonly<Record<Report["type"], readonly [title: string, tint: Tint]>> = {
  crash: ["crash", "red"],
  supervisor: ["supervisor report", "red"],
  terminated: ["terminated", "red"],
  unexpected: ["unexpected message", "yellow"],
  progress: ["progress", "green"],
  trace: ["debug", "dim"],
};

/**
 * Several lines without a last line end:
 *
 *     supervisor report of main <0.4.0>
 *       context    child_terminated
 *       reason     killed
 *       child      worker <0.7.0>, permanent worker, shutdown 5000 ms
 */
export function renderReport(report: Report, pid: Pid, options: RenderOptions): string {
  const paint = painter(options);
  const [title, tint] = TITLES[report.type];
  const lines = [`${paint(tint, title)} of ${who(report, pid)}`];
  for (const [key, texts] of fields(report)) {
    texts.forEach((text, i) => {
      const margin = i === 0 ? `  ${paint("bold", key.padEnd(MARGIN - 2))}` : " ".repeat(MARGIN);
      lines.push(`${margin}${text}`);
    });
  }
  return lines.join("\n");
}

/** The same for machines: terms as text in Erlang's syntax. */
export function reportJson(report: Report, pid: Pid): Record<string, unknown> {
  const { type } = report;
  return {
    type,
    pid: pid.toString(),
    name: nameOf(report) ?? null,
    ...Object.fromEntries(plainFields(report)),
  };
}

function who(report: Report, pid: Pid): string {
  const name = nameOf(report);
  const behaviour = "behaviour" in report ? `${printable(report.behaviour)} ` : "";
  if (report.type === "crash") {
    const { label, initialCall } = report.info;
    const called = name ?? label;
    return `${pid}${called === undefined ? "" : ` "${printable(called)}"`}${initialCall === undefined ? "" : ` (${printable(initialCall)})`}`;
  }
  return `${behaviour}${name === undefined ? "" : `${name} `}${pid}`;
}

function nameOf(report: Report): string | undefined {
  switch (report.type) {
    case "crash":
      return report.info.registeredName;
    case "progress":
    case "supervisor":
      return named(report.supervisor);
    case "terminated":
    case "unexpected":
    case "trace":
      return named(report.name);
  }
}

/** A name as it is, a term in Erlang's syntax; nothing for what has no other name than its pid. */
function named(name: unknown): string | undefined {
  if (name === undefined || isPid(name)) return undefined;
  return typeof name === "string" ? printable(name) : term(name);
}

function isPid(value: unknown): boolean {
  return typeof value === "object" && value !== null && "creation" in value && "number" in value;
}

type Field = readonly [key: string, texts: readonly string[]];

function fields(report: Report): readonly Field[] {
  switch (report.type) {
    case "crash":
      return crashFields(report);
    case "progress":
      return [["started", [child(report.child)]]];
    case "supervisor":
      return [
        ["context", [report.context]],
        ["reason", [describeReason(report.reason)]],
        ["child", [child(report.child)]],
      ];
    case "terminated":
      return [
        ["reason", [describeReason(report.reason)]],
        ["last", [term(report.lastMessage)]],
        ["state", [term(report.state)]],
      ];
    case "unexpected":
      return [["message", [term(report.message)]]];
    case "trace":
      return [eventField(report.event)];
  }
}

function crashFields({ reason, info, messages }: Extract<Report, { type: "crash" }>): Field[] {
  const all: Field[] = [["reason", [describeReason(reason)]]];
  if (isError(reason)) {
    const frames = (reason.stack ?? "").split("\n").filter((line) => line.trim().startsWith("at "));
    if (frames.length > 0)
      all.push(["at", frames.slice(0, MAX_FRAMES).map((line) => printable(line.trim().slice(3)))]);
  }
  if (info.ancestors.length > 0) all.push(["ancestors", [info.ancestors.join(", ")]]);
  if (info.links.length > 0) all.push(["links", [info.links.join(", ")]]);
  if (info.dictionary.length > 0)
    all.push(["dictionary", info.dictionary.map(([key, value]) => `${term(key)} => ${term(value)}`)]);
  if (messages.length > 0) {
    const more = info.messageQueueLength - messages.length;
    const rest = more > 0 ? [`... and ${formatCount(more)} more`] : [];
    all.push(["messages", [...messages.map(term), ...rest]]);
  }
  const state = [`used ${formatCount(info.reductions)} reductions`];
  if (info.memoryBytes > 0) state.push(`memory ${formatBytes(info.memoryBytes)}`);
  if (info.trapExit) state.push("traps exits");
  all.push(["state", [state.join("; ")]]);
  return all;
}

function eventField(event: Extract<Report, { type: "trace" }>["event"]): Field {
  switch (event.type) {
    case "in":
      return ["got", [term(event.message)]];
    case "out":
      return ["sent", [`${term(event.message)} to ${term(event.to)}`]];
    case "noreply":
      return ["state", [term(event.state)]];
  }
}

function child({ id, pid, restart, shutdown, type }: ChildReport): string {
  const time =
    shutdown === "brutal_kill" ? "brutal_kill" : Number.isFinite(shutdown) ? `${shutdown} ms` : "infinity";
  const name = typeof id === "string" ? printable(id) : term(id);
  return `${name}${pid === undefined ? "" : ` ${pid}`}, ${restart} ${type}, shutdown ${time}`;
}

/** The fields of `fields` for machines: one text, or a list of them where there may be several. */
function plainFields(report: Report): [string, unknown][] {
  if (report.type === "progress") return [["child", childJson(report.child)]];
  const own = fields(report).map(([key, texts]): [string, unknown] => [
    key,
    LISTS.has(key) ? texts : texts.join(),
  ]);
  return report.type === "supervisor"
    ? own.map(([key, value]) => [key, key === "child" ? childJson(report.child) : value])
    : own;
}

const LISTS: ReadonlySet<string> = new Set(["at", "dictionary", "messages"]);

function childJson({ id, pid, restart, shutdown, type }: ChildReport): Record<string, unknown> {
  const time = shutdown === Number.POSITIVE_INFINITY ? "infinity" : shutdown;
  return {
    id: typeof id === "string" ? id : term(id),
    pid: pid?.toString() ?? null,
    restart,
    shutdown: time,
    type,
  };
}

function term(value: unknown): string {
  return printable(formatTerm(value, { maxCharacters: MAX_CHARACTERS }));
}
