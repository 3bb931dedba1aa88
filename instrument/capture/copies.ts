// Chooses the functions that get two versions: a fast one without any code that goes on, and one that does. That takes the test on entry
// and the ways into the middle of the code away from the fast one, at about twice the bytes. Recursive functions gain by it: what they pay
// per call is most of what capture costs there. Loops hardly do, as little of what goes on stands in them.
import type { CallGraph } from "./call-graph.ts";
import type { ModuleInfo } from "./module-reader.ts";

/** Share of the module's code that is copied at most, and the bytes that are copied however small the module is. */
const SHARE = 0.15;
const FREE_BYTES = 1_024;
/** Larger functions do enough in a call that its price does not matter. */
const MAX_FUNCTION_BYTES = 1_024;

/** Indices of the functions to copy, smallest first until the share is used up. */
export function chooseCopies(info: ModuleInfo, graph: CallGraph): ReadonlySet<number> {
  const sizeOf = (index: number) => info.functions[index]!.end - info.functions[index]!.start;
  let budget = FREE_BYTES;
  for (const index of graph.order) budget += SHARE * sizeOf(index);
  const candidates = graph.order
    .filter((index) => graph.functions[index]!.recursive)
    .filter((index) => sizeOf(index) <= MAX_FUNCTION_BYTES)
    .sort((x, y) => sizeOf(x) - sizeOf(y) || x - y);
  const chosen = new Set<number>();
  for (const index of graph.order) if (isEnteredByCopyOnly(info, graph, index)) chosen.add(index);
  for (const index of candidates) {
    budget -= sizeOf(index);
    if (budget < 0) break;
    chosen.add(index);
  }
  return chosen;
}

/** A version that goes on is entered with values that mean nothing; what takes references that are not null needs one without parameters. */
function isEnteredByCopyOnly(info: ModuleInfo, graph: CallGraph, index: number): boolean {
  return (
    graph.functions[index]!.suspends &&
    info.typeOf(index).params.some((type) => info.valueTypes.isNonNull(type))
  );
}
