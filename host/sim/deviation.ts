// Deviations: how a run differs from the default one, in which nothing fails and the process that has waited longest runs next. Each has
// a causal address, so that taking one away leaves a run in which that place has its default and all others mean the same.
import { MoonletError } from "../otp/error.ts";

export type Deviation =
  /** When it is the turn of the process at `at` for the `nth` time after it used so many reductions, `to` runs instead. */
  | {
      readonly do: "run";
      readonly process: string;
      readonly used: number;
      readonly nth: number;
      readonly to: string;
    }
  /** The guest is killed at the first fuel check at which it has used this much. */
  | { readonly do: "killAtFuel"; readonly process: string; readonly fuel: number }
  /** The guest is killed before or after the `nth` of its calls of this name. */
  | {
      readonly do: "killAtCall";
      readonly process: string;
      readonly when: "before" | "after";
      readonly call: string;
      readonly nth: number;
    }
  /** The process is killed after its `nth` event in the log, as soon as the step in which that lies is over. */
  | { readonly do: "killAtEvent"; readonly process: string; readonly nth: number };

/** One line: `kill P.2 before message.send/5`, `run P.3 at P.1@18234/2`. */
export function formatDeviation(deviation: Deviation): string {
  switch (deviation.do) {
    case "run":
      return `run ${deviation.to} at ${deviation.process}@${deviation.used}/${deviation.nth}`;
    case "killAtFuel":
      return `kill ${deviation.process} at fuel ${deviation.fuel}`;
    case "killAtCall":
      return `kill ${deviation.process} ${deviation.when} ${deviation.call}/${deviation.nth}`;
    case "killAtEvent":
      return `kill ${deviation.process} at event ${deviation.nth}`;
  }
}

const RUN = /^run (P[.\d]*) at (P[.\d]*)@(\d+)\/(\d+)$/;
const KILL_AT_FUEL = /^kill (P[.\d]*) at fuel (\d+)$/;
const KILL_AT_CALL = /^kill (P[.\d]*) (before|after) ([\w.]+)\/(\d+)$/;
const KILL_AT_EVENT = /^kill (P[.\d]*) at event (\d+)$/;

/** Reads what `formatDeviation` writes. @throws MoonletError E_DEVIATION. */
export function parseDeviation(line: string): Deviation {
  let match = RUN.exec(line);
  if (match) {
    const [, to = "", process = "", used, nth] = match;
    return { do: "run", process, used: Number(used), nth: Number(nth), to };
  }
  match = KILL_AT_FUEL.exec(line);
  if (match) return { do: "killAtFuel", process: match[1]!, fuel: Number(match[2]) };
  match = KILL_AT_CALL.exec(line);
  if (match) {
    const [, process = "", when, call = "", nth] = match;
    return {
      do: "killAtCall",
      process,
      when: when === "before" ? "before" : "after",
      call,
      nth: Number(nth),
    };
  }
  match = KILL_AT_EVENT.exec(line);
  if (match) return { do: "killAtEvent", process: match[1]!, nth: Number(match[2]) };
  throw new MoonletError("E_DEVIATION", `${JSON.stringify(line)} is no deviation`, {
    hint: "Write for example: kill P.2 before message.send/5",
  });
}
