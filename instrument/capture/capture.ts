// The capture pass: Wasm bytes in, bytes out that can be stopped at any loop or call and go on later. See RATIONALE.md for the design.
import { Additions } from "./additions.ts";
import { type Body, readBody } from "./body.ts";
import { ByteWriter } from "./bytes.ts";
import { analyzeCalls, isBulk, isSmallBulk } from "./call-graph.ts";
import { canKeep, Cells } from "./cells.ts";
import { FunctionWriter, type Target } from "./function-writer.ts";
import { liveness } from "./liveness.ts";
import { MemoryHelpers } from "./memory-helpers.ts";
import { type ModuleInfo, readModule } from "./module-reader.ts";
import { writeModule } from "./module-writer.ts";
import { FUNCREF, instructionName, Op } from "./opcodes.ts";
import { entryCredit, keptBytes, layOut, type Plan, planFunction } from "./plan.ts";
import { addRunFunctions } from "./run-functions.ts";

export interface CaptureOptions {
  /** True for an import, as `module.name`, that may suspend its caller. */
  readonly suspends: (importName: string) => boolean;
  readonly stackBytes: number;
  readonly customSections: readonly { readonly name: string; readonly contents: Uint8Array }[];
  /** Wants `sourceOffsets`. */
  readonly mapOffsets: boolean;
}

export interface Captured {
  readonly wasm: Uint8Array;
  /** Name of the export that runs the start function. */
  readonly start: string | undefined;
  /** Pairs of offsets of the same instruction: in the input and in the output, in order of the output. */
  readonly sourceOffsets: Uint32Array;
  readonly resumePoints: number;
}

/** A function or instruction that cannot be captured. */
export class CannotCapture extends Error {
  readonly functionName: string;
  readonly instruction: string;

  constructor(functionName: string, instruction: string, reason: string) {
    super(`function ${functionName} holds ${instruction}: ${reason}`);
    this.functionName = functionName;
    this.instruction = instruction;
  }
}

export function capture(bytes: Uint8Array, options: CaptureOptions): Captured {
  const info = readModule(bytes);
  const graph = analyzeCalls(info, options.suspends);
  const stops = graph.order.some((index) => graph.functions[index]!.suspends);
  const added = new Additions(info);
  const memory = info.memories[0];
  const cells = new Cells(added, 0, options.stackBytes, memory?.min ?? 0, stops);
  const target: Target = {
    info,
    cells,
    memory: new MemoryHelpers(cells, info),
    refuse: (index, op, reason) => {
      throw new CannotCapture(info.nameOf(index), instructionName(op), reason);
    },
  };
  if (stops && memory?.memory64) {
    throw new CannotCapture("(memory 0)", "a 64-bit memory", "frames cannot be kept in it");
  }

  const rewritten = new Map<number, Uint8Array>();
  const resumable: number[] = [];
  const maps: { index: number; at: number; pairs: number[] }[] = [];
  const resumeTable = added.table("resumable", FUNCREF);
  let resumePoints = 0;
  for (const index of graph.order) {
    const facts = graph.functions[index]!;
    if (!facts.suspends) {
      if (facts.asksMemory) rewritten.set(index, rewritePlain(target, readBody(info, index), info.functions[index]!.start));
      continue;
    }
    const ordinal = resumable.length;
    const plan = planFunction(info, graph, index);
    const lastCross: number[] = [];
    new FunctionWriter(target, plan, "scan", lastCross, ordinal, 0).write();
    findLive(target, plan);
    facts.kept = keptBytes(graph, plan);
    const credit = entryCredit(graph, plan);
    const fast = new FunctionWriter(target, plan, "fast", lastCross, ordinal, credit);
    const written = fast.write();
    rewritten.set(index, written.code.slice());
    if (options.mapOffsets) maps.push({ index, at: written.codeAt, pairs: fast.sourceMap });
    resumePoints += plan.points.length;
    const version = added.function(`${info.nameOf(index)}.resume`, [], []);
    const resume = new FunctionWriter(target, plan, "resume", lastCross, ordinal, credit);
    const { code, codeAt } = resume.write();
    const body = new ByteWriter(code.length);
    body.raw(code);
    version.body = body;
    resumable.push(version.index);
    if (options.mapOffsets) maps.push({ index: version.index, at: codeAt, pairs: resume.sourceMap });
  }
  addRunFunctions(cells, resumeTable);
  let start: string | undefined;
  if (info.startFunction >= 0) {
    added.export("start", info.startFunction);
    start = "moonlet:start";
  }
  exportGlobals(info, added);

  const module = writeModule({
    info,
    added,
    rewritten,
    resumable,
    resumeTable,
    pages: cells.pages,
    dropStart: start !== undefined,
    customSections: options.customSections,
  });
  return {
    wasm: module.wasm,
    start,
    sourceOffsets: options.mapOffsets ? joinMaps(info, rewritten, maps, module.codeOffsets) : new Uint32Array(0),
    resumePoints,
  };
}

function findLive(target: Target, plan: Plan): void {
  const points = new Set<number>();
  for (const point of plan.points) if (point.kind === "call") points.add(point.at);
  const live = liveness(plan.body, points, plan.entry?.at ?? -1);
  for (const point of plan.points) {
    point.live = live.at(point.kind === "entry" ? -1 : point.at);
    for (const local of point.live) {
      if (canKeep(plan.body.locals[local]!)) continue;
      target.refuse(plan.functionIndex, plan.body.ops[point.at]!, "a local of a reference type that cannot be captured is needed after it");
    }
    layOut(plan.body, point);
  }
}

/** A function without points, in which only what it asks of its memory changes. */
function rewritePlain(target: Target, body: Body, start: number): Uint8Array {
  const out = new ByteWriter(256);
  let from = start;
  for (let i = 0; i < body.ops.length; i++) {
    const op = body.ops[i]!;
    if (op !== Op.memorySize && op !== Op.memoryGrow && !isBulk(op)) continue;
    out.raw(body.source, from, body.starts[i]!);
    from = body.starts[i + 1]!;
    if (op === Op.memorySize) {
      out.raw(body.source, body.starts[i]!, from);
      target.memory.size(out, body.a[i]!);
    } else if (op === Op.memoryGrow) {
      if (!target.memory.grow(out, body.a[i]!)) out.raw(body.source, body.starts[i]!, from);
    } else target.memory.bulk(out, body, i, !isSmallBulk(body, i) && !body.dead[i]);
  }
  out.raw(body.source, from, body.starts[body.ops.length]!);
  return out.view().slice();
}

/** A snapshot needs every mutable global. */
function exportGlobals(info: ModuleInfo, added: Additions): void {
  info.globals.forEach((global, index) => {
    if (global.mutable && !global.imported) added.exports.push({ name: `moonlet:global_${index}`, kind: 3, index });
  });
}

function joinMaps(
  info: ModuleInfo,
  rewritten: ReadonlyMap<number, Uint8Array>,
  maps: readonly { index: number; at: number; pairs: number[] }[],
  codeOffsets: ReadonlyMap<number, number>,
): Uint32Array {
  const all: number[] = [];
  for (let i = info.importedFunctions; i < info.functions.length; i++) {
    if (rewritten.has(i)) continue;
    // Copied whole: one pair per byte would be waste, so the reader of this table adds the distance to the pair before.
    all.push(info.functions[i]!.start, codeOffsets.get(i)!);
  }
  for (const { index, at, pairs } of maps) {
    const base = codeOffsets.get(index)! + at;
    for (let k = 0; k < pairs.length; k += 2) all.push(pairs[k]!, base + pairs[k + 1]!);
  }
  const order = Array.from({ length: all.length / 2 }, (_, k) => k).sort((x, y) => all[2 * x + 1]! - all[2 * y + 1]!);
  return Uint32Array.from(order.flatMap((k) => [all[2 * k]!, all[2 * k + 1]!]));
}
