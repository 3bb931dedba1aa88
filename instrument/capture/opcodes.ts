// What the pass knows of each instruction: its immediates, how many operands it takes and what it leaves. Instructions whose
// operands depend on an immediate have the effect "special" and are handled where function bodies are walked.

export const I32 = 0x7f;
export const I64 = 0x7e;
export const F32 = 0x7d;
export const F64 = 0x7c;
export const V128 = 0x7b;
export const FUNCREF = 0x70;
export const EXTERNREF = 0x6f;
export const EXNREF = 0x69;
export const ANYREF = 0x6e;

export const Op = {
  unreachable: 0x00,
  block: 0x02,
  loop: 0x03,
  if: 0x04,
  else: 0x05,
  try: 0x06,
  catch: 0x07,
  throw: 0x08,
  rethrow: 0x09,
  throwRef: 0x0a,
  end: 0x0b,
  br: 0x0c,
  brIf: 0x0d,
  brTable: 0x0e,
  return: 0x0f,
  call: 0x10,
  callIndirect: 0x11,
  returnCall: 0x12,
  returnCallIndirect: 0x13,
  callRef: 0x14,
  returnCallRef: 0x15,
  delegate: 0x18,
  catchAll: 0x19,
  drop: 0x1a,
  select: 0x1b,
  selectT: 0x1c,
  tryTable: 0x1f,
  localGet: 0x20,
  localSet: 0x21,
  localTee: 0x22,
  globalGet: 0x23,
  globalSet: 0x24,
  tableGet: 0x25,
  tableSet: 0x26,
  i32Load: 0x28,
  i32Store: 0x36,
  i64Store: 0x37,
  memorySize: 0x3f,
  memoryGrow: 0x40,
  i32Const: 0x41,
  i64Const: 0x42,
  i32Eqz: 0x45,
  i32Eq: 0x46,
  i32LtS: 0x48,
  i32LtU: 0x49,
  i32GtU: 0x4b,
  i32GeS: 0x4e,
  i32Add: 0x6a,
  i32Sub: 0x6b,
  i32And: 0x71,
  i32Or: 0x72,
  i32Xor: 0x73,
  i32Shl: 0x74,
  i32ShrS: 0x75,
  i32ShrU: 0x76,
  refNull: 0xd0,
  refIsNull: 0xd1,
  refFunc: 0xd2,
  refAsNonNull: 0xd4,
  brOnNull: 0xd5,
  brOnNonNull: 0xd6,
  // Prefixed ones: GC from 0x100, 0xfc from 0x200, SIMD from 0x300, atomics from 0x500.
  structNew: 0x100,
  structNewDefault: 0x100 + 1,
  arrayNew: 0x100 + 6,
  arrayNewDefault: 0x100 + 7,
  arrayNewFixed: 0x100 + 8,
  arrayNewData: 0x100 + 9,
  arrayNewElem: 0x100 + 10,
  arrayFill: 0x100 + 16,
  arrayCopy: 0x100 + 17,
  arrayInitData: 0x100 + 18,
  arrayInitElem: 0x100 + 19,
  refTest: 0x100 + 20,
  refCast: 0x100 + 22,
  brOnCast: 0x100 + 24,
  brOnCastFail: 0x100 + 25,
  memoryInit: 0x200 + 8,
  dataDrop: 0x200 + 9,
  memoryCopy: 0x200 + 10,
  memoryFill: 0x200 + 11,
  tableInit: 0x200 + 12,
  elemDrop: 0x200 + 13,
  tableCopy: 0x200 + 14,
  tableGrow: 0x200 + 15,
  tableSize: 0x200 + 16,
  tableFill: 0x200 + 17,
} as const;

/** How an instruction's immediates are laid out. */
export type Immediate =
  | "none"
  | "index"
  | "index2"
  | "block"
  | "branchTable"
  | "selectTypes"
  | "memory"
  | "memoryLane"
  | "lane"
  | "leb"
  | "bytes4"
  | "bytes8"
  | "bytes16"
  | "heapType"
  | "castBranch"
  | "tryTable";

export interface Instruction {
  readonly immediate: Immediate;
  /** Number of operands taken, or -1 for "special". */
  readonly pops: number;
  /** Types left. */
  readonly pushes: readonly number[];
}

const table: (Instruction | undefined)[] = new Array(0x600);

const TYPES: Record<string, number> = { i: I32, I: I64, f: F32, F: F64, v: V128 };

/** `effect` is "operands>results" with a letter each (f F i I v), or "?" for special. */
function define(first: number, last: number, effect: string, immediate: Immediate = "none"): void {
  const [operands = "", results = ""] = effect.split(">");
  const instruction: Instruction =
    effect === "?"
      ? { immediate, pops: -1, pushes: [] }
      : { immediate, pops: operands.length, pushes: [...results].map((letter) => TYPES[letter]!) };
  for (let op = first; op <= last; op++) table[op] = instruction;
}

define(0x00, 0x00, "?");
define(0x01, 0x01, ">");
define(0x02, 0x04, "?", "block");
define(0x05, 0x05, "?");
define(0x06, 0x06, "?", "block");
define(0x07, 0x09, "?", "index");
define(0x0a, 0x0b, "?");
define(0x0c, 0x0d, "?", "index");
define(0x0e, 0x0e, "?", "branchTable");
define(0x0f, 0x0f, "?");
define(0x10, 0x10, "?", "index");
define(0x11, 0x11, "?", "index2");
define(0x12, 0x12, "?", "index");
define(0x13, 0x13, "?", "index2");
define(0x14, 0x15, "?", "index");
define(0x18, 0x18, "?", "index");
define(0x19, 0x19, "?");
define(0x1a, 0x1a, "i>");
define(0x1b, 0x1b, "?");
define(0x1c, 0x1c, "?", "selectTypes");
define(0x1f, 0x1f, "?", "tryTable");
define(0x20, 0x20, "?", "index");
define(0x21, 0x21, "i>", "index");
define(0x22, 0x23, "?", "index");
define(0x24, 0x24, "i>", "index");
define(0x25, 0x25, "?", "index");
define(0x26, 0x26, "ii>", "index");
for (const [op, effect] of Object.entries({
  40: "i>i",
  41: "i>I",
  42: "i>f",
  43: "i>F",
  44: "i>i",
  45: "i>i",
  46: "i>i",
  47: "i>i",
}))
  define(Number(op), Number(op), effect, "memory");
define(0x30, 0x35, "i>I", "memory");
define(0x36, 0x3e, "ii>", "memory");
define(0x3f, 0x40, "?", "index");
define(0x41, 0x41, ">i", "leb");
define(0x42, 0x42, ">I", "leb");
define(0x43, 0x43, ">f", "bytes4");
define(0x44, 0x44, ">F", "bytes8");
define(0x45, 0x45, "i>i");
define(0x46, 0x4f, "ii>i");
define(0x50, 0x50, "I>i");
define(0x51, 0x66, "II>i");
define(0x67, 0x69, "i>i");
define(0x6a, 0x78, "ii>i");
define(0x79, 0x7b, "I>I");
define(0x7c, 0x8a, "II>I");
define(0x8b, 0x91, "f>f");
define(0x92, 0x98, "ff>f");
define(0x99, 0x9f, "F>F");
define(0xa0, 0xa6, "FF>F");
define(0xa7, 0xab, "I>i");
define(0xac, 0xb1, "i>I");
define(0xb2, 0xb6, "i>f");
define(0xb7, 0xbb, "i>F");
define(0xbc, 0xbc, "f>i");
define(0xbd, 0xbd, "F>I");
define(0xbe, 0xbe, "i>f");
define(0xbf, 0xbf, "I>F");
define(0xc0, 0xc1, "i>i");
define(0xc2, 0xc4, "I>I");
define(0xd0, 0xd0, "?", "heapType");
define(0xd1, 0xd1, "i>i");
define(0xd2, 0xd2, "?", "index");
define(0xd3, 0xd3, "ii>i");
define(0xd4, 0xd4, "?");
define(0xd5, 0xd6, "?", "index");

// GC: only those whose result does not depend on an immediate are not special.
for (const [sub, immediate] of Object.entries({
  0: "index",
  1: "index",
  2: "index2",
  3: "index2",
  4: "index2",
  5: "index2",
  6: "index",
  7: "index",
  8: "index2",
  9: "index2",
  10: "index2",
  11: "index",
  12: "index",
  13: "index",
  14: "index",
  15: "none",
  16: "index",
  17: "index2",
  18: "index2",
  19: "index2",
  20: "heapType",
  21: "heapType",
  22: "heapType",
  23: "heapType",
  24: "castBranch",
  25: "castBranch",
  26: "none",
  27: "none",
  28: "none",
  29: "none",
  30: "none",
} satisfies Record<number, Immediate>))
  define(0x100 + Number(sub), 0x100 + Number(sub), "?", immediate);

define(0x200, 0x201, "f>i");
define(0x202, 0x203, "F>i");
define(0x204, 0x205, "f>I");
define(0x206, 0x207, "F>I");
define(0x208, 0x208, "iii>", "index2");
define(0x209, 0x209, ">", "index");
define(0x20a, 0x20a, "iii>", "index2");
define(0x20b, 0x20b, "iii>", "index");
define(0x20c, 0x20c, "iii>", "index2");
define(0x20d, 0x20d, ">", "index");
define(0x20e, 0x20e, "iii>", "index2");
define(0x20f, 0x20f, "ii>i", "index");
define(0x210, 0x210, "?", "index");
define(0x211, 0x211, "iii>", "index");

const S = 0x300;
define(S, S + 255, "vv>v");
define(S, S + 10, "i>v", "memory");
define(S + 11, S + 11, "iv>", "memory");
define(S + 12, S + 12, ">v", "bytes16");
define(S + 13, S + 13, "vv>v", "bytes16");
define(S + 15, S + 17, "i>v");
define(S + 18, S + 18, "I>v");
define(S + 19, S + 19, "f>v");
define(S + 20, S + 20, "F>v");
for (const sub of [21, 22, 24, 25, 27]) define(S + sub, S + sub, "v>i", "lane");
for (const sub of [23, 26, 28]) define(S + sub, S + sub, "vi>v", "lane");
define(S + 29, S + 29, "v>I", "lane");
define(S + 30, S + 30, "vI>v", "lane");
define(S + 31, S + 31, "v>f", "lane");
define(S + 32, S + 32, "vf>v", "lane");
define(S + 33, S + 33, "v>F", "lane");
define(S + 34, S + 34, "vF>v", "lane");
define(S + 77, S + 77, "v>v");
define(S + 82, S + 82, "vvv>v");
define(S + 84, S + 87, "iv>v", "memoryLane");
define(S + 88, S + 91, "iv>", "memoryLane");
define(S + 92, S + 93, "i>v", "memory");
const unary = [
  94, 95, 96, 97, 98, 103, 104, 105, 106, 116, 117, 122, 124, 125, 126, 127, 128, 129, 135, 136, 137, 138,
];
unary.push(148, 160, 161, 167, 168, 169, 170, 192, 193, 199, 200, 201, 202, 224, 225, 227, 236, 237, 239);
for (let sub = 248; sub <= 255; sub++) unary.push(sub);
for (const sub of unary) define(S + sub, S + sub, "v>v");
for (const sub of [83, 99, 100, 131, 132, 163, 164, 195, 196]) define(S + sub, S + sub, "v>i");
for (const sub of [107, 108, 109, 139, 140, 141, 171, 172, 173, 203, 204, 205])
  define(S + sub, S + sub, "vi>v");
define(S + 256, S + 256, "vv>v");
define(S + 257, S + 260, "v>v");
define(S + 261, S + 268, "vvv>v");
define(S + 269, S + 274, "vv>v");
define(S + 275, S + 275, "vvv>v");

const A = 0x500;
define(A, A, "ii>i", "memory");
define(A + 1, A + 1, "iiI>i", "memory");
define(A + 2, A + 2, "iII>i", "memory");
define(A + 3, A + 3, ">", "lane");
const atomicTypes = "iIiiIII";
for (let i = 0; i < 7; i++) {
  const type = atomicTypes[i]!;
  define(A + 16 + i, A + 16 + i, `i>${type}`, "memory");
  define(A + 23 + i, A + 23 + i, `i${type}>`, "memory");
  for (let group = 0; group < 6; group++)
    define(A + 30 + 7 * group + i, A + 30 + 7 * group + i, `i${type}>${type}`, "memory");
  define(A + 72 + i, A + 72 + i, `i${type}${type}>${type}`, "memory");
}

const PREFIX_BASE: Record<number, number> = { 251: 0x100, 252: 0x200, 253: 0x300, 254: 0x500 };

/** First number of the instructions behind a prefix byte; 0 when the byte is no prefix. */
export function prefixBase(byte: number): number {
  return byte < 0xfb ? 0 : (PREFIX_BASE[byte] ?? 0);
}

/** True for the first instruction of a block that catches exceptions. */
export function isTry(op: number): boolean {
  return op === Op.try || op === Op.tryTable;
}

export function instructionOf(op: number): Instruction | undefined {
  return table[op];
}

const NAMES = new Map<number, string>(Object.entries(Op).map(([name, op]) => [op, textName(name)]));

/** `memoryGrow` is memory.grow, `brOnNull` is br_on_null. */
function textName(name: string): string {
  const words = name
    .replace(/T$/, "")
    .replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
    .replace(/_(\d)/g, "$1");
  return words.replace(/^(i32|i64|memory|table|local|global|ref|data|elem|struct|array)_/, "$1.");
}

/** What to call an instruction in an error: its name in the text format, or its bytes if that is not known. */
export function instructionName(op: number): string {
  const known = NAMES.get(op);
  if (known !== undefined) return known;
  for (const [byte, base] of Object.entries(PREFIX_BASE).reverse()) {
    if (op >= base) return `instruction 0x${Number(byte).toString(16)} ${op - base}`;
  }
  return `instruction 0x${op.toString(16)}`;
}
