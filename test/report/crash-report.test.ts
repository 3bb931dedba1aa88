import { describe, expect, it } from "vitest";
import { Host } from "../../host/host.ts";
import { Pid } from "../../host/otp/index.ts";
import { type CrashReport, crashReportJson } from "../../host/report/crash-report.ts";
import { findExcerpt } from "../../host/report/excerpt.ts";
import { renderCrashReport } from "../../host/report/render-crash-report.ts";
import { trapHint } from "../../host/report/trap-hint.ts";
import type { TrapFrame } from "../../host/wasm/trap.ts";
import { parseWat } from "../../instrument/index.ts";

const frame = (functionName: string, line: number, file = "main.ts"): TrapFrame => ({
  functionName,
  functionIndex: 1,
  file,
  line,
  column: 10,
});
const REPORT: CrashReport = {
  at: 0,
  program: "main.ts",
  entry: "main",
  pid: new Pid("nonode@nohost", 4, 1),
  parent: undefined,
  name: undefined,
  label: "worker",
  reason: { type: "trap", kind: "integer_divide_by_zero", message: "divide by zero", frames: [] },
  cause: { type: "self" },
  frames: [frame("share", 2), frame("main", 5)],
  argument: ["one", 2],
  state: {
    fuel: 1204,
    fuelLimit: Number.POSITIVE_INFINITY,
    memoryBytes: 65_536,
    memoryLimitBytes: 268_435_456,
    mailbox: 1,
    mailboxLimit: 100,
  },
  hint: trapHint("integer_divide_by_zero"),
};
const SOURCE = "function share(total: i32): i32 {\n\treturn total / count;\n}\n";

function render(report: CrashReport): string {
  return renderCrashReport(report, { color: false });
}

describe("a crash report as text", () => {
  it("shows who, why, where, with what, in which state, and what to do", () => {
    const excerpt = findExcerpt(REPORT.frames, (file) => (file === "main.ts" ? SOURCE : undefined));
    expect(`\n${render({ ...REPORT, excerpt: excerpt! })}\n`).toBe(`
crash of <0.4.0> "worker" (main in main.ts)
  reason    trap integer_divide_by_zero: divide by zero
  at        share (main.ts:2:10)
            main (main.ts:5:10)

            2 | \treturn total / count;
              | \t        ^

  argument  [<<"one">>,2]
  state     used 1,204 fuel; memory 64 KiB of 256 MiB; 1 message waiting
  hint      An integer was divided by zero. Check the divisor before dividing.
`);
  });

  it("names the process whose exit came over a link", () => {
    const from = new Pid("nonode@nohost", 9, 1);
    const text = render({
      ...REPORT,
      reason: "boom",
      frames: [],
      hint: undefined,
      cause: { type: "link", from },
    });
    expect(text).toContain("reason    boom, over the link from <0.9.0>");
    expect(text).not.toContain("  at ");
  });

  it("tells a recursion in one line and leaves out frames beyond twenty", () => {
    const frames = [
      ...Array.from({ length: 50 }, () => frame("down", 3)),
      ...Array.from({ length: 30 }, (_, i) => frame(`f${i}`, i)),
    ];
    const text = render({ ...REPORT, frames });
    expect(text).toContain("down (main.ts:3:10) x 50");
    expect(text).toContain("... and 11 more");
    expect(text).not.toContain("f19 ");
  });

  it("shows nothing of a hostile guest's texts as it is", () => {
    const reason = { type: "trap", kind: "abort", message: "\x1b[2J\nfaked line", frames: [] };
    const text = render({ ...REPORT, reason, label: "a\x1bb\nc", frames: [frame("\x1b[1m", 1)] });
    expect(text).not.toContain("\x1b");
    expect(text).toContain(String.raw`trap abort: \e[2J\nfaked line`);
  });
});

describe("an excerpt", () => {
  it("skips the library and files that cannot be read", () => {
    const frames = [frame("throw", 3, "~lib/rt.ts"), frame("gone", 3, "gone.ts"), frame("share", 2)];
    const excerpt = findExcerpt(frames, (file) => (file === "gone.ts" ? undefined : SOURCE));
    expect(excerpt).toMatchObject({ file: "main.ts", line: 2, text: "\treturn total / count;" });
  });

  it("is absent when the line is not there any more", () => {
    expect(findExcerpt([frame("share", 99)], () => SOURCE)).toBeUndefined();
  });
});

describe("the host", () => {
  const WAT = `(module (memory (export "memory") 2)
    (func $boom (unreachable))
    (func $main (export "main") (call $boom))
    (func (export "spin") (loop $l (br $l)))
    (func (export "fine")))`;

  it("reports each guest that crashes, and none that ends well", async () => {
    const reports: CrashReport[] = [];
    await using host = new Host({ crashed: (report) => reports.push(report), limits: { fuel: 1e5 } });
    const program = await host.load(parseWat(WAT), { name: "boom.wat" });
    for (const entry of ["main", "spin", "fine"]) {
      await host.exited(host.spawn(program, entry, { args: ["x"], label: entry }));
    }
    expect(reports.map(({ entry }) => entry)).toEqual(["main", "spin"]);
    const [boom, spin] = reports.map(crashReportJson);
    expect(boom).toMatchObject({
      program: "boom.wat",
      label: "main",
      argument: '[<<"x">>]',
      reason: { type: "trap", kind: "unreachable" },
      cause: { type: "self" },
      frames: [{ functionName: "boom" }, { functionName: "main" }],
      state: { memoryBytes: 131_072, fuelLimit: 100_000, mailbox: 0 },
    });
    expect(spin).toMatchObject({ reason: { kind: "fuel_exhausted" } });
    expect(JSON.parse(JSON.stringify(boom))).toEqual(boom);
  });
});

it("has something to say about every kind of trap", () => {
  expect(trapHint("fuel_exhausted")).toContain("--limit fuel");
  expect(trapHint("memory_limit")).toContain("--limit memory");
  expect(trapHint("constructor")).toBeUndefined();
});
