// The examples in C, built by the commands that examples/README.md gives.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { createHost } from "../../host/index.ts";
import { hasClang, hasLibc } from "../support/clang.ts";

const folder = mkdtempSync(join(tmpdir(), "moonlet-c-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const readme = readFileSync("examples/README.md", "utf8");

/** Builds it as the list says, into another folder, and runs it. */
async function run(example: string) {
  const command = new RegExp(`\\(${example}\\).*\`(clang [^\`]*) && npx moonlet run ([\\w-]+\\.wasm)\` \\|`);
  const [, build = "", name = ""] = command.exec(readme) ?? [];
  const module = join(folder, name);
  const [clang = "", ...flags] = build.replace(name, module).split(" ");
  const warned = spawnSync(clang, [...flags, "-Wall", "-Wextra"], { encoding: "utf8" });
  expect([warned.status, warned.stderr]).toEqual([0, ""]);
  const lines: string[] = [];
  let printed = "";
  await using host = await createHost({
    grants: "all",
    log: { level: "info", write: (record) => record.event === "guest" && lines.push(record.text) },
    write: (_stream, bytes) => {
      printed += new TextDecoder().decode(bytes);
    },
  });
  const program = await host.load(module);
  return { reason: await host.exited(host.spawn(program, program.defaultEntry)), lines, printed };
}

it.skipIf(!hasClang)("two processes send a number back and forth", { timeout: 60_000 }, async () => {
  expect(await run("c-ping-pong")).toEqual({ reason: "normal", lines: ["0", "1", "2"], printed: "" });
});

it.skipIf(!hasLibc)("a server keeps an account", { timeout: 60_000 }, async () => {
  expect(await run("c-gen-server")).toEqual({
    reason: "normal",
    lines: [],
    printed: `100 in, 30 out: 70
the account closes with 70
500 out: insufficient funds
too slow: timeout
it is gone
`,
  });
});
