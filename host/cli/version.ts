// moonlet version.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { packageRoot } from "../../guest-sdk/compiler/package-root.ts";

/** The version of the package this file belongs to. */
export function version(): string {
  const manifest = JSON.parse(readFileSync(join(packageRoot(), "package.json"), "utf8")) as {
    version: string;
  };
  return manifest.version;
}
