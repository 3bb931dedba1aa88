// `npm run bench`: moonlet's guests and JavaScript processes beside the BEAM, and instrumented code beside raw Wasm.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Arguments, readArguments } from "./arguments.ts";
import { findBeam } from "./beam.ts";
import { inProgram } from "./contestant.ts";
import { formatReport } from "./report.ts";
import { run } from "./run.ts";

const WORKER = fileURLToPath(new URL("worker.js", import.meta.url));

async function main({ subjects, rounds, scale, json }: Arguments): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "moonlet-bench-"));
  try {
    const beam = findBeam(folder);
    const report = await run({
      subjects,
      rounds,
      scale,
      otp: beam?.otp,
      open: ({ name }, side) => {
        if (side === "beam") return beam?.open(name);
        if (side === "escript" && beam === undefined) return undefined;
        return inProgram(process.execPath, ["--expose-gc", WORKER, name, side, folder]);
      },
      progress: ({ name }) => process.stderr.write(`${name}\n`),
    });
    process.stdout.write(`${json ? JSON.stringify(report, undefined, 2) : formatReport(report)}\n`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

try {
  await main(readArguments(process.argv.slice(2)));
} catch (error) {
  process.stderr.write(`${(error as Error).message}\n`);
  process.exitCode = 1;
}
