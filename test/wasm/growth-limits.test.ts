// Limits of what grows inside a guest, its memory and its WebAssembly tables: what it finds at them, and what the audit and the log are told.
import { describe, expect, it } from "vitest";
import type { AuditRecord } from "../../host/audit.ts";
import { createHost } from "../../host/index.ts";
import type { HostOptions } from "../../host/options.ts";
import type { LimitInfo } from "../../host/otp/index.ts";
import { createSimulation } from "../../host/sim/index.ts";
import type { Limits } from "../../host/wasm/limits.ts";
import { parseWat } from "../../instrument/index.ts";

const PAGE = 65_536;
const WAIT = `(import "message" "receive" (func $receive (param i32 i32 i32 i32 i32) (result i32)))`;
const EXIT = `(import "process" "exit" (func $exit (param i32 i32)))`;
const SPAWN = `(import "process" "spawn" (func $spawn (param i32 i32 i32 i32 i32 i32 i32 i32) (result i32)))`;
const wait = (ms: number) =>
  `(drop (call $receive (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const ${ms})))`;
/** Ends with so many pages or elements, as an integer. */
const answer = (value: string) => `(i32.store (i32.const 0) (i32.const 0x6283))
  (i32.store8 (i32.const 2) (i32.shr_u ${value} (i32.const 24))) (i32.store8 (i32.const 3) (i32.shr_u ${value} (i32.const 16)))
  (i32.store8 (i32.const 4) (i32.shr_u ${value} (i32.const 8))) (i32.store8 (i32.const 5) ${value})
  (call $exit (i32.const 0) (i32.const 6))`;
/** Grows by one, again and again, until that fails; then so many times more. */
const greedy = (grow: string, more = 0) => `(loop $l (br_if $l (i32.ne ${grow} (i32.const -1))))
  (local.set $n (i32.const ${more})) (block $done (loop $again (br_if $done (i32.eqz (local.get $n))) (drop ${grow})
    (local.set $n (i32.sub (local.get $n) (i32.const 1))) (br $again)))`;
const page = "(memory.grow (i32.const 1))";
const inA = "(table.grow $a (ref.null func) (i32.const 1))";
const inB = "(table.grow $b (ref.null extern) (i32.const 1))";
const sizes = "(i32.add (table.size $a) (table.size $b))";
const TABLES = "(table $a 4 funcref) (table $b 2 externref)";
/** The text "child" of the external term format, at address 64. */
const CHILD = `(data (i32.const 64) "\\83\\6d\\00\\00\\00\\05child")`;
const child =
  "(drop (call $spawn (i32.const 64) (i32.const 11) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 128) (i32.const 64)))";
const guest = (main: string, rest = "") =>
  parseWat(`(module ${WAIT} ${EXIT} ${SPAWN} (memory (export "memory") 1) ${CHILD} ${rest}
    (func $main (export "main") (local $n i32) ${main}))`);

interface Outcome {
  readonly reason: unknown;
  /** Exit reasons of all its children. */
  readonly children: readonly unknown[];
  readonly audit: readonly AuditRecord[];
  readonly warnings: readonly string[];
  readonly info: readonly LimitInfo[];
}

/** Runs a guest for a second and a half. */
async function run(module: Uint8Array, limits: Limits, options: HostOptions = {}): Promise<Outcome> {
  const audit: AuditRecord[] = [];
  const children: unknown[] = [];
  await using sim = createSimulation({
    host: {
      grants: ["spawn"],
      audit: (record) => record.event === "limit" && audit.push(record),
      ...options,
    },
  });
  const main = sim.spawn(await sim.load(module, { name: "guest" }), "main", { limits });
  let reason: unknown;
  sim.runtime.subscribe((event) => {
    if (event.type !== "exited") return;
    if (event.pid.equals(main)) reason = event.reason;
    else children.push(event.reason);
  });
  await sim.advance(1500);
  const warnings = sim.log.events.flatMap(({ type, text }) => (type === "logged" ? [text] : []));
  const info = sim.host.info(main)?.limits ?? [];
  await sim.close();
  return { reason, children, audit, warnings, info };
}

const SITE = expect.stringMatching(/^main \(byte 0x[0-9a-f]+\)$/);

describe("memory.grow beyond the limit", () => {
  it("of the process fails, is told with call site, and is a line of the log", async () => {
    const { reason, audit, warnings } = await run(guest(greedy(page) + answer("(memory.size)")), {
      memoryBytes: 3 * PAGE,
    });
    expect(reason).toBe(3);
    expect(audit).toEqual([
      expect.objectContaining({
        event: "limit",
        limit: "memoryBytes",
        scope: "process",
        max: 3 * PAGE,
        site: SITE,
      }),
    ]);
    expect(warnings).toEqual([
      expect.stringMatching(
        /^logged warn "limit reached: memoryBytes of the process, 196608, at main \(byte 0x/,
      ),
    ]);
  });

  it("of a subtree is told as that, by whichever of it wants to grow", async () => {
    const { audit, warnings } = await run(guest(greedy(page) + wait(-1)), {
      subtree: { memoryBytes: 5 * PAGE },
    });
    expect(audit).toMatchObject([{ limit: "memoryBytes", scope: "subtree", max: 5 * PAGE, site: SITE }]);
    expect(warnings[0]).toMatch(/^logged warn "limit reached: memoryBytes of the subtree, 327680/);
  });

  it("in a loop leaves a hundred events a second and one line, and says how many more there were", async () => {
    const audit: AuditRecord[] = [];
    const { warnings } = await run(
      guest(greedy(page, 5000) + wait(1200) + page.replace(/^/, "(drop ").concat(")")),
      { memoryBytes: 2 * PAGE },
      { audit: (record) => audit.push(record) },
    );
    const limits = audit.filter(({ event }) => event === "limit");
    expect(limits).toHaveLength(100 + 1);
    const dropped = audit.filter((record) => record.event === "dropped") as { count: number }[];
    expect(dropped.reduce((sum, { count }) => sum + count, 0)).toBe(5001 - 100);
    expect(warnings).toHaveLength(2);
  });

  it("is nobody's business where the module's own maximum stands in its way", async () => {
    const module =
      parseWat(`(module ${EXIT} (memory (export "memory") 1 2) (func $main (export "main") (local $n i32)
      ${greedy(page)} ${answer("(memory.size)")}))`);
    expect(await run(module, {})).toMatchObject({ reason: 2, audit: [], warnings: [] });
  });
});

describe("the memory of a subtree", () => {
  it("is shared by processes that grow in turns: what one takes the others have not", async () => {
    // Each takes a page whenever it has waited.
    const slowly = `(loop $l ${wait(10)} (br_if $l (i32.ne ${page} (i32.const -1)))) ${wait(300)} ${answer("(memory.size)")}`;
    const { children } = await run(
      guest(`${child} ${child} ${child} ${wait(-1)}`, `(func (export "child") ${slowly})`),
      { subtree: { memoryBytes: 13 * PAGE } },
    );
    // Thirteen pages, one of them the parent's.
    expect((children as number[]).reduce((sum, pages) => sum + pages, 0)).toBe(12);
  });
});

describe("table.grow beyond the limit", () => {
  it("of the process fails, all tables of the program together, and is told", async () => {
    const { reason, audit, warnings } = await run(guest(greedy(inA) + greedy(inB) + answer(sizes), TABLES), {
      tableElements: 10,
    });
    expect(reason).toBe(10);
    expect(audit).toHaveLength(2);
    expect(audit[0]).toMatchObject({ limit: "tableElements", scope: "process", max: 10, site: SITE });
    expect(warnings).toEqual([
      expect.stringMatching(/^logged warn "limit reached: tableElements of the process, 10, at main/),
    ]);
  });

  it("of a subtree fails in whichever of it wants more; what ended is given back", async () => {
    const { children, audit } = await run(
      guest(
        `${child} ${wait(20)} ${child} ${wait(-1)}`,
        `${TABLES} (func (export "child") (local $n i32) ${greedy(inA)} ${greedy(inB)} ${answer(sizes)})`,
      ),
      { subtree: { tableElements: 20 } },
    );
    // Six of the twenty are the parent's.
    expect(children).toEqual([14, 14]);
    expect(audit[0]).toMatchObject({ limit: "tableElements", scope: "subtree", max: 20 });
  });

  it("of a subtree is shared by processes that grow in turns", async () => {
    const slowly = `(loop $l ${wait(10)} (br_if $l (i32.ne ${inA} (i32.const -1)))) ${wait(300)} ${answer(sizes)}`;
    const { children } = await run(
      guest(`${child} ${child} ${wait(-1)}`, `${TABLES} (func (export "child") ${slowly})`),
      { subtree: { tableElements: 40 } },
    );
    expect((children as number[]).reduce((sum, elements) => sum + elements, 0)).toBe(34);
  });

  it("is counted in info", async () => {
    const grown = `(drop (table.grow $a (ref.null func) (i32.const 30))) ${wait(-1)}`;
    const { info } = await run(guest(grown, TABLES), { tableElements: 50, subtree: { tableElements: 60 } });
    expect(info.filter(({ limit }) => limit === "tableElements")).toEqual([
      { limit: "tableElements", scope: "process", used: 36, max: 50 },
      { limit: "tableElements", scope: "subtree", used: 36, max: 60 },
    ]);
  });
});

describe("tables that are larger at the start than a process may have", () => {
  const large = (count: number) => guest(wait(-1), `(table $a ${count} funcref) (func (drop ${inA}))`);

  it("end it with a trap that says so", async () => {
    const { reason, audit } = await run(large(11), { tableElements: 10 });
    expect(reason).toMatchObject({
      kind: "table_limit",
      message: "guest starts with 11 elements in its tables, more than its limit of 10",
    });
    expect(audit).toMatchObject([{ limit: "tableElements", scope: "process", max: 10 }]);
  });

  it("end it where its subtree has no room for them", async () => {
    const { reason } = await run(large(11), { subtree: { tableElements: 10 } });
    expect(reason).toMatchObject({
      kind: "table_limit",
      message: "guest starts with 11 elements in its tables, more than its subtree has left",
    });
  });

  it("are a hundred thousand unless somebody allows more", async () => {
    expect((await run(large(100_001), {})).reason).toMatchObject({ kind: "table_limit" });
    expect((await run(large(100_001), { tableElements: 200_000 })).reason).toBe("killed");
  });
});

describe("the tables of all instances of a host", () => {
  const pool = { maxTableElements: 30_000 };

  it("leave no room for one more process whose program can change its tables: it ends with system_limit", async () => {
    await using host = await createHost({ pool, grants: ["spawn"], log: { level: "off" } });
    const program = await host.load(guest(wait(-1), `(table $a 10000 funcref) (func (drop ${inA}))`));
    const ends = Array.from({ length: 6 }, () => host.exited(host.spawn(program, "main")));
    // The first 4,096 of each do not count.
    expect(await Promise.race(ends)).toBe("system_limit");
    expect(host.runtime.processes()).toHaveLength(5);
  });

  it("make guests whose programs cannot do so leave their instances, as many instances do", async () => {
    await using host = await createHost({ pool, grants: ["spawn"], log: { level: "off" } });
    const program = await host.load(guest(wait(-1), "(table $a 10000 funcref)"));
    for (let i = 0; i < 20; i++) host.spawn(program, "main");
    await expect.poll(() => host.pool).toMatchObject({ instances: 5, parked: 15 });
  });

  it("do not stand in the way of usual programs", async () => {
    await using host = await createHost({
      pool: { maxTableElements: 0 },
      grants: ["spawn"],
      log: { level: "off" },
    });
    const program = await host.load(guest(greedy(inA) + answer(sizes), TABLES));
    expect(await host.exited(host.spawn(program, "main", { limits: { tableElements: 10_000 } }))).toBe(4096);
  });
});
