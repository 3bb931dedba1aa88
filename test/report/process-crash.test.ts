// The reports of processes that crash, and all reports as JSON.
import { describe, expect, it } from "vitest";
import { Pid, type RuntimeEvent, tuple } from "../../host/otp/index.ts";
import * as Supervisor from "../../host/otp/supervisor/index.ts";
import { renderReport } from "../../host/report/render-report.ts";
import { reportJson } from "../../host/report/report-json.ts";
import { waiter, world } from "../otp/support/world.ts";

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
    expect(lines[1]).toBe("  reason    TypeError: no such thing");
    expect(lines[2]).toMatch(/^ {2}at {8}main \(.*process-crash\.test\.ts:/);
    expect(lines).toContain("  links     <0.2.0>");
    expect(lines).toContain('  holds     <<"key">> => 1');
    expect(lines).toContain("            ... and 2 more");
    expect(lines.at(-1)).toBe("  state     used 10 reductions");
    expect(reportJson(event!.report, event!.pid)).toMatchObject({
      type: "crash",
      name: "worker",
      links: ["<0.2.0>"],
      messages: ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"],
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
    expect(renderReport(event!.report, event!.pid, { color: false })).toContain("lost a child");
  });
});

it("every report has a form for machines", () => {
  const pid = new Pid("nonode@nohost", 4, 1);
  const child = {
    id: "worker",
    pid,
    restart: "permanent",
    shutdown: Number.POSITIVE_INFINITY,
    type: "worker",
  } as const;
  const childJson = { id: "worker", pid: "<0.4.0>", restart: "permanent", shutdown: null, type: "worker" };
  const reason = { type: "term", term: "killed", text: "killed" };
  expect(reportJson({ type: "progress", supervisor: "main", child }, pid)).toEqual({
    type: "progress",
    pid: "<0.4.0>",
    supervisor: "main",
    child: childJson,
  });
  const lost = {
    type: "supervisor",
    supervisor: pid,
    context: "child_terminated",
    reason: "killed",
    child,
  } as const;
  expect(reportJson(lost, pid)).toMatchObject({ supervisor: "<0.4.0>", context: "child_terminated", reason });
  const ended = {
    behaviour: "gen_server",
    name: tuple("a", 1),
    reason: "killed",
    lastMessage: "m",
    state: 1,
  } as const;
  expect(reportJson({ type: "terminated", ...ended }, pid)).toMatchObject({
    lastMessage: '<<"m">>',
    state: "1",
    reason,
  });
  const unexpected = { type: "unexpected", behaviour: "gen_server", name: undefined, message: [1] } as const;
  expect(reportJson(unexpected, pid)).toMatchObject({ name: null, message: "[1]" });
  const traced = { type: "trace", name: "s", event: { type: "out", message: 1, to: pid, state: 2 } } as const;
  expect(reportJson(traced, pid)).toMatchObject({ event: { type: "out", message: "1", to: "<0.4.0>" } });
});
