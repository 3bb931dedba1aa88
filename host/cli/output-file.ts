// Files that commands write.
import { readFile, writeFile } from "node:fs/promises";
import { resolve } from "node:path";
import { MoonletError } from "../otp/error.ts";
import type { Arguments } from "./arguments.ts";
import { usageError } from "./arguments.ts";
import type { Command } from "./command.ts";

const WHY: Readonly<Record<string, string>> = {
  ENOENT: "its folder does not exist",
  ENOTDIR: "a part of the path is a file, not a directory",
  EISDIR: "it is a directory",
  EACCES: "permission denied",
  EPERM: "permission denied",
  EROFS: "the file system is read-only",
  ENOSPC: "no space is left on the device",
};

/** The value of `--output`. Throws E_USAGE when it is missing, has another ending than .wasm, or names the input. */
export function outputPath(args: Arguments, input: string, command: Command): string {
  const path = args.value("output");
  if (path === undefined || path === "") {
    throw usageError(`moonlet ${command.name} needs a file to write to`, "Add -o out.wasm.");
  }
  if (!path.endsWith(".wasm")) {
    throw usageError(`the output "${path}" does not end in .wasm`, "moonlet tells programs by their ending.");
  }
  if (resolve(path) === resolve(input)) {
    throw usageError(`the output "${path}" would overwrite the input`, "Choose another name with -o.");
  }
  return path;
}

/** Throws E_CANNOT_WRITE. */
export async function writeOutput(path: string, data: string | Uint8Array): Promise<void> {
  try {
    await writeFile(path, data);
  } catch (cause) {
    const { code = "", message } = cause as NodeJS.ErrnoException;
    throw new MoonletError("E_CANNOT_WRITE", `cannot write ${path}: ${WHY[code] ?? message}`, { cause });
  }
}

/** Bytes of a file; undefined when it cannot be read. */
export async function readInput(path: string): Promise<Uint8Array | undefined> {
  return readFile(path).then(
    (bytes) => new Uint8Array(bytes),
    () => undefined,
  );
}
