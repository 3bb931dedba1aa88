// Finds, for the whole module, which functions can stop (have resume points) and what the rest costs: recursion as strongly connected
// components of the call graph, static costs and native stack use along acyclic call chains.
// Indirect calls go through one node per function type, which leads to every function of that type that can be called indirectly.
import { type Body, readBody } from "./body.ts";
import { isBulk, isSmallBulk } from "./bulk.ts";
import { canonicalTypes } from "./canonical-types.ts";
import { breakCycles, calleesFirst, components, isCyclic } from "./components.ts";
import { costsOf } from "./costs.ts";
import { type CallRate, countCall, guessEntries } from "./expected-entries.ts";
import { accessesMemory } from "./guest-addresses.ts";
import type { ModuleInfo } from "./module-reader.ts";
import { F64, I64, Op, V128 } from "./opcodes.ts";
import { refuseFunction } from "./refusal.ts";
import { STOP_REASONS, type StopReason } from "./stop-reasons.ts";

/** Instructions to a unit of fuel. */
export const INSTRUCTIONS_PER_UNIT = 128;
/** Units of stack credit to a unit of fuel. */
export const CREDIT_PER_UNIT = 64;
/** An acyclic function whose own and callees' instructions exceed this charges for itself. */
const HEAVY_INSTRUCTIONS = 2_048;
/** An acyclic function whose own and callees' native frames exceed this charges for itself. */
const HEAVY_STACK_BYTES = 8_192;

/** What costs less is not worth looking for the longest way through it. */
const LIGHT_INSTRUCTIONS = 128;

/** Native stack that one function may take, so that it and the credit's worth of others fit into what V8 gives. */
const MAX_STACK_BYTES = 128 * 1024;

const [RECURSIVE, LOOPS, BULK, WAITS, CALLS, HEAVY] = STOP_REASONS;

export interface FunctionFacts {
  /** Has resume points: gets two versions. */
  suspends: boolean;
  /** Why it has. */
  reason: StopReason | undefined;
  /** Charges stack credit on entry: is heavy, or one through which a call cycle leads. */
  charges: boolean;
  /** Lies on a call cycle. */
  recursive: boolean;
  /** Component of the call graph. */
  component: number;
  /** Instructions of the longest way through it, loops left out and callees' included, that a caller is charged for. */
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
  /** Expected entries in a run, in relation to others. */
  entries: number;
  /** Loops; calls that may stop, and how often one entry is expected to come to them. */
  loops: number;
  callPoints: number;
  callsPerEntry: number;
}

/** What `scan` finds in one body. */
interface Calls {
  readonly direct: number[];
  readonly indirect: number[];
  /** Call sites outside loops, one entry each: functions, and types as -1 - type. */
  readonly sites: number[];
  /** All call sites, by function, and by type as -1 - type. */
  readonly rates: Map<number, CallRate>;
  loops: number;
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
  readonly factsOf: FactsOf;
  canonicalType(typeIndex: number): number;
  /** Functions that an indirect call of this canonical type may reach. */
  targets(type: number): readonly number[];
  /** Defined functions, callees before callers. */
  readonly order: readonly number[];
}

/** The facts of a function, or of all that an indirect call of a type may reach; undefined where it reaches none. */
export interface FactsOf {
  function(index: number): FunctionFacts;
  type(index: number): FunctionFacts | undefined;
}

/** Instructions of what an instruction calls, where that does not charge for itself; 0 for what is no call. */
export function calleeWeight(body: Body, at: number, factsOf: FactsOf): number {
  const op = body.ops[at]!;
  const callee =
    op === Op.call || op === Op.returnCall
      ? factsOf.function(body.a[at]!)
      : op === Op.callIndirect || op === Op.callRef || op === Op.returnCallIndirect || op === Op.returnCallRef
        ? factsOf.type(body.a[at]!)
        : undefined;
  return callee && !callee.charges ? callee.weight : 0;
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
    entries: 0,
    loops: 0,
    callPoints: 0,
    callsPerEntry: 0,
  }));
  const factsOf: FactsOf = {
    function: (index) => facts[index]!,
    type: (index) => facts[typeNode.get(canonical[index]!) ?? -1],
  };
  const longestWay = (node: number): number => {
    const body = readBody(info, node);
    return costsOf(body, (i) => calleeWeight(body, i, factsOf)).entry;
  };
  let component = 0;
  const inOrder: number[][] = [];
  const order: number[] = [];
  for (const members of components(nodes)) {
    const cyclic = isCyclic(nodes, members);
    const charged = cyclic
      ? breakCycles(nodes, members, (node) => calls[node] !== undefined)
      : new Set<number>();
    for (const node of members) {
      const fact = facts[node]!;
      fact.component = component;
      const own = calls[node];
      fact.frame = own?.frame ?? 0;
      fact.loops = own?.loops ?? 0;
      fact.asksMemory = own?.asksMemory ?? false;
      fact.throws = cyclic || node < info.importedFunctions || (own?.throws ?? false);
      if (cyclic) {
        fact.suspends = true;
        fact.reason = RECURSIVE;
        fact.charges = charged.has(node);
        fact.recursive = true;
      } else if (node < info.importedFunctions) {
        fact.suspends = suspendingImport(info.functions[node]!.importName!);
        fact.reason = WAITS;
        fact.weight = 1;
      }
    }
    inOrder.push(members);
    // What does not charge comes before its callers also within a cycle.
    for (const node of cyclic ? calleesFirst(nodes, members, charged) : members) {
      summarize(facts, nodes, calls, node, typeNode, longestWay);
      if (node >= info.importedFunctions && node < count) order.push(node);
    }
    component++;
  }
  guessEntries(info, {
    facts,
    nodes,
    components: inOrder,
    ratesOf: (node) =>
      calls[node] &&
      new Map([...calls[node].rates].map(([key, rate]) => [key >= 0 ? key : typeNode.get(-1 - key)!, rate])),
  });
  const indirect = new Map<number, FunctionFacts>();
  for (const [type, node] of typeNode) indirect.set(type, facts[node]!);
  return {
    functions: facts.slice(0, count),
    indirect,
    factsOf,
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
  longestWay: (node: number) => number,
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
  if (fact.weight > LIGHT_INSTRUCTIONS) fact.weight = Math.min(fact.weight, longestWay(node));
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
    rates: new Map(),
    loops: 0,
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
          calls.loops++;
          loops++;
          loopEnds.push(body.b[i]!);
        }
        break;
      case Op.call:
      case Op.returnCall:
        direct.add(body.a[i]!);
        countCall(calls.rates, body.a[i]!, loops);
        if (loops === 0) calls.sites.push(body.a[i]!);
        break;
      case Op.callIndirect:
      case Op.returnCallIndirect:
      case Op.callRef:
      case Op.returnCallRef:
        indirect.add(canonical[body.a[i]!]!);
        countCall(calls.rates, -1 - canonical[body.a[i]!]!, loops);
        if (loops === 0) calls.sites.push(-1 - canonical[body.a[i]!]!);
        break;
      case Op.memoryGrow:
        // The driver is told, and may charge for it.
        calls.throws = true;
        calls.asksMemory = true;
        break;
      case Op.memorySize:
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
