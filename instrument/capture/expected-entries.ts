// Guesses how often each function is entered in a run, in relation to others, from loops and call chains. Nothing that a guest can see depends
// on it: it only chooses whose code is worth its bytes.
import type { FunctionFacts } from "./call-graph.ts";
import type { ModuleInfo } from "./module-reader.ts";

/** Iterations of a loop; how many loops around each other count; entries of what calls itself, for one from outside. */
const ITERATIONS = 8;
const MAX_COUNTED_LOOPS = 4;
const RECURSIONS = 8;
/** Long chains of loops are all the same. */
const MAX_ENTRIES = 1e12;

/** Calls of one function or type from a body: sites, and how often one entry is expected to come to them. */
export interface CallRate {
  sites: number;
  rate: number;
}

/** Counts a call of a function or type that stands inside so many loops. */
export function countCall(rates: Map<number, CallRate>, callee: number, loops: number): void {
  const rate = ITERATIONS ** Math.min(loops, MAX_COUNTED_LOOPS);
  const known = rates.get(callee);
  if (!known) rates.set(callee, { sites: 1, rate });
  else {
    known.sites++;
    known.rate += rate;
  }
}

export interface CallRates {
  readonly facts: readonly FunctionFacts[];
  /** What each node leads to; a node that is no function stands for all functions of a type. */
  readonly nodes: readonly (readonly number[])[];
  /** Of each function, by node; undefined for imports and types. */
  readonly ratesOf: (node: number) => ReadonlyMap<number, CallRate> | undefined;
  /** Callees first. */
  readonly components: readonly (readonly number[])[];
}

/** Fills in `entries`, `callPoints` and `callsPerEntry` of all facts. */
export function guessEntries(info: ModuleInfo, { facts, nodes, ratesOf, components }: CallRates): void {
  for (const exported of info.exports) if (exported.kind === 0) facts[exported.index]!.entries = 1;
  if (info.startFunction >= 0) facts[info.startFunction]!.entries = 1;
  for (const members of components.toReversed()) {
    let entries = 0;
    for (const node of members) entries += facts[node]!.entries;
    for (const node of members) {
      const fact = facts[node]!;
      if (fact.recursive) fact.entries = Math.min(entries * RECURSIONS, MAX_ENTRIES);
      const rates = ratesOf(node);
      // Of a type each function is as likely as any other.
      if (!rates) for (const callee of nodes[node]!) add(callee, fact.entries / nodes[node]!.length);
      for (const [callee, { sites, rate }] of rates ?? []) {
        add(callee, fact.entries * rate);
        if (!facts[callee]!.suspends) continue;
        fact.callPoints += sites;
        fact.callsPerEntry += rate;
      }
    }
  }

  function add(node: number, entries: number): void {
    facts[node]!.entries = Math.min(facts[node]!.entries + entries, MAX_ENTRIES);
  }
}
