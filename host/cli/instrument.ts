// moonlet instrument: adds fuel and stack capture to any module, whatever it imports.
import { extname } from "node:path";
import { MoonletError } from "../otp/error.ts";
import { formatBytes } from "../report/quantity.ts";
import { usageError } from "./arguments.ts";
import type { Command } from "./command.ts";
import { EXIT } from "./exit-code.ts";
import { outputPath, readInput, writeOutput } from "./output-file.ts";

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
    json: { help: "sizes and manifest as JSON to standard output" },
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
      const { wasm, manifest } = await add(bytes, { name: input, suspending });
      await writeOutput(output, wasm);
      const [before, after] = [bytes.length, wasm.length];
      if (args.has("json")) {
        terminal.out(
          `${JSON.stringify({ ok: true, output, bytesBefore: before, bytesAfter: after, manifest })}\n`,
        );
      } else {
        const growth = ((after / before - 1) * 100).toFixed(0);
        terminal.err(
          `wrote ${output}: ${formatBytes(before)} before, ${formatBytes(after)} after (+${growth} %)\n`,
        );
      }
      return EXIT.ok;
    } catch (error) {
      if (!(error instanceof InstrumentError)) throw error;
      const { code, hint, message } = error;
      throw new MoonletError(code, message, { cause: error, ...(hint !== undefined && { hint }) });
    }
  },
};

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
