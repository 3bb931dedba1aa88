import { describe, expect, it } from "vitest";
import { decide, endOf } from "../../../host/otp/supervisor/decision.ts";
import { addRestart } from "../../../host/otp/supervisor/intensity.ts";
import { atom, tuple } from "../../../host/otp/term/index.ts";

const RESTARTS = ["permanent", "transient", "temporary"] as const;
const ENDS = ["normal", "shutdown", "abnormal"] as const;
const AUTO_SHUTDOWNS = ["never", "any_significant", "all_significant"] as const;

describe("the restart decision", () => {
  // restart, end, significant, auto shutdown, others significant -> decision
  const table = RESTARTS.flatMap((restart) =>
    ENDS.flatMap((end) =>
      [false, true].flatMap((significant) =>
        AUTO_SHUTDOWNS.flatMap((autoShutdown) =>
          [false, true].map((othersSignificant) => ({
            restart,
            end,
            significant,
            autoShutdown,
            othersSignificant,
          })),
        ),
      ),
    ),
  );
  /** Rows that end in a restart, and those that end the supervisor; all others leave the child. */
  const restarted = new Set([
    "permanent normal",
    "permanent shutdown",
    "permanent abnormal",
    "transient abnormal",
  ]);
  const shutdown = new Set(["any_significant false", "any_significant true", "all_significant false"]);

  it.each(table)(
    "S186, S201: $restart, ended $end, significant $significant, $autoShutdown, others $othersSignificant",
    (row) => {
      const decision = decide(row);
      const forget = row.restart === "temporary";
      if (restarted.has(`${row.restart} ${row.end}`)) expect(decision).toEqual({ type: "restart" });
      else if (row.significant && shutdown.has(`${row.autoShutdown} ${row.othersSignificant}`)) {
        expect(decision).toEqual({ type: "shutdown", forget });
      } else expect(decision).toEqual({ type: "leave", forget });
    },
  );

  it("S186: normal, shutdown and {shutdown, _} are no abnormal ends; a kill from outside is", () => {
    expect(["normal", "shutdown", "killed", "kill", "noproc", ""].map(endOf)).toEqual([
      "normal",
      "shutdown",
      "abnormal",
      "abnormal",
      "abnormal",
      "abnormal",
    ]);
    expect(endOf(tuple("shutdown", 1))).toBe("shutdown");
    expect(endOf(tuple(atom("shutdown"), 1))).toBe("shutdown");
    expect(endOf(tuple("shutdown"))).toBe("abnormal");
    expect(endOf(tuple("normal", 1))).toBe("abnormal");
    expect(endOf({ type: "trap", kind: "unreachable", message: "", frames: [] })).toBe("abnormal");
  });
});

describe("the restart intensity", () => {
  it("S192: a restart counts while its second is not before this second minus the period", () => {
    const limit = { intensity: 1, period: 1 };
    const first = addRestart([], 10, limit);
    expect(first).toEqual({ restarts: [10], exceeded: false });
    expect(addRestart(first.restarts, 11, limit)).toEqual({ restarts: [11, 10], exceeded: true });
    expect(addRestart(first.restarts, 12, limit)).toEqual({ restarts: [12], exceeded: false });
  });

  it("S190: more than `intensity` within the period is too much, and 0 allows none", () => {
    expect(addRestart([], 0, { intensity: 0, period: 5 }).exceeded).toBe(true);
    expect(addRestart([3, 2], 4, { intensity: 3, period: 5 }).exceeded).toBe(false);
    expect(addRestart([3, 3, 2], 4, { intensity: 3, period: 5 }).exceeded).toBe(true);
  });
});
