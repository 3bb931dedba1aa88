// Instructions whose work grows with an operand: what they cost depends on it.
import type { Body } from "./body.ts";
import { Op } from "./opcodes.ts";
import { isArrayBulk } from "./reference-effects.ts";

export function isBulk(op: number): boolean {
  return (
    op === Op.memoryCopy ||
    op === Op.memoryFill ||
    op === Op.memoryInit ||
    op === Op.tableCopy ||
    op === Op.tableFill ||
    op === Op.tableInit ||
    op === Op.tableGrow ||
    isArrayBulk(op)
  );
}

/** True when the length is a small constant, so that the static cost covers it. */
export function isSmallBulk(body: Body, at: number): boolean {
  // Growth is charged for by the driver, too.
  if (body.ops[at - 1] !== Op.i32Const || body.ops[at] === Op.tableGrow) return false;
  const length = body.a[at - 1]!;
  return length >= 0 && length <= 1024;
}
