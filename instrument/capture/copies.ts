// Chooses the functions that get two versions: a fast one without any code that goes on, and one that does. That takes the test on entry
// and the ways into the middle of the code away from the fast one, at about twice the bytes. What is entered often gains by it, and what calls
// often: a call that can be gone on after makes the engine move all that is alive across it.
import type { CallGraph } from "./call-graph.ts";
import type { ModuleInfo } from "./module-reader.ts";

/** The code that is written is to have at most so many times the bytes of what was read. */
const GROWTH = 2.2;
/** Bytes that copies may add however small the module is. */
const FREE_BYTES = 2_560;
/** Of the pass's own functions. */
const OWN_BYTES = 1_500;

/** Indices of the functions to copy: those where a byte more saves most, as far as can be guessed. */
export function chooseCopies(info: ModuleInfo, graph: CallGraph): ReadonlySet<number> {
  const chosen = new Set<number>();
  const candidates: { index: number; bytes: number; worth: number }[] = [];
  let before = 0;
  let after = OWN_BYTES;
  for (const index of graph.order) {
    const { suspends, charges, entries, loops, callPoints, callsPerEntry } = graph.functions[index]!;
    const points = callPoints + loops + (charges ? 1 : 0);
    const { start, end } = info.functions[index]!;
    const size = end - start;
    before += size;
    after += suspends ? 1.04 * size + 32 * points + 120 : 1.03 * size;
    if (!suspends) continue;
    const bytes = size + 20 * points + 40;
    if (isEnteredByCopyOnly(info, graph, index)) {
      chosen.add(index);
      after += bytes;
    } else candidates.push({ index, bytes, worth: (entries * (1 + callsPerEntry)) / bytes });
  }
  candidates.sort((x, y) => y.worth - x.worth || x.index - y.index);
  let budget = Math.max(FREE_BYTES, before * GROWTH - after);
  for (const { index, bytes } of candidates) {
    if (bytes > budget) continue;
    budget -= bytes;
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
