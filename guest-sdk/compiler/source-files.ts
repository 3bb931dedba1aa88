// Finds the file behind an import of a guest: `moonlet/guest-sdk` in this package, other packages in node_modules, the rest
// relative to the importing file.
import { readFile as readFromDisk } from "node:fs/promises";
import { dirname, join, relative, resolve, sep } from "node:path";
import { libraryFiles } from "assemblyscript/asc";
import { assemblyFolder } from "./package-root.ts";

/** Gives a file's text, or undefined when there is none. The path is absolute. */
export type ReadFile = (path: string) => Promise<string | undefined> | string | undefined;

export interface SourceFile {
  readonly text: string;
  /** The name that diagnostics, source maps and `abort` carry: relative to the base folder, or `~lib/...`; always with slashes. */
  readonly name: string;
}

const LIBRARY = "~lib/";
const SDK = "~lib/moonlet/guest-sdk";

/** The files of one compilation. */
export class SourceFiles {
  readonly #baseDir: string;
  readonly #readFile: ReadFile;
  /** Absolute folder of each package met so far, by the `~lib/` name without extension of a file in it. */
  readonly #packageOf = new Map<string, string>();
  /** Absolute path and text of every file read from disk, those of the SDK included; asc's standard library is not among them. */
  readonly read = new Map<string, string>();
  /** Every path that was looked for in vain: a cache is stale as soon as one of them exists. */
  readonly missed = new Set<string>();

  constructor(baseDir: string, readFile: ReadFile = fromDisk) {
    this.#baseDir = resolve(baseDir);
    this.#readFile = readFile;
  }

  /** The entry file; a folder stands for its index.ts. */
  async entry(path: string): Promise<SourceFile | undefined> {
    const absolute = resolve(this.#baseDir, path).replace(/\.ts$/, "");
    return this.#first([`${absolute}.ts`, join(absolute, "index.ts")], (file) => this.#nameOf(file));
  }

  /** The file behind an import that asc asks for, as asc names it (no extension). */
  async imported(name: string, importer: string | null): Promise<SourceFile | undefined> {
    if (!name.startsWith(LIBRARY)) {
      const absolute = resolve(this.#baseDir, name);
      return this.#first([`${absolute}.ts`, join(absolute, "index.ts")], (file) => this.#nameOf(file));
    }
    if (name === SDK || name.startsWith(`${SDK}/`)) {
      const absolute = join(assemblyFolder(), name.slice(SDK.length));
      return this.#first(
        [`${absolute}.ts`, join(absolute, "index.ts")],
        (file) => `${SDK}/${posix(relative(assemblyFolder(), file))}`,
      );
    }
    return libraryFile(name) ?? this.#fromPackage(name, importer);
  }

  async #fromPackage(name: string, importer: string | null): Promise<SourceFile | undefined> {
    const match = /^~lib\/((?:@[^/]+\/)?[^/]+)(?:\/(.+))?$/.exec(name);
    if (match === null) return undefined;
    const [, packageName = "", inside = "index"] = match;
    const known = importer === null ? undefined : this.#packageOf.get(importer);
    const start = known ?? resolve(this.#baseDir, dirname(importer ?? "."));
    for (let directory = start; ; directory = dirname(directory)) {
      const root = join(directory, "node_modules", packageName);
      const file = await this.#first(
        [join(root, `${inside}.ts`), join(root, inside, "index.ts")],
        (path) => `${LIBRARY}${packageName}/${posix(relative(root, path))}`,
      );
      if (file !== undefined) {
        this.#packageOf.set(file.name.replace(/\.ts$/, ""), root);
        return file;
      }
      if (dirname(directory) === directory) return undefined;
    }
  }

  async #first(paths: readonly string[], nameOf: (path: string) => string): Promise<SourceFile | undefined> {
    for (const path of paths) {
      const text = await this.#readFile(path);
      if (text !== undefined) {
        this.read.set(path, text);
        return { text, name: nameOf(path) };
      }
      this.missed.add(path);
    }
    return undefined;
  }

  #nameOf(path: string): string {
    return posix(relative(this.#baseDir, path));
  }
}

function libraryFile(name: string): SourceFile | undefined {
  const plain = name.slice(LIBRARY.length);
  for (const key of [plain, `${plain}/index`]) {
    if (Object.hasOwn(libraryFiles, key)) return { text: libraryFiles[key]!, name: `${LIBRARY}${key}.ts` };
  }
  return undefined;
}

async function fromDisk(path: string): Promise<string | undefined> {
  try {
    return await readFromDisk(path, "utf8");
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === "ENOENT" || code === "ENOTDIR" || code === "EISDIR") return undefined;
    throw error;
  }
}

function posix(path: string): string {
  return sep === "/" ? path : path.replaceAll(sep, "/");
}
