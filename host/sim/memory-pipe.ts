// Bytes on their way through the simulated network: one direction, bounded, each piece arriving some time after it was written.
import { EMPTY, END, type Failure, failure, type ReadResult } from "../wasm/net/network.ts";

/** Calls a function later, those of one pipe in their order. */
export type Later = (fn: () => void) => void;

/** On their way and not yet read: what a socket's buffers hold. */
const CAPACITY_BYTES = 65_536;

export class MemoryPipe {
  /** Called when there is something to read, and when there is room to write again. */
  readerChanged = () => {};
  writerChanged = () => {};
  readonly #later: Later;
  #arrived: Uint8Array[] = [];
  #size = 0;
  #end: ReadResult | undefined;
  #failure: Failure | undefined;
  #isFinished = false;

  constructor(later: Later) {
    this.#later = later;
  }

  /** The writer is done, in whatever way. */
  get isFinished(): boolean {
    return this.#isFinished;
  }

  read(maxBytes: number): ReadResult {
    const [first] = this.#arrived;
    if (!first) return this.#end ?? EMPTY;
    const bytes = first.slice(0, maxBytes);
    if (bytes.length === first.length) this.#arrived.shift();
    else this.#arrived[0] = first.subarray(bytes.length);
    const wasFull = this.#size >= CAPACITY_BYTES;
    this.#size -= bytes.length;
    if (wasFull) this.#later(() => this.writerChanged());
    return { type: "data", bytes };
  }

  write(bytes: Uint8Array): number | Failure {
    if (this.#failure) return this.#failure;
    if (this.#isFinished) return failure("closed");
    const taken = bytes.slice(0, CAPACITY_BYTES - this.#size);
    if (taken.length === 0) return 0;
    this.#size += taken.length;
    this.#later(() => {
      if (this.#end) return;
      this.#arrived.push(taken);
      this.readerChanged();
    });
    return taken.length;
  }

  finish(): void {
    if (this.#isFinished) return;
    this.#isFinished = true;
    this.#later(() => {
      this.#end ??= END;
      this.readerChanged();
    });
  }

  /** Breaks it off: the reader learns of it when that arrives, and what it has not read by then is lost. */
  break(reason: string): void {
    this.#isFinished = true;
    this.#failure ??= failure(reason);
    this.#later(() => {
      if (this.#end) return;
      this.#arrived = [];
      this.#end = { type: "broken", reason };
      this.readerChanged();
      this.writerChanged();
    });
  }

  /** The reader takes no more: whoever writes learns of it. */
  refuse(reason: string): void {
    this.#end ??= { type: "broken", reason };
    this.#arrived = [];
    this.#later(() => {
      this.#failure ??= failure(reason);
      this.writerChanged();
    });
  }
}
