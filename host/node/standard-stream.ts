// Standard output or standard error of this process. The first words are written at once, without the stream: Node takes 5 ms to load what its streams
// are made of, which most programs that print something need not wait for.
import { writeSync } from "node:fs";
import type { Writable } from "node:stream";
import { writeTo } from "./standard-output.ts";

/**
 * So much is written without the stream. No pipe is so small that the first words on both streams do not fit in, so nothing waits for a reader, unless
 * others have filled the same pipe. To a file or a terminal Node itself writes in no other way.
 */
const FIRST_BYTES = 2048;

export class StandardStream {
  readonly #fd: 1 | 2;
  readonly #failed: (error: NodeJS.ErrnoException) => void;
  /** A console of Windows takes text by its stream alone. */
  #left = process.platform === "win32" ? 0 : FIRST_BYTES;
  #stream: Writable | undefined;

  /** `failed` is told of whatever cannot be written. */
  constructor(fd: 1 | 2, failed: (error: NodeJS.ErrnoException) => void) {
    this.#fd = fd;
    this.#failed = failed;
  }

  /** A promise says when there is room again, or will never be. */
  write(data: string | Uint8Array): Promise<void> | undefined {
    const bytes = typeof data === "string" ? Buffer.from(data) : data;
    const written = this.#writeAtOnce(bytes);
    if (written === bytes.length) return undefined;
    return writeTo(this.#opened(), written === 0 ? bytes : bytes.subarray(written));
  }

  /** How much of it. What cannot be written without waiting is left to the stream, and so is all that comes later. */
  #writeAtOnce(bytes: Uint8Array): number {
    if (bytes.length > this.#left) {
      this.#left = 0;
      return 0;
    }
    this.#left -= bytes.length;
    try {
      const written = writeSync(this.#fd, bytes);
      if (written < bytes.length) this.#left = 0;
      return written;
    } catch (error) {
      this.#left = 0;
      if ((error as NodeJS.ErrnoException).code === "EAGAIN") return 0;
      this.#failed(error as NodeJS.ErrnoException);
      return bytes.length;
    }
  }

  #opened(): Writable {
    if (this.#stream) return this.#stream;
    const stream = this.#fd === 1 ? process.stdout : process.stderr;
    stream.on("error", this.#failed);
    this.#stream = stream;
    return stream;
  }
}
