// Where what is worth keeping lies on disk. Imports nothing of moonlet: the executable asks before it loads anything else.
import { homedir } from "node:os";
import { join } from "node:path";

/** `$XDG_CACHE_HOME/moonlet` or `~/.cache/moonlet`. */
export function defaultCacheDirectory(): string {
  return join(process.env.XDG_CACHE_HOME || join(home(), ".cache"), "moonlet");
}

/** `homedir()`, for which Node takes some time to load it, looks there first, too. */
function home(): string {
  return (process.platform !== "win32" && process.env.HOME) || homedir();
}

/** The directory that the option `cache` stands for; undefined for none. */
export function cacheDirectory(cache: boolean | string = false): string | undefined {
  return typeof cache === "string" ? cache : cache ? defaultCacheDirectory() : undefined;
}
