// The examples that are scripts, run as a reader would run them: what they print.
import { execFile } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { promisify } from "node:util";
import { expect, test } from "vitest";

async function run(script: string): Promise<string> {
  const { stdout } = await promisify(execFile)(process.execPath, [script], { timeout: 60_000 });
  return stdout;
}

test("one tree of JavaScript and guests is managed from JavaScript", async () => {
  expect(await run("examples/mixed-tree/main.mjs")).toBe(`clerk helps, the 1. customer
guest Vera
guest Joe
in the pool: 2
crashed: stumbled
restarted: true guest Ada
the guests have gone with it: true
`);
});

test("a process gets new code and keeps its state, or its old code", async () => {
  expect(await run("examples/code-change/main.mjs")).toBe(`20 euros
2250 cents of 2 customers
still the same process: true
E_CODE_CHANGE bad_message
2250 cents of 2 customers
`);
});

test("processes are watched: log, events, trace, metrics, crashes", async () => {
  expect(await run("examples/observability/main.mjs")).toBe(`the trace is over: true
it saw: called replied called replied ended
spawned: true sent: true received: true
crash of till with unreachable at line 10
lifecycle: spawn crash
metrics: true
`);
});

test("every example is listed with its command, and run by a test", () => {
  const examples = readdirSync("examples", { withFileTypes: true }).filter((entry) => entry.isDirectory());
  const readme = readFileSync("examples/README.md", "utf8");
  const tests = readdirSync("test/examples")
    .filter((name) => name.endsWith(".test.ts"))
    .map((name) => readFileSync(`test/examples/${name}`, "utf8"));
  const guests = readFileSync("test/examples/guests/all.ts", "utf8");
  const others = readFileSync("test/guest-sdk/examples.test.ts", "utf8");
  for (const { name } of examples) {
    expect(readme, name).toContain(`[${name}](${name})`);
    const isRun =
      guests.includes(`examples/${name}/main`) ||
      tests.some((text) => text.includes(`examples/${name}/`) || text.includes(`run("${name}"`)) ||
      others.includes(`run("${name}")`);
    expect(isRun, `${name} is run by no test`).toBe(true);
  }
});
