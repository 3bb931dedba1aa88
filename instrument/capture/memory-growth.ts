// memory.grow within the limit of the process, which holds for all memories together. Each memory has a function of its own.
import type { Cells } from "./cells.ts";
import { get, getGlobal, i32, set } from "./cells.ts";
import type { ModuleInfo } from "./module-reader.ts";
import { I32, I64, Op } from "./opcodes.ts";
import { GROWS_MEMORY, REFUSED, tellGrowth } from "./told-growth.ts";

/** Pages of a memory and of what lies before the guest's part at most: the last page's addresses stay without ambiguity. */
export const MAX_PAGES = 65_535;
const PAGE_BYTES = 65_536;
/** Pages of all memories where there are several, or where one has 64-bit addresses. */
const MAX_PAGES_IN_ALL = 2 ** 31 - 1;

const EXTEND_U = 0xad;
const WRAP = 0xa7;
const ADD = 0x7c;
const SUB = 0x7d;
const GT_U = 0x56;
const LT_U = 0x54;

/** The function to call instead of memory.grow on a memory. */
export function growFunction(cells: Cells, info: ModuleInfo, memory: number): number {
  const { added } = cells;
  const { memories } = info;
  const { memory64 } = memories[memory]!;
  const type = memory64 ? I64 : I32;
  const hidden = cells.shiftOf(memory) / PAGE_BYTES;
  const hiddenInAll = memories.reduce((sum, _, index) => sum + cells.shiftOf(index) / PAGE_BYTES, 0);
  const single = memories.length === 1 && !memory64;
  const limit = added.global("max_pages", I32, single ? MAX_PAGES - hidden : MAX_PAGES_IN_ALL);
  return added.helper(memory === 0 ? "grow" : `grow_${memory}`, [type], [type], (out) => {
    const [delta, wanted, room, limited] = [0, 1, 2, 3];
    const sizeOf = (index: number) => {
      out.u8(Op.memorySize);
      out.u32(index);
      if (!memories[index]!.memory64) out.u8(EXTEND_U);
    };
    const constant = (value: number) => {
      out.u8(Op.i64Const);
      out.s64(BigInt(value));
    };
    const minusOne = () => {
      if (memory64) constant(-1);
      else i32(out, -1);
    };
    /** Sets `room` to limit - used, or 0. Both are on the stack. */
    const setRoom = () => {
      set(out, room);
      set(out, limited);
      get(out, limited);
      get(out, room);
      out.u8(SUB);
      constant(0);
      get(out, room);
      get(out, limited);
      out.bytes(LT_U, Op.select);
      set(out, room);
    };
    const failIfNoRoom = (isLimit: boolean) => {
      get(out, wanted);
      get(out, room);
      out.bytes(GT_U, Op.if, 0x40);
      if (isLimit) tellGrowth(out, added, GROWS_MEMORY | REFUSED, wanted);
      minusOne();
      out.bytes(Op.return, Op.end);
    };
    out.bytes(1, 3, I64);
    get(out, delta);
    if (!memory64) out.u8(EXTEND_U);
    set(out, wanted);
    getGlobal(out, limit);
    out.u8(EXTEND_U);
    memories.forEach((_, index) => {
      sizeOf(index);
      if (index > 0) out.u8(ADD);
    });
    constant(hiddenInAll);
    out.u8(SUB);
    setRoom();
    failIfNoRoom(true);
    if (!single && hidden > 0) {
      constant(MAX_PAGES);
      sizeOf(memory);
      setRoom();
      failIfNoRoom(false);
    }
    tellGrowth(out, added, GROWS_MEMORY, wanted);
    get(out, delta);
    out.u8(Op.memoryGrow);
    out.u32(memory);
    if (hidden > 0) {
      if (!memory64) out.u8(EXTEND_U);
      set(out, wanted);
      minusOne();
      get(out, wanted);
      out.u8(WRAP);
      i32(out, hidden);
      out.u8(Op.i32Sub);
      get(out, wanted);
      constant(0xffff_ffff);
      out.bytes(0x51, Op.select); // i64.eq: the engine has refused
    }
    out.u8(Op.end);
  });
}
