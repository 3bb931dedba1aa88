// Records the traces of the differential test on a real BEAM (needs `erl` and `erlc`): npm run record:core [-- <scenarios per flavour>]
import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { gzipSync } from "node:zlib";
import { decodeTerm } from "../../../host/otp/term/decode.ts";
import { encodeTerm } from "../../../host/otp/term/encode.ts";
import { FLAVOURS, generate, type Scenario } from "./scenario.ts";

const here = join(process.cwd(), "test/otp/differential");
const perFlavour = Number(process.argv[2] ?? 300);
/** Most of the time is waiting for timers, so that several BEAMs do not disturb each other. */
const BEAMS = 4;
const run = promisify(execFile);
const work = mkdtempSync(join(tmpdir(), "moonlet-differential-"));
try {
  await run("erlc", ["-o", work, join(here, "player.erl")]);
  const lines: string[] = [];
  for (const [index, flavour] of FLAVOURS.entries()) {
    const scenarios = Array.from({ length: perFlavour }, (_, i) =>
      generate(1 + index * 1_000_000 + i, flavour),
    );
    const size = Math.ceil(perFlavour / BEAMS);
    const chunks = Array.from({ length: BEAMS }, (_, i) =>
      record(scenarios.slice(i * size, (i + 1) * size), i),
    );
    const traces = (await Promise.all(chunks)).flat();
    const before = lines.length;
    traces.forEach((trace, i) => {
      // Given up: a race, or a machine too busy to keep time.
      if (!Array.isArray(trace)) return;
      const [steps, final] = trace as [unknown[][], unknown];
      const named = steps.map(([results, deaths, arrivals]) => ({ results, deaths, arrivals }));
      lines.push(JSON.stringify({ scenario: scenarios[i], trace: { steps: named, final } }));
    });
    console.log(`${flavour}: ${lines.length - before} of ${perFlavour} scenarios`);
  }
  writeFileSync(join(here, "traces.jsonl.gz"), gzipSync(`${lines.join("\n")}\n`, { level: 9 }));
  console.log(`${lines.length} scenarios recorded`);
} finally {
  rmSync(work, { recursive: true, force: true });
}

async function record(scenarios: readonly Scenario[], beam: number): Promise<unknown[]> {
  const input = join(work, `scenarios-${beam}.bin`);
  const output = join(work, `traces-${beam}.bin`);
  writeFileSync(input, encodeTerm(scenarios.map(({ initial, steps }) => [initial, steps])));
  const code = `player:main("${input}", "${output}"), halt().`;
  const env = { ...process.env, ERL_CRASH_DUMP: "/dev/null" };
  await run("erl", ["+S", "1:1", "-noshell", "-pa", work, "-eval", code], { env });
  return decodeTerm(readFileSync(output)) as unknown[];
}
