// Tells whoever drives the module of memory.grow and table.grow, before they happen or that a limit of the driver's stands in their way. Imports
// would change the numbers of functions, so the way out is a table, in which the driver puts a function; as long as there is none nobody is told.
import type { Additions } from "./additions.ts";
import type { ByteWriter } from "./bytes.ts";
import { get, i32 } from "./cells.ts";
import { F64, FUNCREF, I32, Op } from "./opcodes.ts";

/** What grows, and whether it may not. */
export const GROWS_MEMORY = 0;
export const GROWS_TABLE = 1;
export const REFUSED = 2;

/** Export name of the table, without the prefix. */
export const GROWTH_TABLE = "growth";

/** Written where something grows or is refused to. `wanted` is a local of type i64: pages or elements. */
export function tellGrowth(out: ByteWriter, added: Additions, kind: number, wanted: number): void {
  const told = added.helper("tell_growth", [I32, F64], [], (helper) => {
    const table = added.table(GROWTH_TABLE, FUNCREF);
    helper.u8(0);
    helper.bytes(0xfc, 16); // table.size
    helper.u32(table);
    helper.bytes(Op.if, 0x40);
    get(helper, 0);
    get(helper, 1);
    i32(helper, 0);
    helper.u8(Op.callIndirect);
    helper.u32(added.type([I32, F64], []));
    helper.u32(table);
    helper.bytes(Op.end, Op.end);
  });
  i32(out, kind);
  get(out, wanted);
  out.u8(0xba); // f64.convert_i64_u
  out.u8(Op.call);
  out.u32(told);
}
