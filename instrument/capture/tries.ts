// Rewrites the try blocks of a function that hold a resume point, so that their handlers stand behind them: a clause only branches to a
// block of its own, and the handler follows that block's end. Then only what a try protects has to be entered in the middle, and a
// handler can stop like any other code. A legacy handler that rethrows keeps its exception in locals, as a tag and its values.
import type { Body, RewrittenBody } from "./body.ts";
import { ByteWriter } from "./bytes.ts";
import { get, i32, set } from "./cells.ts";
import type { Exceptions } from "./exceptions.ts";
import { startOf } from "./labels.ts";
import type { FunctionType, ModuleInfo } from "./module-reader.ts";
import { I32, Op } from "./opcodes.ts";

/** Writes the function again, with the handlers of `tries` (numbers of instructions) outside. */
export function outlineHandlers(
  info: ModuleInfo,
  exceptions: Exceptions,
  body: Body,
  tries: ReadonlySet<number>,
): RewrittenBody {
  return new Outliner(info, exceptions, body, tries).write();
}

/** A label of the code being written: what it stands for in the old code. */
interface Label {
  /** Number of the old block's instruction (-1: the function); undefined for a block that was added. */
  readonly block: number | undefined;
}

interface Handlers {
  /** Numbers of the catch and catch_all instructions. */
  readonly catches: number[];
  /** Numbers of the catches from inside of which the exception is thrown again. */
  readonly rethrown: Set<number>;
  /** Blocks that the clauses branch to, the first one innermost. */
  readonly blocks: Label[];
  readonly done: Label;
  readonly inside: Label;
  begun: boolean;
  /** Locals that hold the exception: which tag, and the values of each. */
  which: number;
  readonly values: Map<number, readonly number[]>;
}

class Outliner {
  readonly #info: ModuleInfo;
  readonly #exceptions: Exceptions;
  readonly #body: Body;
  readonly #tries: ReadonlySet<number>;
  readonly #out = new ByteWriter(1024);
  readonly #origins: number[] = [];
  readonly #labels: Label[] = [{ block: -1 }];
  readonly #handlers = new Map<number, Handlers>();
  readonly #extraLocals: number[] = [];

  constructor(info: ModuleInfo, exceptions: Exceptions, body: Body, tries: ReadonlySet<number>) {
    this.#info = info;
    this.#exceptions = exceptions;
    this.#body = body;
    this.#tries = tries;
    this.#findHandlers();
  }

  write(): RewrittenBody {
    const body = this.#body;
    for (let i = 0; i < body.ops.length; i++) this.#instruction(i);
    const code = new ByteWriter(this.#out.length + 64);
    const types = [...body.locals.slice(body.params), ...this.#extraLocals];
    code.u32(types.length);
    for (const type of types) {
      code.u8(1);
      this.#info.valueTypes.write(code, type);
    }
    code.raw(this.#out.view());
    return { code: code.view().slice(), origins: this.#origins };
  }

  #findHandlers(): void {
    const body = this.#body;
    for (let i = 0; i < body.ops.length; i++) {
      if (body.dead[i]) continue;
      const op = body.ops[i]!;
      if (this.#tries.has(i)) {
        this.#handlers.set(i, {
          catches: [],
          rethrown: new Set(),
          blocks: [],
          done: { block: i },
          inside: { block: undefined },
          begun: false,
          which: -1,
          values: new Map(),
        });
      } else if (op === Op.catch || op === Op.catchAll) {
        this.#handlers.get(startOf(body, i))?.catches.push(i);
      } else if (op === Op.rethrow) {
        const handlers = this.#handlers.get(body.a[i]!);
        if (handlers) handlers.rethrown.add(handlers.catches[handlers.catches.length - 1]!);
      }
    }
  }

  #instruction(i: number): void {
    const body = this.#body;
    if (body.dead[i]) return;
    const op = body.ops[i]!;
    switch (op) {
      case Op.try:
      case Op.tryTable:
        if (!this.#tries.has(i)) this.#plainTry(i, op);
        else if (op === Op.tryTable) this.#tryTable(i);
        else this.#try(i);
        return;
      case Op.block:
      case Op.loop:
      case Op.if:
        this.#copy(i);
        this.#labels.push({ block: i });
        return;
      case Op.catch:
      case Op.catchAll: {
        const handlers = this.#handlers.get(startOf(body, i));
        if (handlers) this.#nextHandler(handlers);
        else this.#copy(i);
        return;
      }
      case Op.end:
        this.#end(i);
        return;
      case Op.delegate: {
        this.#labels.pop();
        const target = body.delegates.get(i)!;
        const inside = this.#handlers.get(target)?.inside;
        this.#emit(i, Op.delegate, inside && this.#labels.includes(inside) ? inside : target);
        if (this.#tries.has(body.a[i]!)) this.#close();
        return;
      }
      case Op.br:
      case Op.brIf:
      case Op.brOnNull:
      case Op.brOnNonNull:
        this.#emit(i, op, body.a[i]!);
        return;
      case Op.brTable: {
        this.#begin(i);
        this.#out.u8(op);
        const targets = body.tables.get(i)!;
        this.#out.u32(targets.length - 1);
        for (const target of targets) this.#out.u32(this.#depth(target));
        return;
      }
      case Op.brOnCast:
      case Op.brOnCastFail: {
        this.#begin(i);
        const { types } = body.casts.get(i)!;
        this.#out.bytes(0xfb, op & 0xff, body.b[i]!);
        this.#out.u32(this.#depth(body.a[i]!));
        this.#out.raw(types);
        return;
      }
      case Op.rethrow: {
        const handlers = this.#handlers.get(body.a[i]!);
        if (handlers) this.#rethrow(i, handlers);
        else this.#emit(i, op, body.a[i]!);
        return;
      }
      default:
        this.#copy(i);
    }
  }

  // Writing. Before instructions are written, #begin notes where they came from.

  #begin(from: number, count = 1): void {
    for (let k = 0; k < count; k++) this.#origins.push(from < 0 ? -1 : this.#body.originOf(from));
  }

  #copy(i: number): void {
    this.#begin(i);
    this.#out.raw(this.#body.source, this.#body.starts[i]!, this.#body.starts[i + 1]!);
  }

  #emit(i: number, op: number, target: number | Label): void {
    this.#begin(i);
    this.#out.u8(op);
    this.#out.u32(this.#depth(target));
  }

  /** `target` is a label, or the number of an old block. */
  #depth(target: number | Label): number {
    for (let k = this.#labels.length - 1; k >= 0; k--) {
      const label = this.#labels[k]!;
      if (label === target || label.block === target) return this.#labels.length - 1 - k;
    }
    throw new Error("invariant: a branch to a block that is not open");
  }

  #open(from: number, op: number, type: FunctionType, label: Label): void {
    this.#begin(from);
    this.#out.u8(op);
    this.#exceptions.blockType(this.#out, type);
    this.#labels.push(label);
  }

  #close(): void {
    this.#begin(-1);
    this.#out.u8(Op.end);
    this.#labels.pop();
  }

  #newLocal(type: number): number {
    this.#extraLocals.push(type);
    return this.#body.locals.length + this.#extraLocals.length - 1;
  }

  #plainTry(i: number, op: number): void {
    if (op === Op.try) this.#copy(i);
    else {
      this.#begin(i);
      this.#out.u8(op);
      this.#exceptions.blockType(this.#out, this.#body.blockTypes.get(i)!);
      this.#clauses(i, this.#body.tables.get(i)!);
    }
    this.#labels.push({ block: i });
  }

  #clauses(i: number, targets: readonly (number | Label)[]): void {
    const clauses = this.#body.clauses.get(i)!;
    this.#out.u32(clauses.length);
    clauses.forEach(({ kind, tag }, k) => {
      this.#out.u8(kind);
      if (tag >= 0) this.#out.u32(tag);
      this.#out.u32(this.#depth(targets[k]!));
    });
  }

  #tryTable(i: number): void {
    const body = this.#body;
    const handlers = this.#handlers.get(i)!;
    const type = body.blockTypes.get(i)!;
    const targets = body.tables.get(i)!;
    this.#open(-1, Op.block, type, handlers.done);
    for (let k = targets.length - 1; k >= 0; k--) {
      const label: Label = { block: undefined };
      handlers.blocks.unshift(label);
      this.#open(-1, Op.block, { params: type.params, results: this.#labelTypes(targets[k]!) }, label);
    }
    this.#begin(i);
    this.#out.u8(Op.tryTable);
    this.#exceptions.blockType(this.#out, type);
    this.#clauses(i, handlers.blocks);
    this.#labels.push(handlers.inside);
  }

  #labelTypes(block: number): readonly number[] {
    const body = this.#body;
    if (block < 0) return body.results;
    const type = body.blockTypes.get(block)!;
    return body.ops[block] === Op.loop ? type.params : type.results;
  }

  #try(i: number): void {
    const body = this.#body;
    const handlers = this.#handlers.get(i)!;
    const type = body.blockTypes.get(i)!;
    this.#open(-1, Op.block, type, handlers.done);
    for (let k = handlers.catches.length - 1; k >= 0; k--) {
      const label: Label = { block: undefined };
      handlers.blocks.unshift(label);
      this.#open(-1, Op.block, { params: type.params, results: this.#payload(handlers.catches[k]!) }, label);
    }
    this.#open(i, Op.try, type, handlers.inside);
  }

  #payload(catchAt: number): readonly number[] {
    const body = this.#body;
    return body.ops[catchAt] === Op.catch ? this.#exceptions.tagTypes(body.a[catchAt]!) : [];
  }

  /** At a catch of a rewritten try: the clauses, if it is the first, and the end of the block that leads here. */
  #nextHandler(handlers: Handlers): void {
    if (!handlers.begun) this.#writeClauses(handlers);
    handlers.begun = true;
    this.#branch(handlers.done);
    this.#close();
  }

  #branch(label: Label): void {
    this.#emit(-1, Op.br, label);
  }

  #writeClauses(handlers: Handlers): void {
    const body = this.#body;
    const caught = new Set<number>();
    if (handlers.rethrown.size > 0) handlers.which = this.#newLocal(I32);
    handlers.catches.forEach((at, k) => {
      const tag = body.ops[at] === Op.catch ? body.a[at]! : -1;
      const block = handlers.blocks[k]!;
      if (tag >= 0) {
        if (!caught.has(tag))
          this.#clause(at, tag, handlers.rethrown.has(at) ? handlers : undefined, true, block);
        caught.add(tag);
      } else if (handlers.rethrown.has(at)) {
        // What may be thrown again has to be known: a clause for every tag there is, and one for what comes from outside.
        for (const other of this.#exceptions.allTags()) {
          if (!caught.has(other)) this.#clause(at, other, handlers, false, block);
        }
      } else {
        this.#begin(at);
        this.#out.u8(Op.catchAll);
        this.#branch(block);
      }
    });
    this.#close();
  }

  /** One clause; with `keep` the exception goes to its locals, and with `push` its values stay on the stack for the handler. */
  #clause(at: number, tag: number, keep: Handlers | undefined, push: boolean, block: Label): void {
    const out = this.#out;
    this.#begin(at);
    out.u8(Op.catch);
    out.u32(tag);
    if (keep) {
      const values = this.#valuesOf(keep, tag);
      for (let k = values.length - 1; k >= 0; k--) {
        this.#begin(-1);
        set(out, values[k]!);
      }
      this.#begin(-1, 2);
      i32(out, tag);
      set(out, keep.which);
      if (push) {
        for (const value of values) {
          this.#begin(-1);
          get(out, value);
        }
      }
    }
    this.#branch(block);
  }

  #valuesOf(handlers: Handlers, tag: number): readonly number[] {
    let values = handlers.values.get(tag);
    if (!values) {
      values = this.#exceptions.tagTypes(tag).map((type) => this.#newLocal(type));
      handlers.values.set(tag, values);
    }
    return values;
  }

  #rethrow(i: number, handlers: Handlers): void {
    const out = this.#out;
    const throwTag = (tag: number) => {
      for (const value of this.#valuesOf(handlers, tag)) {
        this.#begin(-1);
        get(out, value);
      }
      this.#begin(i);
      out.u8(Op.throw);
      out.u32(tag);
    };
    for (const tag of handlers.values.keys()) {
      this.#begin(-1, 4);
      get(out, handlers.which);
      i32(out, tag);
      out.bytes(Op.i32Eq, Op.if, 0x40);
      throwTag(tag);
      this.#begin(-1);
      out.u8(Op.end);
    }
    this.#begin(i);
    out.u8(Op.unreachable);
  }

  #end(i: number): void {
    const start = this.#body.a[i]!;
    const handlers = i === this.#body.ops.length - 1 ? undefined : this.#handlers.get(start);
    if (!handlers) {
      this.#copy(i);
      this.#labels.pop();
      return;
    }
    if (this.#body.ops[start] === Op.tryTable) {
      this.#close();
      this.#branch(handlers.done);
      for (const target of this.#body.tables.get(start)!) {
        this.#close();
        this.#emit(-1, Op.br, target);
      }
    } else if (handlers.catches.length === 0) {
      // A try without handlers protects nothing.
      this.#close();
    }
    this.#begin(i);
    this.#out.u8(Op.end);
    this.#labels.pop();
  }
}
