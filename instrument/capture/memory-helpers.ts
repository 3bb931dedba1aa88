// What the guest asks of its memory, answered as if the frame region at the memory's start were not there: accesses, size, growth, and
// the bulk instructions, which are also charged by length.
import type { Body } from "./body.ts";
import type { ByteWriter } from "./bytes.ts";
import { type Cells, call, get, getGlobal, i32, set, setGlobal } from "./cells.ts";
import { writeAccess, writeShift } from "./guest-addresses.ts";
import type { ModuleInfo } from "./module-reader.ts";
import { I32, Op } from "./opcodes.ts";
import { arrayBulkTypes, isArrayBulk } from "./reference-effects.ts";
import { droppedCell } from "./state-functions.ts";

/** Bytes of memory, and table elements, whose handling costs one unit. */
const BYTES_PER_UNIT_LOG2 = 7;
const ELEMENTS_PER_UNIT_LOG2 = 4;
/** Largest memory that leaves the last pages' addresses without ambiguity. */
const MAX_PAGES = 65_535;

export class MemoryHelpers {
  readonly #cells: Cells;
  readonly #info: ModuleInfo;

  constructor(cells: Cells, info: ModuleInfo) {
    this.#cells = cells;
    this.#info = info;
  }

  #holdsFrames(memory: number): boolean {
    return this.#cells.pages > 0 && memory === this.#cells.memory && this.#info.memories.length > 0;
  }

  /** Writes an instruction with a memory argument. */
  access(out: ByteWriter, body: Body, at: number): void {
    if (this.#holdsFrames(0)) writeAccess(out, body, at, this.#cells.bytes);
    else out.raw(body.source, body.starts[at]!, body.starts[at + 1]!);
  }

  /** Written after memory.size. */
  size(out: ByteWriter, memory: number): void {
    if (!this.#holdsFrames(memory)) return;
    i32(out, this.#cells.pages);
    out.u8(Op.i32Sub);
  }

  /** Written instead of memory.grow; false when that can stay. */
  grow(out: ByteWriter, memory: number): boolean {
    if (memory !== 0 || this.#info.memories[0]?.memory64) return false;
    call(out, this.#growHelper());
    return true;
  }

  #growHelper(): number {
    const { added, pages } = this.#cells;
    const limit = added.global("max_pages", I32, MAX_PAGES - pages);
    return added.helper("grow", [I32], [I32], (out) => {
      const [delta, old] = [0, 1];
      out.bytes(1, 1, I32);
      out.bytes(Op.memorySize, 0);
      i32(out, pages);
      out.u8(Op.i32Sub);
      set(out, old);
      // More than the limit leaves room for?
      get(out, delta);
      getGlobal(out, limit);
      get(out, old);
      out.u8(Op.i32Sub);
      i32(out, 0);
      getGlobal(out, limit);
      get(out, old);
      out.bytes(0x4f, Op.select, Op.i32GtU, Op.if, 0x40); // limit >= old ? limit - old : 0
      i32(out, -1);
      out.bytes(Op.return, Op.end);
      get(out, delta);
      out.bytes(Op.memoryGrow, 0);
      i32(out, -1);
      out.bytes(Op.i32Eq, Op.if, 0x40);
      i32(out, -1);
      out.bytes(Op.return, Op.end);
      get(out, old);
      out.u8(Op.end);
    });
  }

  /** Written after data.drop and elem.drop: a new instance has to drop the same segments. */
  dropped(out: ByteWriter, op: number, segment: number): void {
    i32(out, 1);
    setGlobal(out, droppedCell(this.#cells.added, op, segment));
  }

  /** Written instead of a bulk instruction. `charge` is false where the static cost covers it. */
  bulk(out: ByteWriter, body: Body, at: number, charge: boolean): void {
    const op = body.ops[at]!;
    const { memories } = this.#info;
    const code = body.source.subarray(body.starts[at]!, body.starts[at + 1]!);
    const a = body.a[at]!;
    const onMemory = op === Op.memoryCopy || op === Op.memoryFill || op === Op.memoryInit;
    const places: number[] = [];
    if (op === Op.memoryCopy) {
      if (this.#holdsFrames(a)) places.push(0);
      if (this.#holdsFrames(body.b[at]!)) places.push(1);
    } else if (op === Op.memoryFill && this.#holdsFrames(a)) places.push(0);
    else if (op === Op.memoryInit && this.#holdsFrames(body.b[at]!)) places.push(0);
    const wide = onMemory && memories.some((memory) => memory.memory64);
    if ((!charge && places.length === 0) || wide) {
      out.raw(code);
      return;
    }
    const { params, results } = isArrayBulk(op)
      ? arrayBulkTypes(this.#info, body, at)
      : {
          params: this.#operands(op, op === Op.tableInit ? body.b[at]! : a),
          results: op === Op.tableGrow ? [I32] : [],
        };
    const length = params.length - 1;
    const name = `bulk_${[...code].join("_")}${charge ? "" : "_free"}`;
    const index = this.#cells.added.helper(name, params, results, (helper) => {
      helper.u8(0);
      if (charge) {
        getGlobal(helper, this.#cells.fuel);
        get(helper, length);
        i32(helper, onMemory ? BYTES_PER_UNIT_LOG2 : ELEMENTS_PER_UNIT_LOG2);
        helper.bytes(Op.i32ShrU, Op.i32Sub);
        setGlobal(helper, this.#cells.fuel);
      }
      for (let i = 0; i <= length; i++) {
        if (places.includes(i)) writeShift(helper, i, this.#cells.bytes);
        else get(helper, i);
      }
      helper.raw(code);
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

  #operands(op: number, table: number): readonly number[] {
    if (op !== Op.tableGrow && op !== Op.tableFill) return [I32, I32, I32];
    const { elementType } = this.#info.tables[table]!;
    return op === Op.tableGrow ? [elementType, I32] : [I32, elementType, I32];
  }
}
