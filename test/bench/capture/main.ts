// `npm run bench:capture`: what fuel and stack capture cost. With a module and an export, that one; with a folder of .wasm and .c files, or
// without arguments, a table. Raw and instrumented runs alternate, so that both meet the same machine, and the best of each counts.
import { readdirSync, readFileSync, statSync } from "node:fs";
import { basename, extname, join } from "node:path";
import { parseArgs } from "node:util";
import { compileC, kernelFolder } from "./compile.ts";
import { type Measured, measure } from "./measure.ts";
import { switchCosts } from "./switch-cost.ts";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    json: { type: "boolean", default: false },
    slice: { type: "string", default: "20000" },
    rounds: { type: "string", default: "11" },
    suspending: { type: "string", multiple: true, default: [] },
    only: { type: "string" },
  },
});
const options = { slice: Number(values.slice), rounds: Number(values.rounds), suspending: values.suspending };
const [path, exportName, ...given] = positionals;

if (path !== undefined && exportName !== undefined) {
  const result = await measure(new Uint8Array(readFileSync(path)), exportName, given.map(Number), options);
  print([result], undefined);
} else {
  const results: Measured[] = [];
  for (const file of filesIn(path ?? kernelFolder())) {
    const bytes = extname(file) === ".c" ? compileC(file) : new Uint8Array(readFileSync(file));
    if (!bytes) {
      process.stderr.write(
        `${basename(file)}: clang with the wasm32 target is not there, so it is left out\n`,
      );
      continue;
    }
    for (const name of kernelsOf(bytes)) {
      if (values.only && !values.only.split(",").includes(name)) continue;
      results.push(await measure(bytes, name, undefined, options));
    }
  }
  print(results, values.only ? undefined : await switchCosts());
}

function filesIn(folder: string): string[] {
  if (!statSync(folder).isDirectory()) return [folder];
  return readdirSync(folder)
    .filter((name) => /\.(c|wasm)$/.test(name))
    .sort()
    .map((name) => join(folder, name));
}

/** Exported functions that take one i32, by trying: the engine says how many parameters a function has. */
function kernelsOf(bytes: Uint8Array): string[] {
  const module = new WebAssembly.Module(bytes as BufferSource);
  return WebAssembly.Module.exports(module)
    .filter(({ kind, name }) => kind === "function" && !name.startsWith("_"))
    .map(({ name }) => name);
}

function print(
  results: readonly Measured[],
  switches: readonly { depth: number; ns: number }[] | undefined,
): void {
  const geomean = Math.exp(results.reduce((sum, { ratio }) => sum + Math.log(ratio), 0) / results.length);
  if (values.json) {
    process.stdout.write(
      `${JSON.stringify({ node: process.version, slice: options.slice, results, geomean, switches })}\n`,
    );
    return;
  }
  const row = (cells: readonly string[]) =>
    `${cells[0]!.padEnd(12)}${cells
      .slice(1)
      .map((cell) => cell.padStart(13))
      .join("")}\n`;
  process.stdout.write(
    row(["", "raw ms", "ours ms", "ratio", "raw bytes", "ours bytes", "size", "switches"]),
  );
  for (const r of results) {
    process.stdout.write(
      row([
        r.name,
        r.rawMs.toFixed(3),
        r.instrumentedMs.toFixed(3),
        r.ratio.toFixed(3),
        String(r.rawBytes),
        String(r.instrumentedBytes),
        (r.instrumentedBytes / r.rawBytes).toFixed(2),
        String(r.switches),
      ]),
    );
    if (r.rawResult !== r.instrumentedResult)
      process.stdout.write(`  RESULTS DIFFER: raw ${r.rawResult}, ours ${r.instrumentedResult}\n`);
    else if (results.length === 1) process.stdout.write(`both give ${r.rawResult}\n`);
  }
  if (results.length > 1) {
    const worst = results.reduce((a, b) => (a.ratio > b.ratio ? a : b));
    process.stdout.write(
      `geomean ${geomean.toFixed(3)}, worst ${worst.name} ${worst.ratio.toFixed(3)}, slices of ${options.slice}, Node ${process.version}\n`,
    );
  }
  for (const { depth, ns } of switches ?? [])
    process.stdout.write(`suspend and resume at depth ${depth}: ${ns.toFixed(0)} ns\n`);
  if (results.some((r) => r.rawResult !== r.instrumentedResult)) process.exitCode = 1;
}
