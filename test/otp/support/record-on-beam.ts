// Plays scenarios on a real BEAM (needs `erl` and `erlc`) with a player in Erlang, and writes those that came out the same twice.
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import { decodeTerm } from "../../../host/otp/term/decode.ts";
import { encodeTerm } from "../../../host/otp/term/encode.ts";

/** A scenario, and what the BEAM made of it. */
export interface Recorded<S> {
  readonly scenario: S;
  readonly trace: unknown;
}

/**
 * `folder` holds player.erl, which exports `main(In, Out)` and gives a trace for each scenario, or the text "unstable"; the result goes to
 * traces.jsonl.gz in it. Run from the project's root.
 */
export function recordOnBeam<S>(folder: string, scenarios: readonly S[]): void {
  const work = mkdtempSync(join(tmpdir(), "moonlet-differential-"));
  try {
    execFileSync("erlc", ["-o", work, join(folder, "player.erl")], { stdio: "inherit" });
    const first = playOnce(work, scenarios);
    const second = playOnce(work, scenarios);
    const lines = scenarios.flatMap((scenario, i) => {
      const isSame = JSON.stringify(first[i]) === JSON.stringify(second[i]) && first[i] !== "unstable";
      return isSame ? [JSON.stringify({ scenario, trace: first[i] })] : [];
    });
    writeFileSync(join(folder, "traces.jsonl.gz"), gzipSync(`${lines.join("\n")}\n`, { level: 9 }));
    console.log(`${folder}: ${lines.length} of ${scenarios.length} scenarios recorded`);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

function playOnce(work: string, scenarios: readonly unknown[]): unknown[] {
  const input = join(work, "scenarios.bin");
  const output = join(work, "traces.bin");
  writeFileSync(input, encodeTerm(scenarios));
  const code = `player:main("${input}", "${output}"), halt().`;
  execFileSync("erl", ["+S", "1:1", "-noshell", "-pa", work, "-eval", code], {
    stdio: "inherit",
    env: { ...process.env, ERL_CRASH_DUMP: "/dev/null" },
  });
  return decodeTerm(readFileSync(output)) as unknown[];
}

/** What was recorded. */
export function recordings<S>(file: URL): Recorded<S>[] {
  const lines = gunzipSync(readFileSync(file)).toString().trimEnd().split("\n");
  return lines.map((line) => JSON.parse(line) as Recorded<S>);
}
