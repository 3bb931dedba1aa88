// A socket that can hand over what comes by messages to its owner (OTP: inet's option `active`): never more than it was asked for, and
// nothing while the owner has no room. What waits meanwhile waits in the network's own bounds, and stops whoever sends.
import type { Process } from "../../otp/index.ts";
import { atom, tuple } from "../../otp/term/index.ts";
import { ActiveMode } from "./active-mode.ts";
import { UNITS } from "./costs.ts";
import type { ReadResult } from "./network.ts";
import { Resource } from "./resource.ts";

/** What became of an attempt to hand over: a message was sent; something was done that counts as none; there is nothing; no room for it; all is over. */
export type HandedOver = "sent" | "skipped" | "empty" | "no room" | "over";

/** Bytes of one message. */
export const MESSAGE_BYTES = 65_536;

export abstract class ActiveSocket extends Resource {
  readonly #mode = new ActiveMode();
  #isHandingOver = false;

  /** The tag of the message that says that it has become passive. */
  protected abstract readonly passiveTag: string;

  get isActive(): boolean {
    return this.#mode.isActive;
  }

  /** See `ActiveMode.set`; false when that does not take it. */
  activate(mode: number, added: number): boolean {
    const result = this.#mode.set(mode, added);
    if (result === undefined) return false;
    if (result === "told") this.#tellPassive();
    if (this.owner) this.handOver(this.owner);
    return true;
  }

  /** Hands over as much as may be and can be. */
  protected override handOver(owner: Process): void {
    // Making room is what calls this, and what it does may make some.
    if (this.#isHandingOver) return;
    this.#isHandingOver = true;
    try {
      while (this.#mode.isActive && this.owner === owner && owner.alive) {
        const result = this.isOwing || owner.mailbox.full ? "no room" : this.next(owner);
        if (result === "no room") this.stall();
        if (result === "over") this.#mode.stop();
        if (result === "empty" || result === "no room") return;
        if (result === "sent" && this.#mode.spend()) this.#tellPassive();
      }
    } finally {
      this.#isHandingOver = false;
    }
  }

  /** Posts the next of what has come. */
  protected abstract next(owner: Process): HandedOver;

  /** Posts what was read of an HTTP message's body: `{http, Socket, Bytes}`, `{http_end, Socket}` or `{http_error, Socket, Reason}`. */
  protected postBody(owner: Process, result: ReadResult): HandedOver {
    switch (result.type) {
      case "empty":
        return "empty";
      case "data":
        this.post(tuple(atom("http"), this.term, result.bytes));
        owner.charge(UNITS.transfer + ((result.pieces ?? 1) - 1) * UNITS.piece);
        return "sent";
      case "end":
        this.post(tuple(atom("http_end"), this.term));
        return "over";
      case "broken":
        this.post(tuple(atom("http_error"), this.term, atom(result.reason)));
        return "over";
    }
  }

  #tellPassive(): void {
    this.post(tuple(atom(this.passiveTag), this.term));
  }
}
