// `npm run test:spec -- <folder> [file ...]`: the WebAssembly specification's test suite, a folder of .wast files. Every module that this
// engine accepts runs raw and instrumented, at several fuel settings, and every assertion has to come out the same.
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { compareScript, type Tally, tally } from "./compare.ts";
import { convert } from "./convert.ts";

const FUEL_SETTINGS = [1, 7, 1_000, 2 ** 40];

const [folder, ...only] = process.argv.slice(2);
if (folder === undefined) {
  process.stderr.write("usage: npm run test:spec -- <folder with .wast files> [file ...]\n");
  process.exit(2);
}
const files = readdirSync(folder, { recursive: true, encoding: "utf8" })
  .filter((file) => file.endsWith(".wast"))
  .filter((file) => only.length === 0 || only.some((name) => file.includes(name)))
  .sort();

const total: Tally = tally();
let unreadable = 0;
for (const file of files) {
  const script = convert(join(folder, file));
  if ("reason" in script) {
    unreadable++;
    add(total.leftOut, `file cannot be converted: ${script.reason}`, 1);
    continue;
  }
  const own = tally();
  if (script.dropped > 0) add(own.leftOut, "module or command that wast2json cannot read", script.dropped);
  await compareScript(script.folder, script.commands, FUEL_SETTINGS, own);
  for (const failure of own.failures) process.stdout.write(`FAIL ${file}:${failure}\n`);
  total.modules += own.modules;
  total.passed += own.passed;
  total.failed += own.failed;
  for (const [reason, count] of own.leftOut) add(total.leftOut, reason, count);
  script.dispose();
}
process.stdout.write(
  `${files.length} files (${unreadable} not read), ${total.modules} modules, at fuel ${FUEL_SETTINGS.join(", ")}: ` +
    `${total.passed} assertions passed, ${total.failed} failed\n`,
);
process.stdout.write("left out:\n");
for (const [reason, count] of [...total.leftOut].sort((a, b) => b[1] - a[1]))
  process.stdout.write(`  ${count}  ${reason}\n`);
process.exit(total.failed > 0 ? 1 : 0);

function add(map: Map<string, number>, key: string, count: number): void {
  map.set(key, (map.get(key) ?? 0) + count);
}
