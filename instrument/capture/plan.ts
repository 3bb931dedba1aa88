// Decides where a function can stop, and what stopping and going on cost there: resume points, the blocks around them, the units that
// each loop charges, where the entry is checked, and what each point's frame holds.
import { type Body, readBody } from "./body.ts";
import { isBulk, isSmallBulk } from "./bulk.ts";
import { type CallGraph, CREDIT_PER_UNIT, calleeWeight, INSTRUCTIONS_PER_UNIT } from "./call-graph.ts";
import { costsOf } from "./costs.ts";
import type { Exceptions } from "./exceptions.ts";
import type { ModuleInfo } from "./module-reader.ts";
import { I32, isTry, Op } from "./opcodes.ts";
import { outlineHandlers } from "./tries.ts";

export interface Point {
  readonly kind: "entry" | "loop" | "call";
  /** Number of the instruction: the call, the loop, or the one before which entry is checked. */
  readonly at: number;
  readonly number: number;
  /** Locals that the frame holds. */
  live: readonly number[];
  /** Types of the operands that the frame holds, bottom first. */
  operands: readonly number[];
  /** Locals that keep those operands in the version being written. */
  homes: readonly number[];
  /** Bytes of the frame. */
  size: number;
  /** Offset of the instruction in the fast version's body. */
  codeOffset: number;
}

export interface Plan {
  readonly functionIndex: number;
  readonly body: Body;
  readonly points: Point[];
  readonly callPoints: ReadonlyMap<number, Point>;
  readonly loopPoints: ReadonlyMap<number, Point>;
  readonly entry: Point | undefined;
  /** Blocks that hold a point. */
  readonly pointful: ReadonlySet<number>;
  /** Loops and tries that hold points, in code order: what a resume version enters from their start. */
  readonly regions: ReadonlySet<number>;
  /** Blocks that the clauses of such try_tables branch to. */
  readonly handlers: ReadonlySet<number>;
  /** Units that one iteration of each checked loop costs. */
  readonly loopUnits: ReadonlyMap<number, number>;
  /** Calls in loops that lead into a call cycle from outside: once one has come back, so has the stack credit that it took. */
  readonly refunds: ReadonlySet<number>;
  /** The local that keeps the credit during such a call, or -1. */
  readonly creditLocal: number;
  /** Number of the instruction before which the fast version loads the fuel into its local, if it has one. */
  readonly fuelAt: number;
}

/** `exceptions` rewrites the function's handlers where that is needed. */
export function planFunction(
  info: ModuleInfo,
  graph: CallGraph,
  functionIndex: number,
  exceptions: Exceptions,
): Plan {
  const body = readBody(info, functionIndex);
  const plan = planBody(graph, functionIndex, body);
  const tries = new Set([...plan.pointful].filter((at) => isTry(body.ops[at]!)));
  if (tries.size === 0) return plan;
  exceptions.used = true;
  return planBody(
    graph,
    functionIndex,
    readBody(info, functionIndex, outlineHandlers(info, exceptions, body, tries)),
  );
}

function planBody(graph: CallGraph, functionIndex: number, body: Body): Plan {
  const calls: number[] = [];
  const loops: number[] = [];
  for (let i = 0; i < body.ops.length; i++) {
    if (body.dead[i]) continue;
    if (body.ops[i] === Op.loop && body.targeted.has(i)) loops.push(i);
    else if (mayStop(graph, body, i)) calls.push(i);
  }
  const facts = graph.functions[functionIndex]!;
  const refunds = new Set(
    calls.filter((i) => leadsIntoCycle(graph, functionIndex, body, i) && isInside(body, loops, i)),
  );
  const early = earlyPart(body, new Set(calls));
  const entryAt = facts.charges ? (early.coversCalls ? early.end : 0) : -1;

  const at: [number, Point["kind"]][] = [];
  for (const i of calls) at.push([i, "call"]);
  for (const i of loops) at.push([i, "loop"]);
  if (entryAt >= 0) at.push([entryAt, "entry"]);
  at.sort((x, y) => x[0] - y[0] || (x[1] === "entry" ? -1 : 1));
  const points = at.map(
    ([i, kind], number): Point => ({
      kind,
      at: i,
      number,
      live: [],
      operands: [],
      homes: [],
      size: 0,
      codeOffset: 0,
    }),
  );
  const callPoints = new Map<number, Point>();
  const loopPoints = new Map<number, Point>();
  let entry: Point | undefined;
  for (const point of points) {
    if (point.kind === "call") callPoints.set(point.at, point);
    else if (point.kind === "loop") loopPoints.set(point.at, point);
    else entry = point;
  }
  const pointful = blocksAround(body, points);
  const tries = [...pointful].filter((at) => isTry(body.ops[at]!));
  return {
    functionIndex,
    body,
    points,
    callPoints,
    loopPoints,
    entry,
    pointful,
    regions: new Set([...loopPoints.keys(), ...tries].sort((x, y) => x - y)),
    handlers: new Set(tries.flatMap((at) => (body.ops[at] === Op.tryTable ? body.tables.get(at)! : []))),
    loopUnits: loopUnits(graph, body),
    refunds,
    creditLocal: refunds.size > 0 ? body.locals.push(I32) - 1 : -1,
    fuelAt: early.coversAll ? early.end : 0,
  };
}

/** A call of a function on a call cycle from outside of it. What only leads to one is left out: most that allocate lead to a collector. */
function leadsIntoCycle(graph: CallGraph, caller: number, body: Body, i: number): boolean {
  if (body.ops[i] !== Op.call) return false;
  const callee = graph.functions[body.a[i]!]!;
  return callee.recursive && callee.component !== graph.functions[caller]!.component;
}

function isInside(body: Body, loops: readonly number[], i: number): boolean {
  return loops.some((loop) => loop < i && body.b[loop]! > i);
}

function loopUnits(graph: CallGraph, body: Body): Map<number, number> {
  const units = new Map<number, number>();
  const weightAt = (i: number) => calleeWeight(body, i, graph.factsOf);
  for (const [loop, instructions] of costsOf(body, weightAt).loops) {
    units.set(loop, 1 + Math.floor(instructions / INSTRUCTIONS_PER_UNIT));
  }
  return units;
}

/** True for a call after which the stack may have to be captured. */
function mayStop(graph: CallGraph, body: Body, i: number): boolean {
  const op = body.ops[i]!;
  if (op === Op.call) return graph.functions[body.a[i]!]!.suspends;
  if (op === Op.callIndirect || op === Op.callRef) {
    return graph.indirect.get(graph.canonicalType(body.a[i]!))?.suspends ?? false;
  }
  return isBulk(op) && !isSmallBulk(body, i);
}

interface EarlyPart {
  /** Number of the first instruction after it. */
  readonly end: number;
  /** No way around `end` leads to a call that can come back here. */
  readonly coversCalls: boolean;
  /** Every way around `end` returns before it. */
  readonly coversAll: boolean;
}

/**
 * What runs before the first point or loop. Entry is checked behind it, so that early returns pay nothing, where no way around the check
 * leads to a call that can come back here.
 */
function earlyPart(body: Body, calls: ReadonlySet<number>): EarlyPart {
  let last = -1;
  for (const i of calls) last = Math.max(last, i);
  for (let i = 0; i < body.ops.length; i++) if (isTailCall(body.ops[i]!)) last = Math.max(last, i);
  const around: number[] = [];
  for (let i = 0; i < body.ops.length - 1; i++) {
    if (body.dead[i]) continue;
    const op = body.ops[i]!;
    if (isTailCall(op) || calls.has(i) || op === Op.loop || op === Op.try || op === Op.tryTable) {
      const later = around.filter((target) => target > i);
      return { end: i, coversCalls: later.every((target) => last < target), coversAll: later.length === 0 };
    }
    switch (op) {
      case Op.br:
      case Op.brIf:
      case Op.brOnNull:
      case Op.brOnNonNull:
      case Op.brOnCast:
      case Op.brOnCastFail:
        around.push(endOf(body, body.a[i]!));
        break;
      case Op.brTable:
        for (const target of body.tables.get(i)!) around.push(endOf(body, target));
        break;
      case Op.if:
        around.push(body.alternative.get(i) ?? body.b[i]!);
        break;
      case Op.else:
        around.push(body.b[i]!);
        break;
    }
  }
  return { end: 0, coversCalls: false, coversAll: false };
}

function endOf(body: Body, block: number): number {
  return block < 0 ? body.ops.length - 1 : body.b[block]!;
}

function isTailCall(op: number): boolean {
  return op === Op.returnCall || op === Op.returnCallIndirect || op === Op.returnCallRef;
}

function blocksAround(body: Body, points: readonly Point[]): Set<number> {
  const pointful = new Set<number>();
  const open: number[] = [];
  let next = 0;
  for (let i = 0; i < body.ops.length && next < points.length; i++) {
    const op = body.ops[i]!;
    const isBlock = op === Op.block || op === Op.loop || op === Op.if || op === Op.try || op === Op.tryTable;
    for (; next < points.length && points[next]!.at === i; next++) {
      for (const block of open) pointful.add(block);
      if (points[next]!.kind === "loop") pointful.add(i);
    }
    if (isBlock) open.push(i);
    else if (op === Op.end || op === Op.delegate) open.pop();
  }
  return pointful;
}

/** True for a checked loop without points inside: nothing is dispatched in it. */
export function isInnermost(plan: Plan, loop: number): boolean {
  const end = plan.body.b[loop]!;
  return !plan.points.some((point) => point.at > loop && point.at < end);
}

/**
 * Stack credit that entering the function takes. It covers the native frame, four times the largest captured frame, and the static
 * cost, so that credit bounds native stack, captured stack and work at once.
 */
export function entryCredit(graph: CallGraph, plan: Plan): number {
  const facts = graph.functions[plan.functionIndex]!;
  const work = Math.floor((facts.weight * CREDIT_PER_UNIT) / INSTRUCTIONS_PER_UNIT);
  return Math.min(1 << 28, Math.max(facts.stack, 4 * facts.kept, work));
}

/** Bytes of the largest captured frame of the function and of those of its callees that no charge of their own covers. */
export function keptBytes(graph: CallGraph, plan: Plan): number {
  const { body } = plan;
  let own = 0;
  for (const point of plan.points) own = Math.max(own, point.size);
  let callees = 0;
  const seen = new Set<number>();
  const add = (callee: number) => {
    const other = graph.functions[callee]!;
    if (!other.charges) callees = Math.max(callees, other.kept);
  };
  for (let i = 0; i < body.ops.length; i++) {
    const op = body.ops[i]!;
    if (op === Op.call || op === Op.returnCall) add(body.a[i]!);
    if (
      op === Op.callIndirect ||
      op === Op.callRef ||
      op === Op.returnCallIndirect ||
      op === Op.returnCallRef
    ) {
      const type = graph.canonicalType(body.a[i]!);
      if (seen.has(type)) continue;
      seen.add(type);
      for (const callee of graph.targets(type)) add(callee);
    }
  }
  return own + callees;
}
