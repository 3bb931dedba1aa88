// Node's streams as the two sides of a channel: read when asked, never ahead of what their own bounds hold.
import type { Readable, Writable } from "node:stream";
import { EMPTY, END, type Failure, failure, type ReadResult } from "../wasm/net/network.ts";
import { reasonOf } from "./network-failure.ts";

/** Taken at a time, so that one write does not hold up the event loop. */
const MAX_CHUNK_BYTES = 65_536;

/** The side that bytes come out of. What comes is left in the stream until somebody reads, and so in the kernel and at the sender. */
export class ReadingSide {
  readonly #stream: Readable;
  #end: ReadResult | undefined;

  constructor(stream: Readable, changed: () => void) {
    this.#stream = stream;
    stream.on("readable", () => {
      // The end shows only to somebody who reads.
      if (stream.readableLength === 0) stream.read(0);
      else changed();
    });
    const ended = (result: ReadResult) => () => {
      this.#end ??= result;
      changed();
    };
    stream.on("end", ended(END));
    stream.on("error", (error) => ended({ type: "broken", reason: reasonOf(error) })());
    stream.on("close", ended({ type: "broken", reason: "closed" }));
  }

  read(maxBytes: number): ReadResult {
    const available = this.#stream.readableLength;
    if (available > 0 && !this.#stream.destroyed) {
      const bytes: Uint8Array | null = this.#stream.read(Math.min(available, maxBytes));
      // A copy: what Node gives is a part of something larger, which would live as long.
      if (bytes !== null) return { type: "data", bytes: new Uint8Array(bytes) };
    }
    // An end that came together with the last bytes shows only to somebody who reads once more.
    if (!this.#end && !this.#stream.destroyed) this.#stream.read(0);
    return this.#end ?? EMPTY;
  }
}

/** The side that bytes go into. */
export class WritingSide {
  readonly #stream: Writable;
  #failure: Failure | undefined;

  constructor(stream: Writable, changed: () => void) {
    this.#stream = stream;
    stream.on("drain", changed);
    stream.on("error", (error) => {
      this.#failure ??= failure(reasonOf(error));
      changed();
    });
    stream.on("close", () => {
      this.#failure ??= failure("closed");
      changed();
    });
  }

  /** As long as Node has not passed on what it was given before, it is given nothing. */
  write(bytes: Uint8Array): number | Failure {
    if (this.#failure) return this.#failure;
    if (this.#stream.destroyed || this.#stream.writableEnded) return failure("closed");
    if (this.#stream.writableNeedDrain) return 0;
    const taken = bytes.slice(0, MAX_CHUNK_BYTES);
    this.#stream.write(taken);
    return taken.length;
  }

  finish(): void {
    if (!this.#stream.destroyed && !this.#stream.writableEnded) this.#stream.end();
  }
}
