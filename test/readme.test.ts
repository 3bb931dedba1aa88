// The README's examples are run as they stand there: files, commands and what they print.
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { GRANTS } from "../host/wasm/grant.ts";
import { DEFAULT_LIMITS } from "../host/wasm/limits.ts";

interface Block {
  readonly language: string;
  readonly text: string;
}

/** What cannot be the same twice. */
function normal(text: string): string {
  return text
    .replace(/\d\d:\d\d:\d\d\.\d\d\d/g, "TIME")
    .replace(/used [\d,]+ fuel/g, "used N fuel")
    .replaceAll(`${folder.slice(process.cwd().length + 1)}/`, "");
}

const BLOCKS: Block[] = [...readFileSync("README.md", "utf8").matchAll(/^```(\w*)\n([\s\S]*?)^```$/gm)].map(
  ([, language = "", text = ""]) => ({ language, text }),
);
// Inside the package, so that the examples import `moonlet` as its users do.
mkdirSync(".moonlet", { recursive: true });
const folder = resolve(mkdtempSync(join(".moonlet", "readme-")));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** The file that a block is, by the name in its first line. */
function fileName({ text }: Block): string | undefined {
  return /^\/\/ ([\w-]+\.(?:ts|mjs))\n/.exec(text)?.[1];
}

for (const block of BLOCKS) {
  const name = fileName(block);
  if (name !== undefined) writeFileSync(join(folder, name), block.text);
}

function run(argv: readonly string[]): string {
  const { stdout, stderr } = spawnSync(process.execPath, argv, { cwd: folder, encoding: "utf8" });
  return normal(stdout + stderr);
}

it("opens with two commands, a line each: the demo and the tests", () => {
  expect(BLOCKS.slice(0, 2)).toEqual([
    { language: "sh", text: "npm ci && npm run demo\n" },
    { language: "sh", text: "npm ci && npm test\n" },
  ]);
});

describe("the commands", () => {
  const commands = BLOCKS.filter(({ language }) => language === "console").map(({ text }) => {
    const end = text.indexOf("\n");
    return { command: text.slice("$ npx moonlet ".length, end), output: text.slice(end + 1) };
  });
  it.each(commands)("moonlet $command prints what is shown", ({ command, output }) => {
    expect(run([resolve("dist/host/cli/main.cjs"), ...command.split(" ")])).toBe(output);
  });
});

describe("the tables", () => {
  const text = readFileSync("README.md", "utf8");
  it.each(Object.keys(GRANTS))("have the grant %s", (grant) => {
    expect(text).toContain(`| \`${grant}\` |`);
  });
  it.each(Object.keys(DEFAULT_LIMITS))("have the limit %s", (limit) => {
    expect(text).toContain(`| \`${limit}\` |`);
  });
});

describe("the examples", () => {
  const examples = BLOCKS.flatMap((block, i) => {
    const next = BLOCKS[i + 1];
    return block.language === "js"
      ? [{ name: fileName(block)!, output: next?.text, shown: next?.language }]
      : [];
  });
  it.each(examples)("$name prints what is shown", ({ name, output, shown }) => {
    expect(shown).toBe("output");
    const { status, stdout, stderr } = spawnSync(process.execPath, [name], { cwd: folder, encoding: "utf8" });
    expect({ status, stderr, stdout: normal(stdout) }).toEqual({ status: 0, stderr: "", stdout: output });
  });
});
