// Random scenarios for gen_server: what its callbacks return is decided by what they are given.
import {
  type Scenario as BehaviourScenario,
  generateScenario,
  type Parts,
  REASONS,
} from "../../support/behaviour/scenario.ts";
import type { RandomSource } from "../../support/random-source.ts";

/** What a callback does; the label tells it in the log. */
export interface Order {
  readonly label: string;
  readonly does: Deed;
}

/** What comes after a return: -1 nothing, a time in milliseconds, an order to continue with, or what is not allowed there. */
export type Then = number | "infinity" | "hibernate" | "bad" | Order;

export type Deed =
  | readonly ["reply" | "noreply", Then]
  /** Answers all calls that were not answered, then as noreply. */
  | readonly ["answer", Then]
  | readonly ["stop" | "stop_reply", reason: string]
  /** Returns what is no return. */
  | readonly ["bad" | "error"]
  /** Throws what it would return. */
  | readonly ["throw", Deed]
  | readonly ["exit", reason: string]
  /** Sends, casts, or calls itself; switches trapping; and then goes on. `reply_now` answers, and keeps the call to answer it again. */
  | readonly ["tell" | "cast", Order, Deed]
  | readonly ["call_self" | "reply_now", Deed]
  | readonly ["trap", boolean, Deed]
  /** Calls another server and waits for ever. */
  | readonly ["call", slot: number, Order, Deed];

export interface Init {
  readonly trap: boolean;
  readonly does: InitDeed;
  /** What terminate does. */
  readonly end: "ok" | "exit" | "error" | "throw";
}

export type InitDeed =
  | readonly ["ok", Then]
  | readonly ["stop" | "exit" | "throw", reason: string]
  | readonly ["ignore" | "bad" | "error" | "kill"]
  /** Waits until somebody says go. */
  | readonly ["wait", InitDeed];

export type Scenario = BehaviourScenario<Init, Order>;

export const FLAVOURS = ["callbacks", "starts", "requests", "sys", "time"] as const;
const TIMES = [0, 54, 134];

export function generate(seed: number, flavour: string): Scenario {
  return generateScenario(seed, flavour, (random) => parts(random));
}

function parts(random: RandomSource): Parts<Init, Order> {
  const { below, chance, pick } = random;
  let labels = 0;

  // What somebody who was answered does next goes beside what the server does next: that must not end it (`isCalm`).
  const then = (depth: number, isCalm: boolean): Then => {
    const roll = below(200);
    if (roll < 110) return -1;
    if (roll < 155) return pick(TIMES);
    if (roll < 160) return "infinity";
    if (roll < 162) return "bad";
    return roll < 178 || depth > 1 ? "hibernate" : order(depth + 1, isCalm);
  };
  const deed = (depth: number, isCalm: boolean): Deed => {
    const roll = below(isCalm ? 176 : 200);
    const isNested = depth < 2;
    if (isNested && roll < 8) return ["throw", deed(depth + 1, isCalm)];
    if (isNested && roll < 20)
      return [chance(60) ? "tell" : "cast", order(depth + 1, true), deed(depth + 1, isCalm)];
    if (isNested && roll < 24) return ["call_self", deed(depth + 1, isCalm)];
    if (depth === 0 && roll < 32) return ["reply_now", ["noreply", -1]];
    if (isNested && roll < 37) return ["trap", chance(60), deed(depth + 1, isCalm)];
    if (isNested && roll < 43) return ["call", below(3), order(depth + 1, true), deed(depth + 1, isCalm)];
    if (roll < 115) return ["reply", then(depth, true)];
    if (roll < 155) return ["noreply", then(depth, isCalm)];
    if (roll < 176) return ["answer", chance(70) ? -1 : then(depth, true)];
    if (roll < 182) return ["stop", pick(REASONS)];
    if (roll < 188) return ["stop_reply", pick(REASONS)];
    if (roll < 191) return ["bad"];
    return roll < 195 ? ["error"] : ["exit", pick([...REASONS, "kill"])];
  };
  const order = (depth: number, isCalm: boolean): Order => ({
    label: `o${++labels}`,
    does: deed(depth, isCalm),
  });

  const initDeed = (isCalm: boolean, depth: number): InitDeed => {
    if (isCalm || chance(25)) return ["ok", chance(70) ? -1 : then(1, true)];
    if (depth === 0 && chance(35)) return ["wait", initDeed(chance(50), 1)];
    if (chance(50)) return [pick(["stop", "exit", "throw"] as const), pick(REASONS)];
    return [pick(["ignore", "ignore", "bad", "error", "kill"] as const)];
  };
  const init = (isCalm: boolean): Init => ({
    trap: chance(60),
    does: initDeed(isCalm, 0),
    end: pick(["ok", "ok", "ok", "ok", "exit", "error", "throw"]),
  });
  return { isServer: true, order: () => order(0, false), init };
}
