// Which locals a resume point has to save: a backward pass over the structured code, repeated for loops until nothing changes.
import type { Body } from "./body.ts";
import { Op } from "./opcodes.ts";

/** A set of locals, a bit each. */
type Bits = Uint32Array;

export interface Liveness {
  /** Locals live after the instruction at a resume point, or for a loop's instruction at its header; -1 is the entry check. */
  at(instruction: number): readonly number[];
}

/** Computes the live locals at each of `points` (numbers of instructions), and before the instruction at which entry is checked. */
export function liveness(body: Body, points: ReadonlySet<number>, entryCheck: number): Liveness {
  return new Analysis(body, points, entryCheck);
}

class Analysis implements Liveness {
  readonly #body: Body;
  readonly #points: ReadonlySet<number>;
  readonly #entryCheck: number;
  readonly #words: number;
  /** Live where a branch to the block arrives. */
  readonly #labels = new Map<number, Bits>();
  readonly #found = new Map<number, Bits>();
  /** Live where an exception of the code being walked may be caught. */
  #caught: Bits[] = [];

  constructor(body: Body, points: ReadonlySet<number>, entryCheck: number) {
    this.#entryCheck = entryCheck;
    this.#body = body;
    this.#points = points;
    this.#words = (body.locals.length + 31) >> 5;
    this.#labels.set(-1, this.#empty());
    this.#walk(0, body.ops.length - 2, this.#empty());
  }

  at(instruction: number): readonly number[] {
    const bits = this.#found.get(instruction);
    const locals: number[] = [];
    if (bits) {
      for (let i = 0; i < this.#body.locals.length; i++) if (bits[i >> 5]! & (1 << (i & 31))) locals.push(i);
    }
    return locals;
  }

  #empty(): Bits {
    return new Uint32Array(this.#words);
  }

  /** Walks the instructions `from..to` backwards; `live` is what is live after them and becomes what is live before. */
  #walk(from: number, to: number, live: Bits): void {
    const body = this.#body;
    for (let i = to; i >= from; i--) {
      const op = body.ops[i]!;
      if (op === Op.end || op === Op.delegate) {
        const start = body.a[i]!;
        this.#block(start, i, live);
        i = start;
        if (i === this.#entryCheck) this.#found.set(-1, live.slice());
        continue;
      }
      if (this.#points.has(i)) {
        // What was called may end with an exception after all.
        const found = live.slice();
        for (const caught of this.#caught) unite(found, caught);
        this.#found.set(i, found);
      }
      switch (op) {
        case Op.localGet:
          live[body.a[i]! >> 5]! |= 1 << (body.a[i]! & 31);
          break;
        case Op.localSet:
        case Op.localTee:
          live[body.a[i]! >> 5]! &= ~(1 << (body.a[i]! & 31));
          break;
        case Op.unreachable:
        case Op.return:
        case Op.returnCall:
        case Op.returnCallIndirect:
        case Op.returnCallRef:
          live.fill(0);
          break;
        case Op.br:
          live.set(this.#labels.get(body.a[i]!)!);
          break;
        case Op.brIf:
        case Op.brOnNull:
        case Op.brOnNonNull:
        case Op.brOnCast:
        case Op.brOnCastFail:
          unite(live, this.#labels.get(body.a[i]!)!);
          break;
        case Op.brTable:
          live.fill(0);
          for (const target of body.tables.get(i)!) unite(live, this.#labels.get(target)!);
          break;
        case Op.throw:
        case Op.rethrow:
        case Op.throwRef:
          live.fill(0);
          for (const caught of this.#caught) unite(live, caught);
          break;
        case Op.call:
        case Op.callIndirect:
        case Op.callRef:
          for (const caught of this.#caught) unite(live, caught);
          break;
      }
      if (i === this.#entryCheck) this.#found.set(-1, live.slice());
    }
  }

  #block(start: number, end: number, live: Bits): void {
    const body = this.#body;
    const op = body.ops[start]!;
    const other = body.alternative.get(start);
    if (op === Op.loop) {
      const after = live.slice();
      let header = this.#labels.get(start) ?? this.#empty();
      for (;;) {
        this.#labels.set(start, header);
        live.set(after);
        this.#walk(start + 1, end - 1, live);
        if (!unite(header, live)) break;
        header = header.slice();
      }
      this.#found.set(start, header);
      return;
    }
    this.#labels.set(start, live.slice());
    if (op === Op.if) {
      const skipped = live.slice();
      if (other !== undefined) this.#walk(other + 1, end - 1, skipped);
      this.#walk(start + 1, (other ?? end) - 1, live);
      unite(live, skipped);
      return;
    }
    if (op === Op.try) {
      const after = live.slice();
      const caught = this.#empty();
      for (let i = end, from = end; i > start; i--) {
        if (i !== end && (body.ops[i] === Op.end || body.ops[i] === Op.delegate)) {
          i = body.a[i]!;
          continue;
        }
        if (body.ops[i] !== Op.catch && body.ops[i] !== Op.catchAll) continue;
        const handler = after.slice();
        this.#walk(i + 1, from - 1, handler);
        unite(caught, handler);
        from = i;
      }
      this.#caught.push(caught);
      this.#walk(start + 1, (other ?? end) - 1, live);
      unite(live, caught);
      this.#caught.pop();
      return;
    }
    if (op === Op.tryTable) {
      const caught = this.#empty();
      for (const target of body.tables.get(start)!) unite(caught, this.#labels.get(target)!);
      this.#caught.push(caught);
      this.#walk(start + 1, end - 1, live);
      unite(live, caught);
      this.#caught.pop();
      return;
    }
    this.#walk(start + 1, end - 1, live);
  }
}

/** Adds `other` to `bits`; true when that changed anything. */
function unite(bits: Bits, other: Bits): boolean {
  let changed = false;
  for (let i = 0; i < bits.length; i++) {
    const united = (bits[i]! | other[i]!) >>> 0;
    if (united !== bits[i]) {
      bits[i] = united;
      changed = true;
    }
  }
  return changed;
}
