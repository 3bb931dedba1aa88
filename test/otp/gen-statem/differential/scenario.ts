// Random scenarios for gen_statem: what each state does with each event is part of the event.
import {
  type Scenario as BehaviourScenario,
  generateScenario,
  type Parts,
  REASONS,
} from "../../support/behaviour/scenario.ts";
import type { RandomSource } from "../../support/random-source.ts";

export type StateName = "a" | "b" | "c";

/** An event, told by its label; what a state does with it, in the order a, b, c. */
export interface Order {
  readonly label: string;
  readonly does: readonly [Deed, Deed, Deed];
}

export type Deed =
  | readonly ["next", StateName, readonly Act[]]
  | readonly ["keep" | "keep_and_data" | "repeat" | "repeat_and_data", readonly Act[]]
  /** Without its data, and `stop` alone, which means normal. */
  | readonly ["stop" | "stop_bare", reason: string]
  /** Answers all calls that were not answered, then stops. */
  | readonly ["stop_and_reply", reason: string]
  | readonly ["bad" | "bad_reply" | "error"]
  | readonly ["exit", reason: string]
  | readonly ["throw", Deed];

export type TimerKind = "event" | "state" | "n1" | "n2";
export type InsertedType = "internal" | "cast" | "info" | TimerKind;

export type Act =
  /** Answers the call that this is; with new data also all that were not answered. */
  | readonly ["reply"]
  | readonly ["postpone", boolean]
  | readonly ["hibernate"]
  | readonly ["next_event", InsertedType, Order]
  | readonly ["timer", TimerKind, ms: number, Order]
  /** At a point in time that is so far away, or over for so long. */
  | readonly ["absolute", TimerKind, ms: number, Order]
  /** An event timeout by a bare number. */
  | readonly ["bare", ms: number]
  | readonly ["cancel" | "infinity", TimerKind]
  | readonly ["update", TimerKind, Order]
  /** Goes on with the other callbacks, in place of these, on top of them, or with those below. */
  | readonly ["change" | "push" | "pop"]
  | readonly ["bad" | "bad_time" | "bad_event"];

export interface Init {
  readonly mode: "state_functions" | "handle_event";
  readonly enter: boolean;
  readonly trap: boolean;
  readonly does: InitDeed;
  /** What the enter calls of a, b, c do. */
  readonly enters: readonly [Deed, Deed, Deed];
  /** What terminate does. */
  readonly end: "ok" | "exit" | "error" | "throw";
}

export type InitDeed =
  | readonly ["ok", StateName, readonly Act[]]
  | readonly ["stop" | "exit" | "throw", reason: string]
  | readonly ["ignore" | "bad" | "error" | "kill"]
  /** Waits until somebody says go. */
  | readonly ["wait", InitDeed];

export type Scenario = BehaviourScenario<Init, Order>;

export const FLAVOURS = ["callbacks", "enter", "modules", "starts", "requests", "sys", "time"] as const;

const STATES: readonly StateName[] = ["a", "b", "c"];
const KINDS: readonly TimerKind[] = ["event", "state", "n1", "n2"];
/** No two timers of a machine are due at the same time, and none at the end of a sleep. */
const TIMES: Readonly<Record<TimerKind, readonly number[]>> = {
  event: [0, 0, 52, 132],
  state: [0, 0, 57, 137],
  n1: [0, 0, 62, 142],
  n2: [0, 0, 67, 147],
};

export function generate(seed: number, flavour: string): Scenario {
  return generateScenario(seed, flavour, (random) => parts(random, flavour));
}

function parts(random: RandomSource, flavour: string): Parts<Init, Order> {
  const { below, chance, pick } = random;
  let labels = 0;

  const order = (depth: number): Order => ({
    label: `o${++labels}`,
    does: [deed(depth), deed(depth), deed(depth)],
  });
  const deed = (depth: number): Deed => {
    const roll = below(1000);
    if (roll < 8) return ["bad"];
    if (roll < 14) return ["error"];
    if (roll < 20) return ["exit", pick([...REASONS, "kill"])];
    if (roll < 30) return [pick(["stop", "stop", "stop_bare"] as const), pick(REASONS)];
    if (roll < 42) return ["stop_and_reply", pick(REASONS)];
    if (roll < 44) return ["bad_reply"];
    if (roll < 70 && depth < 2) return ["throw", deed(depth + 1)];
    if (roll < 480) return ["next", pick(STATES), acts(depth, true)];
    if (roll < 650) return ["keep", acts(depth, true)];
    if (roll < 880) return ["keep_and_data", acts(depth, true)];
    return [roll < 940 ? "repeat" : "repeat_and_data", acts(depth, true)];
  };
  /** A call that is postponed is answered later. */
  const acts = (depth: number, inState: boolean): Act[] => {
    const made = Array.from({ length: pick([0, 0, 1, 1, 2, 3]) }, () => act(depth, inState));
    const isPostponed = made.some(([name, flag]) => name === "postpone" && flag === true);
    return made.filter(
      ([name], i) =>
        name !== "reply" || (!isPostponed && made.findIndex(([other]) => other === "reply") === i),
    );
  };
  const act = (depth: number, inState: boolean): Act => {
    const roll = below(1000);
    const nested = depth < 2;
    if (flavour === "modules" && roll < (inState ? 150 : 30))
      return [pick(["change", "push", "pop"] as const)];
    if (roll < 300) return ["reply"];
    if (roll < 430) return inState ? ["postpone", true] : ["hibernate"];
    if (roll < 450) return ["postpone", false];
    if (roll < 470) return ["hibernate"];
    if (roll < 610 && nested && inState)
      return [
        "next_event",
        pick(["internal", "internal", "cast", "info", ...KINDS] as const),
        order(depth + 1),
      ];
    if (roll < 810 && nested) {
      const kind = pick(KINDS);
      return ["timer", kind, pick(TIMES[kind]), order(depth + 1)];
    }
    if (roll < 830 && nested) {
      const kind = pick(KINDS);
      return ["absolute", kind, chance(30) ? -10 : pick(TIMES[kind].slice(2)), order(depth + 1)];
    }
    if (roll < 865) return ["bare", pick(TIMES.event)];
    if (roll < 930) return [chance(50) ? "cancel" : "infinity", pick(KINDS)];
    if (roll < 990 && nested) return ["update", pick(KINDS), order(depth + 1)];
    return chance(30) ? [pick(["bad", "bad_time", "bad_event"] as const)] : ["reply"];
  };
  /** Mostly what is allowed in an enter call; now and then what is not, which ends the machine. */
  const enterDeed = (): Deed => {
    if (chance(3)) return ["next", pick(STATES), []];
    if (chance(2)) return ["keep", [["postpone", true]]];
    if (chance(2)) return [pick(["stop", "stop_and_reply"] as const), pick(REASONS)];
    return [pick(["keep", "keep_and_data"] as const), below(3) === 0 ? acts(1, false) : []];
  };

  const initDeed = (isCalm: boolean, depth: number): InitDeed => {
    if (isCalm || chance(25))
      return ["ok", pick(STATES), chance(60) ? [] : acts(1, true).filter(([name]) => name !== "postpone")];
    if (depth === 0 && chance(35)) return ["wait", initDeed(chance(50), 1)];
    if (chance(50)) return [pick(["stop", "exit", "throw"] as const), pick(REASONS)];
    return [pick(["ignore", "ignore", "bad", "error", "kill"] as const)];
  };
  const init = (isCalm: boolean): Init => ({
    mode: pick(["state_functions", "handle_event"]),
    enter: flavour === "enter" || chance(40),
    trap: chance(60),
    does: initDeed(isCalm, 0),
    enters: [enterDeed(), enterDeed(), enterDeed()],
    end: pick(["ok", "ok", "ok", "ok", "exit", "error", "throw"]),
  });
  return { isServer: false, order: () => order(0), init };
}
