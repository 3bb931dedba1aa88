// `npm run fuzz:host -- [cases] [--seed S] [--modules N] [--workers N] [--json]`: guests that make any calls with any arguments, and modules that were
// damaged, beside a victim. A case is a guest of up to twelve calls, or a module. Exits with 1 when the host crashed, hung, leaked or lost
// something.
import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";
import { Lane } from "./lane.ts";
import type { Found, Kind } from "./run-cases.ts";

const USAGE = `usage: npm run fuzz:host -- [cases] [--seed S] [--modules N] [--workers N] [--json]

  cases        Default 10,000
  --seed S     the first case's seed. Default 1
  --modules N  one in so many cases is a damaged module, the others are calls; 0 for none. Default 5
  --workers N  processes that run cases side by side. Default: one for each processor
  --json       the report as JSON`;
/** Cases of a town. */
const CASES_OF_A_TOWN = 500;
/** Complaints in words; `--json` has all. */
const MOST_SHOWN = 20;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seed: { type: "string", default: "1" },
    modules: { type: "string", default: "5" },
    workers: { type: "string", default: String(availableParallelism()) },
    json: { type: "boolean", default: false },
  },
});
const cases = Number((positionals[0] ?? "10000").replaceAll(/[_,]/g, ""));
const [seed, modules, workers] = [Number(values.seed), Number(values.modules), Number(values.workers)];
if (
  ![cases, seed, modules, workers].every((value) => Number.isInteger(value) && value >= 0) ||
  workers === 0 ||
  positionals.length > 1
) {
  process.stderr.write(`${USAGE}\n`);
  process.exit(2);
}

const totals = { cases: 0, calls: 0, syscalls: 0, modules: 0, crashes: 0, hangs: 0 };
const ends: Record<string, number> = {};
const complaints: string[] = [];
let slowest = { ms: 0, at: "" };
const start = performance.now();
// Ctrl-C and SIGTERM: what there is so far is told.
let isStopped = false;
for (const signal of ["SIGINT", "SIGTERM"] as const)
  process.on(signal, () => {
    isStopped = true;
  });
let [done, batch] = [0, 0];
await Promise.all(Array.from({ length: workers }, () => runLane()));
const seconds = (performance.now() - start) / 1000;
const isClean = complaints.length === 0;
if (values.json) {
  process.stdout.write(
    `${JSON.stringify({ node: process.version, seed, ...totals, isClean, seconds, slowestStep: slowest, ends, complaints }, null, 2)}\n`,
  );
} else {
  const lines = Object.entries(ends)
    .sort((a, b) => b[1] - a[1])
    .map(([end, times]) => `  ${String(times).padStart(9)}  ${end}`);
  process.stdout.write(
    `Node ${process.version}, seeds ${seed} to ${seed + totals.cases - 1}: ${totals.syscalls} guests with any calls (${totals.calls} calls), ${totals.modules} damaged modules, ` +
      `${seconds.toFixed(0)} s\n${lines.join("\n")}\n` +
      `${totals.crashes} crashes, ${totals.hangs} hangs, ${complaints.length} complaints; longest step ${slowest.ms.toFixed(1)} ms (${slowest.at})\n` +
      complaints
        .slice(0, MOST_SHOWN)
        .map((complaint) => `  ${complaint}\n`)
        .join(""),
  );
}
process.exit(isClean ? 0 : 1);

/** A worker, or one after the other, and what it is given until there is nothing left. */
async function runLane(): Promise<void> {
  const lane = new Lane();
  while (done < cases && !isStopped) {
    const kind: Kind = modules > 0 && batch % modules === modules - 1 ? "modules" : "syscalls";
    const count = Math.min(CASES_OF_A_TOWN, cases - done);
    const [first, last] = [seed + done, seed + done + count - 1];
    done += count;
    batch++;
    note(kind, first, last, await lane.run(kind, first, count));
  }
  lane.end();
}

function note(kind: Kind, first: number, last: number, found: Found | string): void {
  totals.cases += last - first + 1;
  totals[kind] += last - first + 1;
  if (typeof found === "string") {
    if (found === "hang") totals.hangs++;
    else totals.crashes++;
    complaints.push(`${kind} ${first} to ${last}: the host ended with a ${found}`);
    return;
  }
  totals.calls += found.calls;
  complaints.push(...found.complaints);
  for (const [end, times] of Object.entries(found.ends)) {
    const name = `${kind}: ${end}`;
    ends[name] = (ends[name] ?? 0) + times;
  }
  if (found.slowestStepMs > slowest.ms)
    slowest = { ms: found.slowestStepMs, at: `${kind} ${first} to ${last}` };
}
