// Decodes one function body into flat arrays: an instruction is a number, its block structure and branch targets are resolved, and
// instructions that can never run are marked. The bytes of an instruction are those from its start to the next one's.
import { ByteReader } from "./bytes.ts";
import type { FunctionType, ModuleInfo } from "./module-reader.ts";
import { instructionOf, Op, prefixBase } from "./opcodes.ts";
import { refuseInstruction } from "./refusal.ts";

export class Body {
  readonly source: Uint8Array;
  /** Types of parameters and locals. */
  readonly locals: number[];
  readonly params: number;
  readonly results: readonly number[];
  readonly ops: number[] = [];
  /** One longer than ops: the last is where the body ends. */
  readonly starts: number[] = [];
  /** First immediate: an index, a constant, or for a branch its target, the number of a block's instruction (-1: the function). */
  readonly a: number[] = [];
  /** Second immediate. For block, loop, if, else, try and catch: the number of the matching end. */
  readonly b: number[] = [];
  /** The else or first catch of an if or try, by the number of its first instruction. */
  readonly alternative = new Map<number, number>();
  /** Targets of br_table and try_table, the default last. */
  readonly tables = new Map<number, number[]>();
  readonly blockTypes = new Map<number, FunctionType>();
  readonly selectTypes = new Map<number, number>();
  readonly dead: boolean[] = [];
  /** Ends (by number) that nothing reaches. */
  readonly deadAfterEnd = new Set<number>();
  /** The block that each delegate hands exceptions to; -1: the caller. */
  readonly delegates = new Map<number, number>();
  /** Blocks that a living branch targets. */
  readonly targeted = new Set<number>();
  /** The clauses of each try_table, in order; their targets are in `tables`. */
  readonly clauses = new Map<number, readonly CatchClause[]>();
  /** The reference type that each ref.cast and ref.test names. */
  readonly heapTypes = new Map<number, number>();
  /** The two types of each br_on_cast and br_on_cast_fail, as they stand in the binary. */
  readonly casts = new Map<
    number,
    { readonly types: Uint8Array; readonly from: number; readonly to: number }
  >();
  /** For a body that was rewritten: the offset in the module of each instruction, or -1 for one that the pass has added. */
  readonly origins: readonly number[] | undefined;

  constructor(
    source: Uint8Array,
    locals: number[],
    type: FunctionType,
    origins: readonly number[] | undefined,
  ) {
    this.source = source;
    this.origins = origins;
    this.locals = locals;
    this.params = type.params.length;
    this.results = type.results;
  }

  /** Offset in the module that an instruction came from, or -1. */
  originOf(at: number): number {
    return this.origins ? this.origins[at]! : this.starts[at]!;
  }
}

export interface CatchClause {
  /** 0 catch, 1 catch_ref, 2 catch_all, 3 catch_all_ref. */
  readonly kind: number;
  /** -1 for catch_all and catch_all_ref. */
  readonly tag: number;
}

interface Open {
  readonly at: number;
  readonly op: number;
  /** Dead from its start: nothing inside matters. */
  readonly dead: boolean;
  /** Numbers of its else or catches. */
  readonly arms: number[];
  endReached: boolean;
}

/** A body's locals and code that stand in place of those in the module. */
export interface RewrittenBody {
  readonly code: Uint8Array;
  readonly origins: readonly number[];
}

export function readBody(info: ModuleInfo, functionIndex: number, instead?: RewrittenBody): Body {
  const fn = info.functions[functionIndex]!;
  const type = info.functionType(fn.type);
  const source = instead?.code ?? info.bytes;
  const [from, to] = instead ? [0, source.length] : [fn.start, fn.end];
  const reader = new ByteReader(source, from, to);
  const locals = [...type.params];
  for (let groups = reader.u32(); groups > 0; groups--) {
    const count = reader.u32();
    const localType = info.valueType(reader);
    for (let i = 0; i < count; i++) locals.push(localType);
  }
  const body = new Body(source, locals, type, instead?.origins);
  const open: Open[] = [{ at: -1, op: Op.block, dead: false, arms: [], endReached: false }];
  let dead = false;
  while (reader.pos < to) {
    const at = body.ops.length;
    body.starts.push(reader.pos);
    let op = reader.u8();
    const base = prefixBase(op);
    if (base) op = base + reader.u32();
    if (!instructionOf(op))
      refuseInstruction(info, functionIndex, op, body.starts[at]!, "the pass does not know it");
    body.ops.push(op);
    body.dead.push(dead);
    readImmediates(info, body, reader, op, at, open);
    switch (op) {
      case Op.block:
      case Op.loop:
      case Op.if:
      case Op.try:
      case Op.tryTable:
        open.push({ at, op, dead, arms: [], endReached: false });
        break;
      case Op.else:
      case Op.catch:
      case Op.catchAll: {
        const top = open[open.length - 1]!;
        if (!dead) top.endReached = true;
        if (top.arms.length === 0) body.alternative.set(top.at, at);
        top.arms.push(at);
        dead = top.dead;
        body.dead[at] = dead;
        break;
      }
      case Op.end:
      case Op.delegate: {
        const top = open.pop()!;
        body.dead[at] = top.dead;
        if (top.at >= 0) {
          body.b[top.at] = at;
          body.a[at] = top.at;
          for (const arm of top.arms) body.b[arm] = at;
          const byElse = top.op === Op.if && top.arms.length === 0;
          const byBranch = top.op !== Op.loop && body.targeted.has(top.at);
          dead = top.dead || (dead && !top.endReached && !byElse && !byBranch);
          if (dead && !top.dead) body.deadAfterEnd.add(at);
        }
        break;
      }
      case Op.unreachable:
      case Op.br:
      case Op.brTable:
      case Op.return:
      case Op.returnCall:
      case Op.returnCallIndirect:
      case Op.returnCallRef:
      case Op.throw:
      case Op.rethrow:
      case Op.throwRef:
        dead = true;
        break;
    }
  }
  body.starts.push(reader.pos);
  return body;
}

function readImmediates(
  info: ModuleInfo,
  body: Body,
  reader: ByteReader,
  op: number,
  at: number,
  open: Open[],
): void {
  let a = 0;
  let b = 0;
  switch (instructionOf(op)?.immediate ?? "none") {
    case "none":
      break;
    case "index":
      a = reader.u32();
      if (
        op === Op.br ||
        op === Op.brIf ||
        op === Op.brOnNull ||
        op === Op.brOnNonNull ||
        op === Op.rethrow
      ) {
        a = target(body, open, a, at, op !== Op.rethrow);
      } else if (op === Op.delegate) body.delegates.set(at, target(body, open, a + 1, at, false));
      else if (op === Op.refFunc) info.addressTaken.add(a);
      break;
    case "index2":
      a = reader.u32();
      b = reader.u32();
      break;
    case "block":
      body.blockTypes.set(at, readBlockType(info, reader));
      break;
    case "branchTable": {
      const count = reader.u32() + 1;
      const targets: number[] = [];
      for (let i = 0; i < count; i++) targets.push(target(body, open, reader.u32(), at, true));
      body.tables.set(at, targets);
      break;
    }
    case "selectTypes":
      reader.u32();
      body.selectTypes.set(at, info.valueType(reader));
      break;
    case "memory":
    case "memoryLane":
      a = reader.u32();
      if (a & 0x40) reader.u32();
      reader.skipLeb();
      if (instructionOf(op)!.immediate === "memoryLane") reader.pos++;
      break;
    case "lane":
      reader.pos++;
      break;
    case "leb":
      if (op === Op.i32Const) a = reader.s32();
      else reader.skipLeb();
      break;
    case "bytes4":
      reader.pos += 4;
      break;
    case "bytes8":
      reader.pos += 8;
      break;
    case "bytes16":
      reader.pos += 16;
      break;
    case "heapType":
      body.heapTypes.set(at, info.valueTypes.readReference(reader, op !== Op.refCast && op !== Op.refTest));
      break;
    case "castBranch":
      b = reader.u8();
      a = target(body, open, reader.u32(), at, true);
      body.casts.set(at, readCast(info, reader, b));
      break;
    case "tryTable": {
      body.blockTypes.set(at, readBlockType(info, reader));
      const targets: number[] = [];
      const clauses: CatchClause[] = [];
      for (let n = reader.u32(); n > 0; n--) {
        const kind = reader.u8();
        clauses.push({ kind, tag: kind < 2 ? reader.u32() : -1 });
        targets.push(target(body, open, reader.u32(), at, true));
      }
      body.tables.set(at, targets);
      body.clauses.set(at, clauses);
      break;
    }
  }
  body.a.push(a);
  body.b.push(b);
}

function target(body: Body, open: readonly Open[], depth: number, at: number, branches: boolean): number {
  const block = open[open.length - 1 - depth]!.at;
  if (branches && !body.dead[at]) body.targeted.add(block);
  return block;
}

/** `flags` bit 0: the first type may be null; bit 1: the second. */
function readCast(info: ModuleInfo, reader: ByteReader, flags: number) {
  const start = reader.pos;
  const from = info.valueTypes.readReference(reader, (flags & 1) !== 0);
  const to = info.valueTypes.readReference(reader, (flags & 2) !== 0);
  return { types: reader.bytes.slice(start, reader.pos), from, to };
}

function readBlockType(info: ModuleInfo, reader: ByteReader): FunctionType {
  const byte = reader.bytes[reader.pos]!;
  if (byte === 0x40) {
    reader.pos++;
    return EMPTY;
  }
  if (byte >= 0x40 && byte < 0x80) return { params: [], results: [info.valueType(reader)] };
  return info.functionType(reader.s32());
}

const EMPTY: FunctionType = { params: [], results: [] };
