// Byte streams: bounded, one writer and one reader, with back-pressure. An end belongs to one process; give it before you send it.
import { CLOSED, FOR_EVER } from "./abi/code";
import * as abi from "./abi/stream";
import { check, fail } from "./fault";
import { capacity, inbox, settle } from "./inbox";
import { Pid } from "./pid";
import { Ref } from "./ref";
import { Atom, atom } from "./term/atom";
import * as decoder from "./term/decoder";
import { __moonletRead } from "./term/read";

/** Both ends of a new stream. */
@final
export class Stream {
  constructor(readonly reader: StreamReader, readonly writer: StreamWriter) {}
}

/** Opens a stream that holds at most `capacityBytes`; both ends are the calling process's. */
export function openStream(capacityBytes: u32 = 65536): Stream {
  const length = abi.open(capacityBytes, inbox(), capacity());
  check(length, "openStream");
  settle(length);
  decoder.open(inbox(), length);
  decoder.tuple("openStream");
  const reader = __moonletRead<Ref>("openStream");
  return new Stream(
    new StreamReader(atom("reader"), reader),
    new StreamWriter(atom("writer"), __moonletRead<Ref>("openStream")),
  );
}

/** The end that bytes come out of; on the wire `{'$stream', reader, Ref}`. */
@message("$stream")
export class StreamReader {
  constructor(public kind: Atom, public ref: Ref) {}

  /**
   * The next bytes, at most `maxBytes`, waiting for them if need be; null at the end. Ends the process with `{closed, Text}` when the
   * writer died, with `{timeout, Text}` when the time is over.
   */
  read(maxBytes: u32 = 65536, timeoutMs: u32 = FOR_EVER): Uint8Array | null {
    const bytes = new Uint8Array(maxBytes);
    const count = abi.read(this.ref.pointer, this.ref.byteLength, bytes.dataStart, maxBytes, timeoutMs);
    if (count == CLOSED) fail("closed", "StreamReader.read: the writer died");
    check(count, "StreamReader.read: this end belongs to another process, or nothing came in time");
    return count == 0 ? null : bytes.subarray(0, count);
  }

  /** Reads no more; the writer is told when it writes. */
  close(): void {
    check(abi.close(this.ref.pointer, this.ref.byteLength), "StreamReader.close: this end belongs to another process");
  }

  /** Gives this end to another process, which can read once it knows of it: send it the reader next. */
  give(to: Pid): void {
    giveEnd(this.ref, to);
  }
}

/** The end that bytes go into; on the wire `{'$stream', writer, Ref}`. */
@message("$stream")
export class StreamWriter {
  constructor(public kind: Atom, public ref: Ref) {}

  /**
   * Writes all of the bytes, waiting for room if need be; false when nobody reads any more. Ends the process with `{timeout, Text}`
   * when there was no room for `timeoutMs`.
   */
  write(bytes: Uint8Array, timeoutMs: u32 = FOR_EVER): bool {
    let at: usize = 0;
    const size = <usize>bytes.length;
    while (at < size) {
      const count = abi.write(this.ref.pointer, this.ref.byteLength, bytes.dataStart + at, size - at, timeoutMs);
      if (count == CLOSED) return false;
      check(count, "StreamWriter.write: this end belongs to another process, or there was no room in time");
      at += count;
    }
    return true;
  }

  /** Ends the stream: the reader gets what is there, and then the end. */
  close(): void {
    check(abi.close(this.ref.pointer, this.ref.byteLength), "StreamWriter.close: this end belongs to another process");
  }

  /** Gives this end to another process, which can write once it knows of it: send it the writer next. */
  give(to: Pid): void {
    giveEnd(this.ref, to);
  }
}

function giveEnd(ref: Ref, to: Pid): void {
  check(abi.give(ref.pointer, ref.byteLength, to.pointer, to.byteLength), "give: this end belongs to another process");
}
