// Runs before all tests: some of them use moonlet as it is published. `npm test` has built it by then.
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";

export function setup(): void {
  if (!existsSync("dist/host/cli/main.js"))
    execFileSync(process.execPath, ["build.mjs"], { stdio: "inherit" });
}
