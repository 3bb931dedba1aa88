import { defineConfig } from "vitest/config";

// biome-ignore lint/style/noDefaultExport: vitest asks for one
export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    globalSetup: "test/support/build.ts",
    testTimeout: 30_000,
    hookTimeout: 60_000,
    // One less than there are cores would be one on a machine of two, and most files wait for a compiler now and then.
    maxWorkers: 2,
    // Files of a worker share its modules: the compilers are loaded once, and warm. No module of ours keeps state between hosts.
    isolate: false,
  },
});
