// `npm run soak [-- COUNT] [--seed N] [--processes N] [--json]`: the soak with ten million signals, and its report.
import { parseArgs } from "node:util";
import { renderSoakReport } from "./report.ts";
import { Soak } from "./soak.ts";

const USAGE = `usage: npm run soak [-- COUNT] [--seed N] [--processes N] [--json]

  COUNT          signals. Default 10000000
  --seed N       another run. Default 1
  --processes N  how many live at a time. Default 1000
  --json         the report as JSON`;

interface Arguments {
  readonly signals: number;
  readonly seed: number;
  readonly processes: number;
  readonly json: boolean;
}

function readArguments(args: string[]): Arguments {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      seed: { type: "string", default: "1" },
      processes: { type: "string", default: "1000" },
      json: { type: "boolean", default: false },
    },
  });
  const count = (text: string, what: string): number => {
    const value = Number(text.replaceAll("_", ""));
    if (!Number.isInteger(value) || value < 1)
      throw new Error(`${what} ${text}: expected 1 or more\n\n${USAGE}`);
    return value;
  };
  if (positionals.length > 1) throw new Error(USAGE);
  return {
    signals: count(positionals[0] ?? "10000000", "COUNT"),
    seed: count(values.seed, "--seed"),
    processes: count(values.processes, "--processes"),
    json: values.json,
  };
}

try {
  const { json, signals, ...options } = readArguments(process.argv.slice(2));
  const started = performance.now();
  const isShown = !json && process.stderr.isTTY;
  const report = await new Soak({ signals, ...options }).run((sent) => {
    if (isShown) process.stderr.write(`\r${sent.toLocaleString("en-US")} signals`);
  });
  if (isShown) process.stderr.write("\r\x1b[K");
  const seconds = (performance.now() - started) / 1000;
  const text = json
    ? JSON.stringify({ ...report, seconds }, undefined, 2)
    : renderSoakReport(report, seconds);
  process.stdout.write(`${text}\n`);
  const isLeft = Object.values(report.left).some((count) => count > 0);
  if (report.violations.length > 0 || isLeft) process.exitCode = 1;
} catch (error) {
  process.stderr.write(`${(error as Error).message}\n`);
  process.exitCode = 2;
}
