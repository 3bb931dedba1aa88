// A connection as a process has it (OTP: gen_tcp). Passive, it is read with recv; active, what comes is sent to its owner, as many messages
// as the owner has asked for and no more: there is no `{active, true}`, whose messages nobody can hold back.
import { MoonletError } from "../../otp/error.ts";
import type { ExitReason, Process } from "../../otp/index.ts";
import { isAbnormal } from "../../otp/reports.ts";
import { atom, tuple } from "../../otp/term/index.ts";
import { Deadline } from "./deadline.ts";
import type { Connection, ReadResult } from "./network.ts";
import { CONNECTION_BYTES, Resource } from "./resource.ts";

/** Bytes of one active message. */
const MESSAGE_BYTES = 65_536;
/** When an owner whose mailbox was full is looked at again. */
const FULL_MAILBOX_MS = 10;

export class TcpSocket extends Resource {
  readonly connection: Connection;
  /** How many messages are still to be sent. */
  #active = 0;
  /** Says so when it has become passive; after `{active, once}` that is understood. */
  #tellsPassive = false;
  readonly #again: Deadline;

  constructor(owner: Process, connection: Connection) {
    super(owner, CONNECTION_BYTES);
    this.connection = connection;
    this.#again = new Deadline(owner.runtime, () => this.#deliver());
    connection.changed = () => {
      this.#deliver();
      this.wake();
    };
  }

  get isActive(): boolean {
    return this.#active > 0;
  }

  /** For so many messages; 0 is passive. Unless it is for once only, the owner is told when they are used up. */
  activate(messages: number, isOnce: boolean): void {
    this.#active = messages;
    this.#tellsPassive = !isOnce;
    this.#deliver();
  }

  read(maxBytes: number): ReadResult {
    return this.connection.read(maxBytes);
  }

  protected override moved(): void {
    this.#active = 0;
  }

  protected ended(reason: ExitReason): void {
    this.#active = 0;
    this.#again.stop();
    // Who dies in the middle of something has not ended it in order, and the other side learns that.
    if (isAbnormal(reason)) this.connection.abort();
    else this.connection.close();
  }

  #deliver(): void {
    while (this.#active > 0 && this.owner) {
      // Its mailbox takes no more: what has come waits here, and its sender there.
      if (this.owner.mailbox.full) {
        this.#again.start(FULL_MAILBOX_MS);
        return;
      }
      const result = this.connection.read(MESSAGE_BYTES);
      switch (result.type) {
        case "empty":
          return;
        case "data":
          this.#active--;
          this.#send("tcp", result.bytes);
          if (this.#active === 0 && this.#tellsPassive) this.#send("tcp_passive");
          break;
        case "broken":
          this.#active = 0;
          this.#send("tcp_error", atom(result.reason));
          this.#send("tcp_closed");
          break;
        case "end":
          this.#active = 0;
          this.#send("tcp_closed");
          break;
      }
    }
  }

  #send(tag: string, ...rest: readonly unknown[]): void {
    sendTo(this.owner, tuple(atom(tag), this.term, ...rest));
  }
}

/** Sends what has no sender: a mailbox that takes no more does not take it. */
export function sendTo(owner: Process | undefined, message: unknown): void {
  if (!owner?.alive) return;
  try {
    owner.runtime.send(owner.pid, message);
  } catch (error) {
    if (!(error instanceof MoonletError && error.code === "system_limit")) throw error;
  }
}
