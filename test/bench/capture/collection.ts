// What `bench:capture` measures when it is told nothing: kernels, and whole programs in AssemblyScript and, where there is a compiler, C.
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { compileAssemblyScript } from "../../../guest-sdk/compiler/index.ts";
import { sourceFolder } from "../programs.ts";
import { KERNEL_SIZES } from "../subjects/kernels.ts";
import { compileC } from "./compile.ts";

export interface Candidate {
  readonly name: string;
  readonly group: "kernel" | "program";
  /** Argument of its export `run`: some milliseconds of work. */
  readonly size: number;
  /** Undefined when what compiles it is not there. */
  compile(): Promise<Uint8Array | undefined>;
}

/** Imports of the kernels that may suspend, and in a measurement do not. */
export const SUSPENDING = ["host.receive"];

const PROGRAM_SIZES: Readonly<Record<string, number>> = {
  "json.guest.ts": 3,
  "regex.guest.ts": 8,
  "compression.guest.ts": 4,
  "interpreter.guest.ts": 15,
  "sort.guest.ts": 1_500,
  "hashing.guest.ts": 12_000,
  "json.c": 8,
  "regex.c": 8,
  "compression.c": 4,
  "interpreter.c": 5_000,
  "sort.c": 3_000,
  "hashing.c": 10_000,
};

export function collection(): Candidate[] {
  const kernels = Object.entries(KERNEL_SIZES).map(
    ([name, size]): Candidate => ({
      name,
      group: "kernel",
      size,
      compile: () => compileGuest(join(sourceFolder(), "kernels", `${name}.guest.ts`)),
    }),
  );
  const folder = join(sourceFolder(), "capture", "programs");
  const programs = readdirSync(folder)
    .sort()
    .map((file): Candidate => {
      const path = join(folder, file);
      const inC = file.endsWith(".c");
      return {
        name: file.replace(".guest.ts", " (AS)").replace(".c", " (C)"),
        group: "program",
        size: PROGRAM_SIZES[file]!,
        compile: () => (inC ? Promise.resolve(compileC(path, true)) : compileGuest(path)),
      };
    });
  return [...kernels, ...programs];
}

async function compileGuest(path: string): Promise<Uint8Array> {
  const { transformed } = await compileAssemblyScript(path, {
    transformModule: (module) => [module.emitBinary()],
  });
  return transformed[0]!;
}
