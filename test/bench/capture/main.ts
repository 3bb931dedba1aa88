// `npm run bench:capture`: what fuel and stack capture cost. With a module and an export, that one; with a folder of .wasm and .c files a
// table of its exports; without arguments a table of the project's own kernels. Raw and instrumented runs alternate, so that both meet the
// same machine; times are medians, the ratio is the median of the rounds' ratios.
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, extname, join } from "node:path";
import { parseArgs } from "node:util";
import { kernelModules } from "../programs.ts";
import { KERNEL_SIZES } from "../subjects/kernels.ts";
import { compileC } from "./compile.ts";
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
} else if (path === undefined) {
  print(await ownKernels(), values.only ? undefined : await switchCosts());
} else {
  const results: Measured[] = [];
  for (const file of filesIn(path)) {
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

/** The project's own kernels, compiled from AssemblyScript. */
async function ownKernels(): Promise<Measured[]> {
  const folder = mkdtempSync(join(tmpdir(), "moonlet-bench-"));
  try {
    const results: Measured[] = [];
    for (const [name, size] of Object.entries(KERNEL_SIZES)) {
      if (values.only && !values.only.split(",").includes(name)) continue;
      const { raw } = await kernelModules(folder, name);
      results.push(await measure(raw, "run", [size], options, name));
    }
    return results;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
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
