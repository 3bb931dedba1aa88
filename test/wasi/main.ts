// `npm run test:wasi -- <folder> [--json] [name ...]`: a folder of prebuilt programs with .json expectations, as the public
// WebAssembly/wasi-testsuite has them in its branch prod/testsuite-base. Exits with 1 when one fails.
import { readdirSync } from "node:fs";
import { basename, join, relative } from "node:path";
import { readExpectation } from "./expectation.ts";
import { runProgram } from "./run-program.ts";

interface Result {
  readonly name: string;
  readonly outcome: "passed" | "failed" | "left out";
  readonly reasons: readonly string[];
}

const words = process.argv.slice(2);
const asJson = words.includes("--json");
const [folder, ...only] = words.filter((word) => word !== "--json");
if (folder === undefined) {
  process.stderr.write("usage: npm run test:wasi -- <folder with .wasm files> [--json] [name ...]\n");
  process.exit(2);
}
const programs = readdirSync(folder, { recursive: true, encoding: "utf8" })
  .filter((file) => file.endsWith(".wasm"))
  .filter((file) => only.length === 0 || only.includes(basename(file, ".wasm")))
  .sort();

const results: Result[] = [];
for (const program of programs) {
  const result = await resultOf(join(folder, program));
  results.push(result);
  if (!asJson) {
    const reasons = result.reasons.map((reason) => `\n    ${reason.replaceAll("\n", "\n    ")}`).join("");
    process.stdout.write(`${result.outcome.padEnd(8)}  ${result.name}${reasons}\n`);
  }
}
const count = (outcome: Result["outcome"]) => results.filter((result) => result.outcome === outcome).length;
const [passed, failed, leftOut] = [count("passed"), count("failed"), count("left out")];
process.stdout.write(
  asJson
    ? `${JSON.stringify({ passed, failed, leftOut, programs: results })}\n`
    : `${programs.length} programs: ${passed} passed, ${failed} failed, ${leftOut} left out\n`,
);
process.exit(failed > 0 || programs.length === 0 ? 1 : 0);

async function resultOf(path: string): Promise<Result> {
  const name = relative(folder!, path)
    .replace(/\.wasm$/, "")
    .replaceAll("\\", "/");
  const isForeign = /wasm32-wasip[2-9]/.test(path);
  const expected = readExpectation(path);
  const why = isForeign ? "is no program of preview 1" : expected.leftOut;
  if (why !== undefined) return { name, outcome: "left out", reasons: [why] };
  const reasons = await runProgram(path, expected);
  return { name, outcome: reasons.length === 0 ? "passed" : "failed", reasons };
}
