// Grants while a program runs: looked up, asked for, lent, lent on and taken back; by a guest and by the embedder.
import { describe, expect, it } from "vitest";
import { Host } from "../../host/host.ts";
import type { HostOptions } from "../../host/options.ts";
import type { Pid } from "../../host/otp/index.ts";
import { atom } from "../../host/otp/term/index.ts";
import { createSimulation, type Simulation } from "../../host/sim/index.ts";
import type { Grant } from "../../host/wasm/grant.ts";
import { ERROR } from "../../host/wasm/syscall.ts";
import { ERRNO } from "../../host/wasm/wasi/errno.ts";
import { answerOf, callsGuest, OUT, type Step, step, term } from "./support/calls.ts";

const text = (value: string) => ({ bytes: new TextEncoder().encode(value) });
const self = step("process.self", OUT);
const wait = (ms: number) => step("message.receive", { bytes: new Uint8Array(0) }, OUT, ms);
const has = (grant: string) => step("grant.has", text(grant));
const ask = (grant: string) => step("grant.ask", text(grant));
const lend = (grant: string, to: number) => step("grant.lend", text(grant), answerOf(to), OUT);
const revoke = (loan: number) => step("grant.revoke", answerOf(loan));
const spawn = (entry: string, options: object = { grants: [] }) =>
  step("process.spawn", term(entry), term([]), term(options), { room: 200 });
const register = (name: string) => step("registry.register", term(atom(name)), answerOf(0));
const unregister = (name: string) => step("registry.unregister", term(atom(name)));

type Entries = Readonly<Record<string, readonly Step[]>>;
const NO = ERROR.not_granted;
const GONE = ERROR.revoked;
const LATE = ERROR.timeout;

/** How each process ended, by its entry, and what the log has of grants. */
async function run(entries: Entries, grants: readonly Grant[], options: HostOptions = {}) {
  await using sim = createSimulation({ host: { ...options, grants } });
  const program = await sim.load(callsGuest(entries), { name: "guest" });
  const ends = new Map<string, number[]>();
  const entryOf = new Map<string, string>();
  sim.runtime.subscribe((event) => {
    if (event.type === "spawned") entryOf.set(String(event.pid), event.initialCall!.split(":")[1]!);
    if (event.type === "exited") ends.set(entryOf.get(String(event.pid))!, event.reason as number[]);
  });
  const main = sim.spawn(program, "main");
  await sim.advance(1000);
  const told = sim.log.events
    .filter(({ type }) => /granted|revoked|denied/.test(type))
    .map(({ text }) => text);
  return { ends, told, sim, main };
}

describe("a process", () => {
  it("can ask whether it has a grant, and for all that it has", async () => {
    const { ends } = await run(
      {
        main: [
          has("register:cart.1"),
          has("register"),
          has("spawn"),
          has("fly"),
          has("spawn:x"),
          step("grant.list", OUT),
        ],
      },
      ["register:cart.*", "spawn", "streams"],
    );
    expect(ends.get("main")).toEqual([1, 0, 1, ERROR.badarg, ERROR.badarg, expect.any(Number)]);
  });

  it("gets what it asks for when the embedder says so, for good and for its children", async () => {
    const asked: string[] = [];
    const { ends, told } = await run(
      {
        main: [
          self,
          ask("register:cart.*"),
          register("cart.1"),
          ask("register:till"),
          ask("register:cart.2"),
          spawn("child", {}),
          wait(10),
        ],
        child: [self, register("cart.2"), register("till")],
      },
      ["spawn"],
      {
        ask: ({ grant, program }) => {
          asked.push(`${program}: ${grant}`);
          return grant === "register:cart.*";
        },
      },
    );
    expect(ends.get("main")).toEqual([expect.any(Number), 1, 0, NO, 1, expect.any(Number), LATE]);
    expect(ends.get("child")).toEqual([expect.any(Number), 0, NO]);
    expect(asked).toEqual(["guest: register:cart.*", "guest: register:till"]);
    expect(told).toContain("granted register:cart.* (asked)");
    expect(told).toContain('denied grant.ask: the grant "register:till"');
  });

  it("waits for an answer that takes its time, and gets nothing from one that fails or is no yes", async () => {
    let answer: (value: boolean) => void = () => {};
    const rejected: unknown[] = [];
    const onRejection = (error: unknown) => rejected.push(error);
    process.on("unhandledRejection", onRejection);
    await using host = new Host({
      grants: [],
      ask: ({ grant }) => {
        if (grant === "kill") throw new Error("no such luck");
        if (grant === "spawn") return "yes" as unknown as boolean;
        return new Promise<boolean>((resolve) => {
          answer = resolve;
        });
      },
    });
    const program = await host.load(callsGuest({ main: [ask("kill"), ask("spawn"), ask("tables")] }), {
      name: "guest",
    });
    const pid = host.spawn(program);
    const exited = host.exited(pid);
    for (let i = 0; i < 50; i++) await new Promise((resolve) => setImmediate(resolve));
    expect(host.info(pid)?.status).toBe("waiting");
    answer(true);
    expect(await exited).toEqual([NO, NO, 1]);
    process.off("unhandledRejection", onRejection);
    expect(rejected).toEqual([expect.objectContaining({ message: "no such luck" })]);
  });

  it("gets nothing where nobody answers", async () => {
    const { ends } = await run({ main: [ask("kill")] }, []);
    expect(ends.get("main")).toEqual([NO]);
  });
});

describe("a loan", () => {
  it("counts anew at each spawn, also for options that the borrower has given before", async () => {
    const { ends } = await run(
      {
        main: [spawn("borrower", { grants: ["spawn"] }), lend("priority", 0), wait(10), revoke(1), wait(20)],
        borrower: [
          wait(5),
          spawn("child", { priority: atom("high") }),
          spawn("child", { priority: atom("high") }),
          wait(10),
          spawn("child", { priority: atom("high") }),
          spawn("child", { priority: atom("low") }),
        ],
        child: [self],
      },
      ["spawn", "priority"],
    );
    const pid = expect.toSatisfy((length: number) => length > 0);
    expect(ends.get("borrower")).toEqual([LATE, pid, pid, LATE, expect.toBeOneOf([NO, GONE]), pid]);
  });

  it("lets the borrower do what the lender may, until it is taken back; then its use says that it is", async () => {
    const { ends, told } = await run(
      {
        main: [
          spawn("borrower"),
          wait(5),
          lend("register:cart.*", 0),
          wait(10),
          revoke(2),
          revoke(2),
          wait(10),
        ],
        borrower: [
          self,
          register("cart.1"),
          wait(10),
          has("register:cart.9"),
          register("cart.1"),
          register("till"),
          wait(10),
          unregister("cart.1"),
          has("register:cart.9"),
        ],
      },
      ["spawn", "register:cart.*"],
    );
    expect(ends.get("main")?.slice(3)).toEqual([LATE, 1, 0, LATE]);
    expect(ends.get("borrower")?.slice(1)).toEqual([NO, LATE, 1, 0, NO, LATE, GONE, 0]);
    expect(told.filter((line) => !line.startsWith("denied registry.register"))).toEqual([
      "granted register:cart.* (lent)",
      "revoked register:cart.* (taken back)",
      expect.stringMatching(
        /^denied registry.unregister: the grant "register:cart.\*", which .* had lent to it and which is taken back$/,
      ),
    ]);
  });

  it("may be lent on, and ends with the loan that it comes from", async () => {
    const { ends, told } = await run(
      {
        main: [
          spawn("second", { grants: [] }),
          spawn("first", { grants: [] }),
          lend("register:a", 1),
          step("message.send", answerOf(1), answerOf(0)),
          wait(10),
          revoke(2),
          wait(10),
        ],
        // Its first message is the pid of the second.
        first: [wait(-1), step("grant.lend", text("register:a"), answerOf(0), OUT), wait(30)],
        second: [self, wait(5), register("a"), wait(10), unregister("a")],
      },
      ["spawn", "register"],
    );
    expect(ends.get("second")?.slice(1)).toEqual([LATE, 0, LATE, GONE]);
    expect(told).toContain("revoked register:a (lent on)");
    expect(ends.get("main")?.[5]).toBe(1);
  });

  it("ends with its lender", async () => {
    const { ends, told } = await run(
      {
        main: [spawn("borrower"), lend("register:a", 0)],
        borrower: [self, wait(5), register("a"), has("register:a")],
      },
      ["spawn", "register"],
    );
    expect(ends.get("borrower")?.slice(1)).toEqual([LATE, GONE, 0]);
    expect(told).toContain("revoked register:a (lender ended)");
  });

  it("can be given back, and ends with its borrower, for whose successors nothing is left", async () => {
    const { ends } = await run(
      {
        main: [
          spawn("borrower"),
          lend("register:a", 0),
          step("message.send", answerOf(0), answerOf(1)),
          wait(10),
          revoke(1),
          lend("register:a", 0),
        ],
        borrower: [
          wait(-1),
          step("grant.revoke", answerOf(0)),
          step("grant.revoke", answerOf(0)),
          has("register:a"),
        ],
      },
      ["spawn", "register"],
    );
    expect(ends.get("borrower")?.slice(1)).toEqual([1, 0, 0]);
    expect(ends.get("main")?.slice(4)).toEqual([0, ERROR.noproc]);
  });

  it("is not inherited, and opens nothing to who knows its reference", async () => {
    const { ends } = await run(
      {
        main: [
          spawn("borrower", { grants: ["spawn"] }),
          lend("register:a", 0),
          spawn("stranger"),
          step("message.send", answerOf(2), answerOf(1)),
          wait(20),
        ],
        borrower: [self, wait(5), spawn("child", {}), spawn("child", { grants: ["register:a"] }), wait(20)],
        child: [self, register("a")],
        stranger: [wait(-1), step("grant.revoke", answerOf(0)), has("register:a")],
      },
      ["spawn", "register"],
    );
    expect(ends.get("child")?.[1]).toBe(NO);
    expect(ends.get("borrower")?.[3]).toBe(NO);
    expect(ends.get("stranger")?.slice(1)).toEqual([0, 0]);
  });

  it("cannot be of what the lender has not got, nor to itself, nor to what is no guest", async () => {
    const { ends } = await run(
      {
        main: [self, lend("kill", 0), lend("kill:x", 0), lend("spawn", 0), spawn("other"), lend("kill", 4)],
        other: [wait(10)],
      },
      ["spawn"],
    );
    expect(ends.get("main")).toEqual([
      expect.any(Number),
      ERROR.badarg,
      ERROR.badarg,
      ERROR.badarg,
      expect.any(Number),
      NO,
    ]);
  });

  it("counts towards its lender's memory limit, so that nobody is lent things without end", async () => {
    const { ends } = await run(
      {
        main: [spawn("other"), { ...lend("spawn", 0), times: 10_000 }, lend("spawn", 0)],
        other: [wait(100)],
      },
      ["spawn"],
      { limits: { memoryBytes: 5 * 65_536 } },
    );
    const [, count = 0, last] = ends.get("main")!;
    expect(count).toBeGreaterThan(100);
    expect(count).toBeLessThan(65_536 / 512 + 1);
    expect(last).toBe(ERROR.system_limit);
  });
});

describe("a directory that is lent", () => {
  const path = (name: string) => ({ bytes: new TextEncoder().encode(name) });
  /** Opens a file below the descriptor that a step gave, for reading or with what it takes to make it. */
  const openIn = (fd: number, name: string, flags = 0) =>
    step("wasi_snapshot_preview1.path_open", fd, 0, path(name), flags, 2 + 2 ** 21, 0, 0, 2048);
  const read = (fd: number) => step("wasi_snapshot_preview1.fd_filestat_get", fd, 4096);
  const close = (fd: number) => step("wasi_snapshot_preview1.fd_close", fd);
  const CREATE = 1;

  async function lent(entries: Entries, files: object = { box: { file: "text" } }) {
    await using sim = createSimulation({
      files: files as never,
      host: { grants: ["spawn"], directories: [{ host: "/box", guest: "/data", mode: "write" }] },
    });
    const program = await sim.load(callsGuest(entries), { name: "guest" });
    const ends = new Map<string, number[]>();
    const entryOf = new Map<string, string>();
    sim.runtime.subscribe((event) => {
      if (event.type === "spawned") entryOf.set(String(event.pid), event.initialCall!.split(":")[1]!);
      if (event.type === "exited") ends.set(entryOf.get(String(event.pid))!, event.reason as number[]);
    });
    sim.spawn(program, "main");
    await sim.advance(1000);
    return ends;
  }
  const bare = { grants: [], directories: [] };

  it("is opened by its borrower, and neither it nor what was opened through it is of use after the loan", async () => {
    const ends = await lent({
      main: [
        spawn("borrower", bare),
        lend("directory:/data:read", 0),
        step("message.send", answerOf(0), answerOf(1)),
        wait(10),
        revoke(1),
        wait(10),
      ],
      borrower: [
        wait(-1),
        step("grant.open", answerOf(0)),
        openIn(3, "file"),
        read(4),
        openIn(3, "new", CREATE),
        openIn(3, "../secret"),
        wait(20),
        openIn(3, "file"),
        read(4),
        close(4),
        close(3),
        step("grant.open", answerOf(0)),
      ],
    });
    const { notcapable, rofs } = ERRNO;
    expect(ends.get("borrower")?.slice(1)).toEqual([
      3,
      0,
      0,
      rofs,
      notcapable,
      LATE,
      notcapable,
      notcapable,
      0,
      0,
      ERROR.badarg,
    ]);
  });

  it("can be lent on for as much or less, not for more, and by nobody who has not got it", async () => {
    const ends = await lent({
      main: [
        spawn("second", bare),
        spawn("first", bare),
        lend("directory:/data:read", 1),
        step("message.send", answerOf(1), answerOf(0)),
        lend("directory:/other:read", 1),
        wait(20),
        revoke(2),
        wait(20),
      ],
      first: [
        wait(-1),
        step("grant.lend", text("directory:/data:write"), answerOf(0), OUT),
        step("grant.lend", text("directory:/data:read"), answerOf(0), OUT),
        step("message.send", answerOf(0), answerOf(2)),
        wait(50),
      ],
      second: [wait(-1), step("grant.open", answerOf(0)), openIn(3, "file"), wait(30), openIn(3, "file")],
    });
    expect(ends.get("main")?.[4]).toBe(NO);
    expect(ends.get("first")?.[1]).toBe(NO);
    expect(ends.get("second")?.slice(1)).toEqual([3, 0, LATE, ERRNO.notcapable]);
  });

  it("is opened by nobody but its borrower", async () => {
    const ends = await lent({
      main: [
        spawn("borrower", bare),
        spawn("stranger", bare),
        lend("directory:/data:read", 0),
        step("message.send", answerOf(1), answerOf(2)),
        wait(20),
      ],
      borrower: [wait(20)],
      stranger: [wait(-1), step("grant.open", answerOf(0))],
    });
    expect(ends.get("stranger")?.[1]).toBe(ERROR.badarg);
  });
});

describe("the embedder", () => {
  async function borrower(use: (sim: Simulation, pid: Pid) => Promise<void>): Promise<unknown> {
    await using sim = createSimulation({ host: { ask: () => false } });
    const steps = [self, wait(10), register("a"), unregister("a"), wait(10), register("a")];
    const pid = sim.spawn(await sim.load(callsGuest({ main: steps })), "main");
    const exited = sim.host.exited(pid);
    await use(sim, pid);
    await sim.advance(100);
    return exited;
  }

  it("lends and takes back; a program that imports more than it was granted starts where it can ask", async () => {
    const results = await borrower(async (sim, pid) => {
      const loan = sim.host.lend(pid, "register:a");
      await sim.advance(15);
      loan.revoke();
      loan.revoke();
    });
    expect(results).toEqual([expect.any(Number), LATE, 0, 0, LATE, GONE]);
  });

  it("is told what is no grant, and who is not there", async () => {
    await borrower(async (sim, pid) => {
      expect(() => sim.host.lend(pid, "fly" as Grant)).toThrow('unknown grant "fly"');
      sim.host.kill(pid);
      expect(() => sim.host.lend(pid, "kill")).toThrow("which a grant is lent to, is not alive");
    });
  });
});
