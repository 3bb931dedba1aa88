// npm run tenants -- [--tenants 32] [--commands 10000] [--cycles 30]: strangers' programs side by side, some of which crash, loop for ever or get new
// code, good and bad. What do the others notice, is any state lost, and what stays in memory? Fails when a state is wrong or memory stays.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { thisMachine } from "../machine.ts";
import { measureTenants } from "./measure.ts";
import { type Modules, VERSIONS } from "./programs.ts";
import { formatTenants, verdictOf } from "./report.ts";

const USAGE = `usage: npm run tenants -- [--tenants N] [--commands N] [--cycles N] [--pause MS] [--seed N] [--json]

  --tenants N   programs side by side. Default 32
  --commands N  commands in a cycle, all tenants together. Default 10,000
  --cycles N    how often all are started, kept busy and ended. Default 30
  --pause MS    between two commands of a client, on average; 0 for none. Default 10
  --seed N      who does what, and when. Default 1
  --json        the report as JSON`;

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      tenants: { type: "string", default: "32" },
      commands: { type: "string", default: "10000" },
      cycles: { type: "string", default: "30" },
      pause: { type: "string", default: "10" },
      seed: { type: "string", default: "1" },
      json: { type: "boolean", default: false },
    },
  });
  const machine = thisMachine(undefined);
  const isShown = process.stderr.isTTY && !values.json;
  const report = await measureTenants({
    modules: compiledApart(),
    tenants: wholeNumber(values.tenants, 1),
    commands: wholeNumber(values.commands, 1),
    cycles: wholeNumber(values.cycles, 1),
    pauseMs: wholeNumber(values.pause, 0),
    seed: wholeNumber(values.seed, 0),
    progress: isShown ? (text) => process.stderr.write(`\r${text.padEnd(40)}`) : () => {},
  });
  if (isShown) process.stderr.write("\r\x1b[K");
  const verdict = verdictOf(report);
  process.stdout.write(
    values.json
      ? `${JSON.stringify({ machine, ...report, verdict }, null, 2)}\n`
      : formatTenants(machine, report, verdict),
  );
  process.exit(verdict.isRight && verdict.isClean ? 0 : 1);
}

function compiledApart(): Modules {
  const folder = mkdtempSync(join(tmpdir(), "moonlet-tenants-"));
  const script = fileURLToPath(new URL("compile.js", import.meta.url));
  const { status } = spawnSync(process.execPath, [script, folder], {
    stdio: ["ignore", "ignore", "inherit"],
  });
  if (status !== 0) throw new Error("the tenants' programs do not compile");
  const read = VERSIONS.map((version) => [
    version,
    new Uint8Array(readFileSync(join(folder, `${version}.wasm`))),
  ]);
  rmSync(folder, { recursive: true });
  return Object.fromEntries(read) as Modules;
}

function wholeNumber(text: string, least: number): number {
  const value = Number(text.replaceAll(/[_,]/g, ""));
  if (!Number.isInteger(value) || value < least) throw new Error(USAGE);
  return value;
}

await main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(2);
});
