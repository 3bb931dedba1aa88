// What `process.info` answers: a map with Erlang's item names.
import { Pid, type ProcessInfo } from "../otp/index.ts";
import { atom, atomTerm, tuple } from "../otp/term/index.ts";

/** As erlang:process_info/1, as a map. Absent items are left out. */
export function processInfoTerm(info: ProcessInfo): unknown {
  const items: Record<string, unknown> = {
    pid: info.pid,
    status: atom(info.status),
    links: [...info.links],
    monitors: info.monitors.map(monitorItem),
    monitored_by: [...info.monitoredBy],
    trap_exit: info.trapExit,
    message_queue_len: info.messageQueueLength,
    messages_shed: info.messagesShed,
    reductions: info.reductions,
    memory: info.memoryBytes,
    priority: atom(info.priority),
  };
  if (info.registeredName !== undefined) items.registered_name = atom(info.registeredName);
  if (info.label !== undefined) items.label = info.label;
  if (info.parent !== undefined) items.parent = info.parent;
  if (info.ancestors.length > 0) items.ancestors = [...info.ancestors];
  if (info.groupLeader !== undefined) items.group_leader = info.groupLeader;
  if (info.initialCall !== undefined) items.initial_call = info.initialCall;
  if (info.currentFunction !== undefined) items.current_function = info.currentFunction;
  return items;
}

/** `{process, Pid}`, or `{process, {Name, Node}}` for a monitor by name. */
function monitorItem(item: ProcessInfo["monitors"][number]): unknown {
  return tuple(atom("process"), item instanceof Pid ? item : tuple(atomTerm(item.name), atomTerm(item.node)));
}
