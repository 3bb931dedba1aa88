// Compiles programs in C with clang, if that is there: without a library, or with wasi-libc as a reactor.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const BARE = ["--target=wasm32", "-nostdlib", "-Wl,--no-entry", "-Wl,--allow-undefined"];
const WITH_LIBC = ["--target=wasm32-wasi", "-mexec-model=reactor", "-Wl,--strip-debug"];

/** Undefined when there is no clang for wasm32, or with `libc` no wasi-libc. */
export function compileC(file: string, libc = false): Uint8Array | undefined {
  const folder = mkdtempSync(join(tmpdir(), "moonlet-bench-"));
  try {
    const output = join(folder, "program.wasm");
    const flags = libc ? WITH_LIBC : BARE;
    const run = spawnSync("clang", [...flags, "-O2", "-w", "-o", output, file], { encoding: "utf8" });
    if (run.error) return undefined;
    if (run.status !== 0) {
      if (libc && /file not found|cannot open|unable to find/.test(run.stderr)) return undefined;
      throw new Error(`${file} does not compile: ${run.stderr}`);
    }
    return new Uint8Array(readFileSync(output));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
