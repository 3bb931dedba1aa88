// moonlet build: compiles and instruments a program once, so that running it needs no compiler.
import { basename } from "node:path";
import { formatBytes } from "../report/quantity.ts";
import type { Command } from "./command.ts";
import { EXIT } from "./exit-code.ts";
import { withSourceMapUrl } from "./module-sections.ts";
import { outputPath, writeOutput } from "./output-file.ts";
import { readStack, STACK_OPTION } from "./run-options.ts";

export const build: Command = {
  name: "build",
  summary: "compile and instrument a program into a .wasm file that runs at once",
  usage: "<program> -o out.wasm",
  options: {
    output: { short: "o", value: "FILE", help: "where to write the module; its source map goes to FILE.map" },
    stack: STACK_OPTION,
    json: { help: "the result as JSON to standard output" },
  },
  notes: [
    "Every import is checked. `moonlet run out.wasm` and host.load(path, { trusted: true }) take the result.",
  ],
  async run(args, terminal) {
    const input = args.only("a program", build);
    const output = outputPath(args, input, build);
    const { createHost } = await import("../index.ts");
    await using host = await createHost();
    const program = await host.load(input, readStack(args.value("stack")));
    const { sourceMap } = program;
    const bytes = withSourceMapUrl(
      program.bytes,
      sourceMap === undefined ? undefined : `${basename(output)}.map`,
    );
    await writeOutput(output, bytes);
    if (sourceMap !== undefined) await writeOutput(`${output}.map`, sourceMap);
    if (args.has("json")) {
      const map = sourceMap === undefined ? null : `${output}.map`;
      terminal.out(`${JSON.stringify({ ok: true, output, sourceMap: map, bytes: bytes.length })}\n`);
    } else {
      const map = sourceMap === undefined ? "" : `, source map in ${output}.map`;
      terminal.err(`built ${output}: ${formatBytes(bytes.length)}${map}\n`);
    }
    return EXIT.ok;
  },
};
