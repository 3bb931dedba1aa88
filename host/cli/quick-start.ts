// Starts the executable from one script whose compiled form is kept on disk, where Node has no such cache of its own (before 22.8): reading and
// compiling the files takes as long as everything else of a start. Whatever is wrong with what was kept, the
// script is compiled as if there were nothing.
import { createHash, randomUUID } from "node:crypto";
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { createRequire, Module } from "node:module";
import { dirname, join } from "node:path";
import { Script } from "node:vm";
import { defaultCacheDirectory } from "../node/cache-directory.ts";

/** A digest of the script, which the build puts in. */
declare const QUICK_ID: string;

const DIGEST_BYTES = 32;
/** By this name the script finds out how to start the whole executable: see build.mjs. */
const WHOLE = Symbol.for("moonlet.whole");

/** Runs the script that lies beside this one. `whole` is called when it comes to something that is not in there; it goes no further then. */
export function startQuickly(whole: () => void): void {
  const file = join(__dirname, "quick.cjs");
  const kept = join(defaultCacheDirectory(), "node", `${process.version}-${process.arch}-${QUICK_ID}.code`);
  const cachedData = recall(kept);
  const script = new Script(readFileSync(file, "utf8"), {
    filename: file,
    ...(cachedData && { cachedData }),
  });
  let isWhole = false;
  Object.assign(globalThis, {
    [WHOLE]: () => {
      if (isWhole) return;
      isWhole = true;
      whole();
    },
  });
  if (cachedData === undefined || script.cachedDataRejected === true) {
    // At the end, when everything that a start needs has been compiled.
    process.once("exit", () => {
      if (!isWhole) keep(kept, script.createCachedData());
    });
  }
  const require = createRequire(file);
  const made = new Module(file);
  made.filename = file;
  // What it loads late asks for it by its name.
  require.cache[file] = made;
  script.runInThisContext()(made.exports, require, made, file, dirname(file));
}

/** V8 trusts what it is given: a file that was damaged must not come to it. */
function recall(path: string): Buffer | undefined {
  try {
    const bytes = readFileSync(path);
    const code = bytes.subarray(DIGEST_BYTES);
    return sha256(code).equals(bytes.subarray(0, DIGEST_BYTES)) ? code : undefined;
  } catch {
    return undefined;
  }
}

function keep(path: string, code: Buffer): void {
  const aside = `${path}.${randomUUID()}`;
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    writeFileSync(aside, Buffer.concat([sha256(code), code]), { mode: 0o600 });
    renameSync(aside, path);
  } catch {
    rmSync(aside, { force: true });
  }
}

function sha256(bytes: Uint8Array): Buffer {
  return createHash("sha256").update(bytes).digest();
}
