// Tables live outside the linear memory, where no limit of a process reaches: each may hold so many elements and no more.
import type { ModuleInfo } from "./module-reader.ts";

/** Elements of one table at most; 8 MB. */
export const MAX_TABLE_ELEMENTS = 1_000_000;

/** A table begins above the limit. */
export class TableTooLarge extends Error {}

/** Throws for a module with a table that begins above the limit; the writer sees to it that none grows above it. */
export function checkTables(info: ModuleInfo): void {
  for (const { limits } of info.tables) {
    if (limits && limits.min > MAX_TABLE_ELEMENTS) {
      throw new TableTooLarge(`it has a table of ${limits.min} elements; ${MAX_TABLE_ELEMENTS} is the most`);
    }
  }
}
