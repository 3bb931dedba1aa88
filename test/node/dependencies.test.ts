import { mkdtempSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeEach, describe, expect, it, onTestFinished } from "vitest";
import { assemblyFolder } from "../../guest-sdk/compiler/package-root.ts";
import {
  currentDependencies,
  type Dependencies,
  describeDependencies,
  type KeptDependencies,
} from "../../host/node/dependencies.ts";

const LIBRARY_FILE = join(assemblyFolder(), "index.ts");
let folder: string;
let file: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "moonlet-dependencies-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  file = join(folder, "a.ts");
  writeFileSync(file, "text: ä");
});

function dependencies(files: Record<string, string>, missed: readonly string[] = []): Dependencies {
  return { files: new Map(Object.entries(files)), missed: new Set(missed) };
}

/** As they come back from disk. */
function kept(made: Dependencies): [KeptDependencies, Buffer] {
  const [described, texts] = describeDependencies(made);
  return [JSON.parse(JSON.stringify(described)) as KeptDependencies, texts];
}

describe("what a source depends on", () => {
  it("is the same while nothing has changed", () => {
    const other = join(folder, "b.ts");
    writeFileSync(other, "more");
    const made = dependencies({ [file]: "text: ä", [other]: "more" }, [join(folder, "c.ts")]);
    expect(currentDependencies(...kept(made))).toEqual(made);
  });

  it("has changed when a text has, even with the same size and times", () => {
    const past = new Date(1e12);
    utimesSync(file, past, past);
    const [described, texts] = kept(dependencies({ [file]: "text: ä" }));
    writeFileSync(file, "text: ö");
    utimesSync(file, past, past);
    expect(currentDependencies(described, texts)).toBeUndefined();
  });

  it("has changed when a file exists that was looked for in vain", () => {
    const [described, texts] = kept(dependencies({}, [join(folder, "c.ts")]));
    writeFileSync(join(folder, "c.ts"), "");
    expect(currentDependencies(described, texts)).toBeUndefined();
  });

  it("has changed when texts are missing, or too many", () => {
    const [described, texts] = kept(dependencies({ [file]: "text: ä" }));
    expect(currentDependencies(described, texts.subarray(1))).toBeUndefined();
    expect(currentDependencies(described, Buffer.concat([texts, texts]))).toBeUndefined();
  });

  it("has changed when a file of the library has another size or time, without a look into it", () => {
    const made = dependencies({ [LIBRARY_FILE]: readFileSync(LIBRARY_FILE, "utf8") });
    const [described, texts] = kept(made);
    expect(texts).toHaveLength(0);
    expect(currentDependencies(described, texts)).toEqual(dependencies({}));
    const [[, state]] = described.library as [[string, string]];
    const facts = state.split(" ").map(Number);
    const { size, mtimeMs, ctimeMs } = statSync(LIBRARY_FILE);
    expect(facts).toEqual([size, mtimeMs, ctimeMs]);
    for (const changed of facts.keys()) {
      const other = facts.map((fact, i) => (i === changed ? fact + 1 : fact)).join(" ");
      const library = [[LIBRARY_FILE, other]] as const;
      expect(currentDependencies({ ...described, library }, texts)).toBeUndefined();
    }
  });

  it("is not kept when a file of the library is no longer what was compiled", () => {
    expect(() => describeDependencies(dependencies({ [LIBRARY_FILE]: "older" }))).toThrow("has changed");
  });
});
