// Compiles the TypeScript into dist/, bundles the executable, whose two hundred files would take longer to find and read than to run, and
// bundles wasi-js into dist/vendor: a package that runs a script before its own install, and must never get the chance to.
// `--clean` removes dist/ instead.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
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
    chmodSync(join(dist, "host", "cli", "main.js"), 0o755);
    writeBuildId();
    await bundleExecutable();
    await bundleWasi();
  } else {
    process.exitCode = 1;
  }
}

/** Removes what was compiled from sources that are there no more. */
function prune(folder) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (path === join(dist, "vendor")) continue;
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
  const digest = createHash("sha256");
  for (const folder of ["dist/instrument", "dist/guest-sdk/compiler", "guest-sdk/assembly"]) {
    for (const entry of readdirSync(join(root, folder), { recursive: true }).sort()) {
      if (/\.js$|(?<!\.d)\.ts$/.test(entry))
        digest.update(`${entry}\0`).update(readFileSync(join(root, folder, entry)));
    }
  }
  writeFileSync(join(dist, "instrument", "build-id"), digest.digest("hex"));
}

/**
 * dist/host/cli/main.js and, beside it, what it loads when it comes to it: a file per command's needs. They lie as deep as the files
 * they are made from, because some of those look for others by their own place.
 */
async function bundleExecutable() {
  const folder = join(dist, "host", "cli");
  const bundle = await rolldown({
    input: { main: join(folder, "main.js") },
    platform: "node",
    external: [/^(?!\.{0,2}\/)/],
    logLevel: "warn",
  });
  await bundle.write({
    dir: folder,
    format: "esm",
    entryFileNames: "[name].js",
    chunkFileNames: "main-[name].js",
    minify: false,
  });
  await bundle.close();
  rmSync(join(folder, "main.js.map"), { force: true });
}

/** dist/vendor/wasi-js.cjs and, beside it, the licences of everything that went in. */
async function bundleWasi() {
  const vendor = join(dist, "vendor");
  mkdirSync(vendor, { recursive: true });
  const bundle = await rolldown({
    // The class alone; the package's index adds a file system in memory that nothing here uses.
    input: require.resolve("wasi-js/dist/wasi.js"),
    platform: "node",
    logLevel: "warn",
  });
  const { output } = await bundle.write({
    file: join(vendor, "wasi-js.cjs"),
    format: "cjs",
    exports: "named",
    minify: false,
  });
  await bundle.close();
  const packages = new Set(output.flatMap((chunk) => chunk.moduleIds ?? []).map(packageOf));
  packages.delete(undefined);
  const texts = [...packages].sort().map(licenceOf);
  writeFileSync(join(vendor, "LICENSE-wasi-js"), texts.join(`\n${"-".repeat(80)}\n\n`));
}

/** The folder of the package that a bundled module comes from. */
function packageOf(id) {
  return /^\0?(.*[\\/]node_modules[\\/](?:@[^\\/]+[\\/])?[^\\/]+)/.exec(id)?.[1];
}

function licenceOf(folder) {
  const { name, version, license } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  const file = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry));
  const text = file === undefined ? `Licence: ${license}` : readFileSync(join(folder, file), "utf8").trim();
  return `${name} ${version}\n\n${text}\n`;
}
