// Reads what a guest passes to `process.spawn`.
import type { MailboxLimit, MailboxPolicy, MonitorOptions } from "../otp/index.ts";
import { Atom, isTuple } from "../otp/term/index.ts";
import type { Guest } from "./guest.ts";
import { monitorOptionsOf } from "./monitor-options.ts";
import { ERROR } from "./syscall.ts";

/** Where a process begins: an exported function, or an index into the exported function table. */
export type Entry = string | number;

export interface SpawnRequest {
  readonly entry: Entry;
  /** The child's argument in the external term format; undefined for none. */
  readonly argument?: Uint8Array;
  readonly link: boolean;
  readonly monitor: boolean | MonitorOptions;
  readonly name?: string;
  readonly label?: string;
  readonly priority?: "low" | "normal" | "high" | "max";
  /** Never more than the program's limit. */
  readonly maxMailbox?: MailboxLimit;
}

interface Pointers {
  readonly entry: number;
  readonly entryLength: number;
  readonly argument: number;
  readonly argumentLength: number;
  readonly options: number;
  readonly optionsLength: number;
}

/** The request, or an error code of the ABI. */
export function readSpawnRequest(guest: Guest, at: Pointers): SpawnRequest | number {
  const entry = textOf(guest.readTerm(at.entry, at.entryLength, "process.spawn (entry)"));
  if (typeof entry !== "string" && !(typeof entry === "number" && Number.isInteger(entry)))
    return ERROR.badarg;
  if (!guest.program.hasEntry(entry)) return ERROR.not_exported;
  const argument =
    at.argumentLength === 0
      ? undefined
      : guest.copyTerm(at.argument, at.argumentLength, "process.spawn (argument)");
  const given =
    at.optionsLength === 0 ? {} : guest.readTerm(at.options, at.optionsLength, "process.spawn (options)");
  // A map with atom keys; anything else has another prototype, if it is an object at all.
  if (typeof given !== "object" || given === null || Object.getPrototypeOf(given) !== Object.prototype)
    return ERROR.badarg;
  const {
    link = false,
    monitor = false,
    name,
    label,
    priority,
    mailbox,
    ...unknown
  } = given as Record<string, unknown>;
  const nameText = textOf(name);
  const priorityText = textOf(priority);
  const maxMailbox = mailboxOf(mailbox, guest.limits.mailbox);
  const monitoring = typeof monitor === "boolean" ? monitor : monitorOptionsOf(monitor);
  if (
    Object.keys(unknown).length > 0 ||
    typeof link !== "boolean" ||
    monitoring === undefined ||
    maxMailbox === false ||
    !(nameText === undefined || typeof nameText === "string") ||
    !(label === undefined || typeof label === "string") ||
    !(priorityText === undefined || isPriority(priorityText))
  ) {
    return ERROR.badarg;
  }
  if (nameText !== undefined && !guest.grants.has("register")) return ERROR.not_granted;
  return {
    entry,
    link,
    monitor: monitoring,
    ...(argument && { argument }),
    ...(nameText !== undefined && { name: nameText }),
    ...(label !== undefined && { label }),
    ...(priorityText !== undefined && { priority: priorityText }),
    ...(maxMailbox && { maxMailbox }),
  };
}

/** `{Messages, Policy}`; false for anything else that was given. */
function mailboxOf(term: unknown, most: number): MailboxLimit | undefined | false {
  if (term === undefined) return undefined;
  if (!isTuple(term) || term.length !== 2) return false;
  const [messages, policy] = [term[0], textOf(term[1])];
  if (!(typeof messages === "number" && Number.isInteger(messages) && messages >= 0)) return false;
  if (policy !== "reject" && policy !== "drop" && policy !== "kill") return false;
  return { messages: Math.min(messages, most), policy: policy satisfies MailboxPolicy };
}

function textOf(term: unknown): unknown {
  return term instanceof Atom ? term.name : term;
}

function isPriority(value: unknown): value is "low" | "normal" | "high" | "max" {
  return value === "low" || value === "normal" || value === "high" || value === "max";
}
