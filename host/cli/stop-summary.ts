// What people want to know of an instrumented module: how many of its functions can be stopped, at how many places, and why.
import { type StoppableFunction, stoppableFunctions } from "../../instrument/running.ts";
import { formatCount } from "../report/quantity.ts";

export interface StopSummary {
  /** Functions of the module itself: without imports, and without what the pass adds. */
  readonly functions: number;
  readonly resumePoints: number;
  /** How many functions can be stopped, by reason, the most frequent first. */
  readonly reasons: Readonly<Record<string, number>>;
  readonly stoppable: readonly StoppableFunction[];
}

export function summarizeStops(module: WebAssembly.Module): StopSummary {
  const { functionCount, stoppable } = stoppableFunctions(module) ?? { functionCount: 0, stoppable: [] };
  const imports = WebAssembly.Module.imports(module).filter(({ kind }) => kind === "function");
  const counts = new Map<string, number>();
  let resumePoints = 0;
  for (const { reason, resumePoints: points } of stoppable) {
    counts.set(reason, (counts.get(reason) ?? 0) + 1);
    resumePoints += points;
  }
  const reasons = Object.fromEntries([...counts].sort(([, a], [, b]) => b - a));
  return { functions: functionCount - imports.length, resumePoints, reasons, stoppable };
}

/** Lines of text, the first one about all of them. */
export function describeStops({ functions, resumePoints, reasons, stoppable }: StopSummary): string[] {
  if (stoppable.length === 0) return ["nothing in it can be stopped, so a process runs each call to its end"];
  return [
    `${formatCount(stoppable.length)} of ${formatCount(functions)} functions can be stopped, at ${formatCount(resumePoints)} points`,
    ...Object.entries(reasons).map(([reason, count]) => `${formatCount(count)}: ${reason}`),
  ];
}
