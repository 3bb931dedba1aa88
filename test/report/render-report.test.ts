// Reports of processes, supervisors and servers as text and as JSON.
import { describe, expect, it } from "vitest";
import { atom, Pid, type Report, type RuntimeEvent, tuple } from "../../host/otp/index.ts";
import * as Supervisor from "../../host/otp/supervisor/index.ts";
import { renderReport, reportJson } from "../../host/report/render-report.ts";
import { waiter, world } from "../otp/support/world.ts";

const pid = new Pid("nonode@nohost", 4, 1);
const other = new Pid("nonode@nohost", 7, 1);
const child = {
  id: "worker",
  pid: other,
  restart: "permanent",
  shutdown: 5000,
  type: "worker",
} as const;
const text = (report: Report) => renderReport(report, pid, { color: false });

describe("a report as text", () => {
  it("of a supervisor names the child, the reason and what it was about", () => {
    const report = {
      type: "supervisor",
      supervisor: "main",
      context: "child_terminated",
      reason: "killed",
      child,
    } as const;
    expect(text(report)).toBe(
      [
        "supervisor report of main <0.4.0>",
        "  context    child_terminated",
        "  reason     killed",
        "  child      worker <0.7.0>, permanent worker, shutdown 5000 ms",
      ].join("\n"),
    );
    expect(reportJson(report, pid)).toEqual({
      type: "supervisor",
      pid: "<0.4.0>",
      name: "main",
      context: "child_terminated",
      reason: "killed",
      child: { id: "worker", pid: "<0.7.0>", restart: "permanent", shutdown: 5000, type: "worker" },
    });
  });

  it("of progress names the child that was started", () => {
    const started = {
      ...child,
      id: tuple(atom("pool"), 1),
      shutdown: Number.POSITIVE_INFINITY,
      type: "supervisor",
    } as const;
    expect(text({ type: "progress", supervisor: pid, child: started })).toBe(
      "progress of <0.4.0>\n  started    {pool,1} <0.7.0>, permanent supervisor, shutdown infinity",
    );
  });

  it("of a server that ended has its last message and its state", () => {
    const report = {
      type: "terminated",
      behaviour: "gen_server",
      name: "cache",
      reason: "oops",
      lastMessage: "text",
      state: { n: 1 },
    } as const;
    expect(text(report)).toBe(
      [
        "terminated of gen_server cache <0.4.0>",
        "  reason     oops",
        '  last       <<"text">>',
        "  state      #{n => 1}",
      ].join("\n"),
    );
  });

  it("of an unexpected message and of what sys traces is short", () => {
    expect(text({ type: "unexpected", behaviour: "gen_server", name: undefined, message: "\nhi" })).toBe(
      'unexpected message of gen_server <0.4.0>\n  message    <<"\\nhi">>',
    );
    expect(text({ type: "trace", name: "s", event: { type: "out", message: 1, to: other } })).toBe(
      "debug of s <0.4.0>\n  sent       1 to <0.7.0>",
    );
  });

  it("is coloured only where that is asked for", () => {
    const report = { type: "progress", supervisor: "main", child } as const;
    expect(text(report)).not.toContain("\x1b");
    expect(renderReport(report, pid, { color: true })).toContain("\x1b[32mprogress\x1b[0m of main");
  });
});

describe("a crash report of a process", () => {
  /** The reports that a runtime makes while `act` runs. */
  async function reports(
    act: (made: ReturnType<typeof world>) => void,
  ): Promise<Extract<RuntimeEvent, { type: "report" }>[]> {
    const made = world();
    const found: Extract<RuntimeEvent, { type: "report" }>[] = [];
    made.runtime.subscribe((event) => {
      if (event.type === "report") found.push(event);
    });
    act(made);
    await made.environment.settle();
    return found;
  }

  it("is made when it ends by itself for a bad reason, with what it was like then", async () => {
    const [event, ...others] = await reports(({ runtime }) => {
      const pid = runtime.spawn(
        async function main(self) {
          self.dictionary.put("key", 1);
          self.link(self.spawn(waiter));
          await self.receive((message) => message === "go");
          throw new TypeError("no such thing");
        },
        { name: "worker" },
      );
      for (let i = 0; i < 12; i++) runtime.send(pid, i);
      runtime.send(pid, "go");
    });
    expect(others).toEqual([]);
    expect(event?.report).toMatchObject({
      type: "crash",
      reason: { type: "error", name: "TypeError" },
      info: { registeredName: "worker", initialCall: "main", messageQueueLength: 12, status: "running" },
      messages: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9],
    });
    const lines = renderReport(event!.report, event!.pid, { color: false }).split("\n");
    expect(lines[0]).toBe('crash of <0.1.0> "worker" (main)');
    expect(lines[1]).toBe("  reason     TypeError: no such thing");
    expect(lines[2]).toMatch(/^ {2}at {9}main \(.*render-report\.test\.ts:/);
    expect(lines).toContain("  links      <0.2.0>");
    expect(lines).toContain('  dictionary <<"key">> => 1');
    expect(lines).toContain("             ... and 2 more");
    expect(lines.at(-1)).toBe("  state      used 10 reductions");
    expect(reportJson(event!.report, event!.pid)).toMatchObject({
      type: "crash",
      name: "worker",
      links: "<0.2.0>",
    });
  });

  it("is not made for a clean end, a kill, or an end over a link", async () => {
    const found = await reports(({ runtime }) => {
      runtime.spawn(() => {});
      runtime.spawn((self) => self.exit(tuple("shutdown", 1)));
      runtime.kill(runtime.spawn(waiter));
      runtime.spawn(async (self) => {
        self.link(self.spawn(waiter));
        self.exitSignal(self.pid, "shutdown");
        await waiter(self);
      });
    });
    expect(found).toEqual([]);
  });

  it("a child's crash makes one of the child, one of its supervisor, and one of the progress after it", async () => {
    const found = await reports(({ runtime }) => {
      let starts = 0;
      runtime.spawn(async (self) => {
        await Supervisor.startLink(self, {
          children: [
            {
              id: "child",
              start: (supervisor) =>
                supervisor.spawnLink((it) => (starts++ === 0 ? it.exit("oops") : waiter(it))),
            },
          ],
        });
        await waiter(self);
      });
    });
    const summary = found.map(({ report }) => [report.type, "reason" in report ? report.reason : undefined]);
    expect(summary).toEqual([
      ["progress", undefined],
      ["crash", "oops"],
      ["supervisor", "oops"],
      ["progress", undefined],
    ]);
    const [, , event] = found;
    expect(renderReport(event!.report, event!.pid, { color: false })).toContain("child_terminated");
  });
});
