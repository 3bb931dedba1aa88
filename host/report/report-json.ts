// Reports of processes, supervisors and servers for machines: terms as text in Erlang's syntax, what has no limit as null.
import type { Pid } from "../otp/index.ts";
import type { ChildReport, Report } from "../otp/reports.ts";
import { formatTerm } from "../otp/term/index.ts";
import { reasonJson } from "./crash-report.ts";
import { stackFrames } from "./process-crash.ts";

/** `pid` is who made the report. */
export function reportJson(report: Report, pid: Pid): Record<string, unknown> {
  return { type: report.type, pid: pid.toString(), ...fieldsOf(report) };
}

function fieldsOf(report: Report): Record<string, unknown> {
  switch (report.type) {
    case "crash": {
      const { reason, info, messages } = report;
      return {
        name: info.registeredName ?? null,
        label: info.label ?? null,
        initialCall: info.initialCall ?? null,
        reason: reasonJson(reason),
        stack: stackFrames(reason),
        ancestors: info.ancestors.map(String),
        links: info.links.map(String),
        dictionary: info.dictionary.map(([key, value]) => [formatTerm(key), formatTerm(value)]),
        messages: messages.map((message) => formatTerm(message)),
        messageQueueLength: info.messageQueueLength,
        reductions: info.reductions,
        memoryBytes: info.memoryBytes,
        trapExit: info.trapExit,
      };
    }
    case "progress":
      return { supervisor: nameJson(report.supervisor), child: childJson(report.child) };
    case "supervisor": {
      const { supervisor, context, reason, child } = report;
      return {
        supervisor: nameJson(supervisor),
        context,
        reason: reasonJson(reason),
        child: childJson(child),
      };
    }
    case "terminated": {
      const { behaviour, name, reason, lastMessage, state } = report;
      return {
        behaviour,
        name: nameJson(name),
        reason: reasonJson(reason),
        lastMessage: formatTerm(lastMessage),
        state: formatTerm(state),
      };
    }
    case "unexpected": {
      const { behaviour, name, message } = report;
      return { behaviour, name: nameJson(name), message: formatTerm(message) };
    }
    case "trace": {
      const { name, event } = report;
      const { type, ...terms } = event;
      const texts = Object.entries(terms).map(([key, term]) => [key, formatTerm(term)]);
      return { name: nameJson(name), event: { type, ...Object.fromEntries(texts) } };
    }
  }
}

function childJson({ id, pid, restart, shutdown, type }: ChildReport): Record<string, unknown> {
  const limit = shutdown === Number.POSITIVE_INFINITY ? null : shutdown;
  return { id: nameJson(id), pid: pid?.toString() ?? null, restart, shutdown: limit, type };
}

function nameJson(name: unknown): string | null {
  if (name === undefined) return null;
  return typeof name === "string" ? name : formatTerm(name);
}
