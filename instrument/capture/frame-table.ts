// The custom section that says which function and place each captured frame belongs to. Read only when a stack has to be shown.
import { ByteReader, ByteWriter } from "./bytes.ts";
import { STOP_REASONS, type StopReason } from "./stop-reasons.ts";

export const FRAME_TABLE_SECTION = "moonlet.frames";

export interface FrameTableEntry {
  readonly index: number;
  /** Offset of the instructions in the function's code. */
  readonly at: number;
  readonly name: string | undefined;
  readonly reason: StopReason;
  /** Of each point: its offset in the instructions, and the size of its frame. */
  readonly offsets: readonly number[];
  readonly sizes: readonly number[];
}

export interface FrameTable {
  /** Functions of the module before it was instrumented; higher numbers are the pass's own. */
  readonly functionCount: number;
  /** By number of the resumable function. */
  readonly functions: readonly {
    readonly functionIndex: number;
    readonly functionName?: string;
    /** Why it can be stopped. */
    readonly reason: StopReason;
    /** Offset of each point in the module, and the bytes of its frame. */
    readonly offsets: readonly number[];
    readonly sizes: readonly number[];
  }[];
  /** Number of the resumable function whose resume version has this function index. */
  readonly versions: ReadonlyMap<number, number>;
}

export function encodeFrameTable(
  functionCount: number,
  entries: readonly FrameTableEntry[],
  versions: readonly number[],
  codeOffsets: ReadonlyMap<number, number>,
): Uint8Array {
  const out = new ByteWriter(1024);
  out.u32(functionCount);
  out.u32(entries.length);
  entries.forEach(({ index, at, name, reason, offsets, sizes }, k) => {
    out.u32(index);
    out.u32(versions[k]!);
    out.name(name ?? "");
    out.u8(STOP_REASONS.indexOf(reason));
    out.u32(offsets.length);
    offsets.forEach((offset, point) => {
      out.u32(codeOffsets.get(index)! + at + offset);
      out.u32(sizes[point]!);
    });
  });
  return out.view().slice();
}

export function decodeFrameTable(bytes: Uint8Array): FrameTable {
  const reader = new ByteReader(bytes);
  const functionCount = reader.u32();
  const versions = new Map<number, number>();
  const functions = Array.from({ length: reader.u32() }, (_, ordinal) => {
    const functionIndex = reader.u32();
    versions.set(reader.u32(), ordinal);
    const functionName = reader.name();
    const reason = STOP_REASONS[reader.u8()]!;
    const offsets: number[] = [];
    const sizes: number[] = [];
    for (let points = reader.u32(); points > 0; points--) {
      offsets.push(reader.u32());
      sizes.push(reader.u32());
    }
    return { functionIndex, ...(functionName && { functionName }), reason, offsets, sizes };
  });
  return { functionCount, functions, versions };
}
