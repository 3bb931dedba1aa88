// What a function and an iteration of each of its loops cost: the longest way from start to end, or to where the loop is checked again, not
// all of the code. A loop over the characters of a format has code for every kind of conversion and runs through one.
import type { Body } from "./body.ts";
import { isTry, Op } from "./opcodes.ts";

interface Open {
  readonly at: number;
  /** Index of the loop, among those that are open, that the block's own code belongs to. */
  readonly level: number;
  /** Longest way to a branch to the block's end, or -1; and to its start. */
  longest: number;
  readonly start: number;
}

export interface Costs {
  /** Instructions of the longest way through the function, those in loops left out. */
  readonly entry: number;
  /** Of an iteration of each loop that something branches to, by the number of its instruction. */
  readonly loops: ReadonlyMap<number, number>;
}

/** `calleeWeight` tells for each call the instructions of what is called that it does not charge for itself; 0 for what is no call. */
export function costsOf(body: Body, calleeWeight: (instruction: number) => number): Costs {
  const loops = new Map<number, number>();
  const isLoop = (at: number) => at >= 0 && body.ops[at] === Op.loop && body.targeted.has(at);
  // An exception leads to handlers from everywhere: with them, all code counts.
  const everything = body.ops.some((op, i) => !body.dead[i] && isTry(op));
  const levels = [{ here: 0, longest: 0 }];
  const open: Open[] = [{ at: -1, level: 0, longest: -1, start: 0 }];
  const top = () => levels[levels.length - 1]!;
  const branch = (target: number) => {
    const block = open.findLast(({ at }) => at === target)!;
    if (target >= 0 && body.ops[target] === Op.loop) return;
    block.longest = Math.max(block.longest, levels[block.level]!.here);
  };
  const stop = () => {
    if (!everything) top().here = -1;
  };
  for (let i = 0; i < body.ops.length - 1; i++) {
    if (body.dead[i]) continue;
    const op = body.ops[i]!;
    const level = top();
    if (level.here >= 0 && body.originOf(i) >= 0) {
      level.here += 1 + calleeWeight(i);
      level.longest = Math.max(level.longest, level.here);
    }
    switch (op) {
      case Op.block:
      case Op.loop:
      case Op.if:
      case Op.try:
      case Op.tryTable:
        open.push({ at: i, level: levels.length - 1, longest: -1, start: level.here });
        if (isLoop(i)) levels.push({ here: 0, longest: 0 });
        break;
      case Op.else: {
        const block = open[open.length - 1]!;
        block.longest = Math.max(block.longest, level.here);
        if (!everything) level.here = block.start;
        break;
      }
      case Op.end:
      case Op.delegate: {
        const block = open.pop()!;
        if (isLoop(block.at)) {
          levels.pop();
          loops.set(block.at, level.longest);
          if (level.here < 0) top().here = -1;
          break;
        }
        const skipped = body.ops[block.at] === Op.if && !body.alternative.has(block.at) ? block.start : -1;
        level.here = Math.max(level.here, block.longest, skipped);
        break;
      }
      case Op.br:
        branch(body.a[i]!);
        stop();
        break;
      case Op.brIf:
      case Op.brOnNull:
      case Op.brOnNonNull:
      case Op.brOnCast:
      case Op.brOnCastFail:
        branch(body.a[i]!);
        break;
      case Op.brTable:
        for (const target of body.tables.get(i)!) branch(target);
        stop();
        break;
      case Op.return:
      case Op.returnCall:
      case Op.returnCallIndirect:
      case Op.returnCallRef:
      case Op.unreachable:
      case Op.throw:
      case Op.rethrow:
      case Op.throwRef:
        stop();
        break;
    }
  }
  return { entry: levels[0]!.longest, loops };
}
