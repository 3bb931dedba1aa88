// Process identifiers. A pid names one process for ever: numbers are never used again within a runtime's creation.

/** Identifies a process. Compare with `equals`; a runtime hands out one object per local process, so `===` works among those too. */
export class Pid {
  readonly node: string;
  /** Counts up from 1; at most 2^53 - 1. In the external term format its low 32 bits are the ID, the rest the Serial. */
  readonly number: number;
  readonly creation: number;

  constructor(node: string, number: number, creation: number) {
    this.node = node;
    this.number = number;
    this.creation = creation;
  }

  equals(other: unknown): boolean {
    return (
      other instanceof Pid &&
      other.number === this.number &&
      other.creation === this.creation &&
      other.node === this.node
    );
  }

  /** As Erlang prints a local pid: `<0.ID.SERIAL>`. */
  toString(): string {
    return `<0.${this.number % 0x1_0000_0000}.${Math.floor(this.number / 0x1_0000_0000)}>`;
  }

  toJSON(): string {
    return this.toString();
  }
}
