// Reports of guests' behaviours, as terms, made into those of the core. A guest says what it likes: what is none is refused.
import { type ChildReport, Pid, type Report, type SystemEvent } from "../otp/index.ts";
import { Atom, isTuple, reasonFromTerm } from "../otp/term/index.ts";

type Items = Readonly<Record<string, unknown>>;

const CONTEXTS = ["start_error", "child_terminated", "shutdown_error", "shutdown"] as const;
const RESTARTS = ["permanent", "transient", "temporary"] as const;
const TYPES = ["worker", "supervisor"] as const;

/** The report that a map with atom keys describes (ABI.md, log.report); undefined for anything else. */
export function reportOfTerm(term: unknown): Report | undefined {
  const items = itemsOf(term);
  switch (items && word(items.type)) {
    case "progress":
      return progress(items as Items);
    case "supervisor":
      return trouble(items as Items);
    case "terminated":
      return terminated(items as Items);
    case "trace":
      return trace(items as Items);
    default:
      return undefined;
  }
}

function progress({ supervisor, child }: Items): Report | undefined {
  const shown = childOf(child);
  return shown && { type: "progress", supervisor, child: shown };
}

function trouble({ supervisor, context, reason, child }: Items): Report | undefined {
  const shown = childOf(child);
  const known = CONTEXTS.find((name) => name === word(context));
  if (shown === undefined || known === undefined) return undefined;
  return { type: "supervisor", supervisor, context: known, reason: reasonFromTerm(reason), child: shown };
}

function terminated({ behaviour, name, reason, last_message, state }: Items): Report | undefined {
  const module = word(behaviour);
  if (module === undefined) return undefined;
  return {
    type: "terminated",
    behaviour: module,
    name,
    reason: reasonFromTerm(reason),
    lastMessage: last_message,
    state,
  };
}

function trace({ name, event }: Items): Report | undefined {
  const shown = eventOf(event);
  return shown && { type: "trace", name, event: shown };
}

function eventOf(term: unknown): SystemEvent | undefined {
  if (!isTuple(term)) return undefined;
  const [type, value, to] = term;
  switch (word(type)) {
    case "in":
      return { type: "in", message: value };
    case "out":
      return { type: "out", message: value, to };
    case "noreply":
      return { type: "noreply", state: value };
    default:
      return undefined;
  }
}

function childOf(term: unknown): ChildReport | undefined {
  const items = itemsOf(term);
  if (items === undefined) return undefined;
  const restart = RESTARTS.find((name) => name === word(items.restart));
  const type = TYPES.find((name) => name === word(items.type));
  const shutdown = shutdownOf(items.shutdown);
  if (restart === undefined || type === undefined || shutdown === undefined) return undefined;
  const pid = items.pid instanceof Pid ? items.pid : undefined;
  return { id: items.id, pid, restart, shutdown, type };
}

function shutdownOf(term: unknown): number | "brutal_kill" | undefined {
  if (typeof term === "number") return term;
  if (word(term) === "infinity") return Number.POSITIVE_INFINITY;
  return word(term) === "brutal_kill" ? "brutal_kill" : undefined;
}

/** A map whose keys are all atoms or text; anything else has another prototype. */
function itemsOf(term: unknown): Items | undefined {
  const isPlain =
    typeof term === "object" && term !== null && Object.getPrototypeOf(term) === Object.prototype;
  return isPlain ? (term as Items) : undefined;
}

function word(term: unknown): string | undefined {
  return term instanceof Atom ? term.name : undefined;
}
