// Compiles the TypeScript into dist/ and bundles wasi-js into dist/vendor, so that nobody's install runs its preinstall script.
import { execFileSync } from "node:child_process";
import { rmSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL(".", import.meta.url));
const dist = fileURLToPath(new URL("dist", import.meta.url));
if (process.argv.includes("--clean")) {
  rmSync(dist, { recursive: true, force: true });
} else {
  const tsc = createRequire(import.meta.url).resolve("typescript/package.json").replace(/package\.json$/, "bin/tsc");
  execFileSync(process.execPath, [tsc, "-p", "tsconfig.json"], { cwd: root, stdio: "inherit" });
}
