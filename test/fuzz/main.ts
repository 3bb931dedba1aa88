// `node dist/test/fuzz/main.js [first seed] [count]`: random modules, raw against instrumented. A failing module is kept as a file.
import { writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { compareModule } from "./differential.ts";
import { generate } from "./generate.ts";

const first = Number(process.argv[2] ?? 1);
const count = Number(process.argv[3] ?? 100);
let same = 0;
let failed = 0;
let stops = 0;
let notMade = 0;
const refused = new Map<string, number>();
for (let seed = first; seed < first + count; seed++) {
  const bytes = generate(seed);
  if (!bytes) {
    notMade++;
    continue;
  }
  const verdict = await compareModule(bytes, seed);
  if (verdict.type === "same") {
    same++;
    stops += verdict.stops;
  } else if (verdict.type === "refused") {
    const reason = verdict.detail.replace(/.*holds /, "");
    refused.set(reason, (refused.get(reason) ?? 0) + 1);
  } else {
    failed++;
    const file = join(tmpdir(), `moonlet-fuzz-${seed}.wasm`);
    writeFileSync(file, bytes);
    process.stdout.write(`seed ${seed}: ${verdict.detail}\n  kept as ${file}\n`);
  }
}
process.stdout.write(
  `${count} modules: ${same} the same, ${failed} different, ${notMade} not generated, ${stops} stops\n`,
);
for (const [reason, times] of refused) process.stdout.write(`  refused ${times}: ${reason}\n`);
process.exit(failed > 0 ? 1 : 0);
