// What a stopped instance consists of besides its memory and frames: globals, the pass's own cells, dropped segments, tables. `save` writes
// all that is numbers or vectors right below the captured frames, so that it and they move in one piece; `load` takes it from there.
// The rest (references, tables) is exported and named in the facts.
import { type Additions, RESERVED } from "./additions.ts";
import type { ByteWriter } from "./bytes.ts";
import { type Cells, CREDIT, get, getGlobal, i32, NOWHERE, set, setGlobal, UNDRIVEN } from "./cells.ts";
import { THROWN } from "./exceptions.ts";
import type { ModuleInfo } from "./module-reader.ts";
import { EXTERNREF, F32, F64, FUNCREF, I32, I64, Op, V128 } from "./opcodes.ts";
import { GROWTH_TABLE } from "./told-growth.ts";

/** Where a program keeps state outside its first memory; part of the manifest. */
export interface StateFacts {
  /**
   * Bytes that `moonlet:save() -> address` writes below the captured frames and `moonlet:load(address)` reads back; 0 when nothing in the
   * module can be stopped, which then has neither function. The frames follow up to the region's end.
   */
  readonly bytes: number;
  /** Exports of mutable globals that are not among these bytes. */
  readonly globals: readonly string[];
  /** Exports of tables whose elements can change: the guest's, and those of references in captured frames. */
  readonly tables: readonly string[];
  /** Exports of all memories; the first one holds the frames. */
  readonly memories: readonly string[];
  /** Nothing but memory 0, these bytes and the frames can change while the guest runs: no table, reference, segment or further memory. */
  readonly plain: boolean;
  /** Elements of all tables of the module when it begins; `moonlet:elements() -> i64` tells those of one whose tables can grow. */
  readonly elements: number;
  /** How many functions `moonlet:function(i)` gives references to, for what tables and globals hold. */
  readonly functions: number;
}

interface StateCell {
  readonly global: number;
  readonly type: number;
  readonly name: string | undefined;
}

const BYTES: Readonly<Record<number, number>> = { [I32]: 4, [F32]: 4, [I64]: 8, [F64]: 8, [V128]: 16 };
const STORE: Readonly<Record<number, readonly number[]>> = {
  [I32]: [0x36],
  [F32]: [0x38],
  [I64]: [0x37],
  [F64]: [0x39],
  [V128]: [0xfd, 11],
};
const LOAD: Readonly<Record<number, readonly number[]>> = {
  [I32]: [0x28],
  [F32]: [0x2a],
  [I64]: [0x29],
  [F64]: [0x2b],
  [V128]: [0xfd, 0],
};
const DATA = "dropped_data_";
const ELEMENTS = "dropped_elements_";
/** Added tables that are the same in every instance, or the driver's. */
const FIXED_TABLES = new Set(["resumable", "versions", GROWTH_TABLE]);
/** Cells that follow from where the state lies, are the same between any two slices, or are the embedder's: `load` sets or leaves them. */
const NOT_STATE = new Set([
  "fuel",
  "credit",
  "granted",
  "scratch",
  "stopping",
  "resuming",
  "head",
  "checkpoint",
  "frame_bytes",
  "max_pages",
  "max_elements",
]);

/** The cell that says whether a segment was dropped. `op` is data.drop or elem.drop. */
export function droppedCell(added: Additions, op: number, segment: number): number {
  return added.global((op === Op.dataDrop ? DATA : ELEMENTS) + segment, I32);
}

/** Most bytes that `addStateFunctions` can come to need; known before any function is written. */
export function stateBytesBound(info: ModuleInfo): number {
  let bytes = 256 + 4 * (info.dataSegments + info.elementSegments);
  for (const { type, mutable, imported } of info.globals) if (mutable && !imported) bytes += BYTES[type] ?? 0;
  let results = 1;
  for (const type of info.types) results = Math.max(results, type?.results.length ?? 0);
  return bytes + 5 * 16 * results;
}

/**
 * Adds and exports `save` and `load` for all that has been added so far; nothing may add a cell afterwards. Gives, beside the facts, the
 * functions that `moonlet:function` has to reach through the element segment `segment`.
 */
export function addStateFunctions(
  cells: Cells,
  info: ModuleInfo,
  segment: number,
): { facts: StateFacts; functions: readonly number[] } {
  const { added } = cells;
  const own: StateCell[] = [];
  const loose: StateCell[] = [];
  const sort = (cell: StateCell) =>
    (cells.pages > 0 && BYTES[cell.type] !== undefined ? own : loose).push(cell);
  info.globals.forEach(({ type, mutable, imported }, global) => {
    if (mutable && !imported) sort({ global, type, name: undefined });
  });
  for (const { name, index, type } of added.globals)
    if (!NOT_STATE.has(name) && !name.startsWith(THROWN)) sort({ global: index, type, name });
  own.sort((x, y) => BYTES[y.type]! - BYTES[x.type]! || x.global - y.global);

  const globals = loose.map(({ global, name }) => {
    if (name !== undefined) return RESERVED + name;
    added.exports.push({ name: `${RESERVED}global_${global}`, kind: 3, index: global });
    return `${RESERVED}global_${global}`;
  });
  const tables = writableTables(info, added);
  const holdsFunctions =
    tables.length > 0 || loose.some(({ type }) => BYTES[type] === undefined && type !== EXTERNREF);
  const functions = holdsFunctions ? [...info.addressTaken].sort((x, y) => x - y) : [];
  if (functions.length > 0) added.export("function", functionReference(added, segment));
  // The memory that holds the frames comes first.
  const indices = info.memories.map((_, index) => index);
  if (cells.isSeparate && cells.pages > 0) indices.unshift(cells.memory);
  const memories = indices.map((index, place) => {
    const name = RESERVED + (place === 0 ? "memory" : `memory_${index}`);
    added.exports.push({ name, kind: 2, index });
    return name;
  });
  const bytes = cells.pages > 0 ? addSaveAndLoad(cells, own) : 0;
  const plain =
    cells.pages > 0 &&
    loose.length === 0 &&
    info.writtenTables.size === 0 &&
    memories.length === 1 &&
    ![...info.globals, ...info.tables, ...info.memories].some(
      (entry) => entry.imported && !("mutable" in entry && !entry.mutable),
    ) &&
    !added.tables.some(({ name }) => !FIXED_TABLES.has(name) && name !== "function_slot") &&
    !added.globals.some(({ name }) => name.startsWith(DATA) || name.startsWith(ELEMENTS));
  const elements = info.tables.reduce((sum, { limits }) => sum + (limits?.min ?? 0), 0);
  return {
    facts: { bytes, globals, tables, memories, plain, elements, functions: functions.length },
    functions,
  };
}

/** Gives the bytes of the state. */
function addSaveAndLoad(cells: Cells, own: readonly StateCell[]): number {
  const { added, head } = cells;
  let end = 0;
  const offsets = own.map(({ type }) => {
    end += BYTES[type]!;
    return end - BYTES[type]!;
  });
  const bytes = (end + 7) & ~7;
  const align = (type: number) => Math.min(3, Math.log2(BYTES[type]!));
  const save = added.helper("save", [], [I32], (out) => {
    const address = 0;
    out.bytes(1, 1, I32);
    getGlobal(out, head);
    i32(out, bytes);
    out.u8(Op.i32Sub);
    set(out, address);
    // The region has room for it; never write below all the same.
    trapIf(out, () => {
      get(out, address);
      i32(out, 0);
      out.u8(Op.i32LtS);
    });
    own.forEach(({ global, type }, k) => {
      get(out, address);
      getGlobal(out, global);
      out.bytes(...STORE[type]!);
      cells.memoryArgument(out, align(type), offsets[k]!);
    });
    get(out, address);
    out.u8(Op.end);
  });
  const load = added.helper("load", [I32], [], (out) => {
    const address = 0;
    out.u8(0);
    // What is read comes from outside: nothing in it may reach past the region, or buy more native stack than there is.
    trapIf(out, () => {
      get(out, address);
      i32(out, cells.bytes - bytes);
      out.u8(Op.i32GtU);
    });
    get(out, address);
    i32(out, bytes);
    out.u8(Op.i32Add);
    setGlobal(out, head);
    own.forEach(({ global, type, name }, k) => {
      get(out, address);
      out.bytes(...LOAD[type]!);
      cells.memoryArgument(out, align(type), offsets[k]!);
      setGlobal(out, global);
      if (name === "until_checkpoint") {
        i32(out, CREDIT);
        getGlobal(out, global);
        getGlobal(out, global);
        i32(out, CREDIT);
        out.bytes(0x4a, Op.select); // i32.gt_s
        setGlobal(out, global);
      } else if (name === "fraction") {
        getGlobal(out, global);
        i32(out, 63);
        out.u8(Op.i32And);
        setGlobal(out, global);
      } else if (name?.startsWith(DATA)) dropIf(out, global, Op.dataDrop, Number(name.slice(DATA.length)));
      else if (name?.startsWith(ELEMENTS))
        dropIf(out, global, Op.elemDrop, Number(name.slice(ELEMENTS.length)));
    });
    for (const cell of [cells.fuel, cells.credit, added.global("granted", I32)]) {
      i32(out, UNDRIVEN);
      setGlobal(out, cell);
    }
    i32(out, NOWHERE);
    setGlobal(out, cells.scratch);
    out.u8(Op.end);
  });
  added.export("save", save);
  added.export("load", load);
  return bytes;
}

function trapIf(out: ByteWriter, condition: () => void): void {
  condition();
  out.bytes(Op.if, 0x40, Op.unreachable, Op.end);
}

function dropIf(out: ByteWriter, cell: number, op: number, segment: number): void {
  getGlobal(out, cell);
  out.bytes(Op.if, 0x40, 0xfc, op & 0xff);
  out.u32(segment);
  out.u8(Op.end);
}

/** Exports the tables that the guest or the host can write to, and names the added ones that hold references of frames. */
function writableTables(info: ModuleInfo, added: Additions): string[] {
  const names = info.tables.flatMap(({ imported }, index) => {
    const exported = info.exports.some((entry) => entry.kind === 1 && entry.index === index);
    if (!imported && !exported && !info.writtenTables.has(index)) return [];
    const name = `${RESERVED}table_${index}`;
    added.exports.push({ name, kind: 1, index });
    return [name];
  });
  for (const { name } of added.tables) if (!FIXED_TABLES.has(name)) names.push(RESERVED + name);
  return names;
}

/** (number) -> funcref, from a segment of all functions that a reference may lead to. */
function functionReference(added: Additions, segment: number): number {
  const index = added.info.tables.length + added.tables.length;
  added.tables.push({ name: "function_slot", index, type: FUNCREF });
  return added.helper("function", [I32], [FUNCREF], (out) => {
    out.u8(0);
    out.bytes(0xfc, 16); // table.size
    out.u32(index);
    out.bytes(Op.i32Eqz, Op.if, 0x40, Op.refNull, FUNCREF, Op.i32Const, 1, 0xfc, 15); // table.grow
    out.u32(index);
    out.bytes(Op.drop, Op.end);
    i32(out, 0);
    get(out, 0);
    i32(out, 1);
    out.bytes(0xfc, 12); // table.init
    out.u32(segment);
    out.u32(index);
    i32(out, 0);
    out.u8(Op.tableGet);
    out.u32(index);
    out.u8(Op.end);
  });
}
