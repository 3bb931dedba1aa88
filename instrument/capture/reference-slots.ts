// References cannot live in memory: a frame holds the number of a slot in a table of their type, or -1 for null. The first free slot is
// searched from a rotating hint; the table doubles when none is free.
import type { Additions } from "./additions.ts";
import { typeName } from "./additions.ts";
import { I32, Op } from "./opcodes.ts";

export interface ReferenceHelpers {
  /** (reference) -> slot */
  readonly keep: number;
  /** (slot) -> reference; frees the slot. */
  readonly take: number;
}

export function frameReferenceHelpers(added: Additions, type: number): ReferenceHelpers {
  const name = typeName(type);
  const table = added.table(`kept_${name}`, type);
  const hint = added.global(`hint_${name}`, I32);
  const keep = added.helper(`keep_${name}`, [type], [I32], (out) => {
    out.bytes(1, 2, I32); // locals: 1 start, 2 size
    out.bytes(Op.localGet, 0, Op.refIsNull, Op.if, 0x40, Op.i32Const, 0x7f, Op.return, Op.end);
    out.bytes(0xfc, 16);
    out.u32(table);
    out.bytes(Op.localSet, 2);
    out.bytes(Op.globalGet);
    out.u32(hint);
    out.bytes(Op.localSet, 1);
    // Look at every slot once, beginning at the hint.
    out.bytes(Op.block, 0x40, Op.loop, 0x40);
    out.bytes(Op.localGet, 2, Op.i32Eqz, Op.brIf, 1);
    out.bytes(Op.localGet, 1, 0xfc, 16);
    out.u32(table);
    out.bytes(0x4f, Op.if, 0x40, Op.i32Const, 0, Op.localSet, 1, Op.end); // i32.ge_u
    out.bytes(Op.localGet, 1, Op.tableGet);
    out.u32(table);
    out.bytes(Op.refIsNull, Op.if, 0x40);
    out.bytes(Op.localGet, 1, Op.localGet, 0, Op.tableSet);
    out.u32(table);
    out.bytes(Op.localGet, 1, Op.i32Const, 1, Op.i32Add, Op.globalSet);
    out.u32(hint);
    out.bytes(Op.localGet, 1, Op.return, Op.end);
    out.bytes(Op.localGet, 1, Op.i32Const, 1, Op.i32Add, Op.localSet, 1);
    out.bytes(Op.localGet, 2, Op.i32Const, 1, Op.i32Sub, Op.localSet, 2);
    out.bytes(Op.br, 0, Op.end, Op.end);
    // All are taken: grow by the table's size and a little, and take the first new one.
    out.bytes(Op.localGet, 0, Op.i32Const, 8, 0xfc, 16);
    out.u32(table);
    out.bytes(Op.i32Add, 0xfc, 15);
    out.u32(table);
    out.bytes(Op.localTee, 1, Op.i32Const, 0x7f, Op.i32Eq, Op.if, 0x40, Op.unreachable, Op.end);
    // The new slots hold the reference: clear all but the first.
    out.bytes(Op.localGet, 1, Op.i32Const, 1, Op.i32Add, 0xd0, type, 0xfc, 16);
    out.u32(table);
    out.bytes(Op.localGet, 1, Op.i32Sub, Op.i32Const, 1, Op.i32Sub, 0xfc, 17);
    out.u32(table);
    out.bytes(Op.localGet, 1, Op.i32Const, 1, Op.i32Add, Op.globalSet);
    out.u32(hint);
    out.bytes(Op.localGet, 1, Op.end);
  });
  const take = added.helper(`take_${name}`, [I32], [type], (out) => {
    out.bytes(0);
    out.bytes(Op.localGet, 0, Op.i32Const, 0x7f, Op.i32Eq, Op.if, 0x40, 0xd0, type, Op.return, Op.end);
    out.bytes(Op.localGet, 0, Op.tableGet);
    out.u32(table);
    out.bytes(Op.localGet, 0, 0xd0, type, Op.tableSet);
    out.u32(table);
    out.bytes(Op.localGet, 0, Op.globalSet);
    out.u32(hint);
    out.bytes(Op.end);
  });
  return { keep, take };
}
