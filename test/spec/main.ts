// `npm run test:spec -- <folder> [file ...] [--json]`: the WebAssembly specification's test suite, a folder of .wast files. Every module that
// this engine accepts runs raw and instrumented, at several fuel settings, and every assertion has to come out the same.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { compareScript, leaveOut, type Tally, tally } from "./compare.ts";
import { readScript } from "./script.ts";

const FUEL_SETTINGS = [1, 7, 1_000, 2 ** 40];

const words = process.argv.slice(2);
const json = words.includes("--json");
const [folder, ...only] = words.filter((word) => word !== "--json");
if (folder === undefined) fail("usage: npm run test:spec -- <folder with .wast files> [file ...] [--json]");
const files = scripts(folder).filter((file) => only.length === 0 || only.some((name) => file.includes(name)));
if (files.length === 0)
  fail(`there is no .wast file in ${folder}${only.length > 0 ? ` called ${only.join(" or ")}` : ""}`);

const total: Tally = tally();
const places = new Map<string, Set<string>>();
for (const file of files) {
  const own = tally();
  try {
    await compareScript(readScript(readFileSync(join(folder, file), "utf8")), FUEL_SETTINGS, own);
  } catch (cause) {
    throw new Error(`the harness fails on ${file}`, { cause });
  }
  for (const failure of own.failures) {
    total.failures.push(`${file}:${failure}`);
    if (!json) process.stdout.write(`FAIL ${file}:${failure}\n`);
  }
  total.modules += own.modules;
  total.passed += own.passed;
  total.failed += own.failed;
  for (const [reason, { modules, assertions }] of own.leftOut) {
    leaveOut(total, reason, modules, assertions);
    places.set(reason, (places.get(reason) ?? new Set()).add(file));
  }
}
const leftOut = [...total.leftOut]
  .map(([reason, counts]) => ({ reason, ...counts, files: [...places.get(reason)!] }))
  .sort((a, b) => b.assertions - a.assertions);
if (json) {
  const { modules, passed, failed, failures } = total;
  const report = {
    node: process.version,
    files: files.length,
    modules,
    fuels: FUEL_SETTINGS,
    passed,
    failed,
    failures,
    leftOut,
  };
  process.stdout.write(`${JSON.stringify(report)}\n`);
} else {
  process.stdout.write(
    `Node ${process.version}: ${files.length} files, ${total.modules} modules, at fuel ${FUEL_SETTINGS.join(", ")}: ` +
      `${total.passed} assertions passed, ${total.failed} failed\n`,
  );
  process.stdout.write(`left out${leftOut.length === 0 ? ": nothing" : ", modules and assertions:"}\n`);
  for (const { reason, modules, assertions, files: where } of leftOut) {
    const some =
      where.length > 4 ? `${where.slice(0, 4).join(", ")} and ${where.length - 4} more` : where.join(", ");
    process.stdout.write(`  ${modules} ${assertions}  ${reason}\n        in ${some}\n`);
  }
}
process.exit(total.failed > 0 ? 1 : 0);

function scripts(path: string): string[] {
  try {
    return readdirSync(path, { recursive: true, encoding: "utf8" })
      .filter((file) => file.endsWith(".wast"))
      .sort();
  } catch (error) {
    return fail(`cannot read the folder ${path}: ${(error as Error).message}`);
  }
}

function fail(message: string): never {
  process.stderr.write(`${message}\nThe suite: git clone https://github.com/WebAssembly/testsuite\n`);
  process.exit(2);
}
