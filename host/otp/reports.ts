// What behaviours tell the operator: reports as data, sent into the runtime's event stream. Rendering is somebody else's.
import type { Context } from "./context.ts";
import type { ExitReason } from "./exit.ts";
import { type ProcessInfo, processInfo } from "./info.ts";
import type { Pid } from "./pid.ts";
import type { Process } from "./process.ts";

/** A child as reports show it. */
export interface ChildReport {
  readonly id: unknown;
  readonly pid: Pid | undefined;
  readonly restart: "permanent" | "transient" | "temporary";
  readonly shutdown: number | "brutal_kill";
  readonly type: "worker" | "supervisor";
}

/** What a behaviour did, as sys traces it: it got a message, sent a reply (a guest does not show its state), or has a new state. */
export type SystemEvent =
  | { readonly type: "in"; readonly message: unknown }
  | { readonly type: "out"; readonly message: unknown; readonly to: unknown; readonly state?: unknown }
  | { readonly type: "noreply"; readonly state: unknown };

export type Report =
  /** A supervisor started a child. */
  | { readonly type: "progress"; readonly supervisor: unknown; readonly child: ChildReport }
  /** Something went wrong in a supervisor; `shutdown` is one that gave up after too many restarts. */
  | {
      readonly type: "supervisor";
      readonly supervisor: unknown;
      readonly context: "start_error" | "child_terminated" | "shutdown_error" | "shutdown";
      readonly reason: unknown;
      readonly child: ChildReport;
    }
  /** A server ended for another reason than normal, shutdown or `{shutdown, _}`. */
  | {
      readonly type: "terminated";
      readonly behaviour: string;
      readonly name: unknown;
      readonly reason: unknown;
      readonly lastMessage: unknown;
      readonly state: unknown;
    }
  /** A message that nothing handles. */
  | {
      readonly type: "unexpected";
      readonly behaviour: string;
      readonly name: unknown;
      readonly message: unknown;
    }
  /** A process ended by itself for such a reason. What it was like then, and the oldest messages that nobody will read. */
  | {
      readonly type: "crash";
      readonly reason: ExitReason;
      readonly info: ProcessInfo;
      readonly messages: readonly unknown[];
    }
  /** What sys:trace shows. */
  | { readonly type: "trace"; readonly name: unknown; readonly event: SystemEvent };

/** Sends a report into the event stream. `report` is only called when somebody listens. */
export function emitReport(self: Context, report: () => Report): void {
  const { events, environment } = self.runtime;
  if (events.active) events.emit({ type: "report", at: environment.now(), pid: self.pid, report: report() });
}

/** Messages that a crash report shows. */
const MESSAGES_SHOWN = 10;

/** The report of a process that ends badly, made while its links and its mailbox are still there. Never throws. */
export function crashReport(process: Process, reason: ExitReason): Report {
  const messages: unknown[] = [];
  for (const envelope of process.mailbox) {
    if (messages.length === MESSAGES_SHOWN) break;
    try {
      messages.push(envelope.value);
    } catch {
      // Bytes that are no term.
      messages.push(envelope.encoded);
    }
  }
  return { type: "crash", reason, info: { ...processInfo(process), status: "running" }, messages };
}

/** Whether a process that ends so is worth a report. */
export function isAbnormal(reason: unknown): boolean {
  if (reason === "normal" || reason === "shutdown") return false;
  return !(Array.isArray(reason) && reason.length === 2 && reason[0] === "shutdown");
}
