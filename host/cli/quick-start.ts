// Starts the executable from one script whose compiled form is kept on disk: reading and compiling the files takes longer than everything
// else of a start. Whatever is wrong with what was kept, the script is compiled as if there were nothing.
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { Script } from "node:vm";
import { defaultCacheDirectory } from "../node/cache-directory.ts";
import { seal, unsealFile } from "../node/sealed.ts";

/** A digest of the script, which the build puts in. */
declare const QUICK_ID: string;

/** Kept for as many versions of moonlet and of Node: whoever uses more has it made anew. */
const MOST_KEPT = 4;

/** By this name the script finds out how to start the whole executable: see build.mjs. */
const WHOLE = Symbol.for("moonlet.whole");

/** Runs the script that lies beside this one. `whole` is called when it comes to something that is not in there; it goes no further then. */
export function startQuickly(whole: () => void): void {
  const file = join(__dirname, "quick.cjs");
  const keeps = !process.env.NODE_DISABLE_COMPILE_CACHE;
  const kept = join(defaultCacheDirectory(), "node", `${process.version}-${process.arch}-${QUICK_ID}.code`);
  const memory = readFileSync(file);
  // The build leaves ASCII in it.
  const text = memory.toString("latin1");
  const cachedData = keeps ? recall(kept, memory) : undefined;
  const script = new Script(text, { filename: file, ...(cachedData && { cachedData }) });
  let isWhole = false;
  Object.assign(globalThis, {
    [WHOLE]: () => {
      if (isWhole) return;
      isWhole = true;
      whole();
    },
  });
  if (keeps && (cachedData === undefined || script.cachedDataRejected === true)) {
    // At the end, when everything that a start needs has been compiled.
    process.once("exit", () => {
      if (!isWhole) keep(kept, script.createCachedData());
    });
  }
  // What it loads late asks for it by its name. Node takes a moment to load the class of its modules.
  const made = { id: file, filename: file, loaded: true, exports: {}, children: [], paths: [] };
  (require as NodeJS.Require).cache[file] = made as unknown as NodeJS.Module;
  script.runInThisContext()(made.exports, require, made, file, __dirname);
}

/** V8 trusts what it is given, and a file that was damaged would end Node at every start. */
function recall(path: string, memory: Buffer): Buffer | undefined {
  try {
    return unsealFile(path, memory);
  } catch {
    return undefined;
  }
}

function keep(path: string, code: Buffer): void {
  const aside = `${path}.${process.pid}-${process.hrtime.bigint()}`;
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    writeFileSync(aside, seal(code), { mode: 0o600 });
    renameSync(aside, path);
    forgetOldest(dirname(path));
  } catch {
    rmSync(aside, { force: true });
  }
}

function forgetOldest(folder: string): void {
  const kept = readdirSync(folder)
    .filter((name) => name.endsWith(".code"))
    .map((name) => join(folder, name))
    .map((path) => ({ path, since: statSync(path).mtimeMs }));
  kept.sort((a, b) => b.since - a.since);
  for (const { path } of kept.slice(MOST_KEPT)) rmSync(path, { force: true });
}
