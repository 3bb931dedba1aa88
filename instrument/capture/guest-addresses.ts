// The guest's address 0 is not the memory's: the frame region lies before it. Each access gets the region's size added to its static
// offset, so that the guest can neither see nor reach the region, and meets the memory's end where it expects it.
import type { Additions } from "./additions.ts";
import type { Body } from "./body.ts";
import { ByteReader, type ByteWriter } from "./bytes.ts";
import { type Cells, get, i32, set } from "./cells.ts";
import { skipConstant } from "./module-reader.ts";
import { I32, instructionOf, Op, prefixBase } from "./opcodes.ts";

const WITH_MEMORY_INDEX = 0x40;
const MAX_OFFSET = 0xffff_ffff;

/** An offset or address of the guest's as one of the memory's. What leads beyond 4 GB leads beyond every memory all the same. */
export function shifted(address: number, by: number): number {
  return Math.min((address >>> 0) + by, MAX_OFFSET);
}

/** True for instructions with a memory argument. */
export function accessesMemory(op: number): boolean {
  const immediate = instructionOf(op)?.immediate;
  return immediate === "memory" || immediate === "memoryLane";
}

/** Writes a load, a store or an atomic access. */
export function writeAccess(out: ByteWriter, body: Body, at: number, cells: Cells): void {
  const start = body.starts[at]!;
  const end = body.starts[at + 1]!;
  const reader = new ByteReader(body.source, start, end);
  if (prefixBase(reader.u8())) reader.skipLeb();
  const flags = reader.u32();
  const by = cells.shiftOf(flags & WITH_MEMORY_INDEX ? reader.u32() : 0);
  if (by === 0) {
    out.raw(body.source, start, end);
    return;
  }
  out.raw(body.source, start, reader.pos);
  out.u32(shifted(reader.u32(), by));
  out.raw(body.source, reader.pos, end);
}

/** Writes code that pushes the memory's address for the guest's in a local; one behind every memory stays so. */
export function writeShift(out: ByteWriter, local: number, by: number): void {
  i32(out, -1);
  get(out, local);
  i32(out, by);
  out.u8(Op.i32Add);
  get(out, local);
  i32(out, -by - 1);
  out.bytes(Op.i32GtU, Op.select); // local > 2^32 - 1 - by ? -1 : local + by
}

/** An active segment whose place is not a constant. */
interface ComputedSegment {
  readonly index: number;
  readonly memory: number;
  readonly by: number;
  /** The constant expression, without its end. */
  readonly place: Uint8Array;
  readonly bytes: number;
}

/**
 * Copies the data segments, the guest's addresses as the memories'. Where an offset is computed, which not every engine can do with an addition,
 * the segment becomes passive and is in the result.
 */
export function writeData(out: ByteWriter, old: ByteReader, cells: Cells): readonly ComputedSegment[] {
  const { info } = cells.added;
  const computed: ComputedSegment[] = [];
  const count = old.u32();
  out.u32(count);
  for (let index = 0; index < count; index++) {
    const start = old.pos;
    const flags = old.u32();
    const memory = flags === 2 ? old.u32() : 0;
    const by = flags === 1 ? 0 : cells.shiftOf(memory);
    const place = old.pos;
    if (flags !== 1) skipConstant(info, old);
    const placeEnd = old.pos;
    const length = old.u32();
    old.pos += length;
    const constant = by > 0 ? constantAt(old.bytes, place, placeEnd) : undefined;
    if (by === 0) out.raw(old.bytes, start, old.pos);
    else {
      if (constant === undefined) {
        out.u8(1);
        computed.push({ index, memory, by, place: old.bytes.slice(place, placeEnd - 1), bytes: length });
      } else {
        out.u8(flags);
        if (flags === 2) out.u32(memory);
        out.u8(Op.i32Const);
        out.s32(shifted(constant, by) | 0);
        out.u8(Op.end);
      }
      out.raw(old.bytes, placeEnd, old.pos);
    }
  }
  return computed;
}

function constantAt(bytes: Uint8Array, start: number, end: number): number | undefined {
  const reader = new ByteReader(bytes, start, end);
  if (reader.u8() !== Op.i32Const) return undefined;
  const value = reader.s32();
  return reader.u8() === Op.end ? value : undefined;
}

/** A function that fills in these segments, as the engine does with active ones. */
export function addDataFunction(added: Additions, segments: readonly ComputedSegment[]): number {
  return added.helper("data", [], [], (out) => {
    out.bytes(1, 1, I32);
    for (const { index, memory, by, place, bytes } of segments) {
      out.raw(place);
      set(out, 0);
      writeShift(out, 0, by);
      i32(out, 0);
      i32(out, bytes);
      out.bytes(0xfc, 8);
      out.u32(index);
      out.u32(memory);
      out.bytes(0xfc, 9);
      out.u32(index);
    }
    out.u8(Op.end);
  });
}
