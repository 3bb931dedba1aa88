// A file of one subject that cannot be cut: walks one function body with a model of the operand stack and writes one of its versions. Operands that lie below a point are
// kept in locals ("homes") from where they are made until they have crossed their last point; everything else stays on Wasm's stack.
// The scanning pass writes nothing: it finds out what crosses which point. This is the one place that knows every instruction's typing. One subject, which cannot be cut.
import type { Body } from "./body.ts";
import { isBulk, isSmallBulk } from "./bulk.ts";
import { ByteReader, ByteWriter } from "./bytes.ts";

import {
  type Cells,
  call,
  get,
  getGlobal,
  i32,
  ordinalOf,
  RESUMING,
  RESUMING_BELOW,
  set,
  setGlobal,
  tee,
} from "./cells.ts";
import { writeDummy } from "./dummy-values.ts";
import type { Exceptions } from "./exceptions.ts";
import { frameOrder, isShared, layOutFrame, loadHelper, saveHelper } from "./frame-shapes.ts";
import { accessesMemory } from "./guest-addresses.ts";
import { type Hoisted, hoistedIn, Label, regionEnd } from "./labels.ts";
import type { MemoryHelpers } from "./memory-helpers.ts";
import type { FunctionType, ModuleInfo } from "./module-reader.ts";
import { FUNCREF, I32, I64, instructionOf, isTry, Op } from "./opcodes.ts";
import { isInnermost, type Plan, type Point } from "./plan.ts";
import { bulkTypes, referenceEffect } from "./reference-effects.ts";
import { refuseInstruction } from "./refusal.ts";
import { stopHelper } from "./run-functions.ts";
import { markHelper, refundHelper } from "./stack-credit.ts";

/**
 * What is written. The single version of a function runs from its start or goes on at a point, as it finds on entry. A function that is
 * worth twice the bytes has a fast version, which runs from the start and only ever writes its frame, and a resume version, which only
 * goes on. The scan writes nothing.
 */
export type Version = "scan" | "fast" | "resume" | "single";

export interface Target {
  readonly info: ModuleInfo;
  readonly cells: Cells;
  readonly memory: MemoryHelpers;
  readonly exceptions: Exceptions;
  /** True for a function that may end with an exception. */
  throws(functionIndex: number): boolean;
}

/** What a function's frames hold, the same at each of its points. */
export interface FrameLayout {
  /** Locals of the version that goes on. */
  readonly locals: readonly number[];
  readonly types: readonly number[];
  readonly offsets: readonly number[];
  readonly size: number;
  /** Those of the locals that keep the operands at each point, bottom first. */
  readonly homes: ReadonlyMap<Point, readonly number[]>;
}

interface Frame {
  readonly at: number;
  readonly op: number;
  readonly height: number;
  readonly type: FunctionType;
  readonly label: Label;
  /** In the resume version: the block is opened at its region's start. */
  readonly hoisted: boolean;
  readonly elseLabel: Label | undefined;
  /** Locals of the parameters of a block that holds a point. */
  readonly params: readonly number[] | undefined;
  /** Whether the fuel local differed from its cell where the block begins. */
  readonly dirty: boolean;
}

/** Code between a br_table and the region that it leads to. */
interface Stub {
  readonly label: Label;
  readonly region: number;
}

export class FunctionWriter {
  readonly #target: Target;
  readonly #plan: Plan;
  readonly #body: Body;
  readonly #version: Version;
  readonly #ordinal: number;
  /** Credit that entry takes; asked for once all frames are laid out. */
  readonly #credit: () => number;
  /** The version holds what goes on at a point. */
  readonly #dispatches: boolean;
  /** Can run from the function's start. */
  readonly #starts: boolean;
  /** For a fast version: the frame of the resume version. */
  readonly #layout: FrameLayout | undefined;
  /** Has an end at which its frame is written, for all points. */
  readonly #saves: boolean;
  /** For a fast version: its locals for the frame's values, those of operands being there for nothing else. */
  readonly #frameLocals: readonly number[] = [];
  /** For each operand, in the order in which they are made, the last point it crosses. */
  readonly #lastCross: number[];
  readonly #code = new ByteWriter(1024);
  readonly #sink = new ByteWriter(64);
  #out: ByteWriter;
  /** False where the resume version cannot get to; nothing is written there. */
  #awake = true;
  readonly #fuelLocal: number;
  #frameLocal = -1;
  readonly #resumeLocal: number;
  /** In a resume version: 1 on the way through the start of a try to a point inside. */
  readonly #tryLocal: number;
  readonly #extraLocals: number[] = [];
  readonly #free = new Map<number, number[]>();

  #nextOperand = 0;
  #sequence = 0;
  readonly #ids: number[] = [];
  readonly #types: number[] = [];
  /** Local that holds the operand instead of the stack, or -1. */
  readonly #homes: number[] = [];
  /** Set for homes that belong to a block's parameters and are not given back. */
  readonly #borrowed: boolean[] = [];
  readonly #frames: Frame[] = [];
  readonly #labels: Label[] = [];
  readonly #arrivals = new Map<number, Label>();
  readonly #hoistedEnds = new Map<number, Label>();
  readonly #hoistedElses = new Map<number, Label>();
  /** Where a stopping function goes with a point's number, to write its frame. */
  readonly #saveLabel = new Label();
  /** Locals that its frames hold; those that keep operands at each point; those that take what each result cell holds. */
  readonly #slots = new Set<number>();
  readonly #homesAt = new Map<Point, readonly number[]>();
  readonly #resultLocals = new Map<number, { readonly cell: number; readonly local: number }>();
  /** Offset of the constant that entry takes off the credit, where it was not known yet. */
  #creditAt = -1;
  /** Offsets of copied instructions: in the source, in the code. */
  readonly sourceMap: number[] = [];
  /** Offsets in the code of branches that are hardly ever taken. */
  readonly coldBranches: number[] = [];

  constructor(
    target: Target,
    plan: Plan,
    version: Version,
    lastCross: number[],
    ordinal: number,
    credit: () => number,
    layout?: FrameLayout,
  ) {
    this.#target = target;
    this.#plan = plan;
    this.#body = plan.body;
    this.#version = version;
    this.#ordinal = ordinal;
    this.#credit = credit;
    this.#lastCross = lastCross;
    this.#out = version === "scan" ? this.#sink : this.#code;
    this.#layout = layout;
    this.#starts = version !== "resume";
    const dispatches = version === "resume" || version === "single";
    this.#dispatches = dispatches;
    this.#saves = plan.points.length > 0 && version !== "scan";
    const loops = plan.loopPoints.size > 0;
    this.#fuelLocal = loops ? this.#newLocal(I32) : -1;
    this.#resumeLocal = dispatches && plan.regions.size > 0 ? this.#newLocal(I32) : -1;
    this.#tryLocal = dispatches && plan.regions.size > plan.loopPoints.size ? this.#newLocal(I32) : -1;
    if (this.#saves && layout) {
      this.#frameLocals = layout.locals.map((local, k) =>
        local < this.#body.locals.length ? local : this.#newLocal(layout.types[k]!),
      );
    }
  }

  /** Writes the version: its locals and code, without the size. */
  write(): { code: Uint8Array; codeAt: number } {
    const body = this.#body;
    const wrapped = this.#fuelLocal >= 0 && body.targeted.has(-1);
    const functionLabel = new Label();
    const hoisted = this.#dispatches ? hoistedIn(this.#plan, -1) : [];
    this.#frames.push({
      at: -1,
      op: Op.block,
      height: 0,
      type: { params: [], results: body.results },
      label: functionLabel,
      hoisted: false,
      elseLabel: undefined,
      params: undefined,
      dirty: this.#dirty,
    });
    const saves = this.#saves;
    if (wrapped) this.#labels.push(new Label());
    else this.#labels.push(functionLabel);
    if (saves) this.#labels.push(this.#saveLabel);
    if (wrapped) this.#labels.push(functionLabel);
    this.#open(hoisted);
    const prologueLabels = [...this.#labels];
    if (!this.#starts) this.#sleep();
    for (let i = 0; i < body.ops.length; i++) this.#instruction(i);
    if (wrapped) {
      const out = this.#out;
      this.#writeFuel(out);
      if (!saves) out.u8(Op.end);
    }
    if (saves) {
      this.#out.bytes(Op.return, Op.end);
      this.#writeFrame();
      this.#out.u8(Op.end);
    }
    if (this.#version === "scan") return { code: new Uint8Array(0), codeAt: 0 };
    if (this.#creditAt >= 0) this.#code.patchS32(this.#creditAt, this.#credit());

    const prologue = new ByteWriter(256);
    const restores = new ByteWriter(256);
    if (this.#dispatches) {
      this.#labels.splice(0, this.#labels.length, ...prologueLabels);
      this.#writeOpens(restores, hoisted);
      if (this.#plan.points.length > 0) this.#restore(restores);
    }
    this.#writeLocals(prologue);
    if (saves) prologue.bytes(Op.block, I32);
    if (wrapped) {
      prologue.u8(Op.block);
      this.#blockType(prologue, body.results);
    }
    prologue.raw(restores.view());
    const codeAt = prologue.length;
    prologue.raw(this.#code.view());
    return { code: prologue.view(), codeAt };
  }

  // The model of the operand stack.

  #push(type: number): void {
    const id = this.#nextOperand++;
    this.#ids.push(id);
    this.#types.push(type);
    this.#borrowed.push(false);
    if (this.#version !== "scan" && (this.#lastCross[id] ?? 0) > this.#sequence) {
      const home = this.#allocate(type);
      set(this.#out, home);
      this.#homes.push(home);
    } else {
      this.#homes.push(-1);
    }
  }

  /** Pushes several that lie on the stack already, the last on top. */
  #pushAll(types: readonly number[], locals?: readonly number[]): void {
    if (types.length === 0) return;
    if (types.length === 1 && !locals) {
      this.#push(types[0]!);
      return;
    }
    const first = this.#nextOperand;
    const isKept = types.map(
      (_, k) => this.#version !== "scan" && (this.#lastCross[first + k] ?? 0) > this.#sequence,
    );
    if (!locals && !isKept.includes(true)) {
      for (const type of types) this.#pushPlaced(type, -1);
      return;
    }
    const at = locals ?? types.map((type) => this.#allocate(type));
    if (!locals) for (let k = types.length - 1; k >= 0; k--) set(this.#out, at[k]!);
    for (let k = 0; k < types.length; k++) {
      if (isKept[k]) {
        this.#pushPlaced(types[k]!, at[k]!);
      } else {
        this.#fetch(this.#out, at[k]!, types[k]!);
        this.#pushPlaced(types[k]!, -1);
        this.#release(types[k]!, at[k]!);
      }
    }
  }

  #pushPlaced(type: number, home: number, borrowed = false): void {
    this.#ids.push(this.#nextOperand++);
    this.#types.push(type);
    this.#homes.push(home);
    this.#borrowed.push(borrowed);
  }

  #pop(): number {
    this.#ids.pop();
    const home = this.#homes.pop()!;
    const type = this.#types.pop()!;
    if (!this.#borrowed.pop() && home >= 0) this.#release(type, home);
    return type;
  }

  #drop(count: number): void {
    for (let i = 0; i < count; i++) this.#pop();
  }

  #truncate(height: number): void {
    while (this.#ids.length > height) this.#pop();
  }

  /** All operands of the innermost block (with `all` false) cross a point or the border of a block that holds one. */
  #cross(from: number): void {
    this.#sequence++;
    if (this.#version !== "scan") return;
    for (let i = from; i < this.#ids.length; i++) this.#lastCross[this.#ids[i]!] = this.#sequence;
  }

  /** Locals of the operands that have crossed their last point, to be put back on the stack, bottom first. */
  #crossed(): number[] {
    const found: number[] = [];
    if (this.#version === "scan") return found;
    let i = this.#ids.length;
    while (i > 0 && this.#homes[i - 1]! >= 0 && this.#lastCross[this.#ids[i - 1]!] === this.#sequence) i--;
    for (; i < this.#ids.length; i++) found.push(i);
    return found;
  }

  #putBack(positions: readonly number[]): void {
    for (const i of positions) {
      this.#fetch(this.#out, this.#homes[i]!, this.#types[i]!);
      if (!this.#borrowed[i]) this.#release(this.#types[i]!, this.#homes[i]!);
      this.#homes[i] = -1;
      this.#borrowed[i] = false;
    }
  }

  /** A local of one's own is nullable, so that it need not be set on every path. */
  #newLocal(type: number): number {
    this.#extraLocals.push(this.#target.info.valueTypes.nullable(type));
    return this.#body.locals.length + this.#extraLocals.length - 1;
  }

  #allocate(type: number): number {
    return this.#free.get(type)?.pop() ?? this.#newLocal(type);
  }

  /** Puts what a local of one's own holds on the stack, as the type that it had there. */
  #fetch(out: ByteWriter, local: number, type: number): void {
    get(out, local);
    if (this.#target.info.valueTypes.isNonNull(type)) out.u8(Op.refAsNonNull);
  }

  #release(type: number, local: number): void {
    const free = this.#free.get(type);
    if (free) free.push(local);
    else this.#free.set(type, [local]);
  }

  // Labels and waking.

  #sleep(): void {
    this.#awake = false;
    this.#out = this.#sink;
    this.#sink.length = 0;
  }

  #wake(): void {
    this.#awake = true;
    this.#out = this.#code;
  }

  #depth(label: Label): number {
    const depth = this.#labels.length - 1 - this.#labels.lastIndexOf(label);
    if (this.#awake) label.used = true;
    if (this.#dirty) label.dirty = true;
    return depth;
  }

  /** Registers blocks that open at a region's start; the first of the list closes first. */
  #open(hoisted: readonly Hoisted[]): void {
    for (let i = hoisted.length - 1; i >= 0; i--) {
      const { label, role, at } = hoisted[i]!;
      this.#labels.push(label);
      if (role === "point") this.#arrivals.set(at, label);
      else if (role === "else") this.#hoistedElses.set(at, label);
      else this.#hoistedEnds.set(at, label);
    }
  }

  #writeOpens(out: ByteWriter, hoisted: readonly Hoisted[]): void {
    for (let i = hoisted.length - 1; i >= 0; i--) {
      out.u8(Op.block);
      this.#blockType(out, hoisted[i]!.results);
    }
  }

  /** Ends a hoisted block. What follows is reached if something branches here or the code before runs into it. */
  #close(label: Label, runsInto: boolean, always: boolean): void {
    const reached = always || label.used || runsInto;
    this.#labels.pop();
    this.#code.u8(Op.end);
    if (reached) this.#wake();
    else {
      this.#code.u8(Op.unreachable);
      this.#sleep();
    }
  }

  #blockType(out: ByteWriter, results: readonly number[]): void {
    if (results.length === 0) out.u8(0x40);
    else if (results.length === 1) this.#valueType(out, results[0]!);
    else out.s32(this.#target.cells.added.type([], results));
  }

  #valueType(out: ByteWriter, type: number): void {
    this.#target.info.valueTypes.write(out, type);
  }

  #writeLocals(out: ByteWriter): void {
    const { valueTypes } = this.#target.info;
    // What only goes on has no parameters, and what goes on sets its locals when it does.
    const own = this.#body.locals
      .slice(this.#starts ? this.#body.params : 0)
      .map((type) => (this.#readsUnset ? valueTypes.nullable(type) : type));
    const types = [...own, ...this.#extraLocals];
    const groups: [number, number][] = [];
    for (const type of types) {
      const last = groups[groups.length - 1];
      if (last && last[1] === type) last[0]++;
      else groups.push([1, type]);
    }
    out.u32(groups.length);
    for (const [count, type] of groups) {
      out.u32(count);
      this.#valueType(out, type);
    }
  }

  // Points.

  /** Notes what a point's frame holds. */
  #note(point: Point): void {
    if (this.#version === "scan") {
      point.operands = [...this.#types];
    } else {
      point.homes = [...this.#homes];
      if (this.#dispatches) {
        for (const local of [...point.live, ...point.homes]) this.#slots.add(local);
        this.#homesAt.set(point, point.homes);
      }
    }
  }

  #refuse(at: number, reason: string): never {
    const { ops } = this.#body;
    refuseInstruction(this.#target.info, this.#plan.functionIndex, ops[at]!, this.#body.originOf(at), reason);
  }

  /** The local that addresses a frame. */
  #frame(): number {
    if (this.#frameLocal < 0) this.#frameLocal = this.#newLocal(I32);
    return this.#frameLocal;
  }

  /** Where a frame is written or read, a local may not have been set yet: those of references that must not be null are nullable there. */
  get #readsUnset(): boolean {
    return this.#dispatches || this.#saves;
  }

  /** Goes to where the frame of a point is written. */
  #save(point: Point): void {
    const out = this.#out;
    this.#keepOperands(point);
    i32(out, point.number);
    out.u8(Op.br);
    out.u32(this.#depth(this.#saveLabel));
  }

  /** Puts a point's operands where the code at the function's end takes them from. */
  #keepOperands(point: Point): void {
    if (this.#dispatches) return;
    const layout = this.#layout!;
    layout.homes.get(point)!.forEach((home, k) => {
      get(this.#out, point.homes[k]!);
      set(this.#out, this.#frameLocals[layout.locals.indexOf(home)]!);
    });
  }

  /** What the function gives back while its stack is captured. */
  #dummyResults(): void {
    for (const type of this.#body.results) {
      if (writeDummy(this.#out, type, this.#target.cells.added)) continue;
      this.#refuse(
        this.#plan.points[0]!.at,
        "it can be stopped here, and the function returns a reference that must not be null and that nothing can stand in for",
      );
    }
  }

  /** What the frames of this version hold, in the order in which they hold it; known once it is written. */
  layout(): FrameLayout {
    const own = this.#body.locals.length;
    const unordered = [...this.#slots].sort((x, y) => x - y);
    const { valueTypes } = this.#target.info;
    const typeOf = (local: number) =>
      valueTypes.nullable(this.#body.locals[local] ?? this.#extraLocals[local - own]!);
    const order = frameOrder(unordered.map(typeOf));
    const locals = order.map((k) => unordered[k]!);
    const types = locals.map(typeOf);
    return { locals, types, ...layOutFrame(types), homes: this.#homesAt };
  }

  /** Writes the frame, whose point lies on the stack, and gives dummies for results. */
  #writeFrame(): void {
    const { cells, info, exceptions } = this.#target;
    const out = this.#out;
    const { types, offsets, size } = this.#layout ?? this.layout();
    const locals = this.#layout ? this.#frameLocals : this.layout().locals;
    for (const point of this.#plan.points) point.size = size;
    if (this.#dispatches && info.catches) exceptions.rethrow(out);
    if (this.#fuelLocal >= 0) {
      get(out, this.#fuelLocal);
      setGlobal(out, cells.fuel);
    }
    if (isShared(types.length)) {
      for (const local of locals) get(out, local);
      i32(out, this.#ordinal);
      call(out, saveHelper(cells, types));
    } else {
      const number = this.#newLocal(I32);
      set(out, number);
      for (const [offset, write] of [
        [0, () => i32(out, this.#ordinal)],
        [4, () => get(out, number)],
      ] as const) {
        getGlobal(out, cells.scratch);
        write();
        out.u8(Op.i32Store);
        cells.memoryArgument(out, 2, offset);
      }
      getGlobal(out, cells.scratch);
      set(out, number);
      locals.forEach((local, k) => {
        cells.store(out, number, local, types[k]!, offsets[k]!);
      });
      get(out, number);
      i32(out, size);
      out.u8(Op.i32Add);
      setGlobal(out, cells.scratch);
      i32(out, 1);
      setGlobal(out, cells.stopping);
    }
    this.#dummyResults();
  }

  /** The start: takes the frame at `head` and branches to the point, in the single version when it is entered to go on. */
  #restore(out: ByteWriter): void {
    const { cells } = this.#target;
    const { locals, types, offsets, size } = this.layout();
    const { inside, stubs } = this.#ways(-1, 0);
    this.#awake = true;
    if (this.#starts) getGlobal(out, cells.resuming);
    out.bytes(this.#starts ? Op.if : Op.block, 0x40);
    const start = new Label();
    this.#labels.push(start);
    this.#openStubs(out, stubs);
    if (isShared(types.length)) {
      call(out, loadHelper(cells, types));
      for (let k = locals.length - 1; k >= 0; k--) set(out, locals[k]!);
    } else {
      getGlobal(out, cells.head);
      tee(out, this.#frame());
      out.u8(Op.i32Load);
      cells.memoryArgument(out, 2, 4);
      locals.forEach((local, k) => {
        cells.load(out, this.#frame(), local, types[k]!, offsets[k]!);
      });
      get(out, this.#frame());
      i32(out, size);
      out.u8(Op.i32Add);
      setGlobal(out, cells.head);
      i32(out, 0);
      setGlobal(out, cells.resuming);
    }
    for (const { cell, local } of this.#resultLocals.values()) {
      getGlobal(out, cell);
      set(out, local);
    }
    if (this.#resumeLocal >= 0) tee(out, this.#resumeLocal);
    if (this.#fuelLocal >= 0) {
      i32(out, RESUMING);
      set(out, this.#fuelLocal);
    }
    out.u8(Op.brTable);
    out.u32(inside.length);
    for (const label of inside) out.u32(this.#depth(label));
    // A number that is none was forged. A function that can start does so, on what was forged; else it traps.
    out.u32(this.#depth(start));
    this.#writeStubs(out, stubs);
    this.#labels.pop();
    out.u8(Op.end);
    if (!this.#starts) out.u8(Op.unreachable);
  }

  /** After a call: the stack unwinds if the callee has been captured, or an exception is on its way to a frame below. */
  #afterCall(point: Point): void {
    const { cells, info, exceptions } = this.#target;
    const out = this.#out;
    const throwsHere = this.#dispatches && info.catches && this.#isProtected(point);
    if (!throwsHere) this.#numberBelow(point);
    if (this.#fuelLocal >= 0) {
      getGlobal(out, cells.fuel);
      tee(out, this.#fuelLocal);
      i32(out, 0);
      out.u8(Op.i32LtS);
    } else getGlobal(out, cells.stopping);
    if (throwsHere) {
      this.#isCold();
      out.bytes(Op.if, 0x40);
      this.#labels.push(new Label());
      exceptions.rethrow(out);
      this.#save(point);
      this.#labels.pop();
      out.u8(Op.end);
    } else this.#saveIf(point);
  }

  /** Stands in a try that can be entered in the middle. */
  #isProtected(point: Point): boolean {
    const { ops } = this.#body;
    for (const region of this.#plan.regions) {
      if (region < point.at && isTry(ops[region]!) && regionEnd(this.#body, region) > point.at) return true;
    }
    return false;
  }

  /** The branch that is written next is hardly ever taken. */
  #isCold(): void {
    if (this.#out === this.#code) this.coldBranches.push(this.#code.length);
  }

  /** One branch is all it takes to stop at the point. */
  #savesByBranch(point: Point): boolean {
    return this.#dispatches || point.homes.length === 0;
  }

  /** Written before the condition under which `saveIf` stops. */
  #numberBelow(point: Point): void {
    if (this.#savesByBranch(point)) i32(this.#out, point.number);
  }

  /** Stops at a point where the condition on the stack holds; `numberBelow` stands before that. */
  #saveIf(point: Point): void {
    const out = this.#out;
    this.#isCold();
    if (this.#savesByBranch(point)) {
      out.u8(Op.brIf);
      out.u32(this.#depth(this.#saveLabel));
      out.u8(Op.drop);
      return;
    }
    out.bytes(Op.if, 0x40);
    this.#labels.push(new Label());
    this.#save(point);
    this.#labels.pop();
    out.u8(Op.end);
  }

  #entryCheck(point: Point): void {
    const { cells } = this.#target;
    this.#cross(this.#frames[this.#frames.length - 1]!.height);
    this.#note(point);
    const out = this.#out;
    if (this.#version !== "scan") {
      getGlobal(out, cells.credit);
      out.u8(Op.i32Const);
      if (this.#dispatches) {
        if (this.#awake) this.#creditAt = out.length;
        out.paddedS32(0);
      } else out.s32(this.#credit());
      out.u8(Op.i32Sub);
      tee(out, this.#frame());
      setGlobal(out, cells.credit);
      get(out, this.#frame());
      i32(out, 0);
      out.u8(Op.i32LtS);
      this.#isCold();
      out.bytes(Op.if, 0x40);
      this.#labels.push(new Label());
      call(out, stopHelper(cells));
      if (this.#fuelLocal >= 0) {
        getGlobal(out, cells.fuel);
        set(out, this.#fuelLocal);
      }
      this.#save(point);
      this.#labels.pop();
      out.u8(Op.end);
    }
    if (this.#dispatches) {
      this.#close(this.#arrivals.get(-1)!, false, true);
      if (this.#fuelLocal >= 0) {
        getGlobal(this.#out, cells.fuel);
        set(this.#out, this.#fuelLocal);
      }
    }
    this.#putBack(this.#crossed());
  }

  /** A call after which the stack may be captured. Its arguments are on the stack; `emit` writes the call itself. */
  #callPoint(point: Point, taken: number, results: readonly number[], emit: () => void): void {
    this.#drop(taken);
    this.#writeFuel(this.#out);
    const isRefunded = this.#plan.refunds.has(point.at);
    if (isRefunded) {
      call(this.#out, markHelper(this.#target.cells));
      set(this.#out, this.#plan.creditLocal);
    }
    if (this.#version !== "resume") point.codeOffset = this.#code.length;
    emit();
    this.#cross(this.#frames[this.#frames.length - 1]!.height);
    const back = this.#crossed();
    // The fast version leaves results on the stack where nothing has to go below them.
    const inLocals = this.#dispatches || (this.#version === "fast" && back.length > 0);
    const resultLocals = this.#dispatches
      ? this.#lastingResultLocals(results)
      : inLocals
        ? results.map((type) => this.#allocate(type))
        : [];
    this.#note(point);
    if (inLocals) for (let k = results.length - 1; k >= 0; k--) set(this.#out, resultLocals[k]!);
    if (this.#dispatches) this.#close(this.#arrivals.get(point.at)!, false, true);
    if (this.#version !== "scan") this.#afterCall(point);
    if (isRefunded) {
      get(this.#out, this.#plan.creditLocal);
      call(this.#out, refundHelper(this.#target.cells));
      set(this.#out, this.#fuelLocal);
    }
    this.#dirty = false;
    this.#putBack(back);
    if (this.#dispatches) {
      resultLocals.forEach((local, k) => {
        get(this.#out, local);
        this.#target.cells.asDeclared(this.#out, results[k]!);
      });
      this.#pushAll(results);
    } else if (inLocals) this.#pushAll(results, resultLocals);
    else this.#pushAll(results);
  }

  /** Locals that are used for what comes in a result cell and for nothing else, so that one restore fills them for every call. */
  #lastingResultLocals(results: readonly number[]): number[] {
    const { added } = this.#target.cells;
    return results.map((type, k) => {
      const cell = added.resultGlobal(type, this.#ordinalOf(results, k));
      let entry = this.#resultLocals.get(cell);
      if (!entry) {
        entry = { cell, local: this.#newLocal(added.resultType(type)) };
        this.#resultLocals.set(cell, entry);
      }
      return entry.local;
    });
  }

  /** Charges an iteration; the cold path saves the frame or, in the resume version, goes on to the point being looked for. */
  #loopHeader(point: Point): void {
    const { cells } = this.#target;
    const charge = (out: ByteWriter) => {
      get(out, this.#fuelLocal);
      i32(out, this.#plan.loopUnits.get(point.at)!);
      out.u8(Op.i32Sub);
      tee(out, this.#fuelLocal);
      i32(out, 0);
    };
    if (this.#version !== "resume") point.codeOffset = this.#code.length;
    if (!this.#dispatches || isInnermost(this.#plan, point.at)) {
      this.#numberBelow(point);
      charge(this.#out);
      this.#out.u8(Op.i32LtS);
      this.#saveIf(point);
      return;
    }
    const out = this.#out;
    const { inside, stubs } = this.#ways(point.at, point.number + 1);
    out.bytes(Op.block, 0x40, Op.block, 0x40);
    const body = new Label();
    const header = new Label();
    this.#labels.push(body, header);
    charge(out);
    out.bytes(Op.i32GeS, Op.brIf, 1);
    get(out, this.#fuelLocal);
    i32(out, RESUMING_BELOW);
    out.bytes(Op.i32LtS, Op.if, 0x40);
    this.#labels.push(new Label());
    this.#openStubs(out, stubs);
    get(out, this.#resumeLocal);
    i32(out, point.number);
    out.bytes(Op.i32Sub, Op.brTable);
    out.u32(inside.length + 1);
    out.u32(this.#depth(header));
    for (const label of inside) out.u32(this.#depth(label));
    // No other number can come here: the restore set it.
    out.u32(this.#depth(header));
    this.#writeStubs(out, stubs);
    this.#labels.pop();
    out.u8(Op.end);
    this.#save(point);
    out.u8(Op.end);
    getGlobal(out, cells.fuel);
    set(out, this.#fuelLocal);
    out.u8(Op.end);
    this.#labels.splice(-2, 2);
  }

  /** Where to branch for each point inside a region, from its start; some need something done on the way, in a stub. */
  #ways(region: number, firstNumber: number): { inside: Label[]; stubs: Stub[] } {
    const inside: Label[] = [];
    const stubs: Stub[] = [];
    const tries = new Map<number, Label>();
    for (const other of this.#plan.points) {
      // The whole function's region holds its end, too, before which the entry of one that does nothing is checked.
      const isBehind = region >= 0 && other.at >= regionEnd(this.#body, region);
      if (other.number < firstNumber || isBehind) continue;
      const next = this.#regionOf(other, region);
      if (next >= 0 && isTry(this.#body.ops[next]!)) {
        let label = tries.get(next);
        if (!label) {
          label = new Label();
          tries.set(next, label);
          stubs.push({ label, region: next });
        }
        inside.push(label);
      } else if (next === other.at && isInnermost(this.#plan, next)) {
        const label = new Label();
        stubs.push({ label, region: next });
        inside.push(label);
      } else inside.push(this.#arrivalOf(other, region));
    }
    return { inside, stubs };
  }

  #openStubs(out: ByteWriter, stubs: readonly Stub[]): void {
    for (const { label } of [...stubs].reverse()) {
      out.bytes(Op.block, 0x40);
      this.#labels.push(label);
    }
  }

  #writeStubs(out: ByteWriter, stubs: readonly Stub[]): void {
    for (const { region } of stubs) {
      this.#labels.pop();
      out.u8(Op.end);
      if (isTry(this.#body.ops[region]!)) this.#beforeTry(out, region);
      else this.#beforeInnermost(out, this.#plan.loopPoints.get(region)!);
    }
  }

  /** At the start of a try in the resume version: goes on to the point that is looked for inside. */
  #tryDispatch(region: number): void {
    const out = this.#code;
    const first = this.#plan.points.find((point) => point.at > region)!;
    const { inside, stubs } = this.#ways(region, first.number);
    get(out, this.#tryLocal);
    out.bytes(Op.if, 0x40);
    this.#labels.push(new Label());
    i32(out, 0);
    set(out, this.#tryLocal);
    this.#openStubs(out, stubs);
    get(out, this.#resumeLocal);
    i32(out, first.number);
    out.bytes(Op.i32Sub, Op.brTable);
    // The last is the default: no other number can come here, the restore set it.
    out.u32(inside.length - 1);
    for (const label of inside) out.u32(this.#depth(label));
    this.#writeStubs(out, stubs);
    this.#labels.pop();
    out.u8(Op.end);
  }

  #beforeTry(out: ByteWriter, region: number): void {
    i32(out, 1);
    set(out, this.#tryLocal);
    out.u8(Op.br);
    out.u32(this.#depth(this.#arrivals.get(region)!));
  }

  /** Goes to before a loop without points inside, whose header will charge an iteration that was charged when it stopped. */
  #beforeInnermost(out: ByteWriter, point: Point): void {
    getGlobal(out, this.#target.cells.fuel);
    i32(out, this.#plan.loopUnits.get(point.at)!);
    out.u8(Op.i32Add);
    set(out, this.#fuelLocal);
    out.u8(Op.br);
    out.u32(this.#depth(this.#arrivals.get(point.at)!));
  }

  /** The outermost region inside `region` (-1: the function) that leads to a point, or -1 when nothing lies between. */
  #regionOf(point: Point, region: number): number {
    const body = this.#body;
    for (const inner of this.#plan.regions) {
      if (inner <= region) continue;
      if (inner > point.at) break;
      if (inner === point.at ? point.kind === "loop" : regionEnd(body, inner) > point.at) return inner;
    }
    return -1;
  }

  /** Label to branch to, from `region`, on the way to a point: its own, or that of a region around it. */
  #arrivalOf(point: Point, region: number): Label {
    const next = this.#regionOf(point, region);
    return this.#arrivals.get(next >= 0 ? next : point.kind === "entry" ? -1 : point.at)!;
  }

  /** Which of the cells of its type takes a result. */
  #ordinalOf(types: readonly number[], at: number): number {
    const { added } = this.#target.cells;
    return ordinalOf(
      types.map((type) => added.resultType(type)),
      at,
    );
  }

  // Instructions.

  #copy(i: number): void {
    const body = this.#body;
    const origin = body.originOf(i);
    if (this.#awake && this.#version !== "scan" && origin >= 0)
      this.sourceMap.push(origin, this.#code.length);
    if (accessesMemory(body.ops[i]!)) this.#target.memory.access(this.#out, body, i);
    else this.#out.raw(body.source, body.starts[i]!, body.starts[i + 1]!);
  }

  #instruction(i: number): void {
    const body = this.#body;
    const op = body.ops[i]!;
    if (i === this.#plan.fuelAt && this.#version !== "resume" && this.#fuelLocal >= 0) {
      getGlobal(this.#out, this.#target.cells.fuel);
      set(this.#out, this.#fuelLocal);
    }
    if (this.#plan.entry?.at === i) this.#entryCheck(this.#plan.entry);
    if (body.dead[i]) return;
    const instruction = instructionOf(op);
    const point = this.#plan.callPoints.get(i);
    if (isBulk(op)) {
      const emit = () => this.#target.memory.bulk(this.#out, body, i, !isSmallBulk(body, i));
      const { params, results } = bulkTypes(this.#target.info, body, i);
      if (point) this.#callPoint(point, params.length, results, emit);
      else {
        this.#drop(params.length);
        emit();
        this.#pushAll(results);
      }
      return;
    }
    if (instruction!.pops >= 0) {
      this.#drop(instruction!.pops);
      this.#copy(i);
      if (op === Op.dataDrop || op === Op.elemDrop)
        this.#target.memory.dropped(this.#out, op, this.#body.a[i]!);
      this.#pushAll(instruction!.pushes);
      return;
    }
    this.#special(i, op, point);
  }

  #special(i: number, op: number, point: Point | undefined): void {
    const body = this.#body;
    const { info } = this.#target;
    switch (op) {
      case Op.block:
      case Op.loop:
      case Op.if:
      case Op.try:
      case Op.tryTable:
        this.#blockStart(i, op);
        return;
      case Op.else:
        this.#else(i);
        return;
      case Op.catch:
      case Op.catchAll:
        this.#catch(i, op);
        return;
      case Op.end:
      case Op.delegate:
        this.#end(i, op);
        return;
      case Op.br:
      case Op.brIf:
        this.#branch(i, op);
        return;
      case Op.brOnNull:
      case Op.brOnNonNull:
      case Op.brOnCast:
      case Op.brOnCastFail:
        this.#branchOnReference(i, op);
        return;
      case Op.brTable:
        this.#branchTable(i);
        return;
      case Op.return: {
        this.#drop(body.results.length);
        this.#writeFuel(this.#out);
        this.#copy(i);
        this.#terminate();
        return;
      }
      case Op.unreachable:
        this.#copy(i);
        this.#terminate();
        return;
      case Op.throw:
      case Op.throwRef:
        this.#writeFuel(this.#out);
        this.#copy(i);
        this.#terminate();
        return;
      case Op.rethrow:
        this.#writeFuel(this.#out);
        this.#out.u8(Op.rethrow);
        this.#out.u32(this.#depth(this.#frameOf(body.a[i]!).label));
        this.#terminate();
        return;
      case Op.call:
      case Op.callIndirect:
      case Op.callRef: {
        const type = op === Op.call ? info.typeOf(body.a[i]!) : info.functionType(body.a[i]!);
        const taken = type.params.length + (op === Op.call ? 0 : 1);
        if (point) this.#callPoint(point, taken, type.results, () => this.#copy(i));
        else {
          this.#drop(taken);
          // What may throw is what may come to an import: an exception may be caught where the fuel is read from its cell, and the host
          // may charge for its work.
          const reachesHost = op !== Op.call || this.#target.throws(body.a[i]!);
          if (reachesHost) {
            this.#writeFuel(this.#out);
            this.#dirty = false;
          }
          this.#copy(i);
          if (reachesHost && this.#fuelLocal >= 0) {
            getGlobal(this.#out, this.#target.cells.fuel);
            set(this.#out, this.#fuelLocal);
          }
          this.#pushAll(type.results);
        }
        return;
      }
      case Op.returnCall:
      case Op.returnCallIndirect:
      case Op.returnCallRef:
        this.#tailCall(i, op);
        return;
      case Op.localGet:
      case Op.localTee: {
        if (op === Op.localTee) this.#drop(1);
        this.#copy(i);
        const type = body.locals[body.a[i]!]!;
        if (this.#readsUnset && info.valueTypes.isNonNull(type)) this.#out.u8(Op.refAsNonNull);
        this.#push(type);
        return;
      }
      case Op.globalGet:
        this.#copy(i);
        this.#push(info.globals[body.a[i]!]!.type);
        return;
      case Op.tableGet:
        this.#drop(1);
        this.#copy(i);
        this.#push(info.tables[body.a[i]!]!.elementType);
        return;
      case Op.select: {
        this.#drop(2);
        const type = this.#pop();
        this.#copy(i);
        this.#push(type);
        return;
      }
      case Op.selectT:
        this.#drop(3);
        this.#copy(i);
        this.#push(body.selectTypes.get(i)!);
        return;
      case Op.tableSize:
        this.#copy(i);
        this.#push(info.tables[body.a[i]!]!.table64 ? I64 : I32);
        return;
      case Op.memorySize:
        this.#copy(i);
        this.#target.memory.size(this.#out, body.a[i]!);
        this.#push(info.memories[body.a[i]!]!.memory64 ? I64 : I32);
        return;
      case Op.memoryGrow:
        this.#drop(1);
        this.#writeFuel(this.#out);
        this.#target.memory.grow(this.#out, body.a[i]!);
        this.#reloadFuel();
        this.#push(info.memories[body.a[i]!]!.memory64 ? I64 : I32);
        return;
      case Op.refNull: {
        this.#copy(i);
        const heap = new ByteReader(body.source, body.starts[i]! + 1, body.starts[i + 1]!);
        this.#push(info.valueTypes.readReference(heap, true));
        return;
      }
      case Op.refFunc:
        this.#copy(i);
        this.#push(
          info.valueTypes.areTyped ? info.valueTypes.referenceTo(info.functions[body.a[i]!]!.type) : FUNCREF,
        );
        return;
      default: {
        const effect = referenceEffect(info, body, i, () => this.#types[this.#types.length - 1]!);
        if (!effect) this.#refuse(i, "the pass does not know it");
        this.#drop(effect.pops);
        this.#copy(i);
        this.#pushAll(effect.pushes);
      }
    }
  }

  #frameOf(block: number): Frame {
    for (let k = this.#frames.length - 1; k >= 0; k--)
      if (this.#frames[k]!.at === block) return this.#frames[k]!;
    return this.#frames[0]!;
  }

  /** Nothing runs from here to the end of the block. */
  #terminate(): void {
    this.#truncate(this.#frames[this.#frames.length - 1]!.height);
    this.#ended = true;
    this.#dirty = false;
  }
  #ended = false;
  /** The fuel local may differ from the fuel cell. */
  #dirty = false;

  /** Puts the fuel local into its cell, where they may differ. */
  #writeFuel(out: ByteWriter): void {
    if (this.#fuelLocal < 0 || !this.#dirty) return;
    get(out, this.#fuelLocal);
    setGlobal(out, this.#target.cells.fuel);
  }

  #blockStart(i: number, op: number): void {
    const body = this.#body;
    const type = body.blockTypes.get(i)!;
    const pointful = this.#plan.pointful.has(i);
    if (!pointful) {
      if (op === Op.if) this.#drop(1);
      this.#drop(type.params.length);
      const height = this.#ids.length;
      const label = new Label();
      if (op === Op.tryTable) {
        this.#out.u8(op);
        this.#target.exceptions.blockType(this.#out, type);
        this.#clauses(i);
      } else this.#copy(i);
      this.#labels.push(label);
      this.#frames.push({
        at: i,
        op,
        height,
        type,
        label,
        hoisted: false,
        elseLabel: undefined,
        params: undefined,
        dirty: this.#dirty,
      });
      for (const param of type.params) this.#pushPlaced(param, -1);
      return;
    }
    const header = this.#plan.loopPoints.get(i);
    if (op === Op.if) {
      this.#drop(1);
      if (type.params.length > 0) {
        const condition = this.#allocate(I32);
        set(this.#out, condition);
        this.#takeParams(i, op, type, header, condition);
        return;
      }
    }
    this.#takeParams(i, op, type, header, -1);
  }

  #takeParams(i: number, op: number, type: FunctionType, header: Point | undefined, condition: number): void {
    const dispatches = this.#dispatches;
    this.#drop(type.params.length);
    const params = type.params.map((param) => this.#allocate(param));
    for (let k = params.length - 1; k >= 0; k--) set(this.#out, params[k]!);
    this.#cross(this.#frames[this.#frames.length - 1]!.height);
    if (condition >= 0) {
      get(this.#out, condition);
      this.#release(I32, condition);
    }
    const height = this.#ids.length;
    if (op === Op.loop && header) {
      if (dispatches) this.#close(this.#arrivals.get(i)!, false, true);
      const label = new Label();
      this.#out.u8(Op.loop);
      this.#blockType(this.#out, type.results);
      this.#labels.push(label);
      this.#frames.push({
        at: i,
        op,
        height,
        type,
        label,
        hoisted: false,
        elseLabel: undefined,
        params,
        dirty: this.#dirty,
      });
      for (let k = 0; k < params.length; k++) this.#pushPlaced(type.params[k]!, params[k]!, true);
      this.#cross(height);
      this.#note(header);
      if (dispatches) {
        const hoisted = hoistedIn(this.#plan, i);
        this.#open(hoisted);
        this.#writeOpens(this.#out, hoisted);
      }
      if (this.#version !== "scan") this.#loopHeader(header);
      this.#dirty = true;
      this.#putBack(this.#crossed());
      return;
    }
    if (isTry(op)) {
      this.#enterTry(i, op, type, params, height);
      return;
    }
    if (dispatches) {
      const label = this.#hoistedEnds.get(i)!;
      const elseLabel = this.#hoistedElses.get(i);
      if (op === Op.if) {
        this.#out.bytes(Op.i32Eqz, Op.brIf);
        this.#out.u32(this.#depth(elseLabel!));
      }
      this.#frames.push({
        at: i,
        op,
        height,
        type,
        label,
        hoisted: true,
        elseLabel,
        params,
        dirty: this.#dirty,
      });
    } else {
      const label = new Label();
      this.#out.u8(op);
      // Without an else, the parameters are the results: there has to be one to put them back.
      this.#blockType(this.#out, type.results);
      this.#labels.push(label);
      this.#frames.push({
        at: i,
        op,
        height,
        type,
        label,
        hoisted: false,
        elseLabel: undefined,
        params,
        dirty: this.#dirty,
      });
    }
    this.#enterParams(type, params);
  }

  #enterTry(i: number, op: number, type: FunctionType, params: readonly number[], height: number): void {
    const fromBefore = this.#awake;
    if (this.#dispatches) this.#close(this.#arrivals.get(i)!, false, true);
    const label = new Label();
    this.#out.u8(op);
    this.#blockType(this.#out, type.results);
    if (op === Op.tryTable) this.#clauses(i);
    this.#labels.push(label);
    this.#frames.push({
      at: i,
      op,
      height,
      type,
      label,
      hoisted: false,
      elseLabel: undefined,
      params,
      dirty: this.#dirty,
    });
    if (this.#dispatches) {
      const hoisted = hoistedIn(this.#plan, i);
      this.#open(hoisted);
      this.#writeOpens(this.#out, hoisted);
      this.#tryDispatch(i);
      if (!fromBefore) {
        this.#out.u8(Op.unreachable);
        this.#sleep();
      }
    }
    this.#enterParams(type, params);
  }

  /** The clauses of a try_table; their labels count from outside of it. */
  #clauses(i: number): void {
    const out = this.#out;
    const targets = this.#body.tables.get(i)!;
    out.u32(targets.length);
    this.#body.clauses.get(i)!.forEach(({ kind, tag }, k) => {
      out.u8(kind);
      if (tag >= 0) out.u32(tag);
      out.u32(this.#depth(this.#frameOf(targets[k]!).label));
    });
  }

  /** A try whose start was written is ended in the code, also where nothing comes to its end. */
  #endBegun(): void {
    if (this.#awake) return;
    this.#wake();
    this.#code.u8(Op.unreachable);
  }

  /** Where an exception arrives that may have been thrown by something stopped, the cell knows the fuel. */
  #reloadFuel(): void {
    this.#dirty = false;
    if (this.#fuelLocal < 0) return;
    getGlobal(this.#out, this.#target.cells.fuel);
    set(this.#out, this.#fuelLocal);
  }

  /** At the start of a block or an arm: makes operands of the parameters. */
  #enterParams(type: FunctionType, params: readonly number[]): void {
    for (let k = 0; k < params.length; k++) {
      const kept = this.#version !== "scan" && (this.#lastCross[this.#nextOperand] ?? 0) > this.#sequence;
      if (kept) this.#pushPlaced(type.params[k]!, params[k]!, true);
      else {
        this.#fetch(this.#out, params[k]!, type.params[k]!);
        this.#pushPlaced(type.params[k]!, -1);
      }
    }
  }

  #else(i: number): void {
    const frame = this.#frames[this.#frames.length - 1]!;
    const runsInto = !this.#ended;
    this.#truncate(frame.height);
    if (frame.hoisted) {
      if (runsInto) {
        this.#out.u8(Op.br);
        this.#out.u32(this.#depth(frame.label));
      }
      this.#close(frame.elseLabel!, false, false);
    } else this.#copy(i);
    if (runsInto && this.#dirty) frame.label.dirty = true;
    this.#dirty = frame.dirty;
    this.#ended = false;
    if (frame.params) this.#enterParams(frame.type, frame.params);
    else for (const param of frame.type.params) this.#pushPlaced(param, -1);
  }

  #catch(i: number, op: number): void {
    const frame = this.#frames[this.#frames.length - 1]!;
    this.#truncate(frame.height);
    if (!this.#ended && this.#dirty) frame.label.dirty = true;
    this.#dirty = true;
    this.#ended = false;
    const isRegion = this.#plan.regions.has(frame.at);
    if (isRegion && this.#dispatches) this.#endBegun();
    this.#copy(i);
    if (isRegion) this.#reloadFuel();
    if (op === Op.catch) {
      for (const param of this.#target.exceptions.tagTypes(this.#body.a[i]!)) this.#pushPlaced(param, -1);
    }
  }

  #end(i: number, op: number): void {
    const frame = this.#frames.pop()!;
    const body = this.#body;
    const runsInto = !this.#ended;
    if (runsInto) this.#drop(frame.type.results.length);
    this.#truncate(frame.height);
    this.#ended = false;
    const withoutElse = frame.op === Op.if && !body.alternative.has(frame.at);
    this.#dirty =
      (runsInto && this.#dirty) ||
      (frame.op !== Op.loop && frame.label.dirty) ||
      (withoutElse && frame.dirty);
    if (frame.at < 0) {
      this.#functionEnd(i, frame);
      return;
    }
    const implicitElse = frame.op === Op.if && !body.alternative.has(frame.at);
    if (frame.hoisted) {
      const awake = this.#awake;
      if (implicitElse && frame.params!.length > 0) {
        if (runsInto) {
          this.#out.u8(Op.br);
          this.#out.u32(this.#depth(frame.label));
        }
        this.#close(frame.elseLabel!, false, false);
        frame.params!.forEach((param, k) => {
          this.#fetch(this.#out, param, frame.type.params[k]!);
        });
        this.#close(frame.label, this.#awake, false);
      } else if (implicitElse) {
        this.#close(frame.elseLabel!, awake && runsInto, false);
        this.#close(frame.label, this.#awake, false);
      } else {
        this.#close(frame.label, awake && runsInto, false);
      }
    } else {
      if (implicitElse && frame.params && frame.params.length > 0) {
        this.#out.u8(Op.else);
        frame.params.forEach((param, k) => {
          this.#fetch(this.#out, param, frame.type.params[k]!);
        });
      }
      this.#labels.pop();
      if (this.#dispatches && isTry(frame.op) && this.#plan.regions.has(frame.at)) this.#endBegun();
      if (op === Op.delegate) {
        this.#out.u8(Op.delegate);
        this.#out.u32(this.#depth(this.#frameOf(body.delegates.get(i)!).label));
      } else if (!this.#awake && this.#plan.loopPoints.has(frame.at)) {
        // The loop was begun, as it holds points; nothing comes to its end.
        this.#code.bytes(Op.end, Op.unreachable);
      } else this.#copy(i);
      if (body.deadAfterEnd.has(i)) this.#out.u8(Op.unreachable);
    }
    if (this.#plan.handlers.has(frame.at)) this.#reloadFuel();
    const kept = frame.params;
    if (kept)
      kept.forEach((local, k) => {
        this.#release(frame.type.params[k]!, local);
      });
    const dead = body.deadAfterEnd.has(i);
    const out = this.#out;
    if (dead) {
      // Operands are still counted, as in every version, but nothing is written.
      this.#ended = true;
      this.#out = this.#sink;
      this.#sink.length = 0;
    }
    const results = frame.type.results;
    if (this.#plan.pointful.has(frame.at)) {
      this.#cross(this.#frames[this.#frames.length - 1]!.height);
      const back = this.#crossed();
      if (back.length > 0 && results.length > 0) {
        const locals = results.map((type) => this.#allocate(type));
        for (let k = results.length - 1; k >= 0; k--) set(this.#out, locals[k]!);
        this.#putBack(back);
        this.#pushAll(results, locals);
      } else {
        this.#putBack(back);
        this.#pushAll(results);
      }
    } else this.#pushAll(results);
    if (dead) {
      this.#out = out;
      this.#truncate(this.#frames[this.#frames.length - 1]!.height);
    }
  }

  #functionEnd(i: number, frame: Frame): void {
    const wrapped = this.#labels[0] !== frame.label;
    if (this.#saves) {
      if (this.#dispatches) this.#wake();
      if (wrapped) this.#out.u8(Op.end);
      else this.#writeFuel(this.#out);
      return;
    }
    if (!wrapped) {
      this.#writeFuel(this.#out);
      this.#labels.pop();
      this.#copy(i);
      return;
    }
    this.#labels.pop();
    this.#out.u8(Op.end);
  }

  #branch(i: number, op: number): void {
    const body = this.#body;
    const frame = this.#frameOf(body.a[i]!);
    const loop = frame.op === Op.loop && frame.at >= 0;
    const types = loop ? frame.type.params : frame.type.results;
    const params = loop ? frame.params : undefined;
    const out = this.#out;
    if (op === Op.br) {
      this.#drop(types.length);
      if (params) for (let k = params.length - 1; k >= 0; k--) set(out, params[k]!);
      out.u8(Op.br);
      out.u32(this.#depth(frame.label));
      this.#terminate();
      return;
    }
    this.#drop(1);
    this.#drop(types.length);
    if (params && params.length > 0) {
      const condition = this.#allocate(I32);
      const values = types.map((type) => this.#allocate(type));
      set(out, condition);
      for (let k = values.length - 1; k >= 0; k--) set(out, values[k]!);
      values.forEach((value, k) => {
        this.#fetch(out, value, types[k]!);
      });
      get(out, condition);
      out.bytes(Op.if, 0x40);
      this.#labels.push(new Label());
      values.forEach((value, k) => {
        get(out, value);
        set(out, params[k]!);
      });
      out.u8(Op.br);
      out.u32(this.#depth(frame.label));
      this.#labels.pop();
      out.u8(Op.end);
      this.#release(I32, condition);
      values.forEach((value, k) => {
        this.#release(types[k]!, value);
      });
    } else {
      out.u8(Op.brIf);
      out.u32(this.#depth(frame.label));
    }
    this.#pushAll(types);
  }

  /** A branch that tests a reference and hands it on: to its target, to what follows, or to both. */
  #branchOnReference(i: number, op: number): void {
    const body = this.#body;
    const { valueTypes } = this.#target.info;
    const frame = this.#frameOf(body.a[i]!);
    const types = frame.op === Op.loop && frame.at >= 0 ? frame.type.params : frame.type.results;
    const type = this.#pop();
    const cast = body.casts.get(i);
    // What is left of the first type where the second one does not fit.
    const rest = cast && (valueTypes.isNonNull(cast.to) ? cast.from : valueTypes.nonNull(cast.from));
    const after =
      op === Op.brOnNull ? valueTypes.nonNull(type) : op === Op.brOnCast ? rest! : cast ? cast.to : undefined;
    const taken =
      op === Op.brOnNull ? undefined : op === Op.brOnCast ? cast!.to : (rest ?? valueTypes.nonNull(type));
    const below = taken === undefined ? types.length : types.length - 1;
    this.#drop(below);
    const out = this.#out;
    const params = frame.op === Op.loop ? frame.params : undefined;
    if (params && params.length > 0) {
      const held = this.#allocate(type);
      const values = types.slice(0, below).map((param) => this.#allocate(param));
      set(out, held);
      for (let k = below - 1; k >= 0; k--) set(out, values[k]!);
      get(out, held);
      if (cast) valueTypes.writeTest(out, cast.to);
      else out.u8(Op.refIsNull);
      if (op === Op.brOnNonNull || op === Op.brOnCastFail) out.u8(Op.i32Eqz);
      out.bytes(Op.if, 0x40);
      this.#labels.push(new Label());
      values.forEach((value, k) => {
        get(out, value);
        set(out, params[k]!);
      });
      if (taken !== undefined) {
        get(out, held);
        if (op === Op.brOnCast) valueTypes.writeCast(out, taken);
        set(out, params[below]!);
      }
      out.u8(Op.br);
      out.u32(this.#depth(frame.label));
      this.#labels.pop();
      out.u8(Op.end);
      values.forEach((value, k) => {
        this.#fetch(out, value, types[k]!);
        this.#release(types[k]!, value);
      });
      if (after !== undefined) {
        get(out, held);
        if (op === Op.brOnCastFail) valueTypes.writeCast(out, after);
        else if (valueTypes.isNonNull(after)) out.u8(Op.refAsNonNull);
      }
      this.#release(type, held);
    } else if (cast) {
      out.bytes(0xfb, op & 0xff, body.b[i]!);
      out.u32(this.#depth(frame.label));
      out.raw(cast.types);
    } else {
      out.u8(op);
      out.u32(this.#depth(frame.label));
    }
    this.#pushAll(types.slice(0, below));
    if (after !== undefined) this.#push(after);
  }

  #branchTable(i: number): void {
    const body = this.#body;
    const frames = body.tables.get(i)!.map((block) => this.#frameOf(block));
    const out = this.#out;
    this.#drop(1);
    const last = frames[frames.length - 1]!;
    const types = last.op === Op.loop && last.at >= 0 ? last.type.params : last.type.results;
    this.#drop(types.length);
    const viaLocals = frames.some(
      (frame) => frame.op === Op.loop && frame.at >= 0 && frame.params && frame.params.length > 0,
    );
    if (!viaLocals) {
      out.u8(Op.brTable);
      out.u32(frames.length - 1);
      for (const frame of frames) out.u32(this.#depth(frame.label));
      this.#terminate();
      return;
    }
    // A loop with parameters takes them in locals: one stub per target puts the values where it wants them.
    const index = this.#allocate(I32);
    const values = types.map((type) => this.#allocate(type));
    set(out, index);
    for (let k = values.length - 1; k >= 0; k--) set(out, values[k]!);
    const targets = [...new Set(frames)];
    const stubs = targets.map(() => new Label());
    for (const stub of [...stubs].reverse()) {
      out.bytes(Op.block, 0x40);
      this.#labels.push(stub);
    }
    get(out, index);
    out.u8(Op.brTable);
    out.u32(frames.length - 1);
    for (const frame of frames) out.u32(this.#depth(stubs[targets.indexOf(frame)]!));
    for (const frame of targets) {
      out.u8(Op.end);
      this.#labels.pop();
      const params = frame.op === Op.loop && frame.at >= 0 ? frame.params : undefined;
      values.forEach((value, k) => {
        this.#fetch(out, value, types[k]!);
        if (params) set(out, params[k]!);
      });
      out.u8(Op.br);
      out.u32(this.#depth(frame.label));
    }
    this.#release(I32, index);
    values.forEach((value, k) => {
      this.#release(types[k]!, value);
    });
    this.#terminate();
  }

  #tailCall(i: number, op: number): void {
    const body = this.#body;
    const { info } = this.#target;
    const direct = op === Op.returnCall;
    const type = direct ? info.typeOf(body.a[i]!) : info.functionType(body.a[i]!);
    this.#drop(type.params.length + (direct ? 0 : 1));
    const out = this.#out;
    this.#writeFuel(out);
    this.#copy(i);
    this.#terminate();
  }
}
