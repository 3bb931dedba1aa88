// What a trace shows, one closed union. Terms are decoded when somebody looks at them and not before.
import type { Decoder, NameOnNode } from "./envelope.ts";
import type { ExitReason } from "./exit.ts";
import type { Cause } from "./lifecycle.ts";
import type { Pid } from "./pid.ts";
import type { Ref } from "./ref.ts";
import { isTuple } from "./term/tuple.ts";

/** A term in a trace: a message, or what a call, cast or reply carries. */
export class TracedTerm {
  #value: unknown;
  #decoder: Decoder | undefined;
  readonly #place: number | undefined;

  /** `place` is that of the part of the message's tuple that is meant; undefined for the whole message. */
  constructor(message: unknown, decoder: Decoder | undefined, place?: number) {
    this.#value = message;
    this.#decoder = decoder;
    this.#place = place;
  }

  /** The term; its bytes if they are none. */
  get value(): unknown {
    if (this.#decoder !== undefined) {
      const decoder = this.#decoder;
      this.#decoder = undefined;
      try {
        this.#value = decoder.decode(this.#value as Uint8Array);
      } catch {
        return this.#value;
      }
    }
    return this.#place !== undefined && isTuple(this.#value) ? this.#value[this.#place] : this.#value;
  }
}

interface Traced {
  /** Unix milliseconds. */
  readonly at: number;
  /** Who did it; undefined for the world outside. */
  readonly pid: Pid | undefined;
}

export type TraceRecord =
  | (Traced & { readonly type: "sent"; readonly to: Pid; readonly message: TracedTerm })
  | (Traced & { readonly type: "received"; readonly message: TracedTerm })
  /** A call to a server, or a system message ("sys"). */
  | (Traced & {
      readonly type: "called";
      readonly to: Pid;
      readonly request: TracedTerm;
      readonly protocol: "gen" | "sys";
    })
  | (Traced & { readonly type: "cast"; readonly to: Pid; readonly request: TracedTerm })
  /** `afterMs` since the call; undefined if the trace did not see that. */
  | (Traced & {
      readonly type: "replied";
      readonly to: Pid;
      readonly reply: TracedTerm;
      readonly afterMs: number | undefined;
    })
  | (Traced & {
      readonly type: "spawned";
      readonly parent: Pid | undefined;
      readonly label: string | undefined;
      readonly initialCall: string | undefined;
    })
  | (Traced & { readonly type: "exited"; readonly reason: ExitReason; readonly cause: Cause })
  | (Traced & { readonly type: "exitSent"; readonly to: Pid; readonly reason: ExitReason })
  | (Traced & { readonly type: "linked" | "unlinked"; readonly to: Pid })
  | (Traced & { readonly type: "monitored"; readonly ref: Ref; readonly target: Pid | NameOnNode })
  | (Traced & { readonly type: "registered" | "unregistered"; readonly name: string })
  | (Traced & { readonly type: "joined" | "left"; readonly group: unknown; readonly scope: string })
  /** The last record: so many were given out, and why there are no more. */
  | {
      readonly type: "ended";
      readonly at: number;
      readonly why: "limit" | "rate" | "stopped" | "failed";
      readonly count: number;
    };
