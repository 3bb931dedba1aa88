// What the pass adds to a module: types, functions, globals, tables and exports, all behind the original ones, so that no original
// index changes.
import { ByteWriter } from "./bytes.ts";
import type { FunctionType, ModuleInfo } from "./module-reader.ts";
import { ANYREF, EXNREF, EXTERNREF, F32, F64, FUNCREF, I32, I64, Op, V128 } from "./opcodes.ts";

/** Reserved prefix of the exports that the pass adds. */
export const RESERVED = "moonlet:";

export interface AddedFunction {
  readonly index: number;
  readonly type: number;
  readonly name: string;
  /** Locals and code, without the size. */
  body: ByteWriter | undefined;
}
interface AddedGlobal {
  readonly name: string;
  readonly index: number;
  readonly type: number;
  readonly init: number;
}

export class Additions {
  readonly info: ModuleInfo;
  readonly types: FunctionType[];
  readonly functions: AddedFunction[] = [];
  readonly globals: AddedGlobal[] = [];
  readonly exports: { readonly name: string; readonly kind: number; readonly index: number }[] = [];
  readonly tables: { readonly name: string; readonly index: number; readonly type: number }[] = [];
  /** Functions that code refers to, so that a segment has to name them. */
  readonly declared: number[] = [];
  readonly tags: { readonly index: number; readonly type: number }[] = [];
  readonly #tableIndex = new Map<string, number>();
  readonly #typeIndex = new Map<string, number>();
  readonly #globalIndex = new Map<string, number>();
  readonly #functionIndex = new Map<string, AddedFunction>();

  constructor(info: ModuleInfo) {
    this.info = info;
    this.types = info.addedTypes;
    info.types.forEach((type, index) => {
      if (!type) return;
      const key = keyOf(type.params, type.results);
      if (!this.#typeIndex.has(key)) this.#typeIndex.set(key, index);
    });
  }

  type(params: readonly number[], results: readonly number[]): number {
    const key = keyOf(params, results);
    let index = this.#typeIndex.get(key);
    if (index === undefined) {
      index = this.info.types.length + this.types.length;
      this.types.push({ params, results });
      this.#typeIndex.set(key, index);
    }
    return index;
  }

  /** The function type of an index, the module's own or an added one. */
  typeOf(index: number): FunctionType {
    return this.types[index - this.info.types.length] ?? this.info.functionType(index);
  }

  /** A mutable global under this name, added and exported on first use. */
  global(name: string, type: number, init = 0): number {
    let index = this.#globalIndex.get(name);
    if (index === undefined) {
      index = this.info.globals.length + this.globals.length;
      this.globals.push({ name, index, type, init });
      this.#globalIndex.set(name, index);
      this.exports.push({ name: RESERVED + name, kind: 3, index });
    }
    return index;
  }

  /** An empty table under this name, added and exported on first use. */
  table(name: string, type: number): number {
    let index = this.#tableIndex.get(name);
    if (index === undefined) {
      index = this.info.tables.length + this.tables.length;
      this.tables.push({ name, index, type });
      this.#tableIndex.set(name, index);
      this.exports.push({ name: RESERVED + name, kind: 1, index });
    }
    return index;
  }

  /** A tag of exceptions with these values, added and exported. */
  tag(name: string, params: readonly number[]): number {
    const index = this.info.tags.length + this.tags.length;
    this.tags.push({ index, type: this.type(params, []) });
    this.exports.push({ name: RESERVED + name, kind: 4, index });
    return index;
  }

  /** Type of the cell for results of a type: references go through one of their top type. */
  resultType(type: number): number {
    return this.info.valueTypes.isReference(type) ? this.info.valueTypes.top(type) : type;
  }

  /** Global that carries the `ordinal`-th result of this type out of a resumed function. */
  resultGlobal(type: number, ordinal: number): number {
    const suffix = ordinal === 0 ? "" : `_${ordinal}`;
    const kept = this.resultType(type);
    return this.global(`result_${typeName(kept)}${suffix}`, kept);
  }

  function(name: string, params: readonly number[], results: readonly number[]): AddedFunction {
    const index = this.info.functions.length + this.functions.length;
    const added = { index, type: this.type(params, results), name, body: undefined };
    this.functions.push(added);
    return added;
  }

  /** A function of the type with this index that is there only to be referred to; it traps. */
  stub(typeIndex: number): number {
    const name = `${RESERVED}stub_${typeIndex}`;
    let stub = this.#functionIndex.get(name);
    if (!stub) {
      const index = this.info.functions.length + this.functions.length;
      stub = { index, type: typeIndex, name, body: new ByteWriter(4) };
      stub.body!.bytes(0, Op.unreachable, Op.end);
      this.functions.push(stub);
      this.#functionIndex.set(name, stub);
      this.declared.push(index);
    }
    return stub.index;
  }

  /** A function that is written on first use; `write` gets its code, without locals of its own unless it declares them. */
  helper(
    name: string,
    params: readonly number[],
    results: readonly number[],
    write: (out: ByteWriter) => void,
  ): number {
    let added = this.#functionIndex.get(name);
    if (!added) {
      added = this.function(RESERVED + name, params, results);
      this.#functionIndex.set(name, added);
      const out = new ByteWriter(128);
      write(out);
      added.body = out;
    }
    return added.index;
  }

  export(name: string, functionIndex: number): void {
    this.exports.push({ name: RESERVED + name, kind: 0, index: functionIndex });
  }
}

export function typeName(type: number): string {
  const names: Record<number, string> = {
    [I32]: "i32",
    [I64]: "i64",
    [F32]: "f32",
    [F64]: "f64",
    [V128]: "v128",
    [FUNCREF]: "funcref",
    [EXTERNREF]: "externref",
    [EXNREF]: "exnref",
    [ANYREF]: "anyref",
  };
  return names[type] ?? `ref${type}`;
}

function keyOf(params: readonly number[], results: readonly number[]): string {
  return `${params.join(",")}>${results.join(",")}`;
}
