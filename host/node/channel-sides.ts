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

/** The bodies of HTTP messages are put together up to here, and then the sender has to wait. */
const HIGH_BYTES = 32_768;
const NOTHING = Buffer.alloc(0);

/**
 * The body of an HTTP message. Its sender chooses in how many chunks it comes, and Node keeps an object for each: here they are put together, and
 * counted. At most what one read of a socket holds comes above the bound.
 */
export class BodySide {
  readonly #message: Readable;
  /** The bytes from `#start` to `#end` of it are still to be read. */
  #buffer = NOTHING;
  #start = 0;
  #end = 0;
  #pieces = 0;
  #isPaused = false;
  #isTelling = false;
  #outcome: ReadResult | undefined;

  constructor(message: Readable, changed: () => void) {
    this.#message = message;
    // All that one read of the socket brings has come before anybody is told.
    const tell = () => {
      if (this.#isTelling) return;
      this.#isTelling = true;
      process.nextTick(() => {
        this.#isTelling = false;
        if (this.#size >= HIGH_BYTES && !this.#isPaused) {
          this.#isPaused = true;
          message.pause();
        }
        changed();
      });
    };
    message.on("data", (bytes: Buffer) => {
      this.#append(bytes);
      tell();
    });
    message.on("end", () => {
      this.#outcome ??= END;
      tell();
    });
    const broken = (reason: string) => {
      if (this.#outcome) return;
      this.#outcome = { type: "broken", reason };
      this.#start = this.#end;
      tell();
    };
    message.on("error", (error) => broken(reasonOf(error)));
    message.on("close", () => broken("closed"));
  }

  get #size(): number {
    return this.#end - this.#start;
  }

  read(maxBytes: number): ReadResult {
    const length = Math.min(this.#size, maxBytes);
    if (length === 0) return this.#outcome ?? EMPTY;
    const bytes = new Uint8Array(this.#buffer.subarray(this.#start, this.#start + length));
    this.#start += length;
    const pieces = this.#pieces;
    this.#pieces = 1;
    if (this.#size === 0) {
      this.#pieces = 0;
      this.#buffer = NOTHING;
      this.#start = this.#end = 0;
    }
    if (this.#isPaused && this.#size < HIGH_BYTES / 2) {
      this.#isPaused = false;
      this.#message.resume();
    }
    return { type: "data", bytes, pieces };
  }

  #append(bytes: Buffer): void {
    this.#pieces++;
    if (this.#end + bytes.length > this.#buffer.length) {
      const old = this.#buffer.subarray(this.#start, this.#end);
      this.#buffer = Buffer.allocUnsafeSlow(Math.max(4096, 2 * (old.length + bytes.length)));
      old.copy(this.#buffer);
      this.#end = old.length;
      this.#start = 0;
    }
    bytes.copy(this.#buffer, this.#end);
    this.#end += bytes.length;
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
