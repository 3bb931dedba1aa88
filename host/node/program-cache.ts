// Compiled programs on disk, so that a second start compiles and instruments nothing. Best effort: whatever is wrong with the cache, a
// program is compiled as if there were none. An entry is one file, written aside and renamed, so that no reader sees half of it.
import { createHash, randomUUID } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { packageRoot } from "../../guest-sdk/compiler/package-root.ts";
import { WAITING_SYSCALLS } from "../wasm/syscalls/index.ts";

/** What a program consists of once it is compiled. */
export interface CachedProgram {
  readonly wasm: Uint8Array;
  readonly sourceMap: string | undefined;
}

/** What a compiled source depends on. */
export interface Dependencies {
  /** Text by absolute path. */
  readonly files: ReadonlyMap<string, string>;
  /** Absolute paths that were looked for in vain. */
  readonly missed: ReadonlySet<string>;
}

interface Header {
  /** SHA-256 of everything after the header. */
  readonly digest: string;
  readonly wasmBytes: number;
  /** SHA-256 by absolute path. */
  readonly files: readonly (readonly [path: string, digest: string])[];
  readonly missed: readonly string[];
}

const NO_DEPENDENCIES: Dependencies = { files: new Map(), missed: new Set() };

export class ProgramCache {
  readonly #directory: string;

  constructor(directory: string) {
    this.#directory = directory;
  }

  /** The program that was kept under `key`, if none of what it was made from has changed. */
  recall(key: string): (CachedProgram & Dependencies) | undefined {
    try {
      const bytes = readFileSync(this.#path(key));
      const headerBytes = bytes.readUInt32LE(0);
      const header = JSON.parse(bytes.toString("utf8", 4, 4 + headerBytes)) as Header;
      const body = bytes.subarray(4 + headerBytes);
      if (sha256(body) !== header.digest) return undefined;
      const files = currentFiles(header);
      return (
        files && {
          wasm: new Uint8Array(body.subarray(0, header.wasmBytes)),
          sourceMap: body.toString("utf8", header.wasmBytes) || undefined,
          files,
          missed: new Set(header.missed),
        }
      );
    } catch {
      return undefined;
    }
  }

  /** Keeps a program; a full or read-only disk is no error. */
  keep(key: string, program: CachedProgram, { files, missed } = NO_DEPENDENCIES): void {
    const body = Buffer.concat([program.wasm, Buffer.from(program.sourceMap ?? "")]);
    const header: Header = {
      digest: sha256(body),
      wasmBytes: program.wasm.length,
      files: Array.from(files, ([path, text]) => [path, sha256(text)]),
      missed: [...missed],
    };
    const headerBytes = Buffer.from(JSON.stringify(header));
    const length = Buffer.alloc(4);
    length.writeUInt32LE(headerBytes.length);
    const aside = `${this.#path(key)}.${randomUUID()}`;
    try {
      mkdirSync(this.#directory, { recursive: true, mode: 0o700 });
      writeFileSync(aside, Buffer.concat([length, headerBytes, body]), { mode: 0o600 });
      renameSync(aside, this.#path(key));
    } catch {
      removeQuietly(aside);
    }
  }

  #path(key: string): string {
    return join(this.#directory, `${sha256(`${toolFingerprint()} ${key}`)}.moonlet`);
  }
}

function removeQuietly(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch {
    // Where nothing can be written nothing was left.
  }
}

/** The files that a program was made from, with their text; undefined when one has changed or come to exist. */
function currentFiles({ files, missed }: Header): Map<string, string> | undefined {
  const texts = new Map<string, string>();
  for (const [path, digest] of files) {
    const text = readFileSync(path, "utf8");
    if (sha256(text) !== digest) return undefined;
    texts.set(path, text);
  }
  return missed.some((path) => statSync(path, { throwIfNoEntry: false })) ? undefined : texts;
}

let fingerprint: string | undefined;

/** Changes whenever what compiles and instruments does. */
function toolFingerprint(): string {
  fingerprint ??= sha256(
    [readFileSync(join(packageRoot(), "package.json"), "utf8"), WAITING_SYSCALLS.join(), ...tools()].join(
      "\n",
    ),
  );
  return fingerprint;
}

/**
 * The compilers: what the build has found them to be, which saves a start some 150 looks at files; from the sources, size and time of
 * the files that take part. Files of the library are among what a program was made from.
 */
function tools(): string[] {
  const code = fileURLToPath(new URL("../../", import.meta.url));
  const built = join(code, "instrument", "build-id");
  if (existsSync(built)) return [readFileSync(built, "utf8")];
  return [
    join(code, "instrument"),
    join(code, "guest-sdk", "compiler"),
    join(packageRoot(), "guest-sdk", "assembly"),
  ].flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: "utf8" })
      .sort()
      .map((entry) => {
        const { size, mtimeMs } = statSync(join(folder, entry));
        return `${entry} ${size} ${mtimeMs}`;
      }),
  );
}

function sha256(data: string | Uint8Array): string {
  return createHash("sha256").update(data).digest("hex");
}
