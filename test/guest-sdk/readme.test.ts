// The programs in guest-sdk/README.md compile, and the first one runs.
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { atom, createHost, tuple } from "../../host/index.ts";
import { hasClang } from "../support/clang.ts";
import { compileText } from "./fake-host.ts";

const readme = readFileSync(new URL("../../guest-sdk/README.md", import.meta.url), "utf8");
const include = fileURLToPath(new URL("../../guest-sdk/include", import.meta.url));
const blocks = (language: string) =>
  [...readme.matchAll(new RegExp(`\`\`\`${language}\n(.*?)\`\`\``, "gs"))].map(([, text]) => text!);
const [first, ...others] = blocks("ts");

async function temporary<T>(run: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), "moonlet-"));
  try {
    return await run(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

test("the first program sends pings and gets pongs", async () => {
  const lines: string[] = [];
  await using host = await createHost({
    grants: ["spawn"],
    log: { level: "info", write: (record) => record.event === "guest" && lines.push(record.text) },
  });
  const program = await temporary(async (folder) => {
    writeFileSync(join(folder, "ping-pong.ts"), first!);
    return host.load(join(folder, "ping-pong.ts"));
  });
  expect(await host.exited(host.spawn(program))).toBe("normal");
  expect(lines).toEqual(["0", "1", "2"]);
});

test.each(others.map((text) => [/export function main.*/.exec(text)![0], text]))(
  "program %# compiles",
  async (_, text) => {
    const wasm = await compileText(text);
    expect(WebAssembly.validate(wasm as BufferSource)).toBe(true);
  },
);

test("every name that the library exports is explained", () => {
  const index = readFileSync(new URL("../../guest-sdk/assembly/index.ts", import.meta.url), "utf8");
  const names = [...index.matchAll(/export \{([^}]+)\}/g)].flatMap(([, list]) =>
    list!.split(",").map((name) => name.trim()),
  );
  const words = new Set(readme.match(/\w+/g));
  expect(names.filter((name) => name !== "" && !words.has(name))).toEqual([]);
});

test.skipIf(!hasClang)("the program in C answers pings", async () => {
  await using host = await createHost();
  const program = await temporary(async (folder) => {
    writeFileSync(join(folder, "pong.c"), blocks("c")[0]!);
    const [, flags = ""] =
      /`clang (.*?) -I \S+ pong\.c -o pong\.wasm`/.exec(readme.replaceAll("\n", " ")) ?? [];
    execFileSync(
      "clang",
      [...flags.split(" "), "-Wall", "-Wextra", "-Werror", "-I", include, "pong.c", "-o", "pong.wasm"],
      {
        cwd: folder,
      },
    );
    return host.load(join(folder, "pong.wasm"));
  });
  const pong = host.spawn(program, "pong");
  const answer = new Promise((resolve) => {
    host.runtime.spawn(async (self) => {
      for (const n of [1, -70000, 2 ** 40]) self.send(pong, tuple(atom("ping"), self.pid, n));
      resolve([await self.receive(), await self.receive(), await self.receive()]);
    });
  });
  expect(await answer).toEqual([1, -70000, 2 ** 40].map((n) => tuple(atom("pong"), n)));
});

test.skipIf(!hasClang)("every import of the C header links with the host, as it is declared", async () => {
  await using host = await createHost({ grants: "all" });
  const header = readFileSync(join(include, "moonlet.h"), "utf8");
  const declared = [...header.matchAll(/^MOONLET_IMPORT\(.*\)\n\w+ (moonlet_\w+)\(([^)]*)\)/gm)];
  expect(declared.length).toBeGreaterThan(80);
  const calls = declared.map(([, name, parameters = ""]) => {
    const zeros = parameters === "void" ? [] : parameters.split(",").map(() => "0");
    return `  ${name}(${zeros.join(", ")});`;
  });
  const program = await temporary(async (folder) => {
    const source = [
      '#include "moonlet.h"',
      "volatile int wanted;",
      "MOONLET_ENTRY(nothing) {",
      "  if (!wanted) return;",
    ];
    writeFileSync(join(folder, "all.c"), [...source, ...calls, "}", ""].join("\n"));
    const flags = "--target=wasm32 -mbulk-memory -O2 -nostdlib -Wl,--no-entry -Wall -Wextra -Werror";
    execFileSync("clang", [...flags.split(" "), "-I", include, "all.c", "-o", "all.wasm"], { cwd: folder });
    return host.load(join(folder, "all.wasm"));
  });
  expect(WebAssembly.Module.imports(program.module).length).toBeGreaterThanOrEqual(declared.length);
  expect(await host.exited(host.spawn(program, "nothing"))).toBe("normal");
});
