// The functions through which the host runs the module: begin a slice, read what is left, go on, stop.
import type { ByteWriter } from "./bytes.ts";
import { CREDIT_PER_UNIT } from "./call-graph.ts";
import {
  type Cells,
  CREDIT,
  call,
  get,
  getGlobal,
  i32,
  NOWHERE,
  ordinalOf,
  SUSPENDED_BELOW,
  set,
  setGlobal,
  tee,
  UNDRIVEN,
} from "./cells.ts";
import { writeDummy } from "./dummy-values.ts";
import type { Exceptions } from "./exceptions.ts";
import { I32, Op } from "./opcodes.ts";
import { OVERFLOWN, STOPPED } from "./run-protocol.ts";
import { CREDIT_SHIFT, fractionOf, grantedCredit, untilCheckpoint } from "./stack-credit.ts";

/** Helper () -> (): asks the running code to stop, with what is left of the fuel kept below the sign bit. */
export function stopHelper({ added, fuel, stopping }: Cells): number {
  return added.helper("stop", [], [], (out) => {
    out.u8(0);
    getGlobal(out, fuel);
    i32(out, -(2 ** 31));
    out.u8(Op.i32Or);
    setGlobal(out, fuel);
    i32(out, 1);
    setGlobal(out, stopping);
    out.u8(Op.end);
  });
}

/**
 * Adds and exports begin(units), left() -> units, resume(units) -> units, stop(), charge(units) -> units taken from what is left, and where every
 * suspending import gives an i32, resume_with(units, value).
 */
export function addRunFunctions(
  cells: Cells,
  exceptions: Exceptions,
  resumeTable: number,
  answersI32: boolean,
): void {
  const { added, fuel, credit, head, scratch } = cells;
  const until = untilCheckpoint(cells);
  const granted = grantedCredit(cells);
  const fraction = fractionOf(cells);
  added.global("checkpoint", I32, CREDIT);
  added.global("frame_bytes", I32, cells.bytes);

  const stop = stopHelper(cells);
  const begin = added.helper("begin", [I32], [], (out) => {
    out.u8(0);
    get(out, 0);
    setGlobal(out, fuel);
    // Credit for the slice: what its units buy, but never beyond the next checkpoint.
    getGlobal(out, until);
    get(out, 0);
    i32(out, CREDIT_SHIFT);
    out.u8(Op.i32Shl);
    get(out, 0);
    getGlobal(out, until);
    i32(out, CREDIT_SHIFT);
    out.bytes(Op.i32ShrU, 0x4f, Op.select); // units >= until / 64 ? until : units * 64
    setGlobal(out, granted);
    getGlobal(out, granted);
    setGlobal(out, credit);
    i32(out, 0);
    setGlobal(out, scratch);
    i32(out, 0);
    setGlobal(out, cells.stopping);
    i32(out, 0);
    setGlobal(out, cells.resuming);
    if (exceptions.used) exceptions.clear(out);
    out.u8(Op.end);
  });

  const left = added.helper("left", [], [I32], (out) => {
    const [used, units, length] = [0, 1, 2];
    out.bytes(1, 3, I32);
    getGlobal(out, granted);
    getGlobal(out, credit);
    out.u8(Op.i32Sub);
    set(out, used);
    i32(out, UNDRIVEN);
    setGlobal(out, credit);
    i32(out, UNDRIVEN);
    setGlobal(out, granted);
    getGlobal(out, until);
    get(out, used);
    out.u8(Op.i32Sub);
    setGlobal(out, until);
    get(out, used);
    getGlobal(out, fraction);
    out.u8(Op.i32Add);
    tee(out, used);
    i32(out, CREDIT_PER_UNIT - 1);
    out.u8(Op.i32And);
    setGlobal(out, fraction);
    getGlobal(out, fuel);
    tee(out, units);
    i32(out, 0);
    out.bytes(Op.i32LtS, Op.if, 0x40);
    if (cells.pages > 0) moveSegment(out, length);
    get(out, units);
    i32(out, SUSPENDED_BELOW);
    out.bytes(Op.i32LtS, Op.if, 0x40);
    get(out, units);
    i32(out, -(2 ** 31));
    out.u8(Op.i32Xor);
    set(out, units);
    out.u8(Op.end);
    get(out, units);
    i32(out, STOPPED);
    out.u8(Op.i32Add);
    set(out, units);
    out.u8(Op.end);
    i32(out, UNDRIVEN);
    setGlobal(out, fuel);
    i32(out, 0);
    setGlobal(out, cells.stopping);
    i32(out, NOWHERE);
    setGlobal(out, scratch);
    get(out, units);
    get(out, used);
    i32(out, CREDIT_SHIFT);
    out.bytes(Op.i32ShrS, Op.i32Sub, Op.end);
  });

  // From inside an import: to read and write a cell from JavaScript takes V8 twenty times as long.
  const charge = added.helper("charge", [I32], [I32], (out) => {
    const [units, taken] = [0, 1];
    out.bytes(1, 1, I32);
    getGlobal(out, fuel);
    i32(out, 0);
    out.bytes(0x4a, Op.if, 0x40); // i32.gt_s
    getGlobal(out, fuel);
    get(out, units);
    getGlobal(out, fuel);
    get(out, units);
    out.bytes(Op.i32LtU, Op.select);
    set(out, taken);
    getGlobal(out, fuel);
    get(out, taken);
    out.u8(Op.i32Sub);
    setGlobal(out, fuel);
    out.u8(Op.end);
    get(out, taken);
    out.u8(Op.end);
  });

  const resume = added.helper("resume", [I32], [I32], (out) => {
    const units = 0;
    out.u8(0);
    if (cells.pages > 0) {
      // A checkpoint: the whole stack is captured, so its depth is known and is the same however time was sliced.
      getGlobal(out, until);
      i32(out, 0);
      out.bytes(Op.i32LtS, Op.if, 0x40);
      i32(out, cells.bytes);
      getGlobal(out, head);
      out.u8(Op.i32Sub);
      i32(out, cells.stackBytes);
      out.bytes(Op.i32GtU, Op.if, 0x40);
      i32(out, OVERFLOWN);
      out.bytes(Op.return, Op.end);
      i32(out, CREDIT);
      setGlobal(out, until);
      out.u8(Op.end);
    }
    get(out, units);
    call(out, begin);
    if (cells.pages > 0) {
      out.bytes(Op.loop, 0x40);
      hasFrames(out);
      out.bytes(Op.if, 0x40);
      if (exceptions.used) {
        exceptions.guard(out, () => resumeFrame(out));
        exceptions.isThrown(out);
        out.bytes(Op.if, 0x40);
        hasFrames(out);
        out.bytes(Op.if, 0x40);
        call(out, stop);
        out.bytes(Op.br, 3, Op.end);
        // Nobody has caught it: it goes to whoever has resumed.
        exceptions.rethrow(out);
        out.u8(Op.end);
      } else resumeFrame(out);
      getGlobal(out, fuel);
      i32(out, 0);
      out.bytes(Op.i32GeS, Op.brIf, 1, Op.end, Op.end);
    }
    call(out, left);
    out.u8(Op.end);
  });

  if (answersI32) {
    const resumeWith = added.helper("resume_with", [I32, I32], [I32], (out) => {
      out.u8(0);
      get(out, 1);
      setGlobal(out, added.resultGlobal(I32, 0));
      get(out, 0);
      call(out, resume);
      out.u8(Op.end);
    });
    added.export("resume_with", resumeWith);
  }
  // A call from the host: the stack is empty, so there is nothing to look at before all credit is used.
  const enter = added.helper("enter", [I32], [], (out) => {
    out.u8(0);
    i32(out, CREDIT);
    setGlobal(out, until);
    get(out, 0);
    call(out, begin);
    out.u8(Op.end);
  });
  added.export("begin", enter);
  added.export("left", left);
  added.export("resume", resume);
  added.export("stop", stop);
  added.export("charge", charge);

  function hasFrames(out: ByteWriter): void {
    getGlobal(out, head);
    i32(out, cells.bytes);
    out.u8(Op.i32LtU);
  }

  /** Runs the innermost function on from its frame to its end, or to where it stops again. */
  function resumeFrame(out: ByteWriter): void {
    getGlobal(out, head);
    out.u8(Op.i32Load);
    cells.memoryArgument(out, 2, 0);
    out.u8(Op.callIndirect);
    out.u32(added.type([], []));
    out.u32(resumeTable);
  }

  /** Puts the frames of the last unwinding below those captured earlier. */
  function moveSegment(out: ByteWriter, length: number): void {
    getGlobal(out, scratch);
    tee(out, length);
    out.bytes(Op.if, 0x40);
    getGlobal(out, head);
    get(out, length);
    out.u8(Op.i32Sub);
    setGlobal(out, head);
    // Short segments, the usual case, are faster moved by hand.
    get(out, length);
    i32(out, 256);
    out.bytes(Op.i32LtU, Op.if, 0x40, Op.loop, 0x40);
    get(out, length);
    i32(out, 8);
    out.u8(Op.i32Sub);
    set(out, length);
    getGlobal(out, head);
    get(out, length);
    out.u8(Op.i32Add);
    get(out, length);
    out.u8(0x29);
    cells.memoryArgument(out, 3, 0);
    out.u8(Op.i64Store);
    cells.memoryArgument(out, 3, 0);
    get(out, length);
    out.bytes(Op.brIf, 0, Op.end, Op.else);
    getGlobal(out, head);
    i32(out, 0);
    get(out, length);
    out.bytes(0xfc, 10);
    out.u32(cells.memory);
    out.u32(cells.memory);
    out.bytes(Op.end, Op.end);
  }
}

/**
 * Helper () -> (): enters the captured function whose number lies at `head`, by the version of it that goes on, and puts what it returns
 * into the result cells. `type` is that version's, all of whose parameters have values that mean nothing.
 */
export function enterHelper(cells: Cells, type: number, versions: number): number {
  const { added } = cells;
  return added.helper(`enter_${type}`, [], [], (out) => {
    const { params, results } = added.typeOf(type);
    out.u8(0);
    i32(out, 1);
    setGlobal(out, cells.resuming);
    for (const param of params) writeDummy(out, param, added);
    getGlobal(out, cells.head);
    out.u8(Op.i32Load);
    cells.memoryArgument(out, 2, 0);
    out.u8(Op.callIndirect);
    out.u32(type);
    out.u32(versions);
    const cellTypes = results.map((result) => added.resultType(result));
    for (let r = results.length - 1; r >= 0; r--) {
      setGlobal(out, added.resultGlobal(results[r]!, ordinalOf(cellTypes, r)));
    }
    out.u8(Op.end);
  });
}
