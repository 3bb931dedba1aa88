// Stack credit: what entries on call cycles take, so that between two looks at the depth of the stack neither it nor the work has no bound. It comes
// back where the stack has: behind a loop's call of a recursive function.
import type { ByteWriter } from "./bytes.ts";
import { CREDIT_PER_UNIT } from "./call-graph.ts";
import { type Cells, CREDIT, get, getGlobal, i32, set, setGlobal, tee } from "./cells.ts";
import { I32, Op } from "./opcodes.ts";

/** Credit to a unit of fuel, as a power of two. */
export const CREDIT_SHIFT = Math.log2(CREDIT_PER_UNIT);

/** Pushes the stack credit that is left until the next look at the depth: the same however time was sliced. */
function pushCreditLeft(out: ByteWriter, cells: Cells): void {
  getGlobal(out, untilCheckpoint(cells));
  getGlobal(out, grantedCredit(cells));
  out.u8(Op.i32Sub);
  getGlobal(out, cells.credit);
  out.u8(Op.i32Add);
}

/** The cell for the credit until the next look at the depth, as it was when the slice began. */
export function untilCheckpoint({ added }: Cells): number {
  return added.global("until_checkpoint", I32, CREDIT);
}

/** The cell for the part of it that the slice was given. */
export function grantedCredit({ added }: Cells): number {
  return added.global("granted", I32);
}

/** Helper () -> credit: what is left of it, for `refundHelper`. */
export function markHelper(cells: Cells): number {
  return cells.added.helper("mark", [], [I32], (out) => {
    out.u8(0);
    pushCreditLeft(out, cells);
    out.u8(Op.end);
  });
}

/**
 * Helper (credit) -> fuel: gives back the stack credit taken since it was that much, as the stack is no deeper than it was, and charges the
 * work that it stood for. Fuel below zero would say that the stack unwinds, so what it does not cover waits for the end of the slice.
 */
export function refundHelper(cells: Cells): number {
  const { added, fuel } = cells;
  return added.helper("refund", [I32], [I32], (out) => {
    const [taken, units] = [0, 1];
    const fraction = fractionOf(cells);
    out.bytes(1, 1, I32);
    get(out, taken);
    pushCreditLeft(out, cells);
    out.u8(Op.i32Sub);
    set(out, taken);
    i32(out, 0);
    get(out, taken);
    out.bytes(Op.i32LtS, Op.if, 0x40);
    getGlobal(out, cells.credit);
    get(out, taken);
    out.u8(Op.i32Add);
    setGlobal(out, cells.credit);
    get(out, taken);
    getGlobal(out, fraction);
    out.u8(Op.i32Add);
    tee(out, taken);
    i32(out, CREDIT_SHIFT);
    out.u8(Op.i32ShrU);
    tee(out, units);
    getGlobal(out, fuel);
    get(out, units);
    getGlobal(out, fuel);
    out.bytes(Op.i32LtS, Op.select); // units < fuel ? units : fuel
    set(out, units);
    getGlobal(out, fuel);
    get(out, units);
    out.u8(Op.i32Sub);
    setGlobal(out, fuel);
    get(out, taken);
    get(out, units);
    i32(out, CREDIT_SHIFT);
    out.bytes(Op.i32Shl, Op.i32Sub);
    setGlobal(out, fraction);
    out.u8(Op.end);
    getGlobal(out, fuel);
    out.u8(Op.end);
  });
}

/** The cell for credit that was used and not counted yet: less than a unit between two slices. */
export function fractionOf({ added }: Cells): number {
  return added.global("fraction", I32);
}
