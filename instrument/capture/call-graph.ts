// Finds, for the whole module, which functions can stop (have resume points) and what the rest costs: recursion as strongly connected
// components of the call graph, static costs and native stack use along acyclic call chains.
// Indirect calls go through one node per function type, which leads to every function of that type that can be called indirectly.
import { type Body, readBody } from "./body.ts";
import { accessesMemory } from "./guest-addresses.ts";
import type { ModuleInfo } from "./module-reader.ts";
import { F64, I64, Op, V128 } from "./opcodes.ts";
import { isArrayBulk } from "./reference-effects.ts";
import { refuseFunction } from "./refusal.ts";
import { STOP_REASONS, type StopReason } from "./stop-reasons.ts";

/** Instructions to a unit of fuel. */
export const INSTRUCTIONS_PER_UNIT = 32;
/** Units of stack credit to a unit of fuel. */
export const CREDIT_PER_UNIT = 64;
/** An acyclic function whose own and callees' instructions exceed this charges for itself. */
const HEAVY_INSTRUCTIONS = 2_048;
/** An acyclic function whose own and callees' native frames exceed this charges for itself. */
const HEAVY_STACK_BYTES = 8_192;

/** Native stack that one function may take, so that it and the credit's worth of others fit into what V8 gives. */
const MAX_STACK_BYTES = 128 * 1024;

const [RECURSIVE, LOOPS, BULK, WAITS, CALLS, HEAVY] = STOP_REASONS;

export interface FunctionFacts {
  /** Has resume points: gets two versions. */
  suspends: boolean;
  /** Why it has. */
  reason: StopReason | undefined;
  /** Lies on a call cycle or is heavy: charges stack credit on entry. */
  charges: boolean;
  /** Lies on a call cycle. */
  recursive: boolean;
  /** Component of the call graph. */
  component: number;
  /** Instructions outside loops, callees' included, that a caller is charged for. */
  weight: number;
  /** Native stack bytes of this and its uncharged callees. */
  stack: number;
  /** Estimate of the native frame. */
  frame: number;
  /** Largest captured frames of this and its uncharged callees; known once the function is written. */
  kept: number;
  /** Has instructions that are rewritten wherever they stand: memory.size, memory.grow, bulk ones, dropping of segments. */
  asksMemory: boolean;
  /** May end with an exception. */
  throws: boolean;
}

/** What `scan` finds in one body. */
interface Calls {
  readonly direct: number[];
  readonly indirect: number[];
  /** Call sites outside loops, one entry each: functions, and types as -1 - type. */
  readonly sites: number[];
  loops: boolean;
  bulk: boolean;
  asksMemory: boolean;
  throws: boolean;
  instructions: number;
  frame: number;
}

export interface CallGraph {
  readonly functions: readonly FunctionFacts[];
  /** By canonical function type. */
  readonly indirect: ReadonlyMap<number, FunctionFacts>;
  canonicalType(typeIndex: number): number;
  /** Functions that an indirect call of this canonical type may reach. */
  targets(type: number): readonly number[];
  /** Defined functions, callees before callers. */
  readonly order: readonly number[];
}

export function analyzeCalls(info: ModuleInfo, suspendingImport: (name: string) => boolean): CallGraph {
  const count = info.functions.length;
  const canonical = canonicalTypes(info);
  const calls: (Calls | undefined)[] = [];
  for (let i = 0; i < count; i++) {
    if (i < info.importedFunctions) {
      calls.push(undefined);
      continue;
    }
    const own = scan(info, readBody(info, i), canonical);
    if (own.frame > MAX_STACK_BYTES) {
      refuseFunction(info, i, `its locals take ${own.frame} bytes of stack; ${MAX_STACK_BYTES} is the most`);
    }
    calls.push(own);
  }
  const openTables =
    info.tables.some((table) => table.imported) || info.exports.some((exported) => exported.kind === 1);
  if (openTables)
    for (const exported of info.exports) if (exported.kind === 0) info.addressTaken.add(exported.index);
  for (const exported of info.exports) {
    if (exported.kind === 3)
      for (const fn of info.exports) if (fn.kind === 0) info.addressTaken.add(fn.index);
  }

  // Nodes: functions first, then one per canonical type.
  const typeNode = new Map<number, number>();
  const nodes: number[][] = [];
  for (let i = 0; i < count; i++) nodes.push(calls[i]?.direct ?? []);
  const nodeOf = (type: number): number => {
    let node = typeNode.get(type);
    if (node === undefined) {
      node = nodes.length;
      nodes.push([]);
      typeNode.set(type, node);
    }
    return node;
  };
  for (const fn of info.addressTaken) nodes[nodeOf(canonical[info.functions[fn]!.type]!)]!.push(fn);
  for (let i = 0; i < count; i++) {
    const own = calls[i];
    if (own?.indirect.length) nodes[i] = [...own.direct, ...own.indirect.map(nodeOf)];
  }

  const facts: FunctionFacts[] = nodes.map(() => ({
    suspends: false,
    reason: undefined,
    charges: false,
    recursive: false,
    component: 0,
    weight: 0,
    stack: 0,
    frame: 0,
    kept: 0,
    asksMemory: false,
    throws: false,
  }));
  let component = 0;
  const order: number[] = [];
  for (const members of components(nodes)) {
    const cyclic = members.length > 1 || nodes[members[0]!]!.includes(members[0]!);
    for (const node of members) {
      const fact = facts[node]!;
      fact.component = component;
      const own = calls[node];
      fact.frame = own?.frame ?? 0;
      fact.asksMemory = own?.asksMemory ?? false;
      fact.throws = cyclic || node < info.importedFunctions || (own?.throws ?? false);
      if (cyclic) {
        fact.suspends = true;
        fact.reason = RECURSIVE;
        fact.charges = node < count;
        fact.recursive = true;
      } else if (node < info.importedFunctions) {
        fact.suspends = suspendingImport(info.functions[node]!.importName!);
        fact.reason = WAITS;
        fact.weight = 1;
      }
    }
    for (const node of members) summarize(facts, nodes, calls, node, typeNode);
    for (const node of members) if (node >= info.importedFunctions && node < count) order.push(node);
    component++;
  }
  const indirect = new Map<number, FunctionFacts>();
  for (const [type, node] of typeNode) indirect.set(type, facts[node]!);
  return {
    functions: facts.slice(0, count),
    indirect,
    canonicalType: (type) => canonical[type]!,
    targets: (type) => nodes[typeNode.get(type) ?? -1] ?? [],
    order,
  };
}

function summarize(
  facts: FunctionFacts[],
  nodes: readonly number[][],
  calls: readonly (Calls | undefined)[],
  node: number,
  typeNode: ReadonlyMap<number, number>,
): void {
  const fact = facts[node]!;
  const own = calls[node];
  if (own?.loops || own?.bulk) {
    fact.suspends = true;
    fact.reason ??= own.loops ? LOOPS : BULK;
  }
  let deepest = 0;
  let heaviest = 0;
  for (const callee of nodes[node]!) {
    const other = facts[callee]!;
    if (other.suspends) {
      fact.suspends = true;
      fact.reason ??= other.reason === WAITS && !calls[callee] ? WAITS : CALLS;
    }
    if (other.throws) fact.throws = true;
    if (other.charges) continue;
    deepest = Math.max(deepest, other.stack);
    heaviest = Math.max(heaviest, other.weight);
  }
  fact.stack = fact.frame + deepest;
  if (!own) {
    if (nodes[node]!.length > 0) fact.weight = heaviest;
    return;
  }
  fact.weight = own.instructions;
  for (const site of own.sites) {
    const other = facts[site >= 0 ? site : typeNode.get(-1 - site)!]!;
    if (!other.charges) fact.weight += other.weight;
  }
  if (!fact.charges && (fact.weight > HEAVY_INSTRUCTIONS || fact.stack > HEAVY_STACK_BYTES)) {
    fact.charges = true;
    fact.suspends = true;
    fact.reason ??= HEAVY;
  }
}

function scan(info: ModuleInfo, body: Body, canonical: readonly number[]): Calls {
  const calls: Calls = {
    direct: [],
    indirect: [],
    sites: [],
    loops: false,
    bulk: false,
    asksMemory: false,
    throws: false,
    instructions: 0,
    frame: 0,
  };
  const direct = new Set<number>();
  const indirect = new Set<number>();
  let loops = 0;
  const loopEnds: number[] = [];
  for (let i = 0; i < body.ops.length; i++) {
    if (body.dead[i]) continue;
    const op = body.ops[i]!;
    if (i === loopEnds[loopEnds.length - 1]) {
      loopEnds.pop();
      loops--;
    }
    if (loops === 0) calls.instructions++;
    switch (op) {
      case Op.loop:
        if (body.targeted.has(i)) {
          calls.loops = true;
          loops++;
          loopEnds.push(body.b[i]!);
        }
        break;
      case Op.call:
      case Op.returnCall:
        direct.add(body.a[i]!);
        if (loops === 0) calls.sites.push(body.a[i]!);
        break;
      case Op.callIndirect:
      case Op.returnCallIndirect:
      case Op.callRef:
      case Op.returnCallRef:
        indirect.add(canonical[body.a[i]!]!);
        if (loops === 0) calls.sites.push(-1 - canonical[body.a[i]!]!);
        break;
      case Op.memorySize:
      case Op.memoryGrow:
      case Op.dataDrop:
      case Op.elemDrop:
        calls.asksMemory = true;
        break;
      case Op.throw:
      case Op.rethrow:
      case Op.throwRef:
        calls.throws = true;
        break;
      case Op.try:
        info.catches = "legacy";
        break;
      case Op.tryTable:
        info.catches = "exnref";
        break;
      case Op.structNew:
      case Op.structNewDefault:
      case Op.arrayNew:
      case Op.arrayNewDefault:
      case Op.arrayNewFixed:
      case Op.arrayNewData:
      case Op.arrayNewElem:
        info.allocates = true;
        if (isBulk(op) && !isSmallBulk(body, i)) calls.bulk = calls.asksMemory = true;
        break;
      case Op.tableSet:
        info.writtenTables.add(body.a[i]!);
        break;
      default:
        if (accessesMemory(op)) calls.asksMemory = true;
        if (!isBulk(op)) break;
        calls.asksMemory = true;
        if (op === Op.tableInit) info.writtenTables.add(body.b[i]!);
        else if (op === Op.tableCopy || op === Op.tableFill || op === Op.tableGrow)
          info.writtenTables.add(body.a[i]!);
        if (!isSmallBulk(body, i)) calls.bulk = true;
    }
  }
  calls.direct.push(...direct);
  calls.indirect.push(...indirect);
  // What V8's baseline compiler takes: about 60 bytes and each local's own size. Its optimizing compiler takes less.
  let bytes = 80;
  for (const type of body.locals) bytes += type === V128 ? 16 : type === I64 || type === F64 ? 8 : 4;
  calls.frame = bytes;
  return calls;
}

/** Instructions whose work grows with an operand. */
export function isBulk(op: number): boolean {
  return (
    op === Op.memoryCopy ||
    op === Op.memoryFill ||
    op === Op.memoryInit ||
    op === Op.tableCopy ||
    op === Op.tableFill ||
    op === Op.tableInit ||
    op === Op.tableGrow ||
    isArrayBulk(op)
  );
}

/** True when the length is a small constant, so that the static cost covers it. */
export function isSmallBulk(body: Body, at: number): boolean {
  if (body.ops[at - 1] !== Op.i32Const) return false;
  const length = body.a[at - 1]!;
  return length >= 0 && length <= 1024;
}

/** Type indices with equal signatures get the same number. */
function canonicalTypes(info: ModuleInfo): number[] {
  const seen = new Map<string, number>();
  return info.types.map((type, index) => {
    if (!type) return index;
    const key = `${type.params.join(",")}>${type.results.join(",")}`;
    const known = seen.get(key);
    if (known !== undefined) return known;
    seen.set(key, index);
    return index;
  });
}

/** Strongly connected components, callees before callers (Tarjan, without recursion). */
function* components(nodes: readonly number[][]): Generator<number[]> {
  const order = new Int32Array(nodes.length).fill(-1);
  const low = new Int32Array(nodes.length);
  const onStack = new Uint8Array(nodes.length);
  const stack: number[] = [];
  const work: number[] = [];
  const next: number[] = [];
  let counter = 0;
  for (let root = 0; root < nodes.length; root++) {
    if (order[root] !== -1) continue;
    work.push(root);
    next.push(0);
    while (work.length > 0) {
      const node = work[work.length - 1]!;
      let edge = next[next.length - 1]!;
      if (edge === 0) {
        order[node] = low[node] = counter++;
        stack.push(node);
        onStack[node] = 1;
      }
      const edges = nodes[node]!;
      let descended = false;
      while (edge < edges.length) {
        const callee = edges[edge++]!;
        if (order[callee] === -1) {
          next[next.length - 1] = edge;
          work.push(callee);
          next.push(0);
          descended = true;
          break;
        }
        if (onStack[callee]) low[node] = Math.min(low[node]!, order[callee]!);
      }
      if (descended) continue;
      work.pop();
      next.pop();
      const parent = work[work.length - 1];
      if (parent !== undefined) low[parent] = Math.min(low[parent]!, low[node]!);
      if (low[node] === order[node]) {
        const members: number[] = [];
        let member: number;
        do {
          member = stack.pop()!;
          onStack[member] = 0;
          members.push(member);
        } while (member !== node);
        yield members;
      }
    }
  }
}
