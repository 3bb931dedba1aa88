// Makes an engine inline as much as it did before the pass. V8 (from 12.x) has a small budget where less than a half of a module's functions
// are small, as it takes that for the work of a compiler that has inlined already. The pass makes small functions large; empty ones make up for it.
import type { Additions } from "./additions.ts";
import { Op } from "./opcodes.ts";

/** Body bytes below which V8 takes a function for small. */
const SMALL_BYTES = 50;
/** In modules of thousands of functions, what is called often enough to be inlined is found without. */
const MOST_ADDED = 1_024;

/** Adds empty functions until half of all are small. `sizes` are those of the module's own, as they are written. */
export function raiseInliningBudget(added: Additions, sizes: Iterable<number>): void {
  let small = 0;
  let all = 0;
  const count = (bytes: number) => {
    all++;
    if (bytes < SMALL_BYTES) small++;
  };
  for (const bytes of sizes) count(bytes);
  for (const { body } of added.functions) count(body!.length);
  const missing = Math.min(MOST_ADDED, all - 2 * small);
  for (let k = 0; k < missing; k++) added.helper(`empty_${k}`, [], [], (out) => out.bytes(0, Op.end));
}
