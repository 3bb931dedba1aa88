// A real BEAM (needs `erl` and `erlc`) that plays scenarios with a player written in Erlang.
import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { decodeTerm } from "../../../host/otp/term/decode.ts";
import { encodeTerm } from "../../../host/otp/term/encode.ts";

const run = promisify(execFile);
/** Most of the time is waiting for timers, so that several BEAMs do not disturb each other. */
const BEAMS = 3;
/** Small, so that a player that hangs is found soon, and with few scenarios to look through. */
const CHUNK = 40;
const START_MS = 15_000;
const SCENARIO_MS = 1500;

/**
 * Compiles the Erlang sources, of which one is player.erl with `main(In, Out)`, and gives what it makes of each input, in order.
 * `scenarioMs` is how long one may take on the whole before the BEAM is taken to hang.
 * @throws Error that tells which inputs were being played when a BEAM failed or hung.
 */
export async function playOnBeam(
  sources: readonly string[],
  inputs: readonly unknown[],
  scenarioMs = SCENARIO_MS,
): Promise<unknown[]> {
  const work = mkdtempSync(join(tmpdir(), "moonlet-differential-"));
  try {
    await run("erlc", ["-o", work, ...sources]);
    const outputs: unknown[][] = [];
    const starts = Array.from({ length: Math.ceil(inputs.length / CHUNK) }, (_, i) => i * CHUNK);
    const worker = async (): Promise<void> => {
      for (let start = starts.shift(); start !== undefined; start = starts.shift())
        outputs[start / CHUNK] = await playChunk(work, start, inputs.slice(start, start + CHUNK), scenarioMs);
    };
    await Promise.all(Array.from({ length: BEAMS }, worker));
    return outputs.flat();
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

async function playChunk(
  work: string,
  start: number,
  inputs: readonly unknown[],
  scenarioMs: number,
): Promise<unknown[]> {
  const input = join(work, `scenarios-${start}.bin`);
  const output = join(work, `traces-${start}.bin`);
  writeFileSync(input, encodeTerm(inputs));
  const code = `player:main("${input}", "${output}"), halt().`;
  const env = { ...process.env, ERL_CRASH_DUMP: "/dev/null" };
  try {
    await run("erl", ["+S", "1:1", "-noshell", "-pa", work, "-eval", code], {
      env,
      timeout: START_MS + scenarioMs * inputs.length,
      killSignal: "SIGKILL",
    });
  } catch (cause) {
    throw new Error(`the BEAM failed or hung in scenarios ${start} to ${start + inputs.length - 1}`, {
      cause,
    });
  }
  return decodeTerm(readFileSync(output)) as unknown[];
}
