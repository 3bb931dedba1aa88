// Runs before all tests: some of them use moonlet as it is published, which `npm test` has built by then, and what tests compile stays
// out of the cache of whoever runs them.
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { resolve } from "node:path";

export function setup(): void {
  process.env.XDG_CACHE_HOME = resolve(".moonlet", "cache");
  if (!existsSync("dist/host/cli/main.cjs"))
    execFileSync(process.execPath, ["build.mjs"], { stdio: "inherit" });
}
