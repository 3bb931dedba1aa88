// A trace record as one line of text, aligned as the lifecycle log is: time, pid, what, words. Terms are in Erlang's syntax.
import type { ExitReason, TracedTerm, TraceRecord } from "../otp/index.ts";
import { atom, formatTerm, Pid, Ref, reasonToTerm, tuple } from "../otp/index.ts";
import { clock } from "./log-line.ts";
import { painter, type RenderOptions, type Tint } from "./paint.ts";
import { printable } from "./printable.ts";
import { describeReason } from "./reason.ts";

export interface TraceRenderOptions extends RenderOptions {
  /** How much of a term is shown. Default 400 characters. */
  readonly maxCharacters?: number;
}

const PID_WIDTH = 8;
const WHAT_WIDTH = 10;
const MAX_CHARACTERS = 400;

const WHAT: Readonly<Record<TraceRecord["type"], readonly [word: string, tint: Tint]>> = {
  sent: ["send", "blue"],
  received: ["receive", "blue"],
  called: ["call", "green"],
  cast: ["cast", "green"],
  replied: ["reply", "green"],
  spawned: ["spawn", "cyan"],
  exited: ["exit", "red"],
  exitSent: ["signal", "red"],
  linked: ["link", "yellow"],
  unlinked: ["unlink", "yellow"],
  monitored: ["monitor", "yellow"],
  registered: ["register", "yellow"],
  unregistered: ["unregister", "yellow"],
  joined: ["join", "yellow"],
  left: ["leave", "yellow"],
  ended: ["end", "dim"],
};

const ENDS: Readonly<Record<Extract<TraceRecord, { type: "ended" }>["why"], string>> = {
  limit: "the limit is reached",
  rate: "too many at a time",
  stopped: "stopped",
  failed: "whoever looks at it failed",
};

/**
 * One line without its end, e.g. `08:21:07.314 <0.4.0>  call       <0.7.0> {get,<<"key">>}`. The time is local. What processes send
 * cannot break the line.
 */
export function renderTraceRecord(record: TraceRecord, options: TraceRenderOptions): string {
  const paint = painter(options);
  const [word, tint] = WHAT[record.type];
  const pid = record.type === "ended" ? "" : (record.pid?.toString() ?? "outside");
  const columns = [
    paint("dim", clock(record.at)),
    pid.padEnd(PID_WIDTH),
    paint(tint, word.padEnd(WHAT_WIDTH)),
    words(record, options.maxCharacters ?? MAX_CHARACTERS),
  ];
  return columns.join(" ").trimEnd();
}

function words(record: TraceRecord, maxCharacters: number): string {
  const show = (term: TracedTerm) => text(coreMessage(term.value), maxCharacters);
  switch (record.type) {
    case "sent":
      return `${record.to} ${show(record.message)}`;
    case "received":
      return show(record.message);
    case "called":
      return `${record.to} ${record.protocol === "sys" ? "system " : ""}${show(record.request)}`;
    case "cast":
      return `${record.to} ${show(record.request)}`;
    case "replied": {
      const after = record.afterMs === undefined ? "" : ` after ${record.afterMs.toFixed(3)} ms`;
      return `${record.to} ${show(record.reply)}${after}`;
    }
    case "spawned": {
      const { parent, initialCall, label } = record;
      const parts = [
        parent === undefined ? "from outside" : `by ${parent}`,
        initialCall,
        label === undefined ? undefined : `"${label}"`,
      ];
      return printable(parts.filter((part) => part !== undefined).join(" "));
    }
    case "exited":
      return exitWords(record.reason, record.cause);
    case "exitSent":
      return `${record.to} ${describeReason(record.reason)}`;
    case "linked":
    case "unlinked":
      return String(record.to);
    case "monitored": {
      const { target, ref } = record;
      return printable(`${"name" in target ? target.name : target} as ${ref}`);
    }
    case "registered":
    case "unregistered":
      return printable(record.name);
    case "joined":
    case "left":
      return `${text(record.group, maxCharacters)}${record.scope === "pg" ? "" : printable(` in ${record.scope}`)}`;
    case "ended":
      return `${ENDS[record.why]} (${record.count} ${record.count === 1 ? "record" : "records"})`;
  }
}

function exitWords(reason: ExitReason, cause: Extract<TraceRecord, { type: "exited" }>["cause"]): string {
  const text = describeReason(reason);
  if (cause.type === "link") return `${text}, over the link from ${cause.from}`;
  if (cause.type === "signal") return `${text}, by an exit signal from ${cause.from ?? "outside"}`;
  return text;
}

function text(term: unknown, maxCharacters: number): string {
  return printable(formatTerm(term, { maxCharacters }));
}

/** A trapped exit or a DOWN as Erlang has it; anything else as it is. */
function coreMessage(message: unknown): unknown {
  if (typeof message !== "object" || message === null || !("type" in message)) return message;
  const { type, from, ref, pid, reason } = message as Record<string, unknown>;
  if (type === "exit" && from instanceof Pid) return tuple(atom("EXIT"), from, reasonToTerm(reason));
  if (type !== "down" || !(ref instanceof Ref)) return message;
  const item = pid instanceof Pid ? pid : named(pid);
  return tuple(atom("DOWN"), ref, atom("process"), item, reasonToTerm(reason));
}

function named(item: unknown): unknown {
  const { name, node } = item as Record<string, unknown>;
  return typeof name === "string" && typeof node === "string" ? tuple(atom(name), atom(node)) : item;
}
