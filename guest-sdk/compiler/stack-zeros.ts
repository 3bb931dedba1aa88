// How a frame of asc's shadow stack begins: zeros, which asc writes with memory.fill for frames of more than two words. V8 leaves the guest for
// that instruction, which takes 15 ns however few bytes, and most functions that hold objects have such a frame. A handful of stores does.
import * as asc from "assemblyscript";
import { CONSTANT, GLOBAL_GET } from "./asc-enums.ts";

/** Longer ones go to the engine. */
const MOST_BYTES = 128;
const WORD_BYTES = 8;

/** Has the module write short runs of zeros from a global's address on by stores. */
export function fillByStores(module: asc.Module): void {
  const fill = module.memory_fill.bind(module);
  module.memory_fill = (to, value, size, name) =>
    zeros(module, to, value, size) ?? fill(to, value, size, name);
}

function zeros(
  module: asc.Module,
  to: asc.ExpressionRef,
  value: asc.ExpressionRef,
  size: asc.ExpressionRef,
): asc.ExpressionRef | undefined {
  if (asc.getExpressionId(to) !== GLOBAL_GET) return undefined;
  if (asc.getExpressionId(value) !== CONSTANT || asc.getConstValueI32(value) !== 0) return undefined;
  if (asc.getExpressionId(size) !== CONSTANT) return undefined;
  const bytes = asc.getConstValueI32(size);
  if (bytes > MOST_BYTES || bytes % 4 !== 0) return undefined;
  const name = asc.getGlobalGetName(to);
  const type = asc.getExpressionType(to);
  if (name === null) return undefined;
  const stores: asc.ExpressionRef[] = [];
  const store = (width: number, zero: asc.ExpressionRef, ofType: asc.TypeRef, at: number) =>
    stores.push(module.store(width, module.global_get(name, type), zero, ofType, at));
  let at = 0;
  for (; at + WORD_BYTES <= bytes; at += WORD_BYTES)
    store(WORD_BYTES, module.i64(0), asc.Type.i64.toRef(), at);
  if (at < bytes) store(4, module.i32(0), asc.Type.i32.toRef(), at);
  return module.block(null, stores);
}
