// Byte streams between two processes: bounded, with back-pressure, one writer and one reader at a time. An end that is sent in a message
// belongs to its receiver from then on. Waiting goes through the mailbox, by tag, so that any body can wait for a stream.
import { Envelope } from "./envelope.ts";
import { MoonletError } from "./error.ts";
import type { ExitReason } from "./exit.ts";
import type { Process } from "./process.ts";
import type { Ref } from "./ref.ts";
import { atom } from "./term/atom.ts";
import { tuple } from "./term/tuple.ts";

/** What a reader finds. */
export type ReadResult =
  | { readonly type: "data"; readonly bytes: Uint8Array }
  /** Nothing yet. A `stream` envelope tagged with the reader's `ref` comes when there is. */
  | { readonly type: "empty" }
  /** The writer has closed it, or ended normally, and everything was read. */
  | { readonly type: "end" }
  /** The writer died with this reason, and everything it had written was read. */
  | { readonly type: "broken"; readonly reason: ExitReason };

const EMPTY: ReadResult = Object.freeze({ type: "empty" });
const END: ReadResult = Object.freeze({ type: "end" });

/** What a stream takes up besides what it may hold. */
const STREAM_BYTES = 1024;

/** What lies between the two ends. */
class Pipe {
  readonly capacity: number;
  /** Whose memory limit its capacity counts towards, whoever has the ends, and what it comes to. */
  readonly opener: Process;
  readonly #bytes: number;
  #ends = 2;
  chunks: Uint8Array[] = [];
  /** Index of the oldest chunk. */
  first = 0;
  size = 0;
  /** How the writer is done, once it is. */
  end: ReadResult | undefined = undefined;
  isReaderGone = false;
  reader: StreamReader | undefined = undefined;
  writer: StreamWriter | undefined = undefined;

  /** @throws MoonletError system_limit when the memory limit of its opener leaves no room for what it may hold. */
  constructor(opener: Process, capacity: number) {
    this.capacity = capacity;
    this.opener = opener;
    const isBounded = opener.maxMemoryBytes < Number.POSITIVE_INFINITY || opener.account !== undefined;
    this.#bytes = isBounded ? STREAM_BYTES + capacity : 0;
    if (!opener.hasRoom(this.#bytes)) {
      opener.tellLimit("memoryBytes", this.#bytes);
      throw new MoonletError("system_limit", `${opener.pid} has no room for a stream of ${capacity} bytes`, {
        hint: "give it a smaller capacity, or raise its memory limit",
      });
    }
    opener.keepBytes(this.#bytes);
  }

  /** Another end is done with for ever. */
  retireEnd(): void {
    if (--this.#ends === 0) this.opener.keepBytes(-this.#bytes);
  }
}

/** Where the ends found in a message go while it is copied or encoded. */
let collected: StreamEnd[] | undefined;

/** Calls `copy`, which makes a message out of a value, and puts the ends of streams that it meets into `ends`; none if it throws. */
export function collectEnds<T>(value: unknown, ends: StreamEnd[], copy: (value: unknown) => T): T {
  collected = ends;
  try {
    return copy(value);
  } catch (error) {
    ends.length = 0;
    throw error;
  } finally {
    collected = undefined;
  }
}

/** One end of a stream. */
export abstract class StreamEnd {
  /** Tags the envelope that tells a waiting end to try again. */
  readonly ref: Ref;
  protected readonly pipe: Pipe;
  #owner: Process | undefined;
  #unhook: (() => void) | undefined;
  #isWaiting = false;

  constructor(pipe: Pipe, owner: Process) {
    this.pipe = pipe;
    this.ref = owner.runtime.newRef();
    owner.runtime.streamEnds.set(this.ref.number, this);
    this.#owner = owner;
    this.#unhook = owner.onExit((reason) => this.release(reason));
  }

  /** The process that may use it; undefined once it was closed or given away. */
  get owner(): Process | undefined {
    return this.#owner;
  }

  /** @throws MoonletError badarg for anybody but the owner. */
  protected use(process: Process): void {
    if (this.#owner === process) return;
    throw new MoonletError("badarg", `${process.pid} does not own this end of the stream`, {
      hint: "it was closed, or sent to another process",
    });
  }

  /** Asks for a word when something changes. */
  protected wait(): void {
    this.#isWaiting = true;
  }

  /** No longer waits; takes back a word that was given. */
  stopWaiting(): void {
    this.#isWaiting = false;
    this.#owner?.mailbox.removeTagged(this.ref, (envelope) => envelope.kind === "stream");
  }

  /** Something changed: tells an owner that waits. */
  wake(): void {
    if (!this.#isWaiting) return;
    this.#isWaiting = false;
    this.#owner?.deliver(new Envelope("stream", { type: "stream", ref: this.ref }, this.ref));
  }

  /** Hands it over outside of a message. @throws MoonletError badarg for anybody but the owner. */
  give(from: Process, to: Process): void {
    this.use(from);
    this.moveTo(to);
  }

  /** Gives it to another process. */
  moveTo(process: Process): void {
    this.detach();
    this.#owner = process;
    this.#unhook = process.onExit((reason) => this.release(reason));
  }

  /** Notes that a message contains this end. @throws MoonletError badarg for what is copied and is no message. */
  collect(): void {
    if (collected === undefined) {
      throw new MoonletError("badarg", "an end of a stream can only be handed over in a message");
    }
    collected.push(this);
  }

  /** How a message to a guest or another node names it: `{'$stream', reader | writer, Ref}`. */
  toTerm(): unknown {
    collected?.push(this);
    return tuple(atom("$stream"), atom(this.kind), this.ref);
  }

  /** Which end it is. */
  abstract readonly kind: "reader" | "writer";

  /** Nobody will use it again. */
  protected retire(): void {
    if (this.#owner === undefined) return;
    this.#owner.runtime.streamEnds.delete(this.ref.number);
    this.detach();
    this.pipe.retireEnd();
  }

  /** Takes it from its owner. */
  protected detach(): void {
    this.stopWaiting();
    this.#unhook?.();
    this.#owner = undefined;
  }

  /** The owner is done with it, for this reason. */
  abstract release(reason: ExitReason): void;
}

/** The end that bytes come out of. */
export class StreamReader extends StreamEnd {
  readonly kind = "reader";

  constructor(pipe: Pipe, owner: Process) {
    super(pipe, owner);
    pipe.reader = this;
  }

  /** At most `maxBytes` of what is there. @throws MoonletError badarg for anybody but the owner. */
  read(process: Process, maxBytes = Number.POSITIVE_INFINITY): ReadResult {
    this.use(process);
    const { pipe } = this;
    const chunk = pipe.chunks[pipe.first];
    if (chunk === undefined) {
      if (pipe.end !== undefined) return pipe.end;
      this.wait();
      return EMPTY;
    }
    const bytes = chunk.length <= maxBytes ? chunk : chunk.slice(0, maxBytes);
    if (bytes !== chunk) {
      pipe.chunks[pipe.first] = chunk.subarray(maxBytes);
    } else {
      pipe.first++;
      if (pipe.first * 2 > pipe.chunks.length) {
        pipe.chunks = pipe.chunks.slice(pipe.first);
        pipe.first = 0;
      }
    }
    pipe.size -= bytes.length;
    pipe.writer?.wake();
    return { type: "data", bytes };
  }

  /** Reads no more: what is there is dropped, and the writer is told when it writes. */
  close(process: Process): void {
    this.use(process);
    this.release();
  }

  release(): void {
    this.retire();
    const { pipe } = this;
    pipe.isReaderGone = true;
    pipe.reader = undefined;
    pipe.chunks = [];
    pipe.first = 0;
    pipe.size = 0;
    pipe.writer?.wake();
  }
}

/** The end that bytes go into. */
export class StreamWriter extends StreamEnd {
  readonly kind = "writer";

  constructor(pipe: Pipe, owner: Process) {
    super(pipe, owner);
    pipe.writer = this;
  }

  /** Whether somebody may still read. */
  get isOpen(): boolean {
    return !this.pipe.isReaderGone;
  }

  /**
   * Writes a copy of as many bytes as there is room for, and tells how many. When that is not all of them, a `stream` envelope tagged with
   * `ref` comes when there is room.
   * @throws MoonletError badarg for anybody but the owner, E_STREAM_CLOSED when nobody reads any more.
   */
  write(process: Process, bytes: Uint8Array): number {
    this.use(process);
    const { pipe } = this;
    if (pipe.isReaderGone) throw new MoonletError("E_STREAM_CLOSED", "nobody reads this stream any more");
    const count = Math.min(bytes.length, pipe.capacity - pipe.size);
    if (count < bytes.length) this.wait();
    if (count === 0) return 0;
    pipe.chunks.push(new Uint8Array(bytes.subarray(0, count)));
    pipe.size += count;
    pipe.reader?.wake();
    return count;
  }

  /** Ends the stream: the reader gets what is there, and then the end. */
  close(process: Process): void {
    this.use(process);
    this.release("normal");
  }

  /** A writer that is dropped ends the stream; one that dies abnormally breaks it. */
  release(reason: ExitReason): void {
    this.retire();
    const { pipe } = this;
    pipe.end = reason === "normal" ? END : { type: "broken", reason };
    pipe.writer = undefined;
    pipe.reader?.wake();
  }
}

/**
 * A new stream; both ends belong to `owner`, towards whose memory limit the capacity counts until both are closed.
 * @throws MoonletError badarg for a capacity that is no number of bytes from 1 on, system_limit when there is no room for it.
 */
export function openStream(
  owner: Process,
  capacityBytes = 65_536,
): { reader: StreamReader; writer: StreamWriter } {
  if (!Number.isInteger(capacityBytes) || capacityBytes < 1) {
    throw new MoonletError("badarg", `a stream cannot hold ${String(capacityBytes)} bytes`);
  }
  const pipe = new Pipe(owner, capacityBytes);
  return { reader: new StreamReader(pipe, owner), writer: new StreamWriter(pipe, owner) };
}
