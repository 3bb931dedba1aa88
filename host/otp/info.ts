// What `info` tells of a process (OTP: process_info).

import type { LimitInfo } from "./account.ts";
import type { NameOnNode } from "./envelope.ts";
import { MoonletError } from "./error.ts";
import type { Pid } from "./pid.ts";
import type { Process } from "./process.ts";
import type { Priority } from "./run-queue.ts";

export type ProcessStatus = "running" | "runnable" | "waiting" | "suspended";

export interface ProcessInfo {
  readonly pid: Pid;
  readonly registeredName: string | undefined;
  readonly label: string | undefined;
  readonly status: ProcessStatus;
  readonly links: readonly Pid[];
  /** One entry per monitor that the process made, duplicates included (S114). */
  readonly monitors: readonly (Pid | NameOnNode)[];
  /** One entry per monitor on the process. */
  readonly monitoredBy: readonly Pid[];
  readonly trapExit: boolean;
  readonly messageQueueLength: number;
  /** Bytes of those that came from guests; see `MailboxLimit.bytes`. */
  readonly messageQueueBytes: number;
  /** How many messages were refused or shed because the mailbox was full. */
  readonly messagesShed: number;
  readonly reductions: number;
  /** Bytes that its body and its tables hold; of a JavaScript process only the latter, for nobody can tell the rest. */
  readonly memoryBytes: number;
  readonly priority: Priority;
  readonly parent: Pid | undefined;
  /** Parent, its parent and so on, as far as they are alive. */
  readonly ancestors: readonly Pid[];
  readonly groupLeader: Pid | undefined;
  readonly initialCall: string | undefined;
  readonly currentFunction: string | undefined;
  readonly dictionary: readonly (readonly [key: unknown, value: unknown])[];
  /** Each limit that it has, of its own and of the subtrees that it is in, and how much of it is used. */
  readonly limits: readonly LimitInfo[];
}

/** What can be asked for by name: all of the above, and the waiting messages, which may be many. */
export interface ProcessInfoItems extends ProcessInfo {
  /** As the process would receive them, oldest first. */
  readonly messages: readonly unknown[];
}

export type InfoItem = keyof ProcessInfoItems;

/** The items asked for, in that order. @throws MoonletError badarg for an unknown one (S112). */
export function processItems(process: Process, items: readonly InfoItem[]): Partial<ProcessInfoItems> {
  const all: ProcessInfoItems = {
    ...processInfo(process),
    messages: items.includes("messages") ? Array.from(process.mailbox, (envelope) => envelope.value) : [],
  };
  const chosen: [string, unknown][] = [];
  for (const item of items) {
    if (!Object.hasOwn(all, item))
      throw new MoonletError("badarg", `there is no process info "${String(item)}"`);
    chosen.push([item, all[item]]);
  }
  return Object.fromEntries(chosen);
}

export function processInfo(process: Process): ProcessInfo {
  return {
    pid: process.pid,
    registeredName: process.name,
    label: process.label,
    status: status(process),
    links: Array.from(process.links?.values() ?? [], (peer) => peer.pid),
    monitors: Array.from(process.monitors?.values() ?? [], (monitor) => monitor.item),
    monitoredBy: Array.from(process.monitoredBy?.values() ?? [], (monitor) => monitor.watcher.pid),
    trapExit: process.trapExit,
    messageQueueLength: process.mailbox.length,
    messageQueueBytes: process.mailbox.bytes,
    messagesShed: process.mailbox.shed,
    reductions: process.reductions,
    memoryBytes: process.memoryBytes,
    priority: process.priority,
    parent: process.parent,
    ancestors: ancestors(process),
    groupLeader: process.groupLeader,
    initialCall: process.initialCall,
    currentFunction: process.body?.currentFunction?.(),
    dictionary: process.usedDictionary?.entries() ?? [],
    limits: limits(process),
  };
}

function limits(process: Process): LimitInfo[] {
  const now = process.runtime.environment.now();
  return [...(process.body?.limitInfos?.() ?? []), ...(process.account?.limits(now) ?? [])];
}

function status(process: Process): ProcessStatus {
  if (process.suspended) return "suspended";
  switch (process.state) {
    case "running":
    case "busy":
      return "running";
    case "runnable":
    case "held":
      return "runnable";
    case "waiting":
    case "exited":
      return "waiting";
  }
}

function ancestors(process: Process): Pid[] {
  const found: Pid[] = [];
  let { parent } = process;
  while (parent !== undefined) {
    found.push(parent);
    parent = process.runtime.process(parent)?.parent;
  }
  return found;
}
