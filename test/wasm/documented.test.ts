// Every grant and every limit stands in one table of each document that speaks of them, with what is found without it or beyond it.
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { GRANTS } from "../../host/wasm/grant.ts";
import { DEFAULT_LIMITS, limitAtom, SUBTREE_LIMITS } from "../../host/wasm/limits.ts";

const text = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), "utf8");
const readme = text("README.md");
const abi = text("guest-sdk/ABI.md");
const sdk = text("guest-sdk/README.md");

/** Cells of the rows of the table whose head begins like this. */
function table(document: string, head: string): string[][] {
  const from = document.indexOf(`\n| ${head}`);
  expect(from, head).toBeGreaterThan(0);
  const [, , ...rows] = document
    .slice(from + 1)
    .split("\n\n")[0]!
    .split("\n");
  return rows.map((row) =>
    row
      .split(/(?<!\\)\|/)
      .map((cell) => cell.trim())
      .slice(1, -1),
  );
}

/** The names in backquotes in a row's first cell, without arguments. */
const namesOf = (rows: string[][]) =>
  rows.flatMap(([first = ""]) => [...first.matchAll(/`(\w+)`/g)].map(([, name]) => name!));

const GRANT_NAMES = Object.keys(GRANTS).sort();
const LIMIT_NAMES = [...new Set([...Object.keys(DEFAULT_LIMITS), ...SUBTREE_LIMITS])].sort();

describe("the grants", () => {
  it("stand in README.md with what they open and what is found without them", () => {
    const rows = table(readme, "grant | opens | without it |");
    expect(namesOf(rows).sort()).toEqual(GRANT_NAMES);
    expect(rows.every((row) => row.length === 3 && row.every((cell) => cell !== ""))).toBe(true);
  });

  it("stand in ABI.md with their imports", () => {
    expect(namesOf(table(abi, "grant | imports |")).sort()).toEqual(GRANT_NAMES);
  });

  it("stand in the library's README with what of it they are for", () => {
    const rows = table(sdk, "grant | for |");
    const named = rows.flatMap(([first = ""]) =>
      [...first.matchAll(/`(\w+)[^`]*`/g)].map(([, name]) => name!),
    );
    expect([...new Set(named)].sort()).toEqual(GRANT_NAMES);
  });
});

describe("the limits", () => {
  it("stand in README.md with option, default and what is found beyond them", () => {
    const rows = table(readme, "limit | on the command line | default | beyond it |");
    const names = namesOf(rows);
    expect(LIMIT_NAMES.filter((name) => name !== "processes" && !names.includes(name))).toEqual([]);
    expect(rows.every((row) => row.length === 4 && row.every((cell) => cell !== ""))).toBe(true);
  });

  it("of subtrees stand in README.md, all of them", () => {
    const [, list = ""] = /`subtree` bounds what (.*?) on the command line/s.exec(readme) ?? [];
    expect(SUBTREE_LIMITS.filter((name) => !list.includes(`\`${name}\``))).toEqual([]);
  });

  it("stand in ABI.md with what is found at them", () => {
    const names = namesOf(table(abi, "limit | at it |")).sort();
    expect(names).toEqual(LIMIT_NAMES.map(limitAtom).sort());
  });
});
