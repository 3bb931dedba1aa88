// What the tenants came to, as text, and whether it is what it has to be.
import type { Machine } from "../machine.ts";
import type { Memory, TenantsReport } from "./measure.ts";

/** Of an innocent tenant's commands, 99 in 100 take less. */
export const GOAL_P99_MS = 5;
/** What the collector, the compilers and the allocator may keep beyond the beginning. */
const TOLERANCE_BYTES = 2 ** 23;

export interface Verdict {
  readonly isRight: boolean;
  readonly isPrompt: boolean;
  readonly isClean: boolean;
  /** Heap and what lies outside it, after the last cycle less after the one that is not counted. */
  readonly grownBytes: number;
}

export function verdictOf(report: TenantsReport): Verdict {
  const [first, last] = [report.memory[1]!, report.memory.at(-1)!];
  const grownBytes = held(last) - held(first);
  return {
    isRight: report.wrongCount === 0,
    isPrompt: report.innocent.p99Ms < GOAL_P99_MS,
    isClean: grownBytes < TOLERANCE_BYTES,
    grownBytes,
  };
}

export function formatTenants(machine: Machine, report: TenantsReport, verdict: Verdict): string {
  const { innocent, counts, memory } = report;
  const number = (value: number) => Math.round(value).toLocaleString("en-US");
  const ms = (value: number) => `${value.toFixed(2)} ms`;
  const mib = (bytes: number) => `${(bytes / 2 ** 20).toFixed(1)} MiB`;
  const rows = Object.entries(counts).map(([kind, count]) => [kind, number(count)] as const);
  const picked = memory
    .map((taken, i) => [i, taken] as const)
    .filter(([i]) => i <= 1 || i === memory.length - 1 || (i - 1) % 5 === 0);
  const label = (i: number) => (i === 0 ? "before" : i === 1 ? "warmed up" : `cycle ${i - 1}`);
  return [
    `${machine.cpu}, ${machine.cores} cores, load ${machine.load.toFixed(1)}, Node ${machine.node}, ${new Date().toISOString()}`,
    "",
    `${report.tenants} tenants, ${number(report.commands)} commands in each of ${report.cycles} cycles, ${number(report.commandsPerSecond)} per second, seed ${report.seed}`,
    "",
    `an innocent command   p50 ${ms(innocent.p50Ms)}   p99 ${ms(innocent.p99Ms)}   max ${ms(innocent.maxMs)}   ${verdict.isPrompt ? "" : `NOT `}under ${GOAL_P99_MS} ms`,
    "",
    ...rows.map(([kind, count]) => `${kind.padEnd(20)}${count.padStart(9)}`),
    "",
    `${number(report.checks)} states looked at, ${number(report.wrongCount)} wrong`,
    ...report.wrong.map((text) => `  ${text}`),
    "",
    `${"memory".padEnd(12)}${"heap".padStart(12)}${"outside".padStart(12)}${"resident".padStart(12)}`,
    ...picked.map(
      ([i, { heapBytes, externalBytes, rssBytes }]) =>
        `${label(i).padEnd(12)}${[heapBytes, externalBytes, rssBytes].map((bytes) => mib(bytes).padStart(12)).join("")}`,
    ),
    verdict.isClean
      ? `back to the beginning (${mib(verdict.grownBytes)} more)`
      : `${mib(verdict.grownBytes)} more than at the beginning`,
    "",
  ].join("\n");
}

function held({ heapBytes, externalBytes }: Memory): number {
  return heapBytes + externalBytes;
}
