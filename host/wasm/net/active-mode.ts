// How a socket hands over what comes to it (OTP: inet's option `active`): when it is asked to, or by messages to its owner, once, for so
// many messages, or always. Whether there is room for a message is not decided here. A pure state.

/** As the ABI numbers them. */
export const ACTIVE = { passive: 0, once: 1, always: 2, counted: 3 } as const;

/** A count and what is added to it are numbers of 16 bits, as in OTP. */
const LEAST = -32_768;
const MOST = 32_767;

export class ActiveMode {
  #mode: number = ACTIVE.passive;
  #count = 0;

  get isActive(): boolean {
    return this.#mode !== ACTIVE.passive;
  }

  /**
   * Sets the mode. `added` belongs to `counted`: it is added to what is left of the count, which no other mode has. "told": the count is
   * zero, so that it is passive now and its owner has to be told. Undefined, and nothing is changed, for what is no mode and for too large a number.
   */
  set(mode: number, added: number): "set" | "told" | undefined {
    if (mode === ACTIVE.counted) {
      const sum = this.#count + added;
      if (added < LEAST || added > MOST || sum > MOST) return undefined;
      this.#count = Math.max(0, sum);
      this.#mode = this.#count > 0 ? mode : ACTIVE.passive;
      return this.#count > 0 ? "set" : "told";
    }
    if (mode !== ACTIVE.passive && mode !== ACTIVE.once && mode !== ACTIVE.always) return undefined;
    this.#mode = mode;
    this.#count = 0;
    return "set";
  }

  /** A message was handed over. True when that was the last of a count, which its owner has to be told; after `once` that is understood. */
  spend(): boolean {
    if (this.#mode === ACTIVE.always) return false;
    if (this.#mode === ACTIVE.once) this.stop();
    if (this.#mode !== ACTIVE.counted) return false;
    this.#count--;
    if (this.#count > 0) return false;
    this.stop();
    return true;
  }

  /** Nothing more will come. */
  stop(): void {
    this.#mode = ACTIVE.passive;
    this.#count = 0;
  }
}
