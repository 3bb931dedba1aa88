// The labels around the code being written, and which of them a function's resume version opens at the start of each region.
import type { Body } from "./body.ts";
import type { FunctionType } from "./module-reader.ts";
import { Op } from "./opcodes.ts";
import type { Plan } from "./plan.ts";

/** Something that a branch can name. `used` is set by the first branch that is really written. */
export class Label {
  used = false;
  /** The fuel local differs from the fuel cell where some branch here begins. */
  dirty = false;
}

/** A block of the resume version that begins at its region's start, so that one br_table there reaches all that follows it. */
export interface Hoisted {
  readonly label: Label;
  readonly results: readonly number[];
  /** What ends it: arrival at a point, the else of an if, or the end of a block. */
  readonly role: "point" | "else" | "end";
  /** Number of the instruction it belongs to. */
  readonly at: number;
}

/** Blocks to open at the start of the region of a loop or try (-1: the function), in the order in which they close. */
export function hoistedIn(plan: Plan, region: number): Hoisted[] {
  const { body, pointful } = plan;
  const found: Hoisted[] = [];
  const add = (role: Hoisted["role"], at: number, results: readonly number[] = []) => {
    found.push({ label: new Label(), results, role, at });
  };
  for (let i = region + 1; i < regionEnd(body, region); i++) {
    if (plan.entry?.at === i) add("point", -1);
    if (plan.regions.has(i)) {
      add("point", i);
      i = body.b[i]!;
      continue;
    }
    if (plan.callPoints.has(i)) add("point", i);
    const op = body.ops[i]!;
    if (op === Op.else && pointful.has(startOf(body, i))) add("else", startOf(body, i));
    if (op === Op.end && pointful.has(body.a[i]!)) {
      const start = body.a[i]!;
      const type = body.blockTypes.get(start) as FunctionType;
      if (body.ops[start] === Op.if && !body.alternative.has(start)) add("else", start);
      add("end", start, type.results);
    }
  }
  // The entry of a function that does nothing, but has so many locals that its frame counts, is its end.
  if (region < 0 && plan.entry?.at === body.ops.length - 1) add("point", -1);
  return found;
}

/** Number of the instruction at which a region's code ends; the handlers of a try lie outside. */
export function regionEnd(body: Body, region: number): number {
  if (region < 0) return body.ops.length - 1;
  return (body.ops[region] === Op.try ? body.alternative.get(region) : undefined) ?? body.b[region]!;
}

/** The if that an else belongs to. */
export function startOf(body: Body, elseAt: number): number {
  return body.a[body.b[elseAt]!]!;
}
