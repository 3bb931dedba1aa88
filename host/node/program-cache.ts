// Compiled programs on disk, so that a second start compiles and instruments nothing. Best effort: whatever is wrong with the cache, a
// program is compiled as if there were none. An entry is one file, written aside and renamed, so that no reader sees half of it.
import { createHash } from "node:crypto";
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
import { packageRoot } from "../../guest-sdk/compiler/package-root.ts";
import { hash } from "../../instrument/running.ts";
import { WAITING_SYSCALLS } from "../wasm/syscalls/index.ts";
import {
  currentDependencies,
  type Dependencies,
  describeDependencies,
  type KeptDependencies,
} from "./dependencies.ts";
import { seal, unseal } from "./sealed.ts";

/** What a program consists of once it is compiled. */
export interface CachedProgram {
  readonly wasm: Uint8Array;
  readonly sourceMap: string | undefined;
}

/** Sealed together with what follows it, the module and its source map. Behind that lie the texts of the files. */
interface Header {
  readonly key: string;
  readonly wasmBytes: number;
  readonly dependencies: KeptDependencies;
}

const LENGTH_BYTES = 4;
const NO_DEPENDENCIES: Dependencies = { files: new Map(), missed: new Set() };

export class ProgramCache {
  readonly #directory: string;

  constructor(directory: string) {
    this.#directory = directory;
  }

  /** The program that was kept under `key`, if none of what it was made from has changed. */
  recall(key: string): (CachedProgram & Dependencies) | undefined {
    try {
      const fullKey = `${tools()} ${key}`;
      const bytes = readFileSync(this.#path(fullKey));
      const textsAt = LENGTH_BYTES + bytes.readUInt32LE(0);
      const kept = unseal(bytes.subarray(LENGTH_BYTES, textsAt));
      if (!kept) return undefined;
      const bodyAt = LENGTH_BYTES + kept.readUInt32LE(0);
      const header = JSON.parse(kept.toString("utf8", LENGTH_BYTES, bodyAt)) as Header;
      // Two keys may have the same name.
      if (header.key !== fullKey) return undefined;
      const dependencies = currentDependencies(header.dependencies, bytes.subarray(textsAt));
      const mapAt = bodyAt + header.wasmBytes;
      return (
        dependencies && {
          wasm: new Uint8Array(kept.subarray(bodyAt, mapAt)),
          sourceMap: kept.toString("utf8", mapAt) || undefined,
          ...dependencies,
        }
      );
    } catch {
      return undefined;
    }
  }

  /** Keeps a program; a full or read-only disk is no error. */
  keep(key: string, program: CachedProgram, made = NO_DEPENDENCIES): void {
    const fullKey = `${tools()} ${key}`;
    const path = this.#path(fullKey);
    const aside = `${path}.${process.pid}-${process.hrtime.bigint()}`;
    try {
      const [dependencies, texts] = describeDependencies(made);
      const header: Header = { key: fullKey, wasmBytes: program.wasm.length, dependencies };
      const sealed = seal(
        Buffer.concat([
          ...withLength(Buffer.from(JSON.stringify(header))),
          program.wasm,
          Buffer.from(program.sourceMap ?? ""),
        ]),
      );
      mkdirSync(this.#directory, { recursive: true, mode: 0o700 });
      writeFileSync(aside, Buffer.concat([...withLength(sealed), texts]), { mode: 0o600 });
      renameSync(aside, path);
    } catch {
      removeQuietly(aside);
    }
  }

  #path(fullKey: string): string {
    return join(this.#directory, `${hash(Buffer.from(fullKey))}.moonlet`);
  }
}

function withLength(bytes: Buffer): [length: Buffer, bytes: Buffer] {
  const length = Buffer.alloc(LENGTH_BYTES);
  length.writeUInt32LE(bytes.length);
  return [length, bytes];
}

function removeQuietly(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch {
    // Where nothing can be written nothing was left.
  }
}

let known: string | undefined;

/** Changes whenever what compiles and instruments does. */
function tools(): string {
  known ??= `${compilers()} ${WAITING_SYSCALLS.join()}`;
  return known;
}

/**
 * What the build has found them to be, which saves a start some 150 looks at files; from the sources, size and time of the files that take part.
 * Files of the library are among what a program was made from.
 */
function compilers(): string {
  const code = join(import.meta.dirname, "..", "..");
  const built = join(code, "instrument", "build-id");
  if (existsSync(built)) return readFileSync(built, "utf8");
  const files = [
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
  const manifest = readFileSync(join(packageRoot(), "package.json"), "utf8");
  return createHash("sha256")
    .update([manifest, ...files].join("\n"))
    .digest("hex");
}
