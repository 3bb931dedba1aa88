// moonlet inspect: what a program exports, imports and needs.

import { printable } from "../report/printable.ts";
import { formatBytes } from "../report/quantity.ts";
import type { GrantName } from "../wasm/grant.ts";
import type { Program } from "../wasm/program.ts";
import type { Command } from "./command.ts";
import { EXIT } from "./exit-code.ts";
import { memoryLimits, sections } from "./module-sections.ts";
import { readInput } from "./output-file.ts";
import type { StopSummary } from "./stop-summary.ts";

export const inspect: Command = {
  name: "inspect",
  summary: "show what a program exports, imports and needs",
  usage: "<program> [--json]",
  options: { json: { help: "the same as JSON" } },
  async run(args, terminal) {
    const path = args.only("a program", inspect);
    const { createHost } = await import("../index.ts");
    const { neededGrants } = await import("../wasm/link.ts");
    const { describeStops, summarizeStops } = await import("./stop-summary.ts");
    await using host = await createHost();
    const program = await host.load(path, { trusted: true });
    const fileBytes = (await readInput(path))?.length ?? 0;
    const found = describe(program, fileBytes, neededGrants(program.module), summarizeStops(program.module));
    if (args.has("json")) terminal.out(`${JSON.stringify(found)}\n`);
    else terminal.out(render(found, describeStops(found.stops)));
    return EXIT.ok;
  },
};

const PAGE_BYTES = 65_536;

interface Inspection {
  readonly program: string;
  /** Functions with which a process can begin. */
  readonly entries: readonly string[];
  readonly defaultEntry: string | null;
  /** Other exported functions. */
  readonly functions: readonly string[];
  /** Imports, `module.name`. */
  readonly imports: readonly string[];
  /** Grants it needs, each with the imports that need it. */
  readonly grants: Readonly<Record<string, readonly string[]>>;
  /** What its WASI imports ask for at run time, each with those imports; it starts without. */
  readonly asksFor: Readonly<Record<string, readonly string[]>>;
  readonly stops: StopSummary;
  readonly memory: { readonly startBytes: number; readonly maxBytes: number | null } | null;
  readonly manifest: Program["manifest"];
  readonly hasSourceMap: boolean;
  readonly bytes: {
    readonly file: number;
    readonly instrumented: number;
    readonly sections: Readonly<Record<string, number>>;
  };
}

/** What functions of WASI are about; the rest needs nothing. */
const WISHES: readonly (readonly [string, RegExp])[] = [
  ["directories", /^(path_|fd_readdir$|fd_prestat_get$)/],
  ["environment variables", /^environ_get$/],
  ["clock", /^clock_time_get$/],
  ["stdin", /^fd_read$/],
  ["stdio", /^fd_write$/],
];

function wasiWishes(program: Program): Record<string, string[]> {
  const names = WebAssembly.Module.imports(program.module)
    .filter(({ module }) => module === "wasi_snapshot_preview1")
    .map(({ name }) => name);
  const found = WISHES.map(([what, pattern]): [string, string[]] => [
    what,
    names.filter((name) => pattern.test(name)),
  ]);
  return Object.fromEntries(found.filter(([, asking]) => asking.length > 0));
}

function describe(
  program: Program,
  fileBytes: number,
  grants: ReadonlyMap<GrantName, string[]>,
  stops: StopSummary,
): Inspection {
  const entries = program.exportedFunctions.filter((name) => program.hasEntry(name));
  const memory = memoryLimits(program.bytes);
  const bySection = sections(program.bytes).map(({ name, start, end }): [string, number] => [
    name,
    end - start,
  ]);
  return {
    program: program.name,
    entries,
    defaultEntry: program.hasEntry(program.defaultEntry) ? program.defaultEntry : null,
    functions: program.exportedFunctions.filter((name) => !entries.includes(name)),
    imports: WebAssembly.Module.imports(program.module)
      .filter(({ module }) => module !== "moonlet")
      .map(({ module, name }) => `${module}.${name}`),
    grants: Object.fromEntries(grants),
    asksFor: wasiWishes(program),
    stops,
    memory: memory
      ? {
          // What the guest sees: without the region for captured frames.
          startBytes: memory.minPages * PAGE_BYTES - program.manifest.frameBytes,
          maxBytes:
            memory.maxPages === undefined ? null : memory.maxPages * PAGE_BYTES - program.manifest.frameBytes,
        }
      : null,
    manifest: program.manifest,
    hasSourceMap: program.sourceMap !== undefined,
    bytes: {
      file: fileBytes,
      instrumented: program.bytes.length,
      sections: Object.fromEntries(bySection.sort(([, a], [, b]) => b - a)),
    },
  };
}

function render(found: Inspection, stops: readonly string[]): string {
  const { memory, manifest, bytes } = found;
  const max = memory?.maxBytes ?? null;
  const grants = Object.entries(found.grants).map(([grant, imports]) => `${grant} (${imports.join(", ")})`);
  const wishes = Object.entries(found.asksFor).map(([what, names]) => `${what} (${names.join(", ")})`);
  const rows: [string, readonly string[]][] = [
    ["entries", found.entries.map((name) => (name === found.defaultEntry ? `${name} (default)` : name))],
    ["functions", found.functions],
    ["imports", found.imports],
    ["grants", grants],
    ["asks for", wishes],
    ["stops", stops],
    [
      "memory",
      [
        memory
          ? `${formatBytes(memory.startBytes)} at the start, ${max === null ? "no limit of its own" : `at most ${formatBytes(max)}`}`
          : "imported",
      ],
    ],
    [
      "manifest",
      [
        `ABI ${manifest.abiVersion}, cost model ${manifest.costModel}, ${formatBytes(manifest.stackBytes)} for a captured stack`,
      ],
    ],
    [
      "source",
      [`${manifest.sourceHash.slice(0, 16)}${found.hasSourceMap ? ", with source map" : ", no source map"}`],
    ],
    ["size", [`${formatBytes(bytes.file)} as a file, ${formatBytes(bytes.instrumented)} instrumented`]],
    [
      "sections",
      Object.entries(bytes.sections)
        .slice(0, 6)
        .map(([name, size]) => `${name} ${formatBytes(size)}`),
    ],
  ];
  const lines = rows.map(
    ([title, items]) => `  ${title.padEnd(10)} ${items.length > 0 ? items.join(", ") : "none"}`,
  );
  return `${[found.program, ...lines].map(printable).join("\n")}\n`;
}
