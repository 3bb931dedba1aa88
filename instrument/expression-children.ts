// The children of a binaryen expression, for the kinds that can be instrumented: core modules without GC types, exceptions,
// tail calls and bulk table instructions. A kind that is not here is refused, so that no loop is ever overlooked.
import binaryen from "binaryen";

type Ref = number;
/** Getters of one expression class: single children, and lists as [count getter, item getter]. */
interface Shape {
  readonly single?: readonly string[];
  readonly lists?: readonly (readonly [string, string])[];
}

const OPERANDS = [["getNumOperands", "getOperandAt"]] as const;
const SHAPES: Readonly<Record<string, Shape>> = {
  Nop: {},
  Block: { lists: [["getNumChildren", "getChildAt"]] },
  If: { single: ["getCondition", "getIfTrue", "getIfFalse"] },
  Loop: { single: ["getBody"] },
  Break: { single: ["getCondition", "getValue"] },
  Switch: { single: ["getCondition", "getValue"] },
  Call: { lists: OPERANDS },
  CallIndirect: { single: ["getTarget"], lists: OPERANDS },
  LocalGet: {},
  LocalSet: { single: ["getValue"] },
  GlobalGet: {},
  GlobalSet: { single: ["getValue"] },
  Load: { single: ["getPtr"] },
  Store: { single: ["getPtr", "getValue"] },
  SIMDExtract: { single: ["getVec"] },
  SIMDReplace: { single: ["getVec", "getValue"] },
  SIMDShuffle: { single: ["getLeft", "getRight"] },
  SIMDTernary: { single: ["getA", "getB", "getC"] },
  SIMDShift: { single: ["getVec", "getShift"] },
  SIMDLoad: { single: ["getPtr"] },
  SIMDLoadStoreLane: { single: ["getPtr", "getVec"] },
  MemoryInit: { single: ["getDest", "getOffset", "getSize"] },
  DataDrop: {},
  MemoryCopy: { single: ["getDest", "getSource", "getSize"] },
  MemoryFill: { single: ["getDest", "getValue", "getSize"] },
  Const: {},
  Unary: { single: ["getValue"] },
  Binary: { single: ["getLeft", "getRight"] },
  Select: { single: ["getCondition", "getIfTrue", "getIfFalse"] },
  Drop: { single: ["getValue"] },
  Return: { single: ["getValue"] },
  MemorySize: {},
  MemoryGrow: { single: ["getDelta"] },
  Unreachable: {},
  RefNull: {},
  RefIsNull: { single: ["getValue"] },
  RefFunc: {},
  RefEq: { single: ["getLeft", "getRight"] },
  TableGet: { single: ["getIndex"] },
  TableSet: { single: ["getIndex", "getValue"] },
  TableSize: {},
  TableGrow: { single: ["getValue", "getDelta"] },
  ElemDrop: {},
  TupleMake: { lists: OPERANDS },
  TupleExtract: { single: ["getTuple"] },
};

type Getter = (expression: Ref, index?: number) => Ref;

interface Reader {
  readonly single: readonly Getter[];
  readonly lists: readonly { readonly count: Getter; readonly item: Getter }[];
}

const library = binaryen as unknown as Record<string, Record<string, Getter | undefined> | undefined> & {
  ExpressionIds: Record<string, number>;
};
const nameOfId = new Map(
  Object.entries(library.ExpressionIds as Record<string, number>).map(([name, id]) => [id, name]),
);
const readers = new Map<number, Reader>();

function getter(name: string, method: string): Getter {
  const found = library[name]?.[method];
  if (!found)
    throw new Error(
      `binaryen has no ${name}.${method}; another version than package.json names is installed`,
    );
  return found;
}

function reader(id: number): Reader | undefined {
  const known = readers.get(id);
  if (known) return known;
  const name = nameOfId.get(id);
  const shape = name === undefined ? undefined : SHAPES[name];
  if (name === undefined || shape === undefined) return undefined;
  const made: Reader = {
    single: (shape.single ?? []).map((method) => getter(name, method)),
    lists: (shape.lists ?? []).map(([count, item]) => ({
      count: getter(name, count),
      item: getter(name, item),
    })),
  };
  readers.set(id, made);
  return made;
}

/** The name of an expression's kind, as binaryen calls it. */
export function kindOf(expression: Ref): string {
  return nameOfId.get(binaryen.getExpressionId(expression)) ?? "unknown";
}

/** Adds the children of `expression` to `into`; false when the kind is not one that can be instrumented. */
export function pushChildren(expression: Ref, into: Ref[]): boolean {
  const how = reader(binaryen.getExpressionId(expression));
  if (!how) return false;
  for (const get of how.single) {
    const child = get(expression);
    if (child) into.push(child);
  }
  for (const { count, item } of how.lists) {
    for (let i = 0, n = count(expression); i < n; i++) into.push(item(expression, i));
  }
  return true;
}
