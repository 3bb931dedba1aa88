// Random scenarios for supervisors: crashes, failing starts and management calls, one after the other, each until nothing moves any more.
import { randomSource } from "../../support/random-source.ts";

/** How a child goes when it is told to shut down: as told, without trapping, not at all, or for a reason of its own. */
export type Manner = "obey" | "plain" | "stubborn" | "otherwise";

export interface Child {
  readonly id: string;
  readonly restart: string;
  readonly shutdown: string | number;
  readonly type: string;
  readonly significant: boolean;
  readonly manner: Manner;
}

export type Step =
  /** The child ends for this reason; "kill" is an exit from outside. A child that does not run: nothing. */
  | readonly ["end", id: string, reason: string]
  /** The next starts of the child fail, or say ignore. */
  | readonly ["fail", id: string, times: number, how: "error" | "ignore"]
  | readonly ["start_child", Child]
  | readonly ["terminate_child" | "restart_child" | "delete_child" | "get_childspec", id: string]
  | readonly ["which_children" | "count_children"]
  /** Time passes, milliseconds. */
  | readonly ["sleep", ms: number]
  /** The parent's exit reaches the supervisor. */
  | readonly ["stop", reason: string];

export interface Scenario {
  readonly seed: number;
  readonly flavour: Flavour;
  readonly flags: {
    readonly strategy: string;
    readonly intensity: number;
    readonly period: number;
    readonly auto_shutdown: string;
  };
  readonly children: readonly Child[];
  readonly steps: readonly Step[];
}

export const FLAVOURS = [
  "one_for_one",
  "one_for_all",
  "rest_for_one",
  "simple_one_for_one",
  "significant",
  "time",
] as const;
export type Flavour = (typeof FLAVOURS)[number];

const IDS = ["a", "b", "c", "d", "e"];
const REASONS = ["normal", "shutdown", "tuple", "boom", "boom", "boom", "kill"];
const STRATEGIES = ["one_for_one", "one_for_all", "rest_for_one"];

/** The scenario of a seed. A seed in flavour "time" sleeps for seconds. */
export function generate(seed: number, flavour: Flavour): Scenario {
  const { below, pick, chance } = randomSource(seed);
  const isDynamic = flavour === "simple_one_for_one";
  const isSignificant = flavour === "significant";

  const child = (id: string): Child => {
    const restart = pick(
      isSignificant
        ? ["transient", "transient", "temporary", "permanent"]
        : ["permanent", "permanent", "transient", "temporary"],
    );
    const manner = pick<Manner>(["obey", "obey", "plain", "plain", "stubborn", "otherwise"]);
    const shutdown =
      manner === "stubborn" ? pick(["brutal_kill", 20]) : pick(["brutal_kill", 5000, "infinity"]);
    return {
      id,
      restart,
      shutdown,
      type: chance(20) ? "supervisor" : "worker",
      // Now and then a combination that is refused.
      significant: isSignificant ? (restart === "permanent" ? chance(3) : chance(60)) : chance(1),
      manner,
    };
  };

  const step = (): Step => {
    const id = pick(IDS);
    const roll = below(100);
    if (flavour === "time" && roll < 20) return ["sleep", pick([300, 700, 1200, 2200])];
    if (roll < 50) return ["end", id, pick(REASONS)];
    if (roll < 60) return ["fail", id, 1 + below(3), chance(80) ? "error" : "ignore"];
    if (roll < 70) return ["start_child", child(id)];
    if (roll < 77) return ["terminate_child", id];
    if (roll < 83) return ["restart_child", id];
    if (roll < 88) return ["delete_child", id];
    if (roll < 90) return ["get_childspec", id];
    if (roll < 94) return ["which_children"];
    if (roll < 98) return ["count_children"];
    return ["stop", pick(["shutdown", "normal", "boom", "kill"])];
  };

  const flags = {
    strategy: flavour === "time" || isSignificant ? pick(STRATEGIES) : flavour,
    intensity: chance(10) ? 0 : 1 + below(flavour === "time" ? 2 : 5),
    period: flavour === "time" ? pick([1, 2]) : 1000,
    auto_shutdown: isSignificant ? pick(["any_significant", "all_significant"]) : "never",
  };
  // All children of a kind have its shutdown, stubborn ones too.
  const kind = { ...child("kind"), shutdown: pick(["brutal_kill", 20]) };
  const children = isDynamic ? [kind] : IDS.slice(0, 1 + below(IDS.length)).map(child);
  const steps = Array.from({ length: 6 + below(10) }, step);
  // The kind's children are started first, or nothing would happen.
  const first: Step[] = isDynamic
    ? IDS.slice(0, 1 + below(IDS.length)).map((id) => ["start_child", child(id)])
    : [];
  return { seed, flavour, flags, children, steps: [...first, ...steps] };
}
