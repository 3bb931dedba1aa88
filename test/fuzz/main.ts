// `npm run fuzz:capture -- [count] [--seed n] [--json]`: random modules, raw beside instrumented. A module that behaves differently is
// shrunk, and kept as text in the folder for temporary files.
import { writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { compareModule } from "./differential.ts";
import { generate } from "./generate.ts";
import { shrink } from "./shrink.ts";

const words = process.argv.slice(2);
const json = take("--json");
const first = takeNumber("--seed", 1);
const count = words.length > 0 ? Number(words[0]) : 1_000;
if (!Number.isInteger(count) || count < 1 || words.length > 1)
  fail(`"${words.join(" ")}" is no count of modules`);

const totals = { modules: 0, same: 0, different: 0, notGenerated: 0, stops: 0, moves: 0 };
const refused: Record<string, number> = {};
const failures: { seed: number; detail: string; file: string }[] = [];
let shown = Date.now();
for (let seed = first; seed < first + count; seed++) {
  totals.modules++;
  const bytes = await generate(seed);
  if (!bytes) {
    totals.notGenerated++;
    continue;
  }
  const verdict = await compareModule(bytes, seed);
  if (verdict.type === "same") {
    totals.same++;
    totals.stops += verdict.stops;
    totals.moves += verdict.moves;
  } else if (verdict.type === "refused") {
    const reason = verdict.detail
      .replace(/^seed \d+ is not a valid WebAssembly module.*/s, "this engine does not accept it raw")
      .replace(/^seed \d+ cannot be instrumented: /, "");
    refused[reason] = (refused[reason] ?? 0) + 1;
  } else {
    totals.different++;
    const file = join(tmpdir(), `moonlet-fuzz-${seed}.wat`);
    writeFileSync(file, await shrink(bytes, seed, verdict.detail));
    failures.push({ seed, detail: verdict.detail, file });
    if (!json) process.stdout.write(`seed ${seed}: ${verdict.detail}\n  shrunk to ${file}\n`);
  }
  if (process.stderr.isTTY && Date.now() - shown > 500) {
    shown = Date.now();
    process.stderr.write(`\r${totals.modules} of ${count}, ${totals.different} different`);
  }
}
if (process.stderr.isTTY) process.stderr.write("\n");
if (json)
  process.stdout.write(
    `${JSON.stringify({ node: process.version, firstSeed: first, ...totals, refused, failures })}\n`,
  );
else {
  process.stdout.write(
    `Node ${process.version}, seeds ${first} to ${first + count - 1}: ${totals.same} modules the same, ${totals.different} different, ` +
      `${totals.notGenerated} not generated; ${totals.stops} stops, ${totals.moves} moves to a new instance\n`,
  );
  for (const [reason, times] of Object.entries(refused))
    process.stdout.write(`  refused ${times}: ${reason}\n`);
}
process.exit(totals.different > 0 ? 1 : 0);

function take(flag: string): boolean {
  const at = words.indexOf(flag);
  if (at >= 0) words.splice(at, 1);
  return at >= 0;
}

function takeNumber(flag: string, otherwise: number): number {
  const at = words.indexOf(flag);
  if (at < 0) return otherwise;
  const value = Number(words[at + 1]);
  if (!Number.isInteger(value) || value < 0) fail(`${flag} needs a number`);
  words.splice(at, 2);
  return value;
}

function fail(message: string): never {
  process.stderr.write(`${message}\nusage: npm run fuzz:capture -- [count] [--seed n] [--json]\n`);
  process.exit(2);
}
