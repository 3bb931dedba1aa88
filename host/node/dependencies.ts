// What a compiled source depends on, as it is kept on disk, and whether all of that is still as it was. Sources are compared letter by letter. The
// library's many files, which come with this package and only change with it, are compared by size and times: to read them takes a start 2 ms more.
import { readFileSync, statSync } from "node:fs";
import { sep } from "node:path";
import { assemblyFolder } from "../../guest-sdk/compiler/package-root.ts";

export interface Dependencies {
  /** Text by absolute path. What was kept has lost files of the library. */
  readonly files: ReadonlyMap<string, string>;
  /** Absolute paths that were looked for in vain. */
  readonly missed: ReadonlySet<string>;
}

/** What is kept, apart from the texts. */
export interface KeptDependencies {
  /** Length of the text in bytes by absolute path. */
  readonly files: readonly (readonly [path: string, bytes: number])[];
  /** Size and times by absolute path. */
  readonly library: readonly (readonly [path: string, state: string])[];
  readonly missed: readonly string[];
}

/** With the texts, one behind the other. Throws when a file of the library has changed since it was read. */
export function describeDependencies({ files, missed }: Dependencies): [KeptDependencies, texts: Buffer] {
  const folder = assemblyFolder() + sep;
  const own = [...files].filter(([path]) => !path.startsWith(folder));
  const library = [...files].filter(([path]) => path.startsWith(folder));
  return [
    {
      files: own.map(([path, text]) => [path, Buffer.byteLength(text)]),
      library: library.map(([path, text]) => [path, stateOfText(path, text)]),
      missed: [...missed],
    },
    Buffer.from(own.map(([, text]) => text).join("")),
  ];
}

/** The same dependencies; undefined when a file has changed or come to exist. Throws when one cannot be read. */
export function currentDependencies(
  { files, library, missed }: KeptDependencies,
  texts: Buffer,
): Dependencies | undefined {
  const current = new Map<string, string>();
  let at = 0;
  for (const [path, bytes] of files) {
    const text = readFileSync(path, "utf8");
    if (text !== texts.toString("utf8", at, at + bytes)) return undefined;
    at += bytes;
    current.set(path, text);
  }
  if (at !== texts.length) return undefined;
  for (const [path, state] of library) if (stateOf(path) !== state) return undefined;
  for (const path of missed) if (statSync(path, { throwIfNoEntry: false })) return undefined;
  return { files: current, missed: new Set(missed) };
}

/** Size and times of a file that has this text. */
function stateOfText(path: string, text: string): string {
  const state = stateOf(path);
  if (readFileSync(path, "utf8") !== text) throw new Error(`${path} has changed`);
  return state;
}

function stateOf(path: string): string {
  const { size, mtimeMs, ctimeMs } = statSync(path);
  return `${size} ${mtimeMs} ${ctimeMs}`;
}
