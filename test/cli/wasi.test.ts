// `moonlet run` of WASI programs does what wasmtime's `run` does.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { compileC, hasLibc } from "../support/clang.ts";
import { cli } from "./support/terminal.ts";

const folder = mkdtempSync(join(tmpdir(), "moonlet-wasi-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function wat(name: string, body: string): string {
  const path = join(folder, `${name}.wat`);
  writeFileSync(path, `(module ${body} (memory (export "memory") 1))`);
  return path;
}

describe("a module for WASI", () => {
  it("that traps ends with 134, where it is a command, and with 1 otherwise", async () => {
    const trap = wat("trap", '(func (export "_start") unreachable) (func (export "other") unreachable)');
    expect(await cli("run", trap)).toMatchObject({ code: 134, err: expect.stringContaining("unreachable") });
    expect(await cli("run", trap, "--entry", "other")).toMatchObject({ code: 1 });
    const { out } = await cli("run", trap, "--json");
    expect(JSON.parse(out)).toMatchObject({ ok: false, exitCode: 134, reason: { kind: "unreachable" } });
    expect(await cli("run", trap, "--limit", "fuel=1e9,memory=64KB")).toMatchObject({ code: 134 });
  });

  it("that is a reactor begins where it is told, behind its _initialize", async () => {
    const reactor = wat(
      "reactor",
      `(import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
       (global $n (mut i32) (i32.const 1))
       (func (export "_initialize") (global.set $n (i32.const 41)))
       (func (export "go") (call $exit (i32.add (global.get $n) (i32.const 1))))`,
    );
    expect(await cli("run", reactor, "--entry", "go")).toEqual({ code: 42, out: "", err: "" });
    expect(await cli("run", reactor)).toEqual({
      code: 2,
      out: "",
      err: `error E_NO_ENTRY: ${reactor} exports no function "main" and no "_start".
  hint: It exports: go. Name the one to begin with.
`,
    });
  });

  it("calls as deep as its stack allows, which can be made larger", async () => {
    const deep = wat(
      "deep",
      `(func $deep (param $n i32) (result i32)
         (if (result i32) (local.get $n)
           (then (i32.add (call $deep (i32.sub (local.get $n) (i32.const 1))) (local.get $n)))
           (else (i32.const 0))))
       (func (export "_start") (drop (call $deep (i32.const 20000))))`,
    );
    const { code, err } = await cli("run", deep);
    expect([code, err]).toEqual([134, expect.stringContaining("trap stack_overflow: stack overflow")]);
    expect(err.replace(/\n +/g, " ")).toContain("--stack 1MB");
    expect(await cli("run", deep, "--stack", "1MB")).toEqual({ code: 0, out: "", err: "" });
    const built = join(folder, "deep.wasm");
    expect(await cli("build", deep, "-o", built, "--stack=1MB")).toMatchObject({ code: 0 });
    expect(await cli("run", built)).toMatchObject({ code: 0 });
    const wrong = ["a lot", "1KB", "1GB"].map((size) => cli("run", deep, "--stack", size));
    expect(
      (await Promise.all(wrong)).map(({ code, err }) => [code, /("[\w ]+"|\d+) is no size/.exec(err)?.[0]]),
    ).toEqual([
      [2, '"a lot" is no size'],
      [2, "1024 is no size"],
      [2, "1073741824 is no size"],
    ]);
  });

  it("whose _start takes parameters is told so", async () => {
    const path = wat("typed", '(func (export "_start") (param i32))');
    const { code, err } = await cli("run", path);
    expect([code, err]).toEqual([2, expect.stringContaining(`"_start" in ${path} has the type (i32) -> `)]);
  });
});

describe.skipIf(!hasLibc)("a C program", { timeout: 60_000 }, () => {
  const program = join(folder, "arguments.wasm");
  beforeAll(() => void compileC("test/cli/guests/arguments.c", program, { libc: true }));

  it("gets its file's name, its arguments as they are, and the variables that it is given", async () => {
    const variables = ["--env", "A=1", "--env", "A=2", "--env", "EMPTY=", "--env", "MOONLET_NOT_THERE"];
    const words = ["one", "", "ü ö", "--dir", "-x", "--"];
    expect(await cli("run", program, ...variables, "--", ...words)).toEqual({
      code: 0,
      out: `0 [arguments.wasm]\n${words.map((word, n) => `${n + 1} [${word}]\n`).join("")}A=2\nEMPTY=\nterminals 0 0 0\n`,
      err: "",
    });
  });

  it.each([
    [0, 0],
    [1, 1],
    [125, 125],
    [255, 255],
    // A shell learns eight bits, of which a failure leaves it some.
    [256, 1],
    [-1, 255],
    // It calls abort.
    [999, 134],
  ])("that returns %d ends with %d", async (returned, code) => {
    expect((await cli("run", program, "--env", `CODE=${returned}`)).code).toBe(code);
  });
});
