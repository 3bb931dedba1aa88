// npm run bench:million -- [count] [--json]: so many guest processes at the same time, all of which have run, wait, and are woken once more.
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { thisMachine } from "../machine.ts";
import { messagePrograms } from "../programs.ts";
import { type MillionReport, measureMillion } from "./measure.ts";

const USAGE = `usage: npm run bench:million -- [count] [--instances N] [--json]

  count          processes. Default 1,000,000
  --instances N  Wasm instances that they share. Default 1,000
  --json         the report as JSON`;

function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { instances: { type: "string", default: "1000" }, json: { type: "boolean", default: false } },
  });
  const count = Number((positionals[0] ?? "1000000").replaceAll(/[_,]/g, ""));
  const instances = Number(values.instances);
  if (
    !Number.isInteger(count) ||
    count < 1 ||
    !Number.isInteger(instances) ||
    instances < 2 ||
    positionals.length > 1
  )
    throw new Error(USAGE);
  return run(count, instances, values.json);
}

async function run(count: number, instances: number, json: boolean): Promise<void> {
  const machine = thisMachine(undefined);
  const program = await messagePrograms(mkdtempSync(join(tmpdir(), "moonlet-bench-")));
  const report = await measureMillion({
    count,
    instances,
    program,
    progress:
      process.stderr.isTTY && !json ? (text) => process.stderr.write(`\r${text.padEnd(70)}`) : () => {},
  });
  if (process.stderr.isTTY && !json) process.stderr.write("\r\x1b[K");
  process.stdout.write(
    json ? `${JSON.stringify({ machine, ...report }, null, 2)}\n` : text(machine.node, machine.cpu, report),
  );
  process.exit(0);
}

function text(node: string, cpu: string, report: MillionReport): string {
  const number = (value: number) => Math.round(value).toLocaleString("en-US");
  const lines: readonly (readonly [string, string])[] = [
    ["processes", number(report.count)],
    ["spawned, run once, waiting", `${number(report.spawnedPerSecond)} per second`],
    ["resident memory", `${number(report.rssBytes / 2 ** 20)} MiB`],
    ["  per process", `${number(report.bytesPerProcess)} bytes`],
    ["  of these in V8's heap", `${number(report.heapBytesPerProcess)} bytes`],
    ["  of these parked state", `${number(report.parkedBytesPerProcess)} bytes`],
    ["parked", `${number(report.parked)}, in ${number(report.instances)} instances`],
    [
      "all woken once more",
      `${(report.wakeMs / 1000).toFixed(1)} s, ${number(report.wokenPerSecond)} per second`,
    ],
    ["all ended", `${(report.endMs / 1000).toFixed(1)} s`],
  ];
  const width = Math.max(...lines.map(([name]) => name.length));
  const table = lines.map(([name, value]) => `${name.padEnd(width)}  ${value}`).join("\n");
  return `${cpu}, Node ${node}, ${new Date().toISOString()}\n\n${table}\n`;
}

await main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(2);
});
