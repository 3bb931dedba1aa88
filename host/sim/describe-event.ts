// Runtime events as the event log shows them. Nothing gets in that is not a function of the run: no stack traces, no engine's words,
// no numbers of pids.
import {
  Atom,
  atom,
  decodeTerm,
  formatTerm,
  isTuple,
  type Pid,
  type Ref,
  type RuntimeEvent,
  reasonToTerm,
  tuple,
} from "../otp/index.ts";
import type { SimEvent } from "./event-log.ts";
import { type Names, OUTSIDE } from "./names.ts";

/** Trap kinds whose message is the host's own; those of an engine differ from one version to the next. */
const OWN_MESSAGES: readonly string[] = [
  "abort",
  "bad_argument",
  "fuel_exhausted",
  "memory_limit",
  "table_limit",
  "wall_time_exhausted",
  "suspended_in_callback",
  "not_ready",
];
const TRAP = atom("trap");
const MAX_TERM_CHARACTERS = 400;

/** The line of an event, or undefined for one that says nothing about the world. */
export function describeEvent(event: RuntimeEvent, names: Names): SimEvent | undefined {
  const pid = "pid" in event ? event.pid : undefined;
  const text = describe(event, names);
  if (text === undefined) return undefined;
  return {
    at: event.at,
    process: pid === undefined ? OUTSIDE : names.ofPid(pid),
    pid,
    type: event.type,
    text,
    ...(event.type === "exited" && { reason: event.reason }),
  };
}

function describe(event: RuntimeEvent, names: Names): string | undefined {
  switch (event.type) {
    case "spawned": {
      const { initialCall, label } = event;
      return `spawned${initialCall === undefined ? "" : ` ${initialCall}`}${label === undefined ? "" : ` "${label}"`}`;
    }
    case "exited":
      return `exited ${describeReason(event.reason, names, event.pid)}${causeOf(event, names)}`;
    case "exitSent":
      return `exit signal to ${names.ofPid(event.to)}: ${describeReason(event.reason, names, event.pid)}`;
    case "groupKilled":
      return `group ${describeTerm(event.group, names, undefined)} killed: ${event.count}`;
    case "linked":
    case "unlinked":
      return `${event.type} ${names.ofPid(event.to)}`;
    case "monitored": {
      const { target, ref, pid } = event;
      const whom = "name" in target ? target.name : names.ofPid(target);
      return `monitors ${whom} as ${names.ofRef(ref, pid)}`;
    }
    case "registered":
    case "unregistered":
      return `${event.type} ${event.name}`;
    case "sent":
      return `sent ${names.ofPid(event.to)} ${describeMessage(event, names, event.pid ?? event.to)}`;
    case "received":
      return `received ${describeMessage(event, names, event.pid)}`;
    case "denied":
      return `denied ${event.call}: ${event.grant}`;
    case "codeChanged":
      return `code changed from ${event.from} to ${event.to}`;
    case "codeChangeFailed":
      return `code not changed to ${event.to}: ${describeReason(event.reason, names, event.pid)}`;
    case "limitReached":
      return `limit reached: ${event.limit} of the ${event.scope}, ${event.max}`;
    case "granted":
      // What a process was spawned with is a function of the program and the host's options.
      return event.how === "spawned" ? undefined : `granted ${event.grants.join(", ")} (${event.how})`;
    case "revoked":
      return `revoked ${event.grant} (${event.why})`;
    case "auditDropped":
      return `${event.count} refusals left out`;
    case "shed":
      return `mailbox full: ${event.policy}, ${event.count} so far`;
    default:
      return undefined;
  }
}

function causeOf(event: Extract<RuntimeEvent, { type: "exited" }>, names: Names): string {
  const { cause } = event;
  if (cause.type === "link") return ` (over its link to ${names.ofPid(cause.from)})`;
  if (cause.type === "signal")
    return cause.from === undefined || cause.from.equals(event.pid)
      ? " (signal)"
      : ` (signal of ${names.ofPid(cause.from)})`;
  return "";
}

/** A reason in one line. */
export function describeReason(reason: unknown, names: Names, subject: Pid | undefined): string {
  return describeTerm(withoutFrames(reasonToTerm(reason)), names, subject);
}

function describeMessage(
  { message, encoded }: { readonly message: unknown; readonly encoded?: boolean },
  names: Names,
  subject: Pid | undefined,
): string {
  return describeTerm(
    withoutFrames(encoded === true ? decoded(message as Uint8Array) : coreMessage(message)),
    names,
    subject,
  );
}

/** The term, or the bytes as they are when they are none. */
function decoded(bytes: Uint8Array): unknown {
  try {
    return decodeTerm(bytes);
  } catch {
    return bytes;
  }
}

/** A trapped exit or a DOWN, with its reason as a term. */
function coreMessage(message: unknown): unknown {
  if (typeof message !== "object" || message === null || !("reason" in message)) return message;
  return { ...message, reason: withoutFrames(reasonToTerm(message.reason)) };
}

/** A term in which every `{trap, Kind, Message, Frames}` has lost its frames, and its message where an engine wrote it. */
function withoutFrames(term: unknown): unknown {
  if (!isTuple(term)) return term;
  const [first, kind, message, frames] = term;
  if (first === TRAP && term.length === 4 && Array.isArray(frames)) {
    return kind instanceof Atom && OWN_MESSAGES.includes(kind.name)
      ? tuple(first, kind, message)
      : tuple(first, kind);
  }
  return tuple(...term.map(withoutFrames));
}

function describeTerm(term: unknown, names: Names, subject: Pid | undefined): string {
  const identity = (id: Pid | Ref) => names.ofIdentity(id, subject);
  return formatTerm(term, { maxCharacters: MAX_TERM_CHARACTERS, identity });
}
