// Where what is worth keeping lies on disk. Imports nothing of moonlet: the executable asks before it loads anything else.
import { homedir } from "node:os";
import { join } from "node:path";

/** `$XDG_CACHE_HOME/moonlet` or `~/.cache/moonlet`. */
export function defaultCacheDirectory(): string {
  return join(process.env.XDG_CACHE_HOME || join(homedir(), ".cache"), "moonlet");
}

/** The directory that the option `cache` stands for; undefined for none. */
export function cacheDirectory(cache: boolean | string = false): string | undefined {
  return typeof cache === "string" ? cache : cache ? defaultCacheDirectory() : undefined;
}
