import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { cli } from "./support/terminal.ts";

const MAIN = "test/cli/guests/main.wat";

/** The command line fails with this code and these words on standard error. */
async function expectFailure(argv: string[], code: number, words: string): Promise<void> {
  const result = await cli(...argv);
  expect({ ...result, err: result.err.split("\n")[0] }).toEqual({ code, out: "", err: `error ${words}` });
}

describe("a command line that is wrong", () => {
  const cases: [string[], string][] = [
    [["rnu"], 'E_USAGE: unknown command "rnu". Did you mean "run"?'],
    [["help", "biuld"], 'E_USAGE: unknown command "biuld". Did you mean "build"?'],
    [["run"], "E_USAGE: moonlet run needs a program"],
    [["run", MAIN, "two"], 'E_USAGE: unexpected argument "two"'],
    [
      ["run", "--gramt", "all", MAIN],
      'E_USAGE: unknown option "--gramt" of moonlet run. Did you mean "--grant"?',
    ],
    [["run", "-x", MAIN], 'E_USAGE: unknown option "-x" of moonlet run.'],
    [["run", MAIN, "--entry"], "E_USAGE: --entry needs a value: --entry NAME"],
    [["run", MAIN, "--entry", "--log"], "E_USAGE: --entry needs a value: --entry NAME"],
    [["run", MAIN, "--entry", "a", "--entry=b"], "E_USAGE: --entry is given twice"],
    [["run", MAIN, "--json=yes"], "E_USAGE: --json takes no value"],
    [["run", MAIN, "--log", "inof"], 'E_USAGE: unknown log level "inof". Did you mean "info"?'],
    [["run", MAIN, "--grant", "stdoi"], 'E_UNKNOWN_GRANT: unknown grant "stdoi". Did you mean "stdio"?'],
    [["run", MAIN, "--limit", "feul=1"], 'E_LIMIT: unknown limit "feul". Did you mean "fuel"?'],
    [
      ["run", MAIN, "--limit", "subtree.proceses=1"],
      'E_LIMIT: unknown limit "subtree.proceses". Did you mean "subtree.processes"?',
    ],
    [["run", MAIN, "--limit", "subtree.children=1"], 'E_LIMIT: unknown limit "subtree.children".'],
    [["run", MAIN, "--limit", "walltime=5 days"], 'E_LIMIT: "5 days" is no amount for the limit "walltime"'],
    [
      ["run", MAIN, "--limit", "fuelpersecond=0"],
      "E_LIMIT: the limit fuelPerSecond is 0, expected a number of 1 or more",
    ],
    [["run", MAIN, "--limit", "fuel"], 'E_LIMIT: the limit "fuel" is not of the form name=value'],
    [["run", MAIN, "--limit", "fuel=-1"], 'E_LIMIT: "-1" is no amount for the limit "fuel"'],
    [["run", MAIN, "--limit", "memory=1 TB"], 'E_LIMIT: "1 TB" is no amount for the limit "memory"'],
    [
      ["run", MAIN, "--entry", "typed"],
      `E_ENTRY_TYPE: "typed" in ${MAIN} has the type (i32) -> (), not () -> ()`,
    ],
    [["run", "test/cli"], "E_CANNOT_READ: cannot read test/cli: it is a directory"],
    [["run", "nothing.ts"], "E_CANNOT_READ: cannot read nothing.ts: there is no such file"],
    [
      ["run", "package.json"],
      "E_UNKNOWN_PROGRAM_TYPE: package.json is no program: expected a file that ends in one of .ts, .wat, .wasm",
    ],
    [["build", MAIN], "E_USAGE: moonlet build needs a file to write to"],
    [["build", MAIN, "-o", "out.txt"], 'E_USAGE: the output "out.txt" does not end in .wasm'],
    [["build", MAIN, "--", "a"], "E_USAGE: moonlet build takes nothing after --"],
    [["instrument", "a.ts", "-o", "b.wasm"], "E_USAGE: a.ts is a source, not a module"],
    [["inspect"], "E_USAGE: moonlet inspect needs a program"],
  ];
  it.each(cases)("%j says so and exits with 2", async (argv, words) => {
    await expectFailure(argv, 2, words);
  });

  it("exits with 3 when the program cannot be built", async () => {
    const folder = mkdtempSync(join(tmpdir(), "moonlet-cli-"));
    const write = (name: string, text: string): string => {
      writeFileSync(join(folder, name), text);
      return join(folder, name);
    };
    const memory = '(memory (export "memory") 1)';
    const bad = write("bad.wat", "(module\n  (func (export)))\n");
    await expectFailure([bad], 3, `E_MALFORMED_WASM: ${bad}:2:16: expected export name`);
    const empty = write("empty.wasm", "");
    await expectFailure(
      [empty],
      3,
      `E_MALFORMED_WASM: ${empty} is not a WebAssembly module: it does not begin with "\\0asm"`,
    );
    const none = write("none.wat", '(module (func (export "main")))');
    await expectFailure([none], 3, `E_NO_MEMORY: ${none} exports no memory called "memory"`);
    const typo = write("typo.wat", `(module (import "process" "spwan" (func)) ${memory})`);
    await expectFailure(
      [typo],
      3,
      `E_UNKNOWN_IMPORT: unknown import "process.spwan" in ${typo}. Did you mean "process.spawn"?`,
    );
    const nowhere = join(folder, "no", "out.wasm");
    await expectFailure(
      ["build", MAIN, "-o", nowhere],
      3,
      `E_CANNOT_WRITE: cannot write ${nowhere}: its folder does not exist`,
    );
  });

  it("shows a compile error with file, line, excerpt and caret", async () => {
    const { code, err } = await cli("run", "test/cli/guests/broken.guest.ts");
    expect(code).toBe(3);
    expect(err).toBe(`\
test/cli/guests/broken.guest.ts:2:18: error TS2322: Type '~lib/string/String' is not assignable to type 'i32'.
  2 |   const x: i32 = "a";
    |                  ^^^

error E_COMPILE: test/cli/guests/broken.guest.ts does not compile: 1 error
`);
  });
});

describe("help", () => {
  it("names every command", async () => {
    const { code, out, err } = await cli("help");
    expect([code, err]).toEqual([0, ""]);
    for (const name of ["run", "build", "instrument", "inspect", "help", "version"]) {
      expect(out).toMatch(new RegExp(`^ {2}${name} `, "m"));
    }
    expect(out).toContain(
      "Exit codes: 0 fine, 1 the program failed, 2 usage, 3 build failed, 70 a bug of moonlet.",
    );
  });

  it("is the same however it is asked for", async () => {
    expect(await cli("--help")).toEqual(await cli("help"));
    expect(await cli("run", "--help")).toEqual(await cli("help", "run"));
    expect((await cli("help", "run")).out).toContain("--limit LIST");
  });

  it("goes to standard error, with exit code 2, when nothing was asked for", async () => {
    const { code, out, err } = await cli();
    expect([code, out]).toEqual([2, ""]);
    expect(err).toBe((await cli("help")).out);
  });
});

it("tells its version", async () => {
  expect(await cli("version")).toEqual({ code: 0, out: "0.1.0\n", err: "" });
});
