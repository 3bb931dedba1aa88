// Builds programs in C where clang, lld and wasi-libc are installed. Where they are not, or MOONLET_NO_COMPILERS is set, `hasClang` and
// `hasLibc` are false and the tests of it are skipped.
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const BARE = ["--target=wasm32", "-mbulk-memory", "-nostdlib", "-Wl,--no-entry"];
const WITH_LIBC = ["--target=wasm32-wasi"];

export interface CompileOptions {
  /** With wasi-libc, as a command. Default: no library, no entry but those that it exports. */
  readonly libc?: boolean;
  readonly flags?: readonly string[];
}

/** What the compiler said; empty when it had nothing to say. Throws that when it fails. */
export function compileC(input: string, output: string, options: CompileOptions = {}): string {
  const target = options.libc ? WITH_LIBC : BARE;
  const flags = [...target, "-O2", "-I", "guest-sdk/include", ...(options.flags ?? [])];
  const run = spawnSync("clang", [...flags, "-o", output, input], { encoding: "utf8" });
  if (run.error || run.status !== 0)
    throw new Error(`${input} does not compile:\n${run.stderr ?? run.error}`);
  return run.stderr;
}

function compiles(options: CompileOptions): boolean {
  if (process.env.MOONLET_NO_COMPILERS) return false;
  const folder = mkdtempSync(join(tmpdir(), "moonlet-clang-"));
  try {
    const source = join(folder, "probe.c");
    writeFileSync(source, options.libc ? "#include <stdio.h>\nint main(void) { return 0; }" : "int probe;");
    compileC(source, join(folder, "probe.wasm"), options);
    return true;
  } catch {
    return false;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

export const hasClang = compiles({});
export const hasLibc = hasClang && compiles({ libc: true });
