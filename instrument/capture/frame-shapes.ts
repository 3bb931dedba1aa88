// Frames are written and read by helper functions, one pair for each sequence of types, so that the code around a resume point is short.
import type { Cells } from "./cells.ts";
import { bytesOf, get, getGlobal, i32, setGlobal, tee } from "./cells.ts";
import { F32, F64, FUNCREF, I32, I64, Op, V128 } from "./opcodes.ts";

/** Bytes of a frame before its values: number of the function, number of the point. */
export const FRAME_HEADER_BYTES = 8;
/** A frame of more values is written and read in place: few functions would share a helper that long. */
const MAX_SHARED_VALUES = 40;

const RANKS: readonly number[] = [V128, I64, F64, I32, F32, FUNCREF];

/** Positions of the values in the order in which a frame holds them: widest first, then by type, so that few shapes differ. */
export function frameOrder(types: readonly number[]): number[] {
  const rank = (type: number) => (RANKS.includes(type) ? RANKS.indexOf(type) : type + RANKS.length);
  return types.map((_, k) => k).sort((x, y) => rank(types[x]!) - rank(types[y]!) || x - y);
}

/** Offset of each value in its frame, by position, and the frame's size. */
export function layOutFrame(types: readonly number[]): { offsets: number[]; size: number } {
  const offsets = new Array<number>(types.length);
  let offset = FRAME_HEADER_BYTES;
  for (const k of frameOrder(types)) {
    offsets[k] = offset;
    offset += bytesOf(types[k]!);
  }
  return { offsets, size: (offset + 7) & ~7 };
}

/** True where helpers carry a frame of so many values. */
export function isShared(values: number): boolean {
  return values <= MAX_SHARED_VALUES;
}

/** Helper (point, values in frame order, number of the function) -> (): writes a frame. */
export function saveHelper(cells: Cells, types: readonly number[]): number {
  return cells.added.helper(`save_${types.join("_")}`, [I32, ...types, I32], [], (out) => {
    const { offsets, size } = layOutFrame(types);
    const ordinal = types.length + 1;
    const frame = ordinal + 1;
    out.bytes(1, 1, I32);
    getGlobal(out, cells.scratch);
    tee(out, frame);
    get(out, ordinal);
    out.u8(Op.i32Store);
    cells.memoryArgument(out, 2, 0);
    get(out, frame);
    get(out, 0);
    out.u8(Op.i32Store);
    cells.memoryArgument(out, 2, 4);
    types.forEach((type, k) => {
      cells.store(out, frame, k + 1, type, offsets[k]!);
    });
    get(out, frame);
    i32(out, size);
    out.u8(Op.i32Add);
    setGlobal(out, cells.scratch);
    i32(out, 1);
    setGlobal(out, cells.stopping);
    out.u8(Op.end);
  });
}

/** Helper () -> (point, values in frame order): takes the frame at `head`. */
export function loadHelper(cells: Cells, types: readonly number[]): number {
  return cells.added.helper(`load_${types.join("_")}`, [], [I32, ...types], (out) => {
    const { offsets, size } = layOutFrame(types);
    const frame = 0;
    out.bytes(1, 1, I32);
    getGlobal(out, cells.head);
    tee(out, frame);
    i32(out, size);
    out.u8(Op.i32Add);
    setGlobal(out, cells.head);
    i32(out, 0);
    setGlobal(out, cells.resuming);
    get(out, frame);
    out.u8(Op.i32Load);
    cells.memoryArgument(out, 2, 4);
    types.forEach((type, k) => {
      cells.fetch(out, frame, type, offsets[k]!);
    });
    out.u8(Op.end);
  });
}
