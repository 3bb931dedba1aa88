// Reads a guest's source for a report.
import { readFileSync, statSync } from "node:fs";
import { resolve } from "node:path";

const MAX_BYTES = 8_388_608;

/** The text of a file named relative to the current folder; undefined when it cannot be read, is no plain file, or very large. */
export function readSourceText(file: string): string | undefined {
  try {
    const path = resolve(file);
    const found = statSync(path);
    return found.isFile() && found.size <= MAX_BYTES ? readFileSync(path, "utf8") : undefined;
  } catch {
    return undefined;
  }
}
