// Compiles kernels in C without a library, with clang if that is there.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Undefined when there is no clang for wasm32. */
export function compileC(file: string): Uint8Array | undefined {
  const folder = mkdtempSync(join(tmpdir(), "moonlet-bench-"));
  try {
    const output = join(folder, "kernels.wasm");
    const run = spawnSync(
      "clang",
      [
        ...["--target=wasm32", "-O2", "-w", "-nostdlib", "-Wl,--no-entry", "-Wl,--allow-undefined"],
        ...["-o", output, file],
      ],
      { encoding: "utf8" },
    );
    if (run.error) return undefined;
    if (run.status !== 0) throw new Error(`${file} does not compile: ${run.stderr}`);
    return new Uint8Array(readFileSync(output));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
