// The audit: what it records, that a guest cannot flood it, and that it is lines of JSON in a file.
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { AuditRecord } from "../../host/audit.ts";
import { Host } from "../../host/host.ts";
import type { HostOptions } from "../../host/options.ts";
import { atom } from "../../host/otp/term/index.ts";
import { createSimulation } from "../../host/sim/index.ts";
import { answerOf, callsGuest, OUT, repeat, type Step, step, term } from "./support/calls.ts";

const self = step("process.self", OUT);
const wait = (ms: number) => step("message.receive", { bytes: new Uint8Array(0) }, OUT, ms);
const spawn = (entry: string, options: object = {}) =>
  step("process.spawn", term(entry), term([]), term(options), { room: 200 });
const register = (name: string) => step("registry.register", term(atom(name)), answerOf(0));
const kill = step("process.exit_signal", answerOf(0), term(atom("normal")));

type Entries = Readonly<Record<string, readonly Step[]>>;

async function audited(entries: Entries, options: HostOptions, ms = 1000): Promise<AuditRecord[]> {
  const records: AuditRecord[] = [];
  await using sim = createSimulation({ host: { ...options, audit: (record) => records.push(record) } });
  sim.spawn(await sim.load(callsGuest(entries), { name: "guest" }), "main");
  await sim.advance(ms);
  await sim.close();
  return records;
}

const AT = "2026-01-01T00:00:00.000Z";

describe("the audit", () => {
  it("records what was given, refused and limited, with process and call site", async () => {
    const records = await audited(
      {
        main: [
          spawn("child", { grants: ["register:cart.*"], limits: { timers: 1 } }),
          step("grant.lend", { bytes: new TextEncoder().encode("stdio") }, answerOf(0), OUT),
          wait(1),
          step("grant.revoke", answerOf(1)),
        ],
        child: [
          self,
          register("till"),
          repeat(9, "timer.send_after", 1000, answerOf(0), term(1), OUT),
          wait(5),
        ],
      },
      { grants: ["spawn", "register", "stdio"], env: { LANG: "C" } },
    );
    const site = expect.stringMatching(/^\w.* \(byte 0x[0-9a-f]+\)$/);
    const [main, child] = ["<0.1.0>", "<0.2.0>"];
    expect(records).toEqual([
      {
        at: AT,
        pid: main,
        event: "granted",
        how: "spawned",
        grants: ["spawn", "register", "stdio", "env:LANG"],
        by: null,
      },
      {
        at: AT,
        pid: child,
        event: "granted",
        how: "spawned",
        grants: ["register:cart.*", "env:LANG"],
        by: main,
      },
      { at: AT, pid: child, event: "granted", how: "lent", grants: ["stdio"], by: main },
      {
        at: AT,
        pid: child,
        event: "denied",
        call: "registry.register",
        grant: 'the grant "register:till"',
        site,
      },
      { at: AT, pid: child, event: "limit", limit: "timers", scope: "process", max: 1, site },
      { at: expect.any(String), pid: child, event: "revoked", grant: "stdio", by: main, why: "taken back" },
    ]);
  });

  it("records limits that have to do with somebody else: a full mailbox, by who found it full", async () => {
    const records = await audited(
      { main: [spawn("waits"), repeat(9, "message.send", answerOf(0), term("hello"))], waits: [wait(50)] },
      { grants: ["spawn"], limits: { mailbox: 3 } },
    );
    expect(records.at(-1)).toMatchObject({ event: "limit", limit: "mailbox", max: 3, pid: "<0.1.0>" });
  });

  it("is told of fuel per second once a second", async () => {
    const records = await audited(
      { main: [{ call: "(call $spin (i32.const 350000))", args: [] }] },
      { limits: { fuelPerSecond: 100_000 } },
      5000,
    );
    const limits = records.filter(({ event }) => event === "limit");
    expect(limits.length).toBeGreaterThanOrEqual(2);
    expect(limits.length).toBeLessThanOrEqual(3);
    expect(limits[0]).toMatchObject({ limit: "fuelPerSecond", scope: "process", max: 100_000 });
  });

  it("cannot be flooded: of each family so many a second, and how many more there were", async () => {
    const flood = Array.from({ length: 150 }, () => kill);
    const records = await audited(
      {
        main: [self, spawn("other", { grants: ["spawn"] }), ...flood, wait(1500), kill],
        other: [self, ...flood],
      },
      { grants: ["spawn", "register"], ask: () => false },
      5000,
    );
    const of = (event: string) => records.filter((record) => record.event === event);
    // One is the child's spawn.
    expect(of("denied")).toHaveLength(99 + 1);
    const dropped = of("dropped").map((record) => (record as { count: number }).count);
    expect(dropped.reduce((sum, count) => sum + count, 0)).toBe(2 * 150 - 99);
  });

  it("costs messages nothing: nobody listens to those", async () => {
    await using host = new Host({ audit: () => {} });
    expect([host.runtime.events.audited, host.runtime.events.active]).toEqual([true, false]);
    await host.close();
    expect(host.runtime.events.audited).toBe(false);
  });

  it("is a file of lines of JSON, to which more is appended", async () => {
    const folder = mkdtempSync(join(tmpdir(), "audit-"));
    const audit = join(folder, "audit.jsonl");
    for (let i = 0; i < 2; i++) {
      await using host = new Host({ audit, ask: () => false });
      await host.exited(host.spawn(await host.load(callsGuest({ main: [self, kill] })), "main"));
    }
    const lines = readFileSync(audit, "utf8").trimEnd().split("\n");
    expect(lines.map((line) => (JSON.parse(line) as AuditRecord).event)).toEqual([
      "granted",
      "denied",
      "granted",
      "denied",
    ]);
    expect(() => new Host({ audit: join(folder, "none", "x") })).toThrow(
      expect.objectContaining({ code: "E_AUDIT" }),
    );
    rmSync(folder, { recursive: true });
  });
});
