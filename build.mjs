// Compiles the TypeScript into dist/, and bundles the executable, whose two hundred files would take longer to find and read than to run.
// `--clean` removes dist/ instead.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { rolldown } from "rolldown";

const root = fileURLToPath(new URL(".", import.meta.url));
const dist = join(root, "dist");
const require = createRequire(import.meta.url);

if (process.argv.includes("--clean")) {
  rmSync(dist, { recursive: true, force: true });
} else {
  const tsc = join(dirname(require.resolve("typescript/package.json")), "bin", "tsc");
  const compiled = spawnSync(process.execPath, [tsc, "-p", "tsconfig.build.json"], {
    cwd: root,
    stdio: "inherit",
  });
  if (compiled.status === 0) {
    prune(dist);
    writeBuildId();
    await bundleExecutable();
    await bundleQuickly();
  } else {
    process.exitCode = 1;
  }
}

/** Removes what was compiled from sources that are there no more. */
function prune(folder) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) {
      prune(path);
      continue;
    }
    const source = join(root, relative(dist, path)).replace(/(\.d\.ts|\.js(\.map)?)$/, ".ts");
    if (!existsSync(source)) rmSync(path);
  }
}

/** dist/instrument/build-id: a digest of all that turns a source into an instrumented module, for the cache of compiled programs. */
function writeBuildId() {
  // The manifest names the versions of the compilers that are packages.
  const digest = createHash("sha256").update(readFileSync(join(root, "package.json")));
  for (const folder of ["dist/instrument", "dist/guest-sdk/compiler", "guest-sdk/assembly"]) {
    for (const entry of readdirSync(join(root, folder), { recursive: true }).sort()) {
      if (/\.js$|(?<!\.d)\.ts$/.test(entry))
        digest.update(`${entry}\0`).update(readFileSync(join(root, folder, entry)));
    }
  }
  writeFileSync(join(dist, "instrument", "build-id"), digest.digest("hex"));
}

/**
 * dist/host/cli/main-executable.js, the whole executable in ES modules, as binaryen and asc demand, and, beside it, what it loads when it comes to
 * it: a file per command's needs. They lie as deep as the files they are made from, because some of those look for others by their own place.
 */
async function bundleExecutable() {
  const folder = join(dist, "host", "cli");
  const bundle = await rolldown({
    input: { executable: join(folder, "executable.js") },
    platform: "node",
    external: [/^(?!\.{0,2}\/)/],
    logLevel: "warn",
    // A command's own file may import late what another chunk has anyway.
    onLog: (level, log, show) => {
      if (log.code !== "INEFFECTIVE_DYNAMIC_IMPORT") show(level, log);
    },
  });
  await bundle.write({
    dir: folder,
    format: "esm",
    entryFileNames: "main-[name].js",
    chunkFileNames: "main-[name].js",
    minify: false,
  });
  await bundle.close();
}

/**
 * dist/host/cli/main.cjs, and quick.cjs, one script for what a program in the cache needs, and a few that are hardly ever needed. CommonJS, as only of
 * scripts Node 20 can keep the compiled form. In place of the compilers it has modules whose import starts the whole executable and never ends.
 */
async function bundleQuickly() {
  const folder = join(dist, "host", "cli");
  const compilers = /[\\/](?:(?:module|program)-compiler|instrument[\\/]index)\.js$/;
  const bundle = await rolldown({
    input: { quick: join(folder, "quick.js") },
    platform: "node",
    external: [/^(?!\.{0,2}\/)/],
    logLevel: "warn",
    // Of what instruments, running needs a few constants.
    treeshake: { moduleSideEffects: (id) => !/[\\/]instrument[\\/]capture[\\/]/.test(id) },
    plugins: [
      {
        name: "no compilers",
        load: (id) =>
          compilers.test(id)
            ? 'export const then = () => globalThis[Symbol.for("moonlet.whole")]();'
            : undefined,
      },
    ],
    onLog: (level, log, show) => {
      if (log.code !== "INEFFECTIVE_DYNAMIC_IMPORT" && log.code !== "IMPORT_IS_UNDEFINED") show(level, log);
    },
  });
  await bundle.write({
    dir: folder,
    format: "cjs",
    entryFileNames: "[name].cjs",
    chunkFileNames: "quick-[name].cjs",
    minify: false,
    // What reading and checking takes is for nothing in a start. Characters beyond ASCII, a single one, would make Node decode the script and V8 have twice its size.
    charset: "ascii",
    comments: false,
    topLevelVar: true,
  });
  await bundle.close();
  const script = join(folder, "quick.cjs");
  // As Node wraps what it requires, on the same line: V8 has it as it is in the file.
  const text = `(function (exports, require, module, __filename, __dirname) {${loadedLate(readFileSync(script, "utf8"))}\n})`;
  writeFileSync(script, text);
  const start = await rolldown({
    input: join(folder, "main.js"),
    platform: "node",
    external: (id) => id.endsWith("/executable.js"),
    transform: { define: { QUICK_ID: JSON.stringify(createHash("sha256").update(text).digest("hex")) } },
  });
  const main = join(folder, "main.cjs");
  await start.write({
    file: main,
    format: "cjs",
    minify: false,
    dynamicImportInCjs: true,
    paths: (id) => (id.startsWith("node:") ? id : "./main-executable.js"),
  });
  await start.close();
  writeFileSync(main, loadedLate(readFileSync(main, "utf8")), { mode: 0o755 });
  // As an ES module it would be slow, and has no QUICK_ID.
  for (const name of ["main.js", "main.js.map", "main.d.ts"]) rmSync(join(folder, name), { force: true });
}

/** What Node has not loaded by itself when a script starts, which takes it up to 4 ms for each, is loaded where it is first used. */
function loadedLate(code) {
  const early = new Set(["fs", "path", "url", "vm"]);
  return code.replace(/^(?:let|var) (\w+) = require\("node:([\w/]+)"\);$/gm, (line, name, id) => {
    if (early.has(id)) return line;
    const members = new Set(
      Array.from(code.matchAll(new RegExp(`\\b${name}\\.(\\w+)`, "g")), ([, member]) => member),
    );
    const getters = Array.from(
      members,
      (member) => `get ${member}() { return require("node:${id}").${member}; }`,
    );
    return `const ${name} = { ${getters.join(", ")} };`;
  });
}
