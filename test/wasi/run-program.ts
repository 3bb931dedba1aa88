// Runs one program of the suite as a process, on a copy of the folder that it works in, and says in which respects it came out otherwise
// than expected.
import { cpSync, existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { createHost, describeReason, type ExitReason } from "../../host/index.ts";
import type { Expectation } from "./expectation.ts";

const TIMEOUT_MS = 30_000;

/** What went wrong, empty if nothing did. */
export async function runProgram(path: string, expected: Expectation): Promise<readonly string[]> {
  const folder = mkdtempSync(join(tmpdir(), "moonlet-wasi-"));
  const written = { 1: "", 2: "" };
  const decoder = new TextDecoder();
  try {
    if (expected.root !== undefined) copyRoot(join(dirname(path), expected.root), folder);
    const host = await createHost({
      grants: ["stdio", "stdin", "clock"],
      env: expected.env,
      directories: expected.root === undefined ? [] : [{ host: folder, guest: "/", mode: "write" }],
      write: (stream, bytes) => {
        written[stream] += decoder.decode(bytes);
      },
    });
    const program = await host.load(path);
    const pid = host.spawn(program, "_start", { args: expected.args });
    const timer = setTimeout(() => host.kill(pid), TIMEOUT_MS);
    const reason = await host.exited(pid);
    clearTimeout(timer);
    await host.close({ timeoutMs: 0 });
    return deviations(expected, reason, written);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function copyRoot(from: string, to: string): void {
  if (!existsSync(from)) return;
  cpSync(from, to, { recursive: true, verbatimSymlinks: true });
  // Left over from a run of something else that failed.
  for (const name of readdirSync(to)) {
    if (name.endsWith(".cleanup")) rmSync(join(to, name), { recursive: true });
  }
}

function deviations(
  expected: Expectation,
  reason: ExitReason,
  written: Readonly<Record<1 | 2, string>>,
): readonly string[] {
  const found: string[] = [];
  const code = exitCode(reason);
  if (code === undefined) found.push(`ended with ${describeReason(reason)}`);
  else if (code !== expected.exitCode) found.push(`exit code ${code}, expected ${expected.exitCode}`);
  if (expected.stdout !== undefined && written[1] !== expected.stdout) {
    found.push(`standard output ${JSON.stringify(written[1])}, expected ${JSON.stringify(expected.stdout)}`);
  }
  if (expected.stderr !== undefined && written[2] !== expected.stderr) {
    found.push(`standard error ${JSON.stringify(written[2])}, expected ${JSON.stringify(expected.stderr)}`);
  }
  // What the program says itself helps most.
  if (found.length > 0 && written[2] !== "") found.push(written[2].trim());
  return found;
}

function exitCode(reason: ExitReason): number | undefined {
  if (reason === "normal") return 0;
  return Array.isArray(reason) && typeof reason[1] === "number" ? reason[1] : undefined;
}
