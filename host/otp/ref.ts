// References: what monitors, timers, aliases and calls are named by. Never used again within a runtime's creation.
import type { RefSealer } from "./ref-seal.ts";

/** A reference. Monitors, timers, aliases and request ids are references, as in Erlang. Compare with `equals`. */
export class Ref {
  readonly node: string;
  /** Counts up from 1; at most 2^53 - 1. In the external term format the words are low 32 bits, high bits, seal. */
  readonly number: number;
  readonly creation: number;
  /** Computed when it is first needed. */
  #seal: number | RefSealer;

  constructor(node: string, number: number, creation: number, seal: number | RefSealer = 0) {
    this.node = node;
    this.number = number;
    this.creation = creation;
    this.#seal = seal;
  }

  /** See `RefSealer`. The third word in the external term format; 0 for a reference that no runtime made. */
  get seal(): number {
    if (typeof this.#seal !== "number") this.#seal = this.#seal.of(this.number);
    return this.#seal;
  }

  /** Whether it was made with this sealer. */
  isSealedBy(sealer: RefSealer): boolean {
    return this.#seal === sealer || this.#seal === sealer.of(this.number);
  }

  equals(other: unknown): boolean {
    return (
      other instanceof Ref &&
      other.number === this.number &&
      other.creation === this.creation &&
      other.node === this.node &&
      (other.#seal === this.#seal || other.seal === this.seal)
    );
  }

  /** As Erlang prints one: `#Ref<0.0.HIGH.LOW>`. */
  toString(): string {
    return `#Ref<0.0.${Math.floor(this.number / 0x1_0000_0000)}.${this.number % 0x1_0000_0000}>`;
  }

  toJSON(): string {
    return this.toString();
  }
}

/** The reference of a monitor; also its alias when one was asked for. */
export type MonitorRef = Ref;
export type TimerRef = Ref;
/** A reference that can be sent to. */
export type Alias = Ref;
