// One message in a mailbox, in the form in which it came and, once somebody asks for it, in the other one.
import { MoonletError } from "./error.ts";
import type { MailboxChunk } from "./mailbox-chunk.ts";
import type { Pid } from "./pid.ts";
import type { Ref } from "./ref.ts";
import { atom } from "./term/atom.ts";
import { encodeInto, encodeTerm } from "./term/encode.ts";
import { reasonToTerm } from "./term/reason.ts";
import { tuple } from "./term/tuple.ts";

/** Bytes that a loop copies faster than a call of the engine's. */
const FEW_BYTES = 128;

/** What kind of thing arrived; only `message` was sent by somebody, the others come from the core itself. */
export type EnvelopeKind = "message" | "exit" | "down" | "timeout" | "cancelled" | "group" | "stream";

/** A monitored name, as it appears in a DOWN. */
export interface NameOnNode {
  readonly name: string;
  readonly node: string;
}

/** An exit that was trapped. */
export interface ExitMessage {
  readonly type: "exit";
  readonly from: Pid;
  readonly reason: unknown;
}

/** The end of a monitored process. `type` is the monitor's own tag if it was made with one. */
export interface DownMessage {
  readonly type: "down";
  readonly ref: Ref;
  /** The pid, or name and node for a monitor by name. */
  readonly pid: Pid | NameOnNode;
  readonly reason: unknown;
}

/** A timer of `startTimer` that fired. */
export interface TimeoutMessage {
  readonly type: "timeout";
  readonly ref: Ref;
  readonly message: unknown;
}

/** The answer to a `cancelTimer` or `readTimer` with `async`. */
export interface TimerResultMessage {
  readonly type: "cancel_timer" | "read_timer";
  readonly ref: Ref;
  /** Milliseconds that were left, or false. */
  readonly result: number | false;
}

/** Membership of a monitored process group changed. */
export interface GroupMessage {
  readonly type: "join" | "leave";
  readonly ref: Ref;
  readonly group: unknown;
  readonly pids: readonly Pid[];
}

/** An end of a stream that had to wait can go on. */
export interface StreamMessage {
  readonly type: "stream";
  readonly ref: Ref;
}

/** Turns a guest's bytes into a value; a runtime has one, so that equal pids become the same object. */
export interface Decoder {
  decode(bytes: Uint8Array): unknown;
}

/**
 * A message on its way and in a mailbox. Where it lies belongs to the mailbox that holds it. A plain message of a JavaScript process lies
 * in its mailbox without one.
 */
export class Envelope {
  readonly kind: EnvelopeKind;
  /** The alias it was sent to, or the reference of the monitor, timer or group it belongs to. */
  readonly tag: Ref | undefined;
  #value: unknown;
  #decoder: Decoder | undefined;
  #encoded: Uint8Array | undefined;

  /** Bytes that count towards its mailbox's bound: those of a message in the external term format. */
  weight = 0;
  /** Where it lies in the mailbox that holds it. */
  position = 0;
  chunk: MailboxChunk | undefined = undefined;

  constructor(kind: EnvelopeKind, value: unknown, tag?: Ref, encoded?: Uint8Array, decoder?: Decoder) {
    this.kind = kind;
    this.tag = tag;
    this.#value = value;
    this.#encoded = encoded;
    this.#decoder = decoder;
    if (encoded !== undefined) this.weight = encoded.length;
  }

  /**
   * What a JavaScript process receives. Bytes of a guest are decoded when this is first read. Bytes that are no term reach other guests
   * only, and stay bytes: whoever looks through a mailbox must not suffer for what lies in it.
   */
  get value(): unknown {
    if (this.#decoder !== undefined) {
      try {
        this.#value = this.#decoder.decode(this.#encoded!);
      } catch (error) {
        if (!(error instanceof MoonletError)) throw error;
        this.#value = this.#encoded;
      }
      this.#decoder = undefined;
    }
    return this.#value;
  }

  /** The external term format, if it was sent in it or has been asked for before. */
  get encoded(): Uint8Array | undefined {
    return this.#encoded;
  }

  /** The external term format, version byte included; encoded on first use. Throws badarg for what is not a term. */
  bytes(): Uint8Array {
    this.#encoded ??= encodeTerm(this.#term());
    return this.#encoded;
  }

  /**
   * Writes the external term format to `place` of `target`, if it takes no more than `room` bytes there; gives how many it takes, or 0 when it
   * does not fit. For who looks at it once and no more. Throws as `bytes`.
   */
  writeTo(target: Uint8Array, place: number, room: number): number {
    const encoded = this.#encoded;
    if (encoded === undefined) return encodeInto(this.#term(), target, place, room);
    const { length } = encoded;
    if (length > room) return 0;
    if (length > FEW_BYTES) target.set(encoded, place);
    else for (let i = 0; i < length; i++) target[place + i] = encoded[i]!;
    return length;
  }

  #term(): unknown {
    return this.kind === "message" ? this.#value : coreMessageToTerm(this.kind, this.#value);
  }
}

// Atoms are looked up by their names in a table that holds them weakly; those of every death are kept.
const EXIT = atom("EXIT");
const DOWN = atom("DOWN");
const PROCESS = atom("process");

/** A message of the core's own, as Erlang writes it. */
function coreMessageToTerm(kind: EnvelopeKind, value: unknown): unknown {
  switch (kind) {
    case "exit": {
      const { from, reason } = value as ExitMessage;
      return tuple(EXIT, from, reasonToTerm(reason));
    }
    case "down": {
      const { type, ref, pid, reason } = value as DownMessage;
      const item = "name" in pid ? tuple(atom(pid.name), atom(pid.node)) : pid;
      return tuple(type === "down" ? DOWN : type, ref, PROCESS, item, reasonToTerm(reason));
    }
    case "timeout": {
      const { ref, message } = value as TimeoutMessage;
      return tuple(atom("timeout"), ref, message);
    }
    case "cancelled": {
      const { type, ref, result } = value as TimerResultMessage;
      return tuple(atom(type), ref, result);
    }
    case "group": {
      const { type, ref, group, pids } = value as GroupMessage;
      return tuple(ref, atom(type), group, pids);
    }
    case "stream":
      return tuple(atom("stream"), (value as StreamMessage).ref);
    case "message":
      return value;
  }
}
