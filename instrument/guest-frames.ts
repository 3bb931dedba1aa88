// The guest's stack, innermost frame first: from the stack string of an error, and from what is captured.
import { decodeFrameTable, FRAME_TABLE_SECTION, type FrameTable } from "./capture/frame-table.ts";
import type { GuestFrame, Manifest } from "./contract.ts";
import { moduleOf } from "./manifest.ts";

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

const frameTables = new WeakMap<Manifest, FrameTable | undefined>();

/** The table of frames of the module that this manifest was read from. */
export function frameTableOf(manifest: Manifest): FrameTable | undefined {
  if (frameTables.has(manifest)) return frameTables.get(manifest);
  const module = moduleOf(manifest);
  const section = module && WebAssembly.Module.customSections(module, FRAME_TABLE_SECTION)[0];
  const table = section && decodeFrameTable(new Uint8Array(section));
  frameTables.set(manifest, table);
  return table;
}

/** The captured frames that these bytes, the last of a frame region, hold; innermost first. */
export function capturedFrames(manifest: Manifest, bytes: Uint8Array): GuestFrame[] {
  const table = frameTableOf(manifest);
  return table ? readCapturedFrames(bytes, table) : [];
}
