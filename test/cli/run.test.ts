import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { runCli } from "../../host/cli/cli.ts";
import { cli, normal, TestTerminal } from "./support/terminal.ts";

const MAIN = "test/cli/guests/main.wat";
const CRASH = "test/cli/guests/crash.guest.ts";

describe("moonlet run", () => {
  it("runs the main process, with its output on standard output, and exits with 0", async () => {
    expect(await cli("run", MAIN)).toEqual({ code: 0, out: "hello\n", err: "" });
  });

  it("is what a program alone means", async () => {
    expect(await cli(MAIN)).toEqual({ code: 0, out: "hello\n", err: "" });
    expect(await cli("--entry", "chatty", MAIN)).toMatchObject({ code: 0, out: "" });
  });

  it("shows what a guest logs on standard error, from the level asked for on", async () => {
    const line = "TIME info  <0.1.0>               guest   hello\n";
    expect(await cli("run", MAIN, "--entry", "chatty")).toEqual({ code: 0, out: "", err: line });
    expect(await cli("run", MAIN, "--entry", "chatty", "--log", "warn")).toEqual({
      code: 0,
      out: "",
      err: "",
    });
  });

  it("shows at the level debug what each process may do, also those without a label", async () => {
    const program = "test/cli/guests/audited.wat";
    const options = ["--grant", "spawn,register:own.*", "--env", "LANG=C", "--log", "debug"];
    const { err } = await cli("run", program, ...options);
    const spawns = err.split("\n").filter((line) => line.includes(" spawn "));
    expect(spawns).toEqual([
      `TIME debug <0.1.0>  ${program}:main spawn   may spawn, register:own.*, env:LANG`,
      `TIME debug <0.2.0>  ${program}:child spawn   by <0.1.0>, may spawn, env:LANG`,
    ]);
  });

  it("hands what follows -- to the main process as a list of texts", async () => {
    const { out } = await cli("run", MAIN, "--entry", "echo", "--", "one", "--json");
    // The external term format: a list of two binaries.
    expect(out).toBe("\u{fffd}l\0\0\0\x02m\0\0\0\x03onem\0\0\0\x06--jsonj");
  });

  it("takes shutdown for an orderly end and any other reason for a failure", async () => {
    expect((await cli("run", MAIN, "--entry", "orderly")).code).toBe(0);
    const { code, err } = await cli("run", MAIN, "--entry", "oops");
    expect(code).toBe(1);
    expect(err).toMatch(/^crash of <0\.1\.0> \(oops in test\/cli\/guests\/main\.wat\)\n {2}reason {4}oops\n/);
  });

  it("reports a crash in a form that a person can act on", async () => {
    const { code, err, out } = await cli("run", CRASH);
    expect(code).toBe(1);
    expect(out).toBe("");
    expect(err.replace(/used [\d,]+ fuel/, "used N fuel")).toBe(`\
TIME info  <0.1.0>               guest   about to divide
crash of <0.1.0> (main in test/cli/guests/crash.guest.ts)
  reason    trap integer_divide_by_zero: divide by zero
  at        test/cli/guests/crash.guest/main (test/cli/guests/crash.guest.ts:6:10)

            6 |   return total / divisor;
              |          ^

  argument  []
  state     used N fuel; memory 64 KiB of 256 MiB; 0 messages waiting
  hint      An integer was divided by zero. Check the divisor before dividing.
`);
  });

  it("tells a crash that came over a link where it arose, and only names it where it arrived", async () => {
    const { code, err } = await cli("run", CRASH, "--entry", "linked");
    expect(code).toBe(1);
    expect(err.match(/return total/g)).toHaveLength(1);
    expect(err).toContain("crash of <0.1.0> (linked in test/cli/guests/crash.guest.ts)");
    expect(err).toContain("divide by zero, over the link from <0.2.0>");
  });

  it("ends a process that has used its fuel", async () => {
    const { code, err } = await cli("run", MAIN, "--entry", "spin", "--limit", "fuel=1e5,memory=1MB");
    expect(code).toBe(1);
    expect(err).toContain("trap fuel_exhausted");
    expect(err).toMatch(/of 100,000 fuel; memory 64 KiB of 1 MiB/);
  });

  it("ends the main process and its descendants by limits that they share", async () => {
    const spin = ["run", MAIN, "--entry", "spin", "--limit"];
    expect((await cli(...spin, "subtree.fuel=100k")).err).toContain(
      "its subtree has used its 100000 units of fuel",
    );
    expect((await cli(...spin, "walltime=0.05s")).err).toContain(
      "trap wall_time_exhausted: it has lived for 50 ms",
    );
  });

  it("refuses a program that imports what is not granted", async () => {
    expect(await cli("run", MAIN, "--grant", "none")).toEqual({
      code: 2,
      out: "",
      err: `error E_NOT_GRANTED: ${MAIN} imports "stdio.write", which needs the grant "stdio"
  hint: Pass grants: ["stdio"] to host.spawn or createHost, or --grant stdio to moonlet run.
`,
    });
  });

  it("gives the result as JSON on standard output, and all else as JSON lines on standard error", async () => {
    const { code, out, err } = await cli("run", MAIN, "--entry", "crash", "--json");
    expect(code).toBe(1);
    const result = JSON.parse(out) as Record<string, unknown>;
    expect(result).toMatchObject({
      ok: false,
      end: "exited",
      reason: { type: "trap", kind: "integer_divide_by_zero" },
      report: { entry: "crash", frames: [{ functionName: "boom" }, { functionName: "crash" }] },
    });
    const lines = err
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(lines).toMatchObject([
      { event: "output", stream: "stdout", text: "hello\n" },
      { event: "crashReport" },
    ]);
  });

  it("tells in JSON how much fuel the main process has used", async () => {
    const { out } = await cli("run", MAIN, "--entry", "spin", "--limit", "fuel=1e5", "--json");
    const { fuel } = JSON.parse(out) as { fuel: number };
    expect(fuel).toBeGreaterThanOrEqual(1e5);
    expect(fuel).toBeLessThan(2e5);
  });

  it("gives errors as JSON when JSON is asked for", async () => {
    const { code, out, err } = await cli("run", MAIN, "--entry", "mian", "--json");
    expect([code, err]).toEqual([2, ""]);
    expect(JSON.parse(out)).toMatchObject({ ok: false, error: { code: "E_NO_ENTRY" } });
  });
});

describe("a WASI program", () => {
  const WASI = "test/cli/guests/wasi.wat";

  async function wasi(
    argv: readonly string[],
    input = "",
  ): Promise<{ code: number; out: string; err: string }> {
    const terminal = new TestTerminal(input);
    const code = await runCli(["run", WASI, ...argv], terminal);
    return { code, out: terminal.outText, err: normal(terminal.errText) };
  }

  it("ends with its own exit code, and is no crash then", async () => {
    expect(await wasi(["--", "one", "two"])).toMatchObject({ code: 3, err: "" });
    const { out } = await wasi(["--json", "--", "one"]);
    expect(JSON.parse(out)).toMatchObject({
      ok: false,
      exitCode: 2,
      reason: { text: "{exit_code,2}" },
      report: null,
    });
  });

  it("reads standard input, and sees the variables that it is given", async () => {
    const { out } = await wasi(["--env", "A=1=2", "--env", "MOONLET_NO_SUCH_VARIABLE"], "input\n");
    expect(out).toBe("A=1=2\0input\n");
  });

  it("sees the directories that it is given, by their name on the host or another, to write or to read", async () => {
    const names = async (...argv: string[]) => (await wasi(["--entry", "directory", ...argv])).out;
    expect(await names("--dir", "test/cli")).toBe("test/cli");
    expect(await names("--dir", "test/cli::/cli")).toBe("/cli");
    expect(await wasi(["--entry", "make", "--dir", "test/cli::/::read"])).toMatchObject({ code: 69 });
    expect(await names()).toBe("");
  });

  it("has each line begin with the process that wrote it where that is asked for", async () => {
    expect((await wasi(["--labels"], "one\ntwo")).out).toBe("<0.1.0>: one\n<0.1.0>: two\n");
  });

  it.each([
    [["--dir", "a::b::c"], '"a::b::c" names no directory'],
    [["--dir", "::/x"], '"::/x" names no directory'],
    [["--env", "=x"], '"=x" names no environment variable'],
    [["--dir", "test/cli/none"], 'cannot open the directory "test/cli/none"'],
  ])("is not run with %j", async (argv, message) => {
    const { code, err } = await wasi(argv);
    expect([code, err]).toEqual([2, expect.stringContaining(message)]);
  });
});

describe("an interrupt", () => {
  async function interrupted(entry: string, whenShown = "hello"): Promise<[TestTerminal, Promise<number>]> {
    const terminal = new TestTerminal();
    const done = runCli(["run", MAIN, "--entry", entry], terminal);
    await terminal.shown(whenShown);
    return [terminal, done];
  }

  it("tells the main process to shut down, and the exit code names the signal", async () => {
    const [terminal, done] = await interrupted("trapper");
    terminal.interrupt("SIGTERM");
    expect(await done).toBe(143);
    // The second hello is what it does when it is told.
    expect(terminal.outText).toBe("hello\nhello\n");
    expect(terminal.errText).toBe("SIGTERM: stopping; once more to end at once\n");
  });

  it("ends at once when it comes again", async () => {
    const [terminal] = await interrupted("stubborn");
    terminal.interrupt("SIGINT");
    expect(terminal.exits).toEqual([]);
    terminal.interrupt("SIGTERM");
    expect(terminal.exits).toEqual([143]);
  });

  it("ends what waits for ever, which is told when it happens", async () => {
    const [terminal, done] = await interrupted("waiter");
    terminal.goIdle();
    expect(normal(terminal.errText)).toBe(
      "every process waits for a message, and nothing is left that could send one; Ctrl-C stops the program\n" +
        "  <0.1.0> (test/cli/guests/main.wat:waiter) waits in wait\n",
    );
    terminal.interrupt("SIGINT");
    expect(await done).toBe(130);
  });
});

it("names files as they were given", async () => {
  const absolute = join(process.cwd(), MAIN);
  const { err } = await cli("run", absolute, "--entry", "nothing");
  expect(err).toContain(`error E_NO_ENTRY: ${MAIN} exports no function "nothing".`);
});
