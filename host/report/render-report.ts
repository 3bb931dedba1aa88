// What processes that crash, supervisors and servers report, as text. The data are the `report` events of a runtime.
import type { Pid } from "../otp/index.ts";
import type { ChildReport, Report } from "../otp/reports.ts";
import { formatTerm } from "../otp/term/index.ts";
import { type Field, renderFields } from "./fields.ts";
import { painter, type RenderOptions, type Tint } from "./paint.ts";
import { printable } from "./printable.ts";
import { crashFields, crashHeadline } from "./process-crash.ts";
import { describeReason } from "./reason.ts";

const MAX_CHARACTERS = 300;

type SupervisorContext = Extract<Report, { type: "supervisor" }>["context"];

const SUPERVISOR_WORDS: Readonly<Record<SupervisorContext, string>> = {
  start_error: "could not start a child",
  child_terminated: "lost a child",
  shutdown_error: "could not stop a child in order",
  shutdown: "gives up: its children crash more often than its restart intensity allows",
};

/**
 * Several lines without a last line end:
 *
 *     supervisor <0.2.0> "shop" lost a child
 *       reason    trap integer_divide_by_zero: divide by zero at share (shop.ts:4:10)
 *       child     till <0.5.0>, a permanent worker
 *
 * @example host.runtime.subscribe((event) => {
 *   if (event.type === "report") console.error(renderReport(event.report, event.pid, { color: false }));
 * });
 */
export function renderReport(report: Report, pid: Pid, options: RenderOptions): string {
  const paint = painter(options);
  const [tint, headline, fields] = partsOf(report, pid);
  return [paint(tint, headline), ...renderFields(fields, paint)].join("\n");
}

function partsOf(report: Report, pid: Pid): [Tint, string, Field[]] {
  switch (report.type) {
    case "crash":
      return ["red", crashHeadline(report), crashFields(report)];
    case "progress":
      return [
        "green",
        `${titleOf("supervisor", pid, report.supervisor)} started a child`,
        [childField(report.child)],
      ];
    case "supervisor":
      return [
        "red",
        `${titleOf("supervisor", pid, report.supervisor)} ${SUPERVISOR_WORDS[report.context]}`,
        [["reason", [describeReason(report.reason)]], childField(report.child)],
      ];
    case "terminated":
      return [
        "red",
        `${titleOf(report.behaviour, pid, report.name)} terminated`,
        [
          ["reason", [describeReason(report.reason)]],
          ["last", [shown(report.lastMessage)]],
          ["state", [shown(report.state)]],
        ],
      ];
    case "unexpected":
      return [
        "yellow",
        `${titleOf(report.behaviour, pid, report.name)} got a message that it does not handle`,
        [["message", [shown(report.message)]]],
      ];
    case "trace":
      return ["dim", `${titleOf("trace", pid, report.name)} ${traced(report.event)}`, []];
  }
}

function titleOf(what: string, pid: Pid, name: unknown): string {
  // A behaviour without a name has its pid for one.
  const called = name === undefined || name === pid ? "" : ` ${JSON.stringify(textOf(name))}`;
  return printable(`${what} ${pid}${called}`);
}

function childField({ id, pid, restart, type }: ChildReport): Field {
  const where = pid === undefined ? "" : ` ${pid}`;
  return ["child", [`${printable(textOf(id))}${where}, a ${restart} ${type}`]];
}

function traced(event: Extract<Report, { type: "trace" }>["event"]): string {
  switch (event.type) {
    case "in":
      return `got ${shown(event.message)}`;
    case "out":
      return `sent ${shown(event.message)} to ${shown(event.to)}`;
    case "noreply":
      return `has the new state ${shown(event.state)}`;
  }
}

function textOf(name: unknown): string {
  return typeof name === "string" ? name : shown(name);
}

function shown(term: unknown): string {
  return printable(formatTerm(term, { maxCharacters: MAX_CHARACTERS }));
}
