// Writing to a stream of Node's with back-pressure: a guest that writes faster than the terminal or the pipe takes it has to wait, instead
// of filling the host's memory.
import type { Writable } from "node:stream";

/** Writers that wait for a stream share one listener. */
const drains = new WeakMap<Writable, Promise<void>>();

/** Writes; a promise says when the stream has room again, or will never have. */
export function writeTo(stream: Writable, data: string | Uint8Array): Promise<void> | undefined {
  if (stream.write(data)) return undefined;
  let drained = drains.get(stream);
  if (!drained) {
    drained = new Promise((resolve) => {
      const done = () => {
        stream.off("drain", done);
        stream.off("close", done);
        stream.off("error", done);
        drains.delete(stream);
        resolve();
      };
      stream.on("drain", done);
      stream.on("close", done);
      stream.on("error", done);
    });
    drains.set(stream, drained);
  }
  return drained;
}
