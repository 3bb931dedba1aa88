// The capture pass: Wasm bytes in, bytes out that can be stopped at any loop or call and go on later. See RATIONALE.md for the design.
import { Additions } from "./additions.ts";
import { type Body, readBody } from "./body.ts";
import { isBulk, isSmallBulk } from "./bulk.ts";
import { ByteReader, ByteWriter } from "./bytes.ts";
import { analyzeCalls, type CallGraph } from "./call-graph.ts";
import { Cells } from "./cells.ts";
import { chooseCopies } from "./copies.ts";
import { Exceptions } from "./exceptions.ts";
import { encodeFrameTable, FRAME_TABLE_SECTION, type FrameTableEntry } from "./frame-table.ts";
import { FunctionWriter, type Target } from "./function-writer.ts";
import { accessesMemory, addDataFunction, writeData } from "./guest-addresses.ts";
import { hash } from "./hash.ts";
import { raiseInliningBudget } from "./inlining-budget.ts";
import { liveness } from "./liveness.ts";
import { MemoryHelpers } from "./memory-helpers.ts";
import { checkMemories, checkModule } from "./module-limits.ts";
import { type ModuleInfo, readModule } from "./module-reader.ts";
import { writeModule } from "./module-writer.ts";
import { ANYREF, EXNREF, EXTERNREF, F32, F64, FUNCREF, I32, I64, Op, V128 } from "./opcodes.ts";
import { entryCredit, keptBytes, type Plan, planFunction } from "./plan.ts";
import { addRunFunctions, enterHelper } from "./run-functions.ts";
import { addStateFunctions, type StateFacts, stateBytesBound } from "./state-functions.ts";

export interface CaptureOptions {
  /** True for an import, as `module.name`, that may suspend its caller. */
  readonly suspends: (importName: string) => boolean;
  readonly stackBytes: number;
  /** Custom sections to add, made from what is known in the end. */
  readonly customSections: (facts: CaptureFacts & { readonly buildHash: string }) => readonly CustomSection[];
  /** Told now and then which share of the functions is done. */
  readonly onProgress?: (share: number) => void;
  /** Offsets in the input, ascending, whose places in the output are wanted. Default none. */
  readonly offsets?: readonly number[];
}

export interface CustomSection {
  readonly name: string;
  readonly contents: Uint8Array;
}

/** What the manifest tells of the result. */
export interface CaptureFacts {
  /** Name of the export that runs the start function. */
  readonly start: string | undefined;
  /** Bytes at the start of memory 0 that are not the guest's, whose address 0 lies behind them. */
  readonly frameBytes: number;
  readonly results: Readonly<Record<string, string>>;
  readonly answers: string;
  readonly suspending: readonly string[];
  readonly parameters: Readonly<Record<string, number>>;
  readonly state: StateFacts;
  /** Some instruction catches exceptions. */
  readonly catches: boolean;
  /** It can fill the engine's heap, which no limit of a process reaches. */
  readonly allocates: boolean;
}

export interface Captured extends CaptureFacts {
  readonly wasm: Uint8Array;
  /** Pairs of offsets of the same instruction: in the input and in the output, in order of the output. */
  readonly sourceOffsets: Uint32Array;
  readonly resumePoints: number;
}

export function capture(bytes: Uint8Array, options: CaptureOptions): Captured {
  const info = readModule(bytes);
  checkModule(info, options.suspends);
  const graph = analyzeCalls(info, options.suspends);
  const stops = graph.order.some((index) => graph.functions[index]!.suspends);
  const added = new Additions(info);
  const memory = info.memories[0];
  // Modules that share a memory have to agree on where the guest's begins, also those in which nothing can be stopped.
  const shares = info.exports.some(({ kind }) => kind === 2) || memory?.imported === true;
  const hasFrames = stops || (shares && !memory?.memory64);
  const cells = new Cells(added, options.stackBytes, hasFrames, stateBytesBound(info));
  checkMemories(info, cells.pages);
  const exceptions = new Exceptions(info, cells);
  const target: Target = {
    info,
    cells,
    memory: new MemoryHelpers(cells, info),
    exceptions,
    throws: (index) => graph.functions[index]!.throws,
  };
  const copies = chooseCopies(info, graph);
  const rewritten = new Map<number, Uint8Array>();
  const resumable: number[] = [];
  const versions: number[] = [];
  const coldBranches = new Map<number, number[]>();
  const maps: CodeMap[] = [];
  const frameTable: FrameTableEntry[] = [];
  const resumeTable = added.table("resumable", FUNCREF);
  const versionTable = added.table("versions", FUNCREF);
  let resumePoints = 0;
  let done = 0;
  for (const index of graph.order) {
    if ((done++ & 63) === 0) options.onProgress?.(done / graph.order.length);
    const facts = graph.functions[index]!;
    if (!facts.suspends) {
      const map: CodeMap = { index, at: 0, pairs: [], ranges: [] };
      maps.push(map);
      const { start, end } = info.functions[index]!;
      if (facts.asksMemory)
        rewritten.set(index, rewritePlain(target, readBody(info, index), start, map.ranges));
      else map.ranges.push(start, 0, end - start);
      continue;
    }
    const ordinal = resumable.length;
    const plan = planFunction(info, graph, index, exceptions);
    const lastCross: number[] = [];
    new FunctionWriter(target, plan, "scan", lastCross, ordinal, () => 0).write();
    findLive(plan);
    const credit = () => {
      facts.kept = keptBytes(graph, plan);
      return entryCredit(graph, plan);
    };
    const { type } = info.functions[index]!;
    // Without points, as with tail calls only, there is nothing to go on with.
    const version =
      copies.has(index) && plan.points.length > 0
        ? added.function(`${info.nameOf(index)}.resume`, [], plan.body.results)
        : undefined;
    const main = new FunctionWriter(target, plan, version ? "resume" : "single", lastCross, ordinal, credit);
    const written = main.write();
    credit();
    maps.push({ index: version?.index ?? index, at: written.codeAt, pairs: main.sourceMap, ranges: [] });
    coldBranches.set(version?.index ?? index, moved(main.coldBranches, written.codeAt));
    let startsAt = written.codeAt;
    if (version) {
      version.body = new ByteWriter(written.code.length);
      version.body.raw(written.code);
      const fast = new FunctionWriter(target, plan, "fast", lastCross, ordinal, credit, main.layout());
      const { code, codeAt } = fast.write();
      rewritten.set(index, code.slice());
      maps.push({ index, at: codeAt, pairs: fast.sourceMap, ranges: [] });
      coldBranches.set(index, moved(fast.coldBranches, codeAt));
      startsAt = codeAt;
    } else rewritten.set(index, written.code.slice());
    if (plan.points.length === 0) continue;
    resumable.push(enterHelper(cells, version?.type ?? type, versionTable));
    versions.push(version?.index ?? index);
    resumePoints += plan.points.length;
    frameTable.push({
      index,
      at: startsAt,
      name: info.functionNames.get(index),
      reason: facts.reason!,
      offsets: plan.points.map((point) => point.codeOffset),
      sizes: plan.points.map((point) => point.size),
    });
  }
  const answers = answerTypes(info, options.suspends);
  addRunFunctions(cells, exceptions, resumeTable, answers === "i");
  let start: string | undefined;
  if (info.startFunction >= 0) {
    added.export("start", info.startFunction);
    start = "moonlet:start";
  }
  if (exceptions.used) exceptions.exportTags();
  const { facts: state, functions: referable } = addStateFunctions(
    cells,
    info,
    info.elementSegments + (resumable.length > 0 ? 2 : 0),
  );

  const suspending = info.functions.flatMap(({ importName }) =>
    importName !== undefined && options.suspends(importName) ? [importName] : [],
  );
  const facts: CaptureFacts = {
    start,
    frameBytes: info.memories.some(({ memory64 }) => !memory64) ? cells.bytes : 0,
    results: exportedResults(info, graph),
    answers,
    suspending,
    parameters: parametersOf(info, suspending),
    state,
    catches: info.catches !== undefined,
    allocates:
      info.allocates ||
      info.tags.some((tag) => info.functionType(tag).params.some((type) => letterOf(info, type) === "x")),
  };
  const data = moveData(info, cells);
  if (stops) raiseInliningBudget(added, sizesOf(info, rewritten));
  const module = writeModule({
    info,
    ...data,
    added,
    rewritten,
    resumable,
    resumeTable,
    versions,
    versionTable,
    coldBranches,
    referable,
    pages: cells.pages,
    ownMemory: cells.isSeparate,
    dropStart: start !== undefined,
    customSections: (codeOffsets, before) => [
      ...options.customSections({ ...facts, buildHash: hash(before) }),
      {
        name: FRAME_TABLE_SECTION,
        contents: encodeFrameTable(info.functions.length, frameTable, versions, codeOffsets),
      },
    ],
  });
  return {
    ...facts,
    wasm: module.wasm,
    sourceOffsets: options.offsets ? joinMaps(options.offsets, maps, module.codeOffsets) : new Uint32Array(0),
    resumePoints,
  };
}

function* sizesOf(info: ModuleInfo, rewritten: ReadonlyMap<number, Uint8Array>): Generator<number> {
  for (let index = info.importedFunctions; index < info.functions.length; index++) {
    const { start, end } = info.functions[index]!;
    yield rewritten.get(index)?.length ?? end - start;
  }
}

function moved(offsets: readonly number[], by: number): number[] {
  return offsets.map((offset) => offset + by);
}

/** The data section as it has to be behind the frame region, and a function that completes it. */
function moveData(info: ModuleInfo, cells: Cells): { data?: Uint8Array; dataFunction?: number } {
  const section = info.sections.find(({ id }) => id === 11);
  if (!section || cells.bytes === 0) return {};
  const data = new ByteWriter(section.end - section.start + 64);
  const computed = writeData(data, new ByteReader(info.bytes, section.start, section.end), cells);
  if (computed.length === 0) return { data: data.view() };
  return { data: data.view(), dataFunction: addDataFunction(cells.added, computed) };
}

function findLive(plan: Plan): void {
  const points = new Set<number>();
  for (const point of plan.points) if (point.kind === "call") points.add(point.at);
  const live = liveness(plan.body, points, plan.entry?.at ?? -1);
  for (const point of plan.points) {
    point.live = live.at(point.kind === "entry" ? -1 : point.at);
    if (plan.refunds.has(point.at)) point.live = [...point.live, plan.creditLocal];
  }
}

/** A function without points, in which only what it asks of its memory changes. */
function rewritePlain(target: Target, body: Body, start: number, ranges: number[]): Uint8Array {
  const out = new ByteWriter(256);
  let from = start;
  for (let i = 0; i < body.ops.length; i++) {
    const op = body.ops[i]!;
    const drops = op === Op.dataDrop || op === Op.elemDrop;
    const accesses = accessesMemory(op);
    if (!accesses && op !== Op.memorySize && op !== Op.memoryGrow && !drops && !isBulk(op)) continue;
    ranges.push(from, out.length, body.starts[i + 1]! - from);
    out.raw(body.source, from, body.starts[i]!);
    from = body.starts[i + 1]!;
    if (accesses) {
      ranges.push(body.starts[i]!, out.length, 1);
      target.memory.access(out, body, i);
    } else if (op === Op.memorySize) {
      out.raw(body.source, body.starts[i]!, from);
      target.memory.size(out, body.a[i]!);
    } else if (drops) {
      out.raw(body.source, body.starts[i]!, from);
      target.memory.dropped(out, op, body.a[i]!);
    } else if (op === Op.memoryGrow) {
      target.memory.grow(out, body.a[i]!);
    } else target.memory.bulk(out, body, i, !isSmallBulk(body, i) && !body.dead[i]);
  }
  ranges.push(from, out.length, body.starts[body.ops.length]! - from);
  out.raw(body.source, from, body.starts[body.ops.length]!);
  return out.view().slice();
}

/** Results of the functions that the host can start and that can be stopped. */
function exportedResults(info: ModuleInfo, graph: CallGraph): Record<string, string> {
  const reachable = new Set(info.addressTaken);
  for (const exported of info.exports) if (exported.kind === 0) reachable.add(exported.index);
  const found: Record<string, string> = {};
  for (const index of reachable) {
    const { results } = info.typeOf(index);
    if (results.length > 0 && graph.functions[index]!.suspends)
      found[index] = results.map((type) => letterOf(info, type)).join("");
  }
  return found;
}

/** By name; what is imported with different types is left out. */
function parametersOf(info: ModuleInfo, names: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  const several = new Set<string>();
  info.functions.forEach(({ importName }, index) => {
    if (importName === undefined || !names.includes(importName)) return;
    const count = info.typeOf(index).params.length;
    if ((counts[importName] ?? count) !== count) several.add(importName);
    counts[importName] = count;
  });
  for (const name of several) delete counts[name];
  return counts;
}

function answerTypes(info: ModuleInfo, suspends: (name: string) => boolean): string {
  const letters = new Set<string>();
  for (const fn of info.functions) {
    if (fn.importName === undefined || !suspends(fn.importName)) continue;
    for (const type of info.functionType(fn.type).results) letters.add(letterOf(info, type));
  }
  return [...letters].sort().join("");
}

function letterOf(info: ModuleInfo, type: number): string {
  return LETTERS[info.valueTypes.isReference(type) ? info.valueTypes.top(type) : type]!;
}

const LETTERS: Readonly<Record<number, string>> = {
  [I32]: "i",
  [I64]: "I",
  [F32]: "f",
  [F64]: "F",
  [V128]: "v",
  [EXTERNREF]: "r",
  [FUNCREF]: "c",
  [ANYREF]: "a",
  [EXNREF]: "x",
};

/** Where a function's code came from: single instructions, and ranges copied whole (input offset, offset in the code, length). */
interface CodeMap {
  readonly index: number;
  readonly at: number;
  readonly pairs: readonly number[];
  readonly ranges: number[];
}

function joinMaps(
  wanted: readonly number[],
  maps: readonly CodeMap[],
  codeOffsets: ReadonlyMap<number, number>,
): Uint32Array {
  const all: [number, number][] = [];
  for (const { index, at, pairs, ranges } of maps) {
    const base = codeOffsets.get(index)! + at;
    for (let k = 0; k < pairs.length; k += 2) all.push([pairs[k]!, base + pairs[k + 1]!]);
    for (let k = 0; k < ranges.length; k += 3) {
      const from = ranges[k]!;
      const to = base + ranges[k + 1]!;
      const end = from + ranges[k + 2]!;
      for (let w = firstAtLeast(wanted, from); w < wanted.length && wanted[w]! < end; w++) {
        all.push([wanted[w]!, to + wanted[w]! - from]);
      }
    }
  }
  all.sort((x, y) => x[1] - y[1]);
  return Uint32Array.from(all.flat());
}

function firstAtLeast(sorted: readonly number[], value: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle]! < value) low = middle + 1;
    else high = middle;
  }
  return low;
}
