// Tells whoever drives the module that a limit of its has stood in the way of memory.grow or table.grow. Imports would change the numbers of
// functions, so the way out is a table, in which the driver puts a function; as long as there is none nobody is told.

import type { Additions } from "./additions.ts";
import type { ByteWriter } from "./bytes.ts";
import { get, i32 } from "./cells.ts";
import { F64, FUNCREF, I32, Op } from "./opcodes.ts";

/** What could not grow. */
export const REFUSED_MEMORY = 0;
export const REFUSED_TABLE = 1;

/** Export name of the table, without the prefix. */
export const REFUSED_TABLE_NAME = "refused";

/** Written where growth is refused. `wanted` is a local of type i64: pages or elements. */
export function tellRefused(out: ByteWriter, added: Additions, kind: number, wanted: number): void {
  const told = added.helper("tell_refused", [I32, F64], [], (helper) => {
    const table = added.table(REFUSED_TABLE_NAME, FUNCREF);
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
