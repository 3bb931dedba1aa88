// What a guest writes to its standard streams, passed on in whole lines, so that lines of several processes do not run into each
// other. What is left of a line goes out when it gets long, when the guest waits for something, and when it ends.

const NEWLINE = 10;
/** Of an unfinished line. */
const MAX_KEPT_BYTES = 8192;

export class GuestOutput {
  readonly #write: (stream: 1 | 2, bytes: Uint8Array) => Promise<unknown> | undefined;
  #kept: { stream: 1 | 2; bytes: Uint8Array }[] = [];
  /** Whoever takes the output has no room: till then everything that is written gets this, also what went out while nobody could wait. */
  #full: Promise<unknown> | undefined = undefined;

  /** `write` gets bytes that are its to keep. */
  constructor(write: (stream: 1 | 2, bytes: Uint8Array) => unknown) {
    this.#write = (stream, bytes) => {
      const result = write(stream, bytes);
      if (result instanceof Promise) this.#waitFor(result);
      return this.#full;
    };
  }

  /** Takes a copy of `bytes`. A promise: nothing more is to be written before it is fulfilled. */
  write(stream: 1 | 2, bytes: Uint8Array): Promise<unknown> | undefined {
    const end = bytes.lastIndexOf(NEWLINE) + 1;
    const kept = this.#kept.find((line) => line.stream === stream);
    if (end === 0) {
      if (!kept) this.#kept.push({ stream, bytes: bytes.slice() });
      else kept.bytes = joined(kept.bytes, bytes);
      return this.#kept.some((line) => line.bytes.length > MAX_KEPT_BYTES) ? this.flush() : this.#full;
    }
    if (kept) this.#kept = this.#kept.filter((line) => line !== kept);
    const whole = bytes.subarray(0, end);
    if (end < bytes.length) this.#kept.push({ stream, bytes: bytes.slice(end) });
    return this.#write(stream, kept ? joined(kept.bytes, whole) : whole.slice());
  }

  /** Passes on what is left of lines, in the order in which it was begun. */
  flush(): Promise<unknown> | undefined {
    const kept = this.#kept;
    this.#kept = [];
    for (const { stream, bytes } of kept) this.#write(stream, bytes);
    return this.#full;
  }

  #waitFor(full: Promise<unknown>): void {
    this.#full = full;
    const done = () => {
      if (this.#full === full) this.#full = undefined;
    };
    full.then(done, done);
  }
}

function joined(a: Uint8Array, b: Uint8Array): Uint8Array {
  const both = new Uint8Array(a.length + b.length);
  both.set(a);
  both.set(b, a.length);
  return both;
}
