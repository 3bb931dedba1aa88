// The crash of any process as text: why, where, and what it was like then. Guests have a longer report of their own, `CrashReport`.
import type { Report } from "../otp/reports.ts";
import { formatTerm } from "../otp/term/index.ts";
import type { Field } from "./fields.ts";
import { printable } from "./printable.ts";
import { formatBytes, formatCount } from "./quantity.ts";
import { describeReason, isError } from "./reason.ts";

type ProcessCrash = Extract<Report, { type: "crash" }>;

const MAX_CHARACTERS = 300;
const MAX_FRAMES = 10;

/** `crash of <0.4.0> "worker" (main)`. */
export function crashHeadline({ info }: ProcessCrash): string {
  const { pid, registeredName, label, initialCall } = info;
  const name = registeredName ?? label;
  const called = name === undefined ? "" : ` "${name}"`;
  return printable(`crash of ${pid}${called}${initialCall === undefined ? "" : ` (${initialCall})`}`);
}

export function crashFields({ reason, info, messages }: ProcessCrash): Field[] {
  const fields: Field[] = [["reason", [describeReason(reason)]]];
  const add = (title: string, texts: readonly string[]): void => {
    if (texts.length > 0) fields.push([title, texts]);
  };
  add("at", stackFrames(reason));
  add("parents", info.ancestors.length > 0 ? [info.ancestors.join(", ")] : []);
  add("links", info.links.length > 0 ? [info.links.join(", ")] : []);
  add(
    "holds",
    info.dictionary.map(([key, value]) => `${shown(key)} => ${shown(value)}`),
  );
  const more = info.messageQueueLength - messages.length;
  add("messages", [...messages.map(shown), ...(more > 0 ? [`... and ${formatCount(more)} more`] : [])]);
  const state = [`used ${formatCount(info.reductions)} reductions`];
  if (info.memoryBytes > 0) state.push(`memory ${formatBytes(info.memoryBytes)}`);
  if (info.trapExit) state.push("traps exits");
  add("state", [state.join("; ")]);
  return fields;
}

/** Where an error of JavaScript was thrown, innermost first. */
export function stackFrames(reason: unknown): string[] {
  if (!isError(reason)) return [];
  const lines = (reason.stack ?? "").split("\n").map((line) => line.trim());
  const frames = lines.filter((line) => line.startsWith("at ")).map((line) => printable(line.slice(3)));
  return frames.slice(0, MAX_FRAMES);
}

function shown(term: unknown): string {
  return printable(formatTerm(term, { maxCharacters: MAX_CHARACTERS }));
}
