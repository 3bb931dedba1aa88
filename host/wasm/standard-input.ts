// Standard input: bytes from somewhere, read by one process or by several, each getting what it is quick enough to read. Nothing is
// taken from the source before somebody reads.

/** Where standard input comes from: all of it, or pieces as they come. A source that fails is one that ends. */
export type InputSource = string | Uint8Array | AsyncIterable<Uint8Array | string>;

export class StandardInput {
  readonly #source: InputSource;
  #pieces: AsyncIterator<Uint8Array | string> | undefined;
  #rest = new Uint8Array(0);
  #isStarted = false;
  #isOver = false;
  #isAsking = false;
  readonly #waiting = new Set<() => void>();

  constructor(source: InputSource) {
    this.#source = source;
  }

  /** Whether a read would give something: bytes, or the end. */
  get isReady(): boolean {
    this.#start();
    return this.#rest.length > 0 || this.#isOver;
  }

  /** Bytes that can be read at once. */
  get available(): number {
    return this.#rest.length;
  }

  /** At most `into.length` bytes; 0 at the end, undefined when there is nothing yet. */
  read(into: Uint8Array): number | undefined {
    if (!this.isReady) return undefined;
    const count = Math.min(into.length, this.#rest.length);
    into.set(this.#rest.subarray(0, count));
    this.#rest = this.#rest.subarray(count);
    return count;
  }

  /** Calls `wake` once when `isReady` may have become true. Returns what takes that back. */
  whenReady(wake: () => void): () => void {
    this.#waiting.add(wake);
    this.#ask();
    return () => {
      this.#waiting.delete(wake);
    };
  }

  #start(): void {
    if (this.#isStarted) return;
    this.#isStarted = true;
    const source = this.#source;
    if (typeof source === "string" || source instanceof Uint8Array) {
      this.#rest = bytesOf(source);
      this.#isOver = true;
    } else {
      this.#pieces = source[Symbol.asyncIterator]();
    }
  }

  /** Asks for the next piece, unless that has been done. */
  #ask(): void {
    this.#start();
    const pieces = this.#pieces;
    if (this.#isAsking || this.isReady || !pieces) return;
    this.#isAsking = true;
    const arrived = (result: IteratorResult<Uint8Array | string> | undefined) => {
      this.#isAsking = false;
      if (!result || result.done) this.#isOver = true;
      else this.#rest = bytesOf(result.value);
      // An empty piece is none.
      if (!this.isReady) return this.#ask();
      const waiting = [...this.#waiting];
      this.#waiting.clear();
      for (const wake of waiting) wake();
    };
    pieces.next().then(arrived, () => arrived(undefined));
  }
}

/** A copy, so that whoever gave it may use it again. */
function bytesOf(piece: Uint8Array | string): Uint8Array<ArrayBuffer> {
  return typeof piece === "string" ? new TextEncoder().encode(piece) : new Uint8Array(piece);
}
