// The examples of host/otp/FOR-ERLANG-ENGINEERS.md run as they stand there, and its list of deviations is the sources'.
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { afterAll, expect, it } from "vitest";

const text = readFileSync("host/otp/FOR-ERLANG-ENGINEERS.md", "utf8");
const blocks = [...text.matchAll(/^```(\w*)\n([\s\S]*?)^```$/gm)].map(([, language = "", body = ""]) => ({
  language,
  body,
}));
// Inside the package, so that the examples import `moonlet` as its users do.
mkdirSync(".moonlet", { recursive: true });
const folder = resolve(mkdtempSync(join(".moonlet", "engineers-")));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

for (const { body } of blocks) {
  const name = /^\/\/ ([\w-]+\.(?:ts|mjs))\n/.exec(body)?.[1];
  if (name !== undefined) writeFileSync(join(folder, name), body);
}

function run(argv: readonly string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, argv, { cwd: folder, encoding: "utf8" });
  return { status, stdout, stderr };
}

it("the server in JavaScript prints what is shown", () => {
  const shown = blocks.find(({ language }) => language === "output")!.body;
  expect(run(["counter.mjs"])).toEqual({ status: 0, stdout: shown, stderr: "" });
});

it("the server in AssemblyScript prints what is shown", () => {
  const [command = "", ...shown] = blocks.find(({ language }) => language === "console")!.body.split("\n");
  const argv = command.slice("$ npx moonlet ".length).split(" ");
  expect(run([resolve("dist/host/cli/main.cjs"), ...argv])).toMatchObject({
    status: 0,
    stdout: shown.join("\n"),
  });
});

it("has a row for each deviation that the sources mark", () => {
  const marks = ["host/otp", "guest-sdk/assembly"]
    .flatMap((root) =>
      readdirSync(root, { recursive: true, encoding: "utf8" })
        .filter((file) => file.endsWith(".ts"))
        .map((file) => readFileSync(join(root, file), "utf8").match(/Differs from OTP:/g)?.length ?? 0),
    )
    .reduce((sum, count) => sum + count, 0);
  const [, section = ""] = text.split("## What differs, and why");
  const rows =
    section
      .split("## ")[0]!
      .split("\n")
      .filter((line) => line.startsWith("| ")).length - 2;
  expect(rows).toBe(marks);
});
