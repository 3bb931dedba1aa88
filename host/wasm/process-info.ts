// What `process.info` answers: a map with Erlang's item names.
import type { ProcessInfo } from "../otp/index.ts";
import { atom } from "../otp/term/index.ts";

/** As erlang:process_info/1, as a map. Absent items are left out. */
export function processInfoTerm(info: ProcessInfo): unknown {
  const items: Record<string, unknown> = {
    pid: info.pid,
    status: atom(info.status),
    links: [...info.links],
    trap_exit: info.trapExit,
    message_queue_len: info.messageQueueLength,
    reductions: info.reductions,
    memory: info.memoryBytes,
    priority: atom(info.priority),
  };
  if (info.registeredName !== undefined) items.registered_name = atom(info.registeredName);
  if (info.label !== undefined) items.label = info.label;
  if (info.parent !== undefined) items.parent = info.parent;
  return items;
}
