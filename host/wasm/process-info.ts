// What `process.info` and `process.items` answer: Erlang's item names and forms.
import { type LimitInfo, Pid, type Process, type ProcessInfo } from "../otp/index.ts";
import { Atom, atom, atomTerm, decodeTerm, isTuple, type Tuple, tuple } from "../otp/term/index.ts";
import { limitAtom } from "./limits.ts";

/** Each item's name, and its term; undefined for what the process has not. */
const ITEMS: ReadonlyMap<string, (info: ProcessInfo) => unknown> = new Map<
  string,
  (info: ProcessInfo) => unknown
>([
  ["pid", (info) => info.pid],
  ["status", (info) => atom(info.status)],
  ["links", (info) => [...info.links]],
  ["monitors", (info) => info.monitors.map(monitorItem)],
  ["monitored_by", (info) => [...info.monitoredBy]],
  ["trap_exit", (info) => info.trapExit],
  ["message_queue_len", (info) => info.messageQueueLength],
  ["message_queue_bytes", (info) => info.messageQueueBytes],
  ["messages_shed", (info) => info.messagesShed],
  ["reductions", (info) => info.reductions],
  ["memory", (info) => info.memoryBytes],
  ["priority", (info) => atom(info.priority)],
  ["registered_name", (info) => (info.registeredName === undefined ? undefined : atom(info.registeredName))],
  ["label", (info) => info.label],
  ["parent", (info) => info.parent],
  ["ancestors", (info) => (info.ancestors.length > 0 ? [...info.ancestors] : undefined)],
  ["group_leader", (info) => info.groupLeader],
  ["initial_call", (info) => info.initialCall],
  ["current_function", (info) => info.currentFunction],
  ["limits", (info) => info.limits.map(limitTerm)],
]);

/** `{Limit, process | subtree, Used, Max}`, with the names of ABI.md. */
function limitTerm({ limit, scope, used, max }: LimitInfo): Tuple {
  return tuple(atom(limitAtom(limit)), atom(scope), Math.ceil(used), max);
}

/** More than there are. */
const MOST_ITEMS = 32;
/** Items that show what a process knows, not how it is. */
const INSIDE = ["messages", "dictionary"];

/** As erlang:process_info/1, as a map. Absent items are left out. */
export function processInfoTerm(info: ProcessInfo): unknown {
  const items: Record<string, unknown> = {};
  for (const [name, read] of ITEMS) {
    const value = read(info);
    if (value !== undefined) items[name] = value;
  }
  return items;
}

/** Whether a list of items has any that shows what the process knows. */
export function looksInside(items: unknown): boolean {
  return Array.isArray(items) && items.some((item) => item instanceof Atom && INSIDE.includes(item.name));
}

/** As erlang:process_info/2 with a list: `[{Item, Value}]`; undefined for what is no list of items. Absent ones are the empty list. */
export function processItemsTerm(process: Process, items: unknown): Tuple[] | undefined {
  if (!Array.isArray(items) || isTuple(items) || items.length > MOST_ITEMS) return undefined;
  const info = process.processInfo(process.pid) as ProcessInfo;
  const found: Tuple[] = [];
  for (const item of items) {
    if (!(item instanceof Atom)) return undefined;
    const read = ITEMS.get(item.name);
    if (read !== undefined) found.push(tuple(item, read(info) ?? []));
    else if (item.name === "dictionary")
      found.push(
        tuple(
          item,
          info.dictionary.map(([key, value]) => tuple(key, value)),
        ),
      );
    else if (item.name === "messages")
      found.push(
        tuple(
          item,
          Array.from(process.mailbox, (envelope) => messageTerm(envelope)),
        ),
      );
    else return undefined;
  }
  return found;
}

/** A message as the process would receive it in the external term format. */
function messageTerm(envelope: { bytes(): Uint8Array }): unknown {
  try {
    return decodeTerm(envelope.bytes());
  } catch {
    // What is no term between two JavaScript processes.
    return atom("undefined");
  }
}

/** `{process, Pid}`, or `{process, {Name, Node}}` for a monitor by name. */
function monitorItem(item: ProcessInfo["monitors"][number]): unknown {
  return tuple(atom("process"), item instanceof Pid ? item : tuple(atomTerm(item.name), atomTerm(item.node)));
}
