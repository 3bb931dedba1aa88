// What a module may ask for as a whole: tables and memories that leave room, nothing that another thread could change meanwhile, and no
// name that the pass needs.
import { RESERVED } from "./additions.ts";
import type { ModuleInfo } from "./module-reader.ts";
import { Refusal } from "./refusal.ts";

/**
 * Elements of all tables of a module at most, at the start and later. Tables live outside the linear memory, where no limit of memory
 * reaches; an element of functions takes the engine some 30 bytes.
 */
export const MAX_TABLE_ELEMENTS = 1_000_000;

/** Throws a Refusal. table-growth.ts sees to it that tables do not grow above the limit. */
export function checkModule(info: ModuleInfo, suspends: (importName: string) => boolean): void {
  const elements = info.tables.reduce((sum, { limits }) => sum + (limits?.min ?? 0), 0);
  if (info.tables.length > 1 && elements > MAX_TABLE_ELEMENTS) {
    throw new Refusal(
      `tables: they have ${elements} elements at the start; ${MAX_TABLE_ELEMENTS} is the most, of all together`,
    );
  }
  info.tables.forEach(({ limits }, index) => {
    if (limits && limits.min > MAX_TABLE_ELEMENTS) {
      throw new Refusal(
        `table ${index}: it has ${limits.min} elements at the start; ${MAX_TABLE_ELEMENTS} is the most`,
      );
    }
  });
  info.memories.forEach(({ shared }, index) => {
    if (shared) {
      throw new Refusal(
        `memory ${index}: it is shared between threads, and a guest whose memory changes while it is stopped does not run the same twice`,
        "Compile without threads; atomic instructions on a memory that is not shared are fine.",
      );
    }
  });
  for (const { name } of info.exports) {
    if (name.startsWith(RESERVED))
      throw new Refusal(`export "${name}": names that begin with "${RESERVED}" are reserved`, "Rename it.");
  }
  for (const { importName, type } of info.functions) {
    if (importName === undefined || !suspends(importName) || info.functionType(type).results.length < 2)
      continue;
    throw new Refusal(
      `import ${importName}: it may suspend and has ${info.functionType(type).results.length} results; only one can be given when the guest goes on`,
    );
  }
}

/** Throws a Refusal for a memory that leaves no room before it for so many pages. */
export function checkMemories(info: ModuleInfo, pages: number): void {
  const most = 65_536 - pages;
  info.memories.forEach(({ min, memory64 }, index) => {
    if (memory64 || min <= most) return;
    throw new Refusal(
      `memory ${index}: it has ${min} pages at the start; ${most} is the most, as captured frames lie before it`,
    );
  });
}
