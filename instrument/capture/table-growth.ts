// table.grow within the limit of the process, which holds for all tables of the module together: they lie on the engine's heap, where no limit
// of memory reaches.
import { type Cells, call, get, getGlobal } from "./cells.ts";
import { MAX_TABLE_ELEMENTS } from "./module-limits.ts";
import type { ModuleInfo } from "./module-reader.ts";
import { I32, I64, Op } from "./opcodes.ts";
import { GROWS_TABLE, REFUSED, tellGrowth } from "./told-growth.ts";

const EXTEND_U = 0xad;
const ADD = 0x7c;
const SUB = 0x7d;
const GT_U = 0x56;
const GE_S = 0x59;

/** The elements of all tables of the module, exported: () -> i64. */
function elementsFunction({ added }: Cells, info: ModuleInfo): number {
  const elements = added.helper("elements", [], [I64], (out) => {
    out.u8(0);
    info.tables.forEach(({ table64 }, index) => {
      out.bytes(0xfc, 16); // table.size
      out.u32(index);
      if (!table64) out.u8(EXTEND_U);
      if (index > 0) out.u8(ADD);
    });
    out.u8(Op.end);
  });
  added.export("elements", elements);
  return elements;
}

/** (wanted: i64) -> whether there is room for so many elements more; if not, that is told. */
export function tableRoomFunction(cells: Cells, info: ModuleInfo): number {
  const { added } = cells;
  return added.helper("table_room", [I64], [I32], (out) => {
    const [wanted, room] = [0, 1];
    const limit = added.global("max_elements", I32, MAX_TABLE_ELEMENTS);
    const elements = elementsFunction(cells, info);
    out.bytes(1, 1, I64);
    getGlobal(out, limit);
    out.u8(EXTEND_U);
    call(out, elements);
    out.bytes(SUB, Op.localSet);
    out.u32(room);
    // A limit that has been lowered may be below what there is; and a count may be any number of 64 bits.
    get(out, room);
    out.u8(Op.i64Const);
    out.s64(0n);
    out.bytes(GE_S, Op.if, I32);
    get(out, wanted);
    get(out, room);
    out.bytes(GT_U, Op.i32Eqz, Op.else);
    get(out, wanted);
    out.bytes(0x50, Op.end, Op.if, 0x40); // i64.eqz
    tellGrowth(out, added, GROWS_TABLE, wanted);
    out.bytes(Op.i32Const, 1, Op.return, Op.end);
    tellGrowth(out, added, GROWS_TABLE | REFUSED, wanted);
    out.bytes(Op.i32Const, 0, Op.end);
  });
}
