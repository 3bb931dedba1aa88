// Where log lines go, and when they have colours.
import binaryen from "binaryen";
import { afterEach, expect, it, vi } from "vitest";
import { createHost } from "../../host/index.ts";
import { logSinks } from "../../host/node/log-sinks.ts";
import { type LogRecord, Pid } from "../../host/otp/index.ts";

const pid = new Pid("nonode@nohost", 4, 1);
const record: LogRecord = { at: 0, level: "error", event: "crash", pid, label: "worker", reason: "boom" };

const { isTTY } = process.stderr;
afterEach(() => {
  process.stderr.isTTY = isTTY;
  vi.restoreAllMocks();
});

it.each([
  [true, true],
  [false, false],
])("on standard error, with colour only on a terminal (%s)", (isTerminal, isColoured) => {
  const written: unknown[] = [];
  vi.spyOn(process.stderr, "write").mockImplementation((text) => written.push(text) > 0);
  process.stderr.isTTY = isTerminal;
  logSinks("error").lifecycle(record);
  expect(written).toHaveLength(1);
  expect(String(written[0]).includes("\x1b[")).toBe(isColoured);
  expect(String(written[0]).endsWith("\n")).toBe(true);
});

it("a spawn of a guest is logged with what the guest may do, which can be less than the host", async () => {
  const records: LogRecord[] = [];
  await using host = await createHost({
    grants: ["spawn", "stdio"],
    log: { level: "debug", write: (record) => records.push(record as LogRecord) },
  });
  const module = binaryen.parseText('(module (memory (export "memory") 1) (func (export "main")))');
  const program = await host.load(module.emitBinary(), { name: "idle" });
  host.spawn(program, "main", { label: "full" });
  host.spawn(program, "main", { label: "less", grants: ["stdio"] });
  host.spawn(program, "main", { label: "none", grants: [] });
  const spawns = records.filter((record) => record.event === "spawn");
  expect(spawns.map(({ label, capabilities }) => [label, [...capabilities].sort()])).toEqual([
    ["full", ["spawn", "stdio"]],
    ["less", ["stdio"]],
    ["none", []],
  ]);
});
