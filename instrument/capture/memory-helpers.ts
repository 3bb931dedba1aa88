// What the guest asks of its memory, answered as if the frame region at the memory's start were not there: accesses, size, growth, and
// the bulk instructions, which are also charged by length.
import type { Body } from "./body.ts";
import type { ByteWriter } from "./bytes.ts";
import { type Cells, call, get, getGlobal, i32, setGlobal } from "./cells.ts";
import { writeAccess, writeShift } from "./guest-addresses.ts";
import { growFunction } from "./memory-growth.ts";
import type { ModuleInfo } from "./module-reader.ts";
import { I64, Op } from "./opcodes.ts";
import { bulkTypes } from "./reference-effects.ts";
import { droppedCell } from "./state-functions.ts";
import { tableRoomFunction } from "./table-growth.ts";

/** Bytes of memory, and table elements, whose handling costs one unit. */
const BYTES_PER_UNIT_LOG2 = 7;
const ELEMENTS_PER_UNIT_LOG2 = 4;
/** Units for one instruction at most; what would cost more is longer than any memory. */
const MAX_BULK_UNITS = 2 ** 28;

export class MemoryHelpers {
  readonly #cells: Cells;
  readonly #info: ModuleInfo;

  constructor(cells: Cells, info: ModuleInfo) {
    this.#cells = cells;
    this.#info = info;
  }

  #isShifted(memory: number): boolean {
    return this.#cells.shiftOf(memory) > 0;
  }

  /** Writes an instruction with a memory argument. */
  access(out: ByteWriter, body: Body, at: number): void {
    if (this.#cells.bytes > 0) writeAccess(out, body, at, this.#cells);
    else out.raw(body.source, body.starts[at]!, body.starts[at + 1]!);
  }

  /** Written after memory.size. */
  size(out: ByteWriter, memory: number): void {
    if (!this.#isShifted(memory)) return;
    i32(out, this.#cells.pages);
    out.u8(Op.i32Sub);
  }

  /** Written instead of memory.grow. */
  grow(out: ByteWriter, memory: number): void {
    call(out, growFunction(this.#cells, this.#info, memory));
  }

  /** Written after data.drop and elem.drop: a new instance has to drop the same segments. */
  dropped(out: ByteWriter, op: number, segment: number): void {
    i32(out, 1);
    setGlobal(out, droppedCell(this.#cells.added, op, segment));
  }

  /** Written instead of a bulk instruction. `charge` is false where the static cost covers it. */
  bulk(out: ByteWriter, body: Body, at: number, charge: boolean): void {
    const op = body.ops[at]!;
    const code = body.source.subarray(body.starts[at]!, body.starts[at + 1]!);
    const a = body.a[at]!;
    const onMemory = op === Op.memoryCopy || op === Op.memoryFill || op === Op.memoryInit;
    const places: number[] = [];
    if (op === Op.memoryCopy) {
      if (this.#isShifted(a)) places.push(0);
      if (this.#isShifted(body.b[at]!)) places.push(1);
    } else if (op === Op.memoryFill && this.#isShifted(a)) places.push(0);
    else if (op === Op.memoryInit && this.#isShifted(body.b[at]!)) places.push(0);
    const grows = op === Op.tableGrow;
    if (!charge && places.length === 0 && !grows) {
      out.raw(code);
      return;
    }
    const { params, results } = bulkTypes(this.#info, body, at);
    const length = params.length - 1;
    const name = `bulk_${[...code].join("_")}${charge ? "" : "_free"}`;
    const index = this.#cells.added.helper(name, params, results, (helper) => {
      helper.u8(0);
      if (charge) {
        getGlobal(helper, this.#cells.fuel);
        get(helper, length);
        const shift = onMemory ? BYTES_PER_UNIT_LOG2 : ELEMENTS_PER_UNIT_LOG2;
        if (params[length] === I64) writeUnits64(helper, length, shift);
        else {
          i32(helper, shift);
          helper.u8(Op.i32ShrU);
        }
        helper.u8(Op.i32Sub);
        setGlobal(helper, this.#cells.fuel);
        getGlobal(helper, this.#cells.fuel);
        i32(helper, 0);
        helper.bytes(Op.i32LtS, Op.if, 0x40);
        i32(helper, 1);
        setGlobal(helper, this.#cells.stopping);
        helper.u8(Op.end);
      }
      if (grows) {
        get(helper, length);
        if (params[length] !== I64) helper.u8(0xad); // i64.extend_i32_u
        call(helper, tableRoomFunction(this.#cells, this.#info));
        helper.bytes(Op.if, results[0]!);
      }
      for (let i = 0; i <= length; i++) {
        if (places.includes(i)) writeShift(helper, i, this.#cells.bytes);
        else get(helper, i);
      }
      helper.raw(code);
      if (grows) helper.bytes(Op.else, results[0] === I64 ? Op.i64Const : Op.i32Const, 0x7f, Op.end);
      if (charge && results.length > 0) {
        // Where the charge stops the caller, it goes on as after a call that was captured: with the result from its cell.
        const cell = this.#cells.added.resultGlobal(results[0]!, 0);
        setGlobal(helper, cell);
        getGlobal(helper, cell);
        this.#cells.asDeclared(helper, results[0]!);
      }
      helper.u8(Op.end);
    });
    call(out, index);
  }
}

/** With a 64-bit length on the stack and in a local: the units that it costs. */
function writeUnits64(out: ByteWriter, length: number, shift: number): void {
  const constant = (value: number) => {
    out.u8(Op.i64Const);
    out.s64(BigInt(value));
  };
  constant(shift);
  out.u8(0x88); // i64.shr_u
  constant(MAX_BULK_UNITS);
  get(out, length);
  constant(shift);
  out.u8(0x88);
  constant(MAX_BULK_UNITS);
  out.bytes(0x54, Op.select, 0xa7); // i64.lt_u, i32.wrap_i64
}
