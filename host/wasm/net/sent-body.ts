// The body that a guest writes, held against what its head announced: a body of another length would shift whatever follows on the same
// connection.
import type { Channel, Failure } from "./network.ts";

export class SentBody {
  readonly #channel: Channel;
  /** Bytes still to come; undefined when none were announced. */
  #left: number | undefined;
  #isFinished = false;

  constructor(channel: Channel, announced: number | undefined) {
    this.#channel = channel;
    this.#left = announced;
  }

  get isFinished(): boolean {
    return this.#isFinished;
  }

  /** How many bytes were taken; undefined for more than were announced, and after the end. */
  write(bytes: Uint8Array): number | Failure | undefined {
    if (this.#isFinished || (this.#left !== undefined && bytes.length > this.#left)) return undefined;
    const taken = this.#channel.write(bytes);
    if (typeof taken === "number" && this.#left !== undefined) this.#left -= taken;
    return taken;
  }

  /** False, and the connection is broken off, when fewer bytes were written than announced. */
  finish(): boolean {
    if (this.#isFinished) return true;
    this.#isFinished = true;
    const isWhole = this.#left === undefined || this.#left === 0;
    if (isWhole) this.#channel.finish();
    else this.#channel.abort();
    return isWhole;
  }
}
