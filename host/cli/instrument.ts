// moonlet instrument: adds fuel and stack capture to any module, whatever it imports.
import { extname } from "node:path";
import { MoonletError } from "../otp/error.ts";
import { printable } from "../report/printable.ts";
import { formatBytes } from "../report/quantity.ts";
import { usageError } from "./arguments.ts";
import type { Command } from "./command.ts";
import { EXIT } from "./exit-code.ts";
import { sections } from "./module-sections.ts";
import { outputPath, readInput, writeOutput } from "./output-file.ts";
import { Progress } from "./progress.ts";
import { readStack, STACK_OPTION } from "./run-options.ts";
import type { StopSummary } from "./stop-summary.ts";

export const instrument: Command = {
  name: "instrument",
  summary: "add fuel and stack capture to a module",
  usage: "in.wasm -o out.wasm",
  options: {
    output: { short: "o", value: "FILE", help: "where to write the module" },
    suspending: {
      value: "LIST",
      many: true,
      help: "imports that may suspend their caller, as module.name or module.* (default: moonlet's own)",
    },
    stack: STACK_OPTION,
    json: { help: "sizes, functions that can be stopped, imports and manifest as JSON to standard output" },
  },
  notes: [
    "Takes .wasm and .wat. Unlike build it does not look at what the module imports: the result is for your own host,",
    "which drives it with createCoroutine of moonlet/instrument.",
  ],
  async run(args, terminal) {
    const input = args.only("a module", instrument);
    const output = outputPath(args, input, instrument);
    const source = await readModule(input);
    const { WAITING_SYSCALLS } = await import("../wasm/syscalls/index.ts");
    const { InstrumentError, instrument: add, parseWat } = await import("../../instrument/index.ts");
    const given = args.values("suspending").flatMap((list) => list.split(","));
    try {
      const bytes = extname(input) === ".wat" ? parseWat(new TextDecoder().decode(source), input) : source;
      const suspending = given.length > 0 ? given.filter((name) => name !== "") : WAITING_SYSCALLS;
      const progress = new Progress(terminal, `instrumenting ${input}`);
      const { wasm, manifest } = await add(bytes, {
        name: input,
        suspending,
        ...readStack(args.value("stack")),
        onProgress: (share) => progress.show(share),
      }).finally(() => progress.clear());
      await writeOutput(output, wasm);
      const report = await describe(bytes, wasm);
      if (args.has("json")) terminal.out(`${JSON.stringify({ ok: true, output, ...report, manifest })}\n`);
      else terminal.err(await render(output, report));
      return EXIT.ok;
    } catch (error) {
      if (!(error instanceof InstrumentError)) throw error;
      const { code, hint, message } = error;
      throw new MoonletError(code, message, { cause: error, ...(hint !== undefined && { hint }) });
    }
  },
};

interface Report {
  readonly bytesBefore: number;
  readonly bytesAfter: number;
  /** Bytes of the instructions. */
  readonly codeBefore: number;
  readonly codeAfter: number;
  readonly stops: StopSummary;
  /** `module.name` of each import. */
  readonly imports: readonly string[];
  /** Grants of moonlet's host that it needs, each with the imports that need it. */
  readonly grants: Readonly<Record<string, readonly string[]>>;
}

async function describe(before: Uint8Array, after: Uint8Array): Promise<Report> {
  const { summarizeStops } = await import("./stop-summary.ts");
  const { neededGrants } = await import("../wasm/link.ts");
  const module = new WebAssembly.Module(after as BufferSource);
  return {
    bytesBefore: before.length,
    bytesAfter: after.length,
    codeBefore: codeBytes(before),
    codeAfter: codeBytes(after),
    stops: summarizeStops(module),
    imports: WebAssembly.Module.imports(module).map(({ module: from, name }) => `${from}.${name}`),
    grants: Object.fromEntries(neededGrants(module)),
  };
}

function codeBytes(bytes: Uint8Array): number {
  return sections(bytes).reduce((sum, { name, start, end }) => sum + (name === "code" ? end - start : 0), 0);
}

async function render(output: string, report: Report): Promise<string> {
  const { describeStops } = await import("./stop-summary.ts");
  const { bytesBefore, bytesAfter, codeBefore, codeAfter, imports } = report;
  const grants = Object.entries(report.grants).map(([grant, names]) => `${grant} (${names.join(", ")})`);
  const rows: [string, string][] = [
    [
      "size",
      `${formatBytes(bytesBefore)} before, ${formatBytes(bytesAfter)} after (${growth(bytesBefore, bytesAfter)})`,
    ],
    [
      "code",
      `${formatBytes(codeBefore)} before, ${formatBytes(codeAfter)} after (${growth(codeBefore, codeAfter)})`,
    ],
    ...describeStops(report.stops).map((line, i): [string, string] => [i === 0 ? "stops" : "", line]),
    ["imports", imports.length > 0 ? imports.join(", ") : "none"],
    ["grants", grants.length > 0 ? grants.join(", ") : "none"],
  ];
  const lines = rows.map(([title, text]) => `  ${title.padEnd(8)} ${text}`);
  return `${[`wrote ${output}`, ...lines].map(printable).join("\n")}\n`;
}

function growth(before: number, after: number): string {
  if (before === 0) return "+0 %";
  const percent = Math.round((after / before - 1) * 100);
  return `${percent < 0 ? "" : "+"}${percent} %`;
}

async function readModule(input: string): Promise<Uint8Array> {
  const ending = extname(input);
  if (ending === ".ts") {
    throw usageError(
      `${input} is a source, not a module`,
      `Build it instead: moonlet build ${input} -o out.wasm.`,
    );
  }
  if (ending !== ".wasm" && ending !== ".wat") {
    throw usageError(`${input} is no module: expected a file that ends in .wasm or .wat`, "Name a module.");
  }
  const bytes = await readInput(input);
  if (bytes === undefined) {
    throw new MoonletError("E_CANNOT_READ", `cannot read ${input}`, {
      hint: "Check that it exists, is a file and may be read.",
    });
  }
  return bytes;
}
