import { expect, it } from "vitest";
import { Pid, tuple } from "../../host/otp/index.ts";
import type { ChildReport, Report } from "../../host/otp/reports.ts";
import { atom } from "../../host/otp/term/index.ts";
import { renderReport } from "../../host/report/render-report.ts";

const pid = (number: number): Pid => new Pid("nonode@nohost", number, 1);
const child: ChildReport = { id: "till", pid: pid(5), restart: "permanent", shutdown: 5000, type: "worker" };

it.each<[Report, string]>([
  [
    { type: "progress", supervisor: "shop", child },
    `\
supervisor <0.2.0> "shop" started a child
  child     till <0.5.0>, a permanent worker`,
  ],
  [
    { type: "supervisor", supervisor: pid(2), context: "child_terminated", reason: tuple("oops", 1), child },
    `\
supervisor <0.2.0> "<0.2.0>" lost a child
  reason    {oops,1}
  child     till <0.5.0>, a permanent worker`,
  ],
  [
    {
      type: "supervisor",
      supervisor: "shop",
      context: "shutdown",
      reason: "reached_max_restart_intensity",
      child: { ...child, pid: undefined },
    },
    `\
supervisor <0.2.0> "shop" gives up: its children crash more often than its restart intensity allows
  reason    reached_max_restart_intensity
  child     till, a permanent worker`,
  ],
  [
    {
      type: "terminated",
      behaviour: "gen_server",
      name: "till",
      reason: { type: "error", name: "TypeError", message: "no\nline" },
      lastMessage: tuple(atom("pay"), 1),
      state: { total: 3 },
    },
    `\
gen_server <0.2.0> "till" terminated
  reason    TypeError: no\\nline
  last      {pay,1}
  state     #{total => 3}`,
  ],
  [
    { type: "unexpected", behaviour: "gen_server", name: "till", message: "\x1b[1m" },
    `\
gen_server <0.2.0> "till" got a message that it does not handle
  message   <<"\\e[1m">>`,
  ],
  [
    { type: "trace", name: "till", event: { type: "out", message: atom("ok"), to: pid(9), state: 1 } },
    `\
trace <0.2.0> "till" sent ok to <0.9.0>`,
  ],
])("shows %j", (report, text) => {
  const unnamed = text.replace(' "<0.2.0>"', "");
  const name = "supervisor" in report && report.supervisor instanceof Pid ? report.supervisor : pid(2);
  expect(renderReport(report, name, { color: false })).toBe(unnamed);
});
