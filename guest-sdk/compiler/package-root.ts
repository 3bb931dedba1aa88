// Where this package lies on disk: the same answer from the sources, from dist/ and from an installed package.
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const SDK_ENTRY = "guest-sdk/assembly/index.ts";
let found: string | undefined;

/** The absolute path of moonlet's package folder: the nearest one above this file that is named moonlet and holds the SDK. */
export function packageRoot(): string {
  if (found !== undefined) return found;
  const start = dirname(fileURLToPath(import.meta.url));
  for (let directory = start; ; directory = dirname(directory)) {
    if (existsSync(join(directory, SDK_ENTRY)) && isMoonlet(join(directory, "package.json"))) {
      found = directory;
      return directory;
    }
    if (dirname(directory) === directory) {
      throw new Error(
        `moonlet is broken: no package.json of moonlet with ${SDK_ENTRY} beside it lies above ${start}`,
      );
    }
  }
}

/** The folder of the AssemblyScript library that guests import as `moonlet/guest-sdk`. */
export function assemblyFolder(): string {
  return join(packageRoot(), "guest-sdk", "assembly");
}

function isMoonlet(manifest: string): boolean {
  if (!existsSync(manifest)) return false;
  return (JSON.parse(readFileSync(manifest, "utf8")) as { name?: unknown }).name === "moonlet";
}
