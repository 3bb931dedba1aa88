// `moonlet run --audit FILE`: which records there are, in which order, and what becomes of a program whose audit cannot be written.
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { cli } from "./support/terminal.ts";

const PROGRAM = "test/cli/guests/audited.wat";
const HELLO = "test/cli/guests/main.wat";
const folder = mkdtempSync(join(tmpdir(), "moonlet-audit-"));
afterAll(() => rmSync(folder, { recursive: true }));

const lines = (text: string) => text.trimEnd().split("\n");
const at = expect.stringMatching(/^\d{4}-\d\d-\d\dT(TIME|\d\d:\d\d:\d\d\.\d{3})Z$/);
const site = expect.stringMatching(/^(child|timer) \(byte 0x[0-9a-f]+\)$/);
const [main, child] = ["<0.1.0>", "<0.2.0>"];
const RECORDS = [
  { at, pid: main, event: "granted", how: "spawned", grants: ["spawn", "register", "env:LANG"], by: null },
  { at, pid: child, event: "granted", how: "spawned", grants: ["spawn", "env:LANG"], by: main },
  { at, pid: child, event: "denied", call: "registry.register", grant: 'the grant "register"', site },
  { at, pid: child, event: "limit", limit: "timers", scope: "process", max: 1, site },
  { at, pid: child, event: "limit", limit: "memoryBytes", scope: "process", max: 131_072, site },
  {
    at,
    pid: child,
    event: "denied",
    call: "process.spawn",
    grant: 'the variable "HOME"',
    site,
  },
];
const run = (...more: string[]) =>
  cli("run", PROGRAM, "--grant", "spawn,register", "--env", "LANG=C", "--log", "off", ...more);

describe("moonlet run --audit", () => {
  it("appends a line of JSON for each grant, refusal and limit, in the order in which they came", async () => {
    const file = join(folder, "audit.jsonl");
    expect(await run("--audit", file)).toEqual({ code: 0, out: "", err: "" });
    expect(lines(readFileSync(file, "utf8")).map((line) => JSON.parse(line))).toEqual(RECORDS);
    // The fields of a line stand in the same order, too: when, who, what.
    expect(lines(readFileSync(file, "utf8"))[2]).toMatch(
      /^\{"at":"[^"]+","pid":"<0\.2\.0>","event":"denied",/,
    );
    await run("--audit", file);
    expect(lines(readFileSync(file, "utf8"))).toHaveLength(2 * RECORDS.length);
  });

  it("writes to standard error for the file -", async () => {
    const { code, out, err } = await run("--audit", "-");
    expect([code, out]).toEqual([0, ""]);
    expect(lines(err).map((line) => JSON.parse(line))).toEqual(RECORDS);
  });

  it.each([
    ["in a directory that is not there", "none/audit.jsonl", "ENOENT"],
    ["that is a directory", "folder", "EISDIR"],
  ])("does not run the program for a file %s", async (_, name, reason) => {
    mkdirSync(join(folder, "folder"), { recursive: true });
    const { code, out, err } = await cli("run", HELLO, "--audit", join(folder, name));
    expect([code, out]).toEqual([2, ""]);
    expect(err).toContain(`error E_AUDIT: the audit cannot be written to "${join(folder, name)}": ${reason}`);
    expect(err).toContain("hint: Name a file in a directory that is there and may be written to.");
  });

  it.skipIf(!existsSync("/dev/full"))(
    "goes on with a program whose audit finds the disk full, and says so once",
    async () => {
      const { code, out, err } = await cli("run", HELLO, "--audit", "/dev/full");
      expect([code, out]).toEqual([0, "hello\n"]);
      expect(err).toMatch(
        /^TIME error {23}audit {3}"\/dev\/full" cannot be written, records are lost: ENOSPC.*\n$/,
      );
    },
  );
});
