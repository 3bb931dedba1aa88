// The guest's stack, innermost frame first: from the stack string of an error, and from what is captured.
import type { FrameTable } from "./capture/frame-table.ts";
import type { GuestFrame } from "./contract.ts";

const FRAME = /^\s*at (?:(.*?) \()?wasm:\/\/.*?wasm-function\[(\d+)\]:0x([0-9a-f]+)/;

/** The Wasm frames of V8's stack string. Without a table, functions have the numbers of the instrumented module. */
export function readNativeFrames(error: Error, table: FrameTable | undefined): GuestFrame[] {
  const frames: GuestFrame[] = [];
  for (const line of (error.stack ?? "").split("\n")) {
    const match = FRAME.exec(line);
    if (!match) continue;
    const index = Number(match[2]);
    const ordinal = table?.versions.get(index);
    const original = ordinal === undefined ? undefined : table?.functions[ordinal];
    const name =
      original?.functionName ??
      match[1]?.replace(/^.*?\.(?=[^.]*$)/, (prefix) => (prefix.startsWith("wasm:") ? "" : prefix));
    if (original === undefined && index >= (table?.functionCount ?? Number.POSITIVE_INFINITY)) continue;
    frames.push({
      functionIndex: original?.functionIndex ?? index,
      offset: Number.parseInt(match[3] as string, 16),
      ...(name && { functionName: name }),
    });
  }
  return frames;
}

/** The frames that these bytes hold; stops at what is no frame. */
export function readCapturedFrames(bytes: Uint8Array, table: FrameTable): GuestFrame[] {
  const frames: GuestFrame[] = [];
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  for (let at = 0; at + 8 <= bytes.length; ) {
    const fn = table.functions[view.getInt32(at, true)];
    const point = view.getInt32(at + 4, true);
    const size = fn?.sizes[point];
    if (!fn || !size) break;
    frames.push({
      functionIndex: fn.functionIndex,
      offset: fn.offsets[point]!,
      ...(fn.functionName && { functionName: fn.functionName }),
    });
    at += size;
  }
  return frames;
}
