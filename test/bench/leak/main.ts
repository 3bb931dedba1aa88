// npm run soak:spawns -- [count] [--json]: so many guests spawned and ended, and whether they leave anything behind. Fails when they do.
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { thisMachine } from "../machine.ts";
import { messagePrograms } from "../programs.ts";
import { guestHost, report } from "../subjects/message-sides.ts";

const USAGE = `usage: npm run soak:spawns -- [count] [--json]

  count   spawns and exits. Default 10,000,000
  --json  the report as JSON`;
/** After each part the memory is looked at. */
const PARTS = 10;
/** What the collector, the compilers and the allocator may keep beyond the beginning. */
const TOLERANCE_BYTES = 2 ** 24;

interface Sample {
  readonly spawns: number;
  readonly heapBytes: number;
  readonly rssBytes: number;
}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { json: { type: "boolean", default: false } },
  });
  const count = Number((positionals[0] ?? "10000000").replaceAll(/[_,]/g, ""));
  if (!Number.isInteger(count) || count < PARTS || positionals.length > 1) throw new Error(USAGE);
  const folder = mkdtempSync(join(tmpdir(), "moonlet-bench-"));
  await messagePrograms(folder);
  const { host, program } = await guestHost(folder);
  const part = Math.ceil(count / PARTS);
  // Until everything is compiled that will be.
  await report(host, program, "spawnExitDown", Math.min(part, 200_000));
  const samples: Sample[] = [sample(0)];
  for (let i = 1; i <= PARTS; i++) {
    await report(host, program, "spawnExitDown", part);
    samples.push(sample(i * part));
    if (!values.json) process.stdout.write(line(samples.at(-1)!));
  }
  const first = samples[0]!;
  const last = samples.at(-1)!;
  const grown = last.heapBytes - first.heapBytes;
  const { instances, parked, parkedBytes } = host.pool;
  const clean = grown < TOLERANCE_BYTES && parked === 0 && parkedBytes === 0;
  if (values.json) {
    const machine = thisMachine(undefined);
    process.stdout.write(
      `${JSON.stringify({ machine, spawns: last.spawns, clean, instances, samples }, null, 2)}\n`,
    );
  } else {
    process.stdout.write(
      clean ? "nothing was left behind\n" : `${grown} bytes of heap more than at the start\n`,
    );
  }
  process.exit(clean ? 0 : 1);
}

function sample(spawns: number): Sample {
  globalThis.gc?.();
  return { spawns, heapBytes: process.memoryUsage().heapUsed, rssBytes: process.memoryUsage.rss() };
}

function line({ spawns, heapBytes, rssBytes }: Sample): string {
  const mib = (bytes: number) => (bytes / 2 ** 20).toFixed(1);
  return `${spawns.toLocaleString("en-US").padStart(12)} spawns  heap ${mib(heapBytes)} MiB  resident ${mib(rssBytes)} MiB\n`;
}

await main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(2);
});
