// The term that was last read at some place, with what it came to: guests say the same again and again there (how they spawn, with which
// reason they kill), and comparing it by words takes a twentieth of decoding or copying it.

const MOST_BYTES = 64;

export class LastTerm<T> {
  readonly #mostBytes: number;
  /** All but the last bytes, up to three. */
  #words = new Int32Array(0);
  #rest = new Uint8Array(0);
  #length = 0;
  #value: T | undefined = undefined;

  /** Longer terms are not kept. */
  constructor(mostBytes: number = MOST_BYTES) {
    this.#mostBytes = mostBytes;
  }

  /** What the last term came to. */
  get value(): T | undefined {
    return this.#value;
  }

  /** What the term of these bytes came to, if it was the last one. */
  find(memory: DataView, start: number, length: number): T | undefined {
    if (length !== this.#length) return undefined;
    const words = this.#words;
    for (let i = 0; i < words.length; i++) if (memory.getInt32(start + i * 4) !== words[i]) return undefined;
    const rest = this.#rest;
    const behind = start + words.length * 4;
    for (let i = 0; i < rest.length; i++) if (memory.getUint8(behind + i) !== rest[i]) return undefined;
    return this.#value;
  }

  /** `value` must be one that nobody changes. */
  keep(memory: DataView, start: number, length: number, value: T): void {
    if (length > this.#mostBytes) return;
    const words = length >> 2;
    this.#words = Int32Array.from({ length: words }, (_, i) => memory.getInt32(start + i * 4));
    this.#rest = Uint8Array.from({ length: length & 3 }, (_, i) => memory.getUint8(start + words * 4 + i));
    this.#length = length;
    this.#value = value;
  }
}
