// The built executable, for what only a process of its own shows: streams, signals and an event loop that runs empty.
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import {
  existsSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { describe, expect, it, onTestFinished } from "vitest";

const MOONLET = "dist/host/cli/main.cjs";
const MAIN = "test/cli/guests/main.wat";
const HELLO = "test/bench/guests/hello.ts";

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
    expect(files.length).toBeGreaterThan(0);
    expect(files.length).toBeLessThan(12);
    expect(files.filter((url) => /binaryen|assemblyscript|compiler|instrument\./.test(url))).toEqual([]);
  });

  it("starts a program that it knows without what Node has for cryptography, streams, networks and threads", () => {
    const folder = mkdtempSync(join(tmpdir(), "moonlet-modules-"));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const watch = join(folder, "watch.cjs");
    writeFileSync(
      watch,
      `const before = new Set(process.moduleLoadList);
       process.on("exit", () => {
         const loaded = process.moduleLoadList.filter((name) => !before.has(name));
         require("fs").writeFileSync(${JSON.stringify(join(folder, "loaded"))}, loaded.join("\\n"));
       });`,
    );
    const run = (...options: string[]) =>
      spawnSync(process.execPath, [...options, MOONLET, "run", HELLO], { encoding: "utf8" }).stdout;
    expect(run()).toBe("hello\n");
    expect(run("-r", watch)).toBe("hello\n");
    const loaded = readFileSync(join(folder, "loaded"), "utf8").split("\n");
    expect(loaded).toContain("NativeModule vm");
    const unwanted = /crypto|stream|\bnet\b|tty|worker|v8|fs.promises|perf_hooks|esm.translators/;
    expect(loaded.filter((name) => unwanted.test(name))).toEqual([]);
  });

  it("keeps its own compiled code, does without where that is damaged, and keeps it anew", () => {
    const folder = mkdtempSync(join(tmpdir(), "moonlet-code-"));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const run = (env: NodeJS.ProcessEnv = {}) => {
      const { status, stderr } = spawnSync(process.execPath, [MOONLET, "run", MAIN], {
        env: { ...process.env, XDG_CACHE_HOME: folder, ...env },
        encoding: "utf8",
      });
      expect({ status, stderr }).toMatchObject({ status: 0, stderr: expect.not.stringContaining("error") });
    };
    const kept = () => {
      const path = join(folder, "moonlet", "node");
      return existsSync(path) ? readdirSync(path).map((name) => join(path, name)) : [];
    };
    run({ NODE_DISABLE_COMPILE_CACHE: "1" });
    run({ NODE_DISABLE_COMPILE_CACHE: "1" });
    expect(kept()).toEqual([]);
    run();
    const [path] = kept();
    expect(kept()).toHaveLength(1);
    const code = readFileSync(path!);
    for (const damaged of [code.subarray(0, 1000), code.map((byte, i) => (i > 500 ? byte ^ 1 : byte)), []]) {
      writeFileSync(path!, Buffer.from(damaged));
      run();
      expect(readFileSync(path!).length).toBeGreaterThan(code.length / 2);
      expect(kept()).toHaveLength(1);
    }
    const { mtimeMs } = statSync(path!);
    run();
    expect(statSync(path!).mtimeMs).toBe(mtimeMs);

    // Of other versions only the newest stay.
    rmSync(path!);
    const others = [1, 2, 3, 4, 5].map((day) => join(folder, "moonlet", "node", `v1-${day}.code`));
    for (const [i, other] of others.entries()) {
      writeFileSync(other, "");
      utimesSync(other, i + 1, i + 1);
    }
    run();
    expect(kept().sort()).toEqual([...others.slice(2), path!].sort());
  });

  it("compiles a program that it does not know, though it has begun without the compilers", () => {
    const folder = mkdtempSync(join(tmpdir(), "moonlet-unknown-"));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const run = (...argv: string[]) =>
      spawnSync(process.execPath, [MOONLET, ...argv], {
        env: { ...process.env, XDG_CACHE_HOME: folder },
        encoding: "utf8",
      });
    const audit = join(folder, "audit");
    expect(run("run", MAIN, "--audit", audit)).toMatchObject({ status: 0 });
    expect(run("run", MAIN, "--no-cache")).toMatchObject({ status: 0 });
    const out = join(folder, "main.wasm");
    expect(run("build", MAIN, "-o", out)).toMatchObject({ status: 0 });
    expect(run("run", out)).toMatchObject({ status: 0 });
    expect(run("inspect", out)).toMatchObject({ status: 0, stderr: "" });
    // What began without the compilers has left no second spawn behind.
    const granted = readFileSync(audit, "utf8")
      .split("\n")
      .filter((line) => line.includes("granted"));
    expect(granted).toHaveLength(1);
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
