// Processes that carry bytes between a stream of the core and one of the platform: any async iterable (a Node or web readable) as
// source, any web WritableStream (Node: `Writable.toWeb`) as sink. Back-pressure holds over both sides.
import type { Context } from "./context.ts";
import { StreamReader, StreamWriter } from "./stream.ts";

/**
 * A process that writes everything from `source` into the `StreamWriter` it receives first, then ends. A source that fails breaks the
 * stream; a reader that goes away ends the source.
 */
export function pumpFrom(source: AsyncIterable<Uint8Array>): (self: Context) => Promise<void> {
  return async function pumpFrom(self) {
    const writer = (await self.receive((message) => message instanceof StreamWriter)) as StreamWriter;
    for await (const chunk of source) await self.write(writer, chunk);
  };
}

/** A process that writes everything from the `StreamReader` it receives first into `sink`, then closes it. A broken stream aborts the sink. */
export function pumpInto(sink: WritableStream<Uint8Array>): (self: Context) => Promise<void> {
  return async function pumpInto(self) {
    const reader = (await self.receive((message) => message instanceof StreamReader)) as StreamReader;
    const writer = sink.getWriter();
    self.signal.addEventListener("abort", () => void writer.abort(self.signal.reason).catch(() => {}));
    try {
      for (let chunk = await self.read(reader); chunk !== undefined; chunk = await self.read(reader)) {
        await writer.ready;
        await writer.write(chunk);
      }
      await writer.close();
    } catch (error) {
      await writer.abort(error).catch(() => {});
      throw error;
    }
  };
}
