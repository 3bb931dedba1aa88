// The built executable, for what only a process of its own shows: streams, signals and an event loop that runs empty.
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, openSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { describe, expect, it } from "vitest";

const MOONLET = "dist/host/cli/main.js";
const MAIN = "test/cli/guests/main.wat";

function start(...argv: string[]): ChildProcess {
  return spawn(process.execPath, [MOONLET, ...argv], { stdio: ["ignore", "pipe", "pipe"] });
}

/** Resolves when the stream has shown the text. */
async function shows(stream: Readable, text: string): Promise<void> {
  let seen = "";
  for await (const chunk of stream.iterator({ destroyOnReturn: false })) {
    seen += String(chunk);
    if (seen.includes(text)) return;
  }
  throw new Error(`it ended after ${JSON.stringify(seen)}`);
}

describe("the executable", () => {
  it("exits with the code of its command", () => {
    expect(spawnSync(process.execPath, [MOONLET, "version"], { encoding: "utf8" })).toMatchObject({
      status: 0,
      stderr: "",
    });
    expect(spawnSync(process.execPath, [MOONLET, "rnu"]).status).toBe(2);
    expect(spawnSync(process.execPath, [MOONLET, MAIN, "--entry", "oops"]).status).toBe(1);
  });

  it("starts a program that it knows from a few files, and loads no compiler", () => {
    const folder = mkdtempSync(join(tmpdir(), "moonlet-loaded-"));
    const run = (env: NodeJS.ProcessEnv = {}) =>
      spawnSync(process.execPath, [MOONLET, "run", MAIN], { env: { ...process.env, ...env } }).status;
    expect(run()).toBe(0);
    // Node tells there of every script that it has loaded.
    expect(run({ NODE_V8_COVERAGE: folder })).toBe(0);
    const { result } = JSON.parse(readFileSync(join(folder, readdirSync(folder)[0]!), "utf8")) as {
      result: { url: string }[];
    };
    rmSync(folder, { recursive: true });
    const files = result.map(({ url }) => url).filter((url) => url.startsWith("file:"));
    expect(files.length).toBeGreaterThan(3);
    expect(files.length).toBeLessThan(12);
    expect(files.filter((url) => /binaryen|assemblyscript|compiler|instrument\./.test(url))).toEqual([]);
  });

  it.each([
    ["SIGINT", 130],
    ["SIGTERM", 143],
  ] as const)("waits when every process waits, and stops in order at %s", async (signal, code) => {
    const child = start("run", MAIN, "--entry", "trapper");
    await shows(child.stderr!, "every process waits");
    const exited = once(child, "exit");
    child.kill(signal);
    expect(await exited).toEqual([code, null]);
  });

  it("ends quietly when nobody reads its output any more", async () => {
    const child = start("run", MAIN, "--entry", "flood");
    let words = "";
    child.stderr!.on("data", (chunk) => {
      words += String(chunk);
    });
    await shows(child.stdout!, "hello");
    const exited = once(child, "exit");
    child.stdout!.destroy();
    expect(await exited).toEqual([141, null]);
    expect(words).toBe("");
  });

  it.skipIf(!existsSync("/dev/full"))("says that its output cannot be written", () => {
    const full = openSync("/dev/full", "w");
    const { status, stderr } = spawnSync(process.execPath, [MOONLET, "run", MAIN], {
      stdio: ["ignore", full, "pipe"],
      encoding: "utf8",
    });
    expect(status).toBe(1);
    expect(stderr).toMatch(/^error E_CANNOT_WRITE: cannot write to standard output: ENOSPC/);
  });
});
