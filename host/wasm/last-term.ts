// The term that was last read at some place, with what it came to: guests say the same again and again there (how they spawn, with which
// reason they kill), and comparing a few bytes takes a tenth of decoding them.

const MOST_BYTES = 64;

export class LastTerm<T> {
  #bytes = new Uint8Array(0);
  #value: T | undefined = undefined;

  /** What the term of these bytes came to, if it was the last one. */
  find(memory: Uint8Array, start: number, length: number): T | undefined {
    const bytes = this.#bytes;
    if (bytes.length !== length) return undefined;
    for (let i = 0; i < length; i++) if (memory[start + i] !== bytes[i]) return undefined;
    return this.#value;
  }

  /** `value` must be one that nobody changes. */
  keep(memory: Uint8Array, start: number, length: number, value: T): void {
    if (length > MOST_BYTES) return;
    this.#bytes = memory.slice(start, start + length);
    this.#value = value;
  }
}
