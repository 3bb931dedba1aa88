// `npm run bench:capture`: what fuel and stack capture cost. With a module and an export, that one; with a folder of .wasm and .c files a
// table of its exports; without arguments a table of the project's own kernels and programs. Raw and instrumented runs alternate, so that
// both meet the same machine; times are medians, the ratio is the median of the rounds' ratios.
import { readdirSync, readFileSync, statSync } from "node:fs";
import { basename, extname, join } from "node:path";
import { parseArgs } from "node:util";
import { collection, SUSPENDING } from "./collection.ts";
import { compileC } from "./compile.ts";
import { type Measured, type MeasureOptions, measure } from "./measure.ts";
import { type CaptureReport, formatReport, geomean } from "./report.ts";
import { switchCosts } from "./switch-cost.ts";

const USAGE = `usage: npm run bench:capture -- [module.wasm export [arguments]] | [folder or file]
  --json            the same as JSON
  --slice N         units of fuel in a slice (default 20000)
  --rounds N        rounds that count (default 11)
  --suspending M.N  an import that may suspend; may be repeated
  --only A,B        only what has one of these names
`;

const leftOut: Record<string, string> = {};

async function main(): Promise<void> {
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
  const options: MeasureOptions = {
    slice: Number(values.slice),
    rounds: Number(values.rounds),
    suspending: values.suspending,
  };
  const only = values.only?.split(",");
  const [path, exportName, ...given] = positionals;
  let groups: { title: string; results: Measured[] }[];
  let wholeTable = false;
  if (path !== undefined && exportName !== undefined) {
    const bytes = new Uint8Array(readFileSync(path));
    groups = [{ title: "", results: [await measure(bytes, exportName, given, options)] }];
  } else if (path !== undefined) {
    groups = [{ title: "export", results: await exportsOf(path, options, only) }];
  } else {
    groups = await ownCollection(options, only);
    wholeTable = only === undefined;
  }
  const report: CaptureReport = {
    node: process.version,
    slice: options.slice,
    groups,
    switches: wholeTable ? await switchCosts() : [],
    leftOut,
  };
  if (values.json) {
    const found = groups.map((group) => ({
      ...group,
      ...(group.results.length > 0 && { geomean: geomean(group.results) }),
    }));
    process.stdout.write(`${JSON.stringify({ ...report, groups: found })}\n`);
  } else process.stdout.write(formatReport(report));
  if (groups.some(({ results }) => results.some(({ same }) => !same))) process.exitCode = 1;
}

async function ownCollection(options: MeasureOptions, only: readonly string[] | undefined) {
  const groups: { title: string; results: Measured[] }[] = [
    { title: "kernel", results: [] },
    { title: "program", results: [] },
  ];
  const suspending = [...options.suspending, ...SUSPENDING];
  for (const candidate of collection()) {
    if (only && !only.includes(candidate.name)) continue;
    process.stderr.write(`${candidate.name}\n`);
    const bytes = await candidate.compile();
    if (!bytes) leftOut[candidate.name] = "clang with wasi-libc is not there";
    else {
      const args = [String(candidate.size)];
      const result = await measure(bytes, "run", args, { ...options, suspending }, candidate.name);
      groups[candidate.group === "kernel" ? 0 : 1]!.results.push(result);
    }
  }
  return groups;
}

async function exportsOf(
  path: string,
  options: MeasureOptions,
  only: readonly string[] | undefined,
): Promise<Measured[]> {
  const results: Measured[] = [];
  for (const file of filesIn(path)) {
    const bytes = extname(file) === ".c" ? compileC(file) : new Uint8Array(readFileSync(file));
    if (!bytes) {
      leftOut[basename(file)] = "clang with the wasm32 target is not there";
      continue;
    }
    for (const name of functionsOf(bytes)) {
      if (only && !only.includes(name)) continue;
      results.push(await measure(bytes, name, [String(ARGUMENTS[name] ?? 1)], options));
    }
  }
  return results;
}

function filesIn(folder: string): string[] {
  if (!statSync(folder).isDirectory()) return [folder];
  return readdirSync(folder)
    .filter((name) => /\.(c|wasm)$/.test(name))
    .sort()
    .map((name) => join(folder, name));
}

function functionsOf(bytes: Uint8Array): string[] {
  return WebAssembly.Module.exports(new WebAssembly.Module(bytes as BufferSource))
    .filter(({ kind, name }) => kind === "function" && !name.startsWith("_"))
    .map(({ name }) => name);
}

/** Arguments of the kernels of a folder, for some milliseconds each; other exports get 1. */
const ARGUMENTS: Readonly<Record<string, number>> = {
  matmul: 10,
  fib: 30,
  sha: 200,
  qsort_: 10,
  sieve: 40,
  mandel: 10,
  trees: 15,
  interp: 300,
  queens: 11,
  words: 500,
  vm: 20_000,
  mixed: 24,
  bst: 6,
  deep: 1_000,
  recvk: 300_000,
  mutual: 20_000,
  nbody: 40_000,
};

try {
  await main();
} catch (error) {
  process.stderr.write(`bench:capture: ${(error as Error).message}\n${USAGE}`);
  process.exitCode = 2;
}
