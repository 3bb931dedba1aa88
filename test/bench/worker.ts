// One side of one subject in a Node of its own: `worker.js <subject> <side> [folder]`. Answers each line, a count, with the figure.
// `echo 1000000 | node --cpu-prof dist/test/bench/worker.js ping_pong guest` profiles it.
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { SUBJECTS } from "./subjects/index.ts";

const [name, sideName = "", folder = mkdtempSync(join(tmpdir(), "moonlet-bench-"))] = process.argv.slice(2);
const side = SUBJECTS.find((subject) => subject.name === name)?.sides[sideName];
if (!side?.prepare) throw new Error(`no subject "${name}" with a side "${sideName}" that runs on Node`);
const round = await side.prepare(folder);
for await (const line of createInterface({ input: process.stdin })) {
  try {
    const { value, check, samples } = await round(Number(line));
    const answer =
      samples === undefined ? [value, ...(check === undefined ? [] : [check])] : ["samples", ...samples];
    process.stdout.write(`${answer.join(" ")}\n`);
  } catch (error) {
    process.stdout.write(`error ${String(error)}\n`);
  }
}
// Processes that still wait must not keep the program.
process.exit(0);
