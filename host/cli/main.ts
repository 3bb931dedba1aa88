#!/usr/bin/env node
// The `moonlet` executable. build.mjs makes one CommonJS script of it, as Node's loader of ES modules alone would take longer than everything that
// comes before a guest's first instruction here. Imports as little as can be.
import { Module } from "node:module";
import { defaultCacheDirectory } from "../node/cache-directory.ts";
import { startQuickly } from "./quick-start.ts";

/** Of `node:module`, since Node 22.8. It fails quietly where nothing can be written, and obeys NODE_DISABLE_COMPILE_CACHE. */
interface CompileCache {
  readonly enableCompileCache?: (directory: string) => unknown;
}

startQuickly(() => {
  (Module as CompileCache).enableCompileCache?.(`${defaultCacheDirectory()}/node`);
  void import("./executable.ts");
});
