// What sys can watch a behaviour with: trace, log, statistics and functions of one's own (sys.erl).
import type { Context } from "../context.ts";
import { emitReport, type SystemEvent } from "../reports.ts";
import { atom } from "../term/atom.ts";
import { type Tuple, tuple } from "../term/tuple.ts";
import { OK } from "./wire.ts";

/** Gets its own state, the event and the server's name; returns the next state, or "done" to be removed (OTP: dbg_fun). */
export type DebugFunction = (state: unknown, event: SystemEvent, name: unknown) => unknown;

interface Installed {
  readonly id: unknown;
  readonly fn: DebugFunction;
  state: unknown;
}

interface Statistics {
  readonly startedAt: number;
  readonly reductions: number;
  in: number;
  out: number;
}

const DEFAULT_LOG = 10;

export class Debug {
  /** False while nothing watches: the loop then builds no event. */
  active = false;
  #trace = false;
  #log: SystemEvent[] | undefined;
  #logSize = DEFAULT_LOG;
  #statistics: Statistics | undefined;
  #installed: Installed[] = [];

  handle(self: Context, name: unknown, event: SystemEvent): void {
    if (this.#trace) emitReport(self, () => ({ type: "trace", name, event }));
    if (this.#log !== undefined) {
      this.#log.push(event);
      if (this.#log.length > this.#logSize) this.#log.shift();
    }
    if (this.#statistics !== undefined && event.type !== "noreply") this.#statistics[event.type]++;
    this.#installed = this.#installed.filter((installed) => runInstalled(installed, event, name));
    this.#refresh();
  }

  /** Carries out `{debug, What}`; the answer is what sys gives to its caller. */
  command(self: Context, what: unknown): unknown {
    const answer = this.#command(self, what);
    this.#refresh();
    return answer;
  }

  /** The options that are on, as get_status shows them. */
  list(): unknown[] {
    const list: unknown[] = [];
    if (this.#trace) list.push(tuple(atom("trace"), true));
    if (this.#log !== undefined)
      list.push(tuple(atom("log"), tuple(this.#logSize, this.#log.map(eventTerm))));
    if (this.#statistics !== undefined) list.push(tuple(atom("statistics"), { ...this.#statistics }));
    return list.concat(this.#installed.map(({ id, state }) => tuple(id, state)));
  }

  #refresh(): void {
    this.active =
      this.#trace || this.#log !== undefined || this.#statistics !== undefined || this.#installed.length > 0;
  }

  #command(self: Context, what: unknown): unknown {
    if (what === atom("no_debug")) {
      this.#trace = false;
      this.#log = undefined;
      this.#statistics = undefined;
      this.#installed = [];
      return OK;
    }
    const [name, flag] = Array.isArray(what) ? what : [];
    if (name === atom("trace") && typeof flag === "boolean") {
      this.#trace = flag;
      return OK;
    }
    if (name === atom("log")) return this.#commandLog(flag);
    if (name === atom("statistics")) return this.#commandStatistics(self, flag);
    if (name === atom("install") && Array.isArray(flag)) return this.#install(flag);
    if (name === atom("remove")) {
      this.#installed = this.#installed.filter(({ id }) => id !== flag);
      return OK;
    }
    return atom("unknown_debug");
  }

  #commandLog(flag: unknown): unknown {
    if (flag === atom("get")) return tuple(OK, (this.#log ?? []).map(eventTerm));
    if (flag === false) this.#log = undefined;
    else if (flag === true) this.#log ??= [];
    else if (Array.isArray(flag) && flag[0] === true && Number.isInteger(flag[1]) && flag[1] > 0) {
      this.#logSize = flag[1];
      this.#log = (this.#log ?? []).slice(-flag[1]);
    } else return atom("unknown_debug");
    return OK;
  }

  #commandStatistics(self: Context, flag: unknown): unknown {
    const { environment } = self.runtime;
    if (flag === atom("get")) {
      if (this.#statistics === undefined) return tuple(OK, atom("no_statistics"));
      const { startedAt, reductions, in: messagesIn, out } = this.#statistics;
      return tuple(OK, [
        tuple(atom("start_time"), startedAt),
        tuple(atom("current_time"), environment.wallTime()),
        tuple(atom("reductions"), self.process.reductions - reductions),
        tuple(atom("messages_in"), messagesIn),
        tuple(atom("messages_out"), out),
      ]);
    }
    if (typeof flag !== "boolean") return atom("unknown_debug");
    if (!flag) this.#statistics = undefined;
    else
      this.#statistics ??= {
        startedAt: environment.wallTime(),
        reductions: self.process.reductions,
        in: 0,
        out: 0,
      };
    return OK;
  }

  #install(spec: readonly unknown[]): unknown {
    const [id, fn, state] = spec.length === 3 ? spec : [spec[0], spec[0], spec[1]];
    if (typeof fn !== "function") return atom("unknown_debug");
    if (!this.#installed.some((installed) => installed.id === id)) {
      this.#installed.unshift({ id, fn: fn as DebugFunction, state });
    }
    return OK;
  }
}

/** False when the function is done, or failed. */
function runInstalled(installed: Installed, event: SystemEvent, name: unknown): boolean {
  try {
    installed.state = installed.fn(installed.state, event, name);
  } catch {
    return false;
  }
  return installed.state !== "done";
}

/** A system event in Erlang's form, for a log that is read over the wire. */
export function eventTerm(event: SystemEvent): Tuple {
  if (event.type === "noreply") return tuple(atom("noreply"), event.state);
  if (event.type === "in") return tuple(atom("in"), event.message);
  const out = tuple(atom("out"), event.message, event.to);
  return "state" in event ? tuple(...out, event.state) : out;
}
