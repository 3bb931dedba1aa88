// What the instructions on references, structs and arrays take and leave, where that depends on their immediates or operands.
import type { Body } from "./body.ts";
import type { ModuleInfo } from "./module-reader.ts";
import { ANYREF, EXTERNREF, I32, I64, Op } from "./opcodes.ts";

/** Numbers of the GC instructions, behind their prefix. */
const GC = 0x100;
const I31 = 0x6c;
const I8 = 0x78;
const I16 = 0x77;

export interface Effect {
  readonly pops: number;
  readonly pushes: readonly number[];
}

/** `top` is the type of the topmost operand. Undefined for an instruction of another kind. */
export function referenceEffect(
  info: ModuleInfo,
  body: Body,
  at: number,
  top: () => number,
): Effect | undefined {
  const { valueTypes } = info;
  const op = body.ops[at]!;
  const a = body.a[at]!;
  const made = (pops: number): Effect => ({ pops, pushes: [valueTypes.referenceTo(a)] });
  const element = () => unpacked(info.fields[a]![0]!);
  switch (op) {
    case Op.refAsNonNull:
      return { pops: 1, pushes: [valueTypes.nonNull(top())] };
    case GC + 0:
      return made(info.fields[a]!.length);
    case GC + 1:
      return made(0);
    case GC + 2:
    case GC + 3:
    case GC + 4:
      return { pops: 1, pushes: [unpacked(info.fields[a]![body.b[at]!]!)] };
    case GC + 5:
      return { pops: 2, pushes: [] };
    case Op.arrayNew:
      return made(2);
    case Op.arrayNewDefault:
      return made(1);
    case GC + 8:
      return made(body.b[at]!);
    case Op.arrayNewData:
    case Op.arrayNewElem:
      return made(2);
    case GC + 11:
    case GC + 12:
    case GC + 13:
      return { pops: 2, pushes: [element()] };
    case GC + 14:
      return { pops: 3, pushes: [] };
    case GC + 15:
      return { pops: 1, pushes: [I32] };
    case Op.arrayFill:
    case Op.arrayInitData:
    case Op.arrayInitElem:
      return { pops: 4, pushes: [] };
    case Op.arrayCopy:
      return { pops: 5, pushes: [] };
    case GC + 20:
    case GC + 21:
      return { pops: 1, pushes: [I32] };
    case GC + 22:
    case GC + 23:
      return { pops: 1, pushes: [body.heapTypes.get(at)!] };
    case GC + 26:
      return { pops: 1, pushes: [valueTypes.isNonNull(top()) ? valueTypes.nonNull(ANYREF) : ANYREF] };
    case GC + 27:
      return { pops: 1, pushes: [valueTypes.isNonNull(top()) ? valueTypes.nonNull(EXTERNREF) : EXTERNREF] };
    case GC + 28:
      return { pops: 1, pushes: [valueTypes.nonNull(I31)] };
    case GC + 29:
    case GC + 30:
      return { pops: 1, pushes: [I32] };
  }
  return undefined;
}

/** Operands and results of an instruction whose work grows with its last operand. */
export function bulkTypes(
  info: ModuleInfo,
  body: Body,
  at: number,
): { params: readonly number[]; results: readonly number[] } {
  const op = body.ops[at]!;
  if (isArrayBulk(op)) return arrayBulkTypes(info, body, at);
  const a = body.a[at]!;
  const b = body.b[at]!;
  const memory = (index: number) => (info.memories[index]!.memory64 ? I64 : I32);
  const table = (index: number) => (info.tables[index]!.table64 ? I64 : I32);
  // What is copied between two is as long as the smaller kind of address can say.
  const both = (x: number, y: number) => (x === I64 && y === I64 ? I64 : I32);
  const { elementType } = info.tables[a] ?? { elementType: I32 };
  switch (op) {
    case Op.memoryCopy:
      return { params: [memory(a), memory(b), both(memory(a), memory(b))], results: [] };
    case Op.memoryFill:
      return { params: [memory(a), I32, memory(a)], results: [] };
    case Op.memoryInit:
      return { params: [memory(b), I32, I32], results: [] };
    case Op.tableCopy:
      return { params: [table(a), table(b), both(table(a), table(b))], results: [] };
    case Op.tableInit:
      return { params: [table(b), I32, I32], results: [] };
    case Op.tableFill:
      return { params: [table(a), elementType, table(a)], results: [] };
    default:
      return { params: [elementType, table(a)], results: [table(a)] }; // table.grow
  }
}

function arrayBulkTypes(
  info: ModuleInfo,
  body: Body,
  at: number,
): { params: readonly number[]; results: readonly number[] } {
  const { valueTypes } = info;
  const a = body.a[at]!;
  const made = [valueTypes.referenceTo(a)];
  const array = valueTypes.nullable(made[0]!);
  const element = unpacked(info.fields[a]![0]!);
  switch (body.ops[at]!) {
    case Op.arrayNew:
      return { params: [element, I32], results: made };
    case Op.arrayNewDefault:
      return { params: [I32], results: made };
    case Op.arrayNewData:
    case Op.arrayNewElem:
      return { params: [I32, I32], results: made };
    case Op.arrayFill:
      return { params: [array, I32, element, I32], results: [] };
    case Op.arrayCopy: {
      const from = valueTypes.nullable(valueTypes.referenceTo(body.b[at]!));
      return { params: [array, I32, from, I32, I32], results: [] };
    }
    default:
      return { params: [array, I32, I32, I32], results: [] };
  }
}

/** True for an array instruction whose work grows with its last operand. */
export function isArrayBulk(op: number): boolean {
  return (
    op === Op.arrayNew ||
    op === Op.arrayNewDefault ||
    (op >= Op.arrayNewData && op <= Op.arrayNewElem) ||
    (op >= Op.arrayFill && op <= Op.arrayInitElem)
  );
}

/** What a field holds when it is on the stack. */
function unpacked(type: number): number {
  return type === I8 || type === I16 ? I32 : type;
}
