#!/usr/bin/env node
// The `moonlet` executable. Everything else is loaded from here, so that Node's cache of compiled code, where there is one, covers it.
import module from "node:module";
import { join } from "node:path";
import { defaultCacheDirectory } from "../node/cache-directory.ts";

/** Of `node:module`, since Node 22.8. It fails quietly where nothing can be written, and obeys NODE_DISABLE_COMPILE_CACHE. */
interface CompileCache {
  readonly enableCompileCache?: (directory: string) => unknown;
}

(module as CompileCache).enableCompileCache?.(join(defaultCacheDirectory(), "node"));
void import("./executable.ts");
