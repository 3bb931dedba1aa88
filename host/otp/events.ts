// The one stream of what happens in a runtime, for telemetry, tracing and tests. Events are plain data; building one costs nothing
// while nobody listens, because every emitter looks at `active` first.
import type { Scope } from "./account.ts";
import type { NameOnNode } from "./envelope.ts";
import type { ExitReason } from "./exit.ts";
import type { Cause } from "./lifecycle.ts";
import type { Pid } from "./pid.ts";
import type { Ref } from "./ref.ts";
import type { Report } from "./reports.ts";

/** `at` is monotonic milliseconds of the environment. */
export type RuntimeEvent =
  | {
      readonly type: "spawned";
      readonly at: number;
      readonly pid: Pid;
      readonly parent: Pid | undefined;
      readonly label: string | undefined;
      readonly initialCall: string | undefined;
    }
  | {
      readonly type: "exited";
      readonly at: number;
      readonly pid: Pid;
      readonly reason: ExitReason;
      readonly cause: Cause;
      readonly label: string | undefined;
      readonly name: string | undefined;
      /** What it has used over its life. */
      readonly reductions: number;
    }
  /** An exit/2 was sent; `pid` is the sender, undefined from outside. */
  | {
      readonly type: "exitSent";
      readonly at: number;
      readonly pid: Pid | undefined;
      readonly to: Pid;
      readonly reason: ExitReason;
    }
  /** A group was killed from outside or by a process. */
  | { readonly type: "groupKilled"; readonly at: number; readonly group: unknown; readonly count: number }
  | { readonly type: "linked"; readonly at: number; readonly pid: Pid; readonly to: Pid }
  | { readonly type: "unlinked"; readonly at: number; readonly pid: Pid; readonly to: Pid }
  | {
      readonly type: "monitored";
      readonly at: number;
      readonly pid: Pid;
      readonly ref: Ref;
      readonly target: Pid | NameOnNode;
    }
  | { readonly type: "registered"; readonly at: number; readonly pid: Pid; readonly name: string }
  | { readonly type: "unregistered"; readonly at: number; readonly pid: Pid; readonly name: string }
  /** `message` is the value, or with `encoded` its external term format. `pid` is the sender, undefined from outside and for a timer. */
  | {
      readonly type: "sent";
      readonly at: number;
      readonly pid: Pid | undefined;
      readonly to: Pid;
      readonly message: unknown;
      readonly encoded?: boolean;
    }
  | {
      readonly type: "received";
      readonly at: number;
      readonly pid: Pid;
      readonly message: unknown;
      readonly encoded?: boolean;
    }
  /** A process has one membership of a group more, or less. */
  | {
      readonly type: "joined" | "left";
      readonly at: number;
      readonly pid: Pid;
      readonly group: unknown;
      readonly scope: string;
    }
  /** A behaviour tells of a child, a crash or what it is doing. */
  | { readonly type: "report"; readonly at: number; readonly pid: Pid; readonly report: Report }
  /** A process asked for what it was not granted, and was refused. `site` is where its program called, as far as that is known. */
  | {
      readonly type: "denied";
      readonly at: number;
      readonly pid: Pid;
      readonly call: string;
      readonly grant: string;
      readonly site: string | undefined;
    }
  /** A process has got another program, by their names; or has kept its own because the other one failed. */
  | {
      readonly type: "codeChanged";
      readonly at: number;
      readonly pid: Pid;
      readonly from: string;
      readonly to: string;
    }
  | {
      readonly type: "codeChangeFailed";
      readonly at: number;
      readonly pid: Pid;
      readonly to: string;
      readonly reason: ExitReason;
    }
  /**
   * A limit of a process, or of a subtree that it is in, stood in its way. `site` is where its program was, as far as that is known.
   */
  | {
      readonly type: "limitReached";
      readonly at: number;
      readonly pid: Pid;
      /** As the embedding API calls it: `memoryBytes`, `timers` and so on. */
      readonly limit: string;
      readonly scope: Scope;
      readonly max: number;
      readonly site: string | undefined;
    }
  /**
   * A process got grants: those that it was spawned with, or one that was lent to it or that it asked for. `by` is who gave them, undefined for
   * the embedder.
   */
  | {
      readonly type: "granted";
      readonly at: number;
      readonly pid: Pid;
      readonly how: "spawned" | "lent" | "asked";
      readonly grants: readonly string[];
      readonly by: Pid | undefined;
    }
  /** A grant that was lent to a process is no longer its: see `why`. `by` is who ended that, undefined for the embedder. */
  | {
      readonly type: "revoked";
      readonly at: number;
      readonly pid: Pid;
      readonly grant: string;
      readonly by: Pid | undefined;
      readonly why: "taken back" | "given back" | "lender ended" | "lent on";
    }
  /** There was too much of `denied`, `limitReached`, `granted` and `revoked` about a process and its family: so many were left out. */
  | { readonly type: "auditDropped"; readonly at: number; readonly pid: Pid; readonly count: number }
  /** A message found its mailbox full. */
  | {
      readonly type: "shed";
      readonly at: number;
      readonly pid: Pid;
      readonly policy: string;
      readonly count: number;
    };

export type EventListener = (event: RuntimeEvent) => void;

export class EventStream {
  /** Whether anybody listens to everything. */
  active = false;
  /** Whether anybody listens to what is audited, be it that alone. */
  audited = false;
  #listeners: readonly EventListener[] = [];
  #auditors: readonly EventListener[] = [];

  /** Calls `listener` for each event, in order, at the moment it happens. Returns a function that ends that. */
  subscribe(listener: EventListener): () => void {
    this.#listeners = [...this.#listeners, listener];
    this.#look();
    return () => {
      this.#listeners = this.#listeners.filter((known) => known !== listener);
      this.#look();
    };
  }

  /** As `subscribe`, for `granted`, `revoked`, `denied`, `limitReached` and `auditDropped` alone: messages then cost nothing more. */
  subscribeAudit(listener: EventListener): () => void {
    this.#auditors = [...this.#auditors, listener];
    this.#look();
    return () => {
      this.#auditors = this.#auditors.filter((known) => known !== listener);
      this.#look();
    };
  }

  #look(): void {
    this.active = this.#listeners.length > 0;
    this.audited = this.active || this.#auditors.length > 0;
  }

  /** A listener that throws is not allowed to disturb the processes: its error is raised apart from them. */
  emit(event: RuntimeEvent): void {
    tell(this.#listeners, event);
  }

  /** As `emit`, for what is audited. */
  emitAudited(event: RuntimeEvent): void {
    tell(this.#listeners, event);
    tell(this.#auditors, event);
  }
}

function tell(listeners: readonly EventListener[], event: RuntimeEvent): void {
  for (const listener of listeners) {
    try {
      listener(event);
    } catch (error) {
      void Promise.reject(error);
    }
  }
}
