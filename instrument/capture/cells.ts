// The globals and the layout of the frame region that everything the pass writes agrees on.
import type { Additions } from "./additions.ts";
import type { ByteWriter } from "./bytes.ts";
import { F32, F64, I32, I64, Op, V128 } from "./opcodes.ts";
import { frameReferenceHelpers } from "./reference-slots.ts";

/** Stack credit between two looks at the depth of the stack: bounds the native stack in use. */
export const CREDIT = 512 * 1024;
/** Bytes that the frames of one unwinding can take: a quarter of the credit, and what runs without credit. */
export const SCRATCH_BYTES = CREDIT / 4 + 32 * 1024;
/** A fuel cell below this holds the units left plus 2^31: an import has suspended, or credit ran out. */
export const SUSPENDED_BELOW = -(2 ** 30);
/** What a fuel local holds while a resume version looks for its point. */
export const RESUMING = -(2 ** 30);
/** Fuel locals below this mean that. */
export const RESUMING_BELOW = -(2 ** 29);

/** Fuel and credit while nobody drives the module: code that the host calls directly runs, but for no more than this. */
export const UNDRIVEN = 2 ** 31 - 1;
/** The scratch cell while nobody drives the module: the first frame that is written traps. */
export const NOWHERE = -8;

export class Cells {
  readonly added: Additions;
  /** Index of the memory that holds frames. */
  readonly memory: number;
  /** That memory is added; otherwise it is the guest's first one. */
  readonly isSeparate: boolean;
  /** Pages of that memory that belong to the pass. */
  readonly pages: number;
  readonly stackBytes: number;
  readonly fuel: number;
  readonly credit: number;
  /** Lowest address of the captured frames that a resume takes; innermost frame first. */
  readonly head: number;
  /** Where the next frame is written while the stack unwinds. */
  readonly scratch: number;
  /** 1 while the stack unwinds: fuel is below zero then. */
  readonly stopping: number;
  /** 1 from where a captured function is entered again until it has taken its frame. */
  readonly resuming: number;

  /**
   * With `hasFrames` false there is no region. `stateBytes` of it are kept free for the globals of a snapshot. The region gets a memory of its
   * own where the guest has none, or one with 64-bit addresses: engines that run those have several memories.
   */
  constructor(added: Additions, stackBytes: number, hasFrames: boolean, stateBytes: number) {
    const first = added.info.memories[0];
    this.added = added;
    this.isSeparate = !first || first.memory64;
    this.memory = this.isSeparate ? added.info.memories.length : 0;
    this.stackBytes = stackBytes;
    this.pages = hasFrames ? Math.ceil((stackBytes + SCRATCH_BYTES + stateBytes) / 65_536) : 0;
    this.fuel = added.global("fuel", I32, UNDRIVEN);
    this.credit = added.global("credit", I32, UNDRIVEN);
    this.head = added.global("head", I32, this.bytes);
    this.scratch = added.global("scratch", I32, NOWHERE);
    this.stopping = added.global("stopping", I32);
    this.resuming = added.global("resuming", I32);
  }

  /** Bytes of the region, which begins at address 0 of the memory. */
  get bytes(): number {
    return this.pages * 65_536;
  }

  /**
   * Where the guest's address 0 lies in a memory. The same in every memory with 32-bit addresses, so that modules agree on the memories that
   * they share, under whatever numbers they know them.
   */
  shiftOf(memory: number): number {
    return this.added.info.memories[memory]?.memory64 === false ? this.bytes : 0;
  }

  memoryArgument(out: ByteWriter, align: number, offset: number): void {
    if (this.memory === 0) out.u8(align);
    else {
      out.u8(align | 0x40);
      out.u32(this.memory);
    }
    out.u32(offset);
  }

  /** Stores the local `from` at the local `frame` plus `offset`. */
  store(out: ByteWriter, frame: number, from: number, type: number, offset: number): void {
    get(out, frame);
    get(out, from);
    const slot = SLOTS[type];
    if (slot) {
      out.raw(slot.store);
      this.memoryArgument(out, slot.align, offset);
    } else {
      call(out, frameReferenceHelpers(this.added, this.added.info.valueTypes.top(type)).keep);
      out.u8(0x36);
      this.memoryArgument(out, 2, offset);
    }
  }

  /** Loads what `store` stored into the local `to`. */
  load(out: ByteWriter, frame: number, to: number, type: number, offset: number): void {
    this.fetch(out, frame, type, offset);
    set(out, to);
  }

  /** Stores a null of a reference type at the local `frame` plus `offset`. */
  storeNull(out: ByteWriter, frame: number, type: number, offset: number): void {
    const { valueTypes } = this.added.info;
    get(out, frame);
    valueTypes.writeNull(out, valueTypes.top(type));
    call(out, frameReferenceHelpers(this.added, valueTypes.top(type)).keep);
    out.u8(Op.i32Store);
    this.memoryArgument(out, 2, offset);
  }

  /** Puts what `store` stored on the stack. */
  fetch(out: ByteWriter, frame: number, type: number, offset: number): void {
    get(out, frame);
    const slot = SLOTS[type];
    if (slot) {
      out.raw(slot.load);
      this.memoryArgument(out, slot.align, offset);
    } else {
      out.u8(0x28);
      this.memoryArgument(out, 2, offset);
      const { valueTypes } = this.added.info;
      call(out, frameReferenceHelpers(this.added, valueTypes.top(type)).take);
      this.asDeclared(out, valueTypes.nullable(type));
    }
  }

  /** Makes a reference of a type out of one of its top type. */
  asDeclared(out: ByteWriter, type: number): void {
    const { valueTypes } = this.added.info;
    if (!valueTypes.isReference(type)) return;
    const top = valueTypes.top(type);
    if (valueTypes.nullable(type) !== top) valueTypes.writeCast(out, type);
    else if (type !== top) out.u8(Op.refAsNonNull);
  }
}

const SLOTS: Record<number, { store: Uint8Array; load: Uint8Array; align: number }> = {
  [I32]: { store: Uint8Array.of(0x36), load: Uint8Array.of(0x28), align: 2 },
  [I64]: { store: Uint8Array.of(0x37), load: Uint8Array.of(0x29), align: 3 },
  [F32]: { store: Uint8Array.of(0x38), load: Uint8Array.of(0x2a), align: 2 },
  [F64]: { store: Uint8Array.of(0x39), load: Uint8Array.of(0x2b), align: 3 },
  [V128]: { store: Uint8Array.of(0xfd, 11), load: Uint8Array.of(0xfd, 0), align: 3 },
};

/** True for numbers and vectors, whose bytes go into a frame as they are. */
export function isNumeric(type: number): boolean {
  return SLOTS[type] !== undefined;
}

/** Bytes that a value of this type takes in a frame. */
export function bytesOf(type: number): number {
  return type === V128 ? 16 : type === I64 || type === F64 ? 8 : 4;
}

export function get(out: ByteWriter, local: number): void {
  out.u8(Op.localGet);
  out.u32(local);
}
export function set(out: ByteWriter, local: number): void {
  out.u8(Op.localSet);
  out.u32(local);
}
export function tee(out: ByteWriter, local: number): void {
  out.u8(Op.localTee);
  out.u32(local);
}
export function getGlobal(out: ByteWriter, global: number): void {
  out.u8(Op.globalGet);
  out.u32(global);
}
export function setGlobal(out: ByteWriter, global: number): void {
  out.u8(Op.globalSet);
  out.u32(global);
}
export function i32(out: ByteWriter, value: number): void {
  out.u8(Op.i32Const);
  out.s32(value);
}
export function call(out: ByteWriter, functionIndex: number): void {
  out.u8(Op.call);
  out.u32(functionIndex);
}

/** How many results of the same type come before this one. */
export function ordinalOf(types: readonly number[], at: number): number {
  let ordinal = 0;
  for (let k = 0; k < at; k++) if (types[k] === types[at]) ordinal++;
  return ordinal;
}
