#!/usr/bin/env node
// The `moonlet` executable. Everything else is loaded from here, so that a cache of compiled code covers it: Node's, where there is one. Imports as
// little as can be, because Node looks at every function of what a module like this one imports.
import module from "node:module";

/** Of `node:module`, since Node 22.8. It fails quietly where nothing can be written, and obeys NODE_DISABLE_COMPILE_CACHE. */
interface CompileCache {
  readonly enableCompileCache?: (directory: string) => unknown;
}

const { enableCompileCache } = module as CompileCache;

function startWhole(): void {
  void import("./executable.ts");
}

if (enableCompileCache) {
  void import("../node/cache-directory.ts").then(({ defaultCacheDirectory }) => {
    enableCompileCache(`${defaultCacheDirectory()}/node`);
    startWhole();
  });
} else if (process.env.NODE_DISABLE_COMPILE_CACHE) startWhole();
else {
  const require = module.createRequire(import.meta.url);
  const { startQuickly } = require("./quick-start.cjs") as typeof import("./quick-start.ts");
  startQuickly(startWhole);
}
