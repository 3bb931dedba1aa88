// Values that mean nothing, for what a function gives back while its stack is captured. A reference that must not be null needs something
// to refer to: an empty array, a struct of such values, a function that nobody calls.
import type { Additions } from "./additions.ts";
import { ByteWriter } from "./bytes.ts";
import type { ModuleInfo } from "./module-reader.ts";
import { F32, F64, I32, I64, Op, V128 } from "./opcodes.ts";

const I8 = 0x78;
const I16 = 0x77;
const HEAP = { any: 0x6e, extern: 0x6f, eq: 0x6d, i31: 0x6c, struct: 0x6b, array: 0x6a } as const;

/** Writes a value of the type. False when none can be made: the type is empty, or only something outside has such values. */
export function writeDummy(out: ByteWriter, type: number, added: Additions): boolean {
  const code = new ByteWriter(32);
  if (!write(code, type, added, [])) return false;
  out.raw(code.view());
  return true;
}

function write(out: ByteWriter, type: number, added: Additions, around: readonly number[]): boolean {
  const { info } = added;
  const { valueTypes } = info;
  if (type === I32 || type === I8 || type === I16) out.bytes(0x41, 0);
  else if (type === I64) out.bytes(0x42, 0);
  else if (type === F32) out.bytes(0x43, 0, 0, 0, 0);
  else if (type === F64) out.bytes(0x44, 0, 0, 0, 0, 0, 0, 0, 0);
  else if (type === V128) out.bytes(0xfd, 12, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
  else if (!valueTypes.isNonNull(type)) valueTypes.writeNull(out, type);
  else {
    const index = valueTypes.typeIndexOf(type);
    if (index === undefined) return writeAbstract(out, valueTypes.heapOf(type), added, around);
    if (info.types[index]) writeFunction(out, index, added);
    else return writeAggregate(out, index, info, added, around);
  }
  return true;
}

function writeAbstract(out: ByteWriter, heap: number, added: Additions, around: readonly number[]): boolean {
  const { info } = added;
  switch (heap) {
    case HEAP.any:
    case HEAP.eq:
    case HEAP.i31:
    case HEAP.extern:
      out.bytes(0x41, 0, 0xfb, 28); // ref.i31
      if (heap === HEAP.extern) out.bytes(0xfb, 27); // extern.convert_any
      return true;
    case HEAP.struct:
    case HEAP.array: {
      const wanted = heap === HEAP.array;
      for (let index = 0; index < info.types.length; index++) {
        if (!info.fields[index] || info.arrays.has(index) !== wanted) continue;
        const code = new ByteWriter(32);
        if (!writeAggregate(code, index, info, added, around)) continue;
        out.raw(code.view());
        return true;
      }
      return false;
    }
    case 0x70: // func
      writeFunction(out, added.type([], []), added);
      return true;
    default:
      return false;
  }
}

function writeAggregate(
  out: ByteWriter,
  index: number,
  info: ModuleInfo,
  added: Additions,
  around: readonly number[],
): boolean {
  if (around.includes(index)) return false;
  if (info.arrays.has(index)) {
    out.bytes(0xfb, 8); // array.new_fixed
    out.u32(index);
    out.u32(0);
    return true;
  }
  for (const field of info.fields[index]!) if (!write(out, field, added, [...around, index])) return false;
  out.bytes(0xfb, 0); // struct.new
  out.u32(index);
  return true;
}

function writeFunction(out: ByteWriter, typeIndex: number, added: Additions): void {
  out.u8(Op.refFunc);
  out.u32(added.stub(typeIndex));
}
