// `npm run test:programs -- [ruby] [python] [quickjs] [--folder F] [--json]`: whole interpreters as processes. Their packages are fetched into a folder,
// by default a temporary one that is removed again; what cannot be fetched is left out, with the reason. Exits with 1 when something fails.
import { mkdtempSync, rmSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { type Examination, examine } from "./examine.ts";
import { fetchPackages } from "./fetch.ts";
import type { Interpreter } from "./interpreter.ts";
import { python } from "./python.ts";
import { quickjs } from "./quickjs.ts";
import { ruby } from "./ruby.ts";

const INTERPRETERS: Readonly<Record<string, Interpreter>> = { ruby, python, quickjs };

const words = process.argv.slice(2);
const asJson = words.includes("--json");
const at = words.indexOf("--folder");
const given = at < 0 ? undefined : words[at + 1];
const names = words.filter((word, n) => !word.startsWith("--") && (at < 0 || n !== at + 1));
const unknown = names.find((name) => !Object.hasOwn(INTERPRETERS, name));
if (unknown !== undefined || (at >= 0 && given === undefined)) {
  process.stderr.write(
    "usage: npm run test:programs -- [ruby] [python] [quickjs] [--folder <where packages are kept>] [--json]\n",
  );
  process.exit(2);
}

const folder = given === undefined ? mkdtempSync(join(tmpdir(), "moonlet-programs-")) : resolve(given);
const examined: Record<string, Examination | { readonly leftOut: string }> = {};
try {
  for (const [key, interpreter] of Object.entries(INTERPRETERS)) {
    if (names.length > 0 && !names.includes(key)) continue;
    const own = join(folder, key);
    const missing = fetchPackages(interpreter.from, own);
    const found =
      missing === undefined
        ? await examine(interpreter, await interpreter.prepare(own), own)
        : { leftOut: missing };
    examined[interpreter.name] = found;
    if (!asJson)
      process.stdout.write(
        `${"leftOut" in found ? leftOut(interpreter.name, found) : report(interpreter.name, found)}\n`,
      );
  }
} finally {
  if (given === undefined) rmSync(folder, { recursive: true, force: true });
}
const machine = `${cpus()[0]?.model ?? "unknown"}, ${cpus().length} cores, Node ${process.version}, ${new Date().toISOString()}`;
process.stdout.write(asJson ? `${JSON.stringify({ machine, examined })}\n` : `${machine}\n`);
process.exit(Object.values(examined).some((found) => "failed" in found && found.failed.length > 0) ? 1 : 0);

function leftOut(name: string, { leftOut }: { readonly leftOut: string }): string {
  return `${name}: left out, ${leftOut}\n`;
}

function report(name: string, found: Examination): string {
  const { instrumented, loadMs, startToEndMs, startFuel, memoryBytes, timerLateMs, passed, failed } = found;
  const mib = (bytes: number) => `${(bytes / 2 ** 20).toFixed(1)} MiB`;
  const seconds = (ms: number) => `${(ms / 1000).toFixed(2)} s`;
  const { inBytes, outBytes, codeRatio, cpuMs, wallMs, residentBytes } = instrumented;
  return [
    `${name}: ${passed.length} passed, ${failed.length} failed`,
    ...failed.map((wrong) => `  failed      ${wrong}`),
    ...passed.map((name) => `  passed      ${name}`),
    `  size        ${mib(inBytes)}, instrumented ${mib(outBytes)}, its code ${codeRatio.toFixed(2)} times as large`,
    `  instrument  ${seconds(cpuMs)} of CPU time, ${seconds(wallMs)} in all, at most ${mib(residentBytes)} of resident memory`,
    `  load        ${seconds(loadMs)} once it is instrumented`,
    `  nothing     ${seconds(startToEndMs[0])} from start to end the first time, ${seconds(startToEndMs[1])} the second; ${startFuel.toLocaleString("en")} units of fuel, ${mib(memoryBytes)} of memory`,
    `  timers      ${timerLateMs.map((ms) => ms.toFixed(1)).join(" and ")} ms late at the median and at most, beside two endless loops`,
    "",
  ].join("\n");
}
