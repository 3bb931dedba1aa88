// Random scenarios for gen_server and gen_statem: what a few client processes do to servers that they start, step by step. What a
// server does with a request is part of the request, so that a scenario says everything.
import { type RandomSource, randomSource } from "../random-source.ts";

/** A server by its slot, by a registered name, by a name on this node or on one that does not exist; the client itself. */
export type Target =
  | readonly ["pid", slot: number]
  | readonly ["name" | "node" | "elsewhere", name: string]
  | readonly ["self"];

/** Milliseconds; `FOR_EVER` is infinity, `DEFAULT` gives no limit to the function that takes one. */
export type Limit = number;
export const FOR_EVER = -1;
export const DEFAULT = -2;

export type SystemRequest =
  | "suspend"
  | "resume"
  | "get_state"
  | "get_status"
  | "replace_state"
  | "replace_state_error"
  | "replace_state_throw"
  | "terminate"
  | "change_code"
  | "change_code_error"
  | "log"
  | "log_get"
  | "log_off"
  | "statistics"
  | "statistics_get"
  | "no_debug"
  | "odd";

/** What a client does. `O` is a request that says what is to be done with it, `I` what the start of a server gives to its init. */
export type Command<I, O> =
  /** The name is "" for none; the limit that of the start. */
  | readonly [
      "start",
      slot: number,
      how: "start" | "start_link" | "start_monitor",
      name: string,
      limit: Limit,
      init: I,
    ]
  | readonly ["call", Target, O, Limit]
  | readonly ["cast" | "info", Target, O]
  /** A message that nobody expects. */
  | readonly ["plain", Target, text: string]
  | readonly ["abcast", name: string, nodes: readonly Node[], O]
  | readonly ["multi_call", name: string, nodes: readonly Node[], O, Limit]
  | readonly ["send_request", request: number, Target, O]
  | readonly ["receive_response" | "wait_response", request: number, Limit]
  /** Takes the oldest message and asks whether it is the response. */
  | readonly ["check_response", request: number]
  /** Sends a request and adds it to the client's collection under a label. */
  | readonly ["collect", label: string, Target, O]
  | readonly ["receive_any" | "wait_any", Limit, remove: boolean]
  | readonly ["check_any", remove: boolean]
  | readonly ["size"]
  | readonly ["stop", Target, reason: string, Limit]
  | readonly ["sys", SystemRequest, Target]
  /** Lets an init go on that waits. */
  | readonly ["go", slot: number]
  | readonly ["exit", slot: number, reason: string]
  | readonly ["link" | "unlink", slot: number]
  | readonly ["trap", boolean];

export type Node = "here" | "elsewhere";

export type Step<I, O> =
  | readonly ["run", client: number, commands: readonly Command<I, O>[]]
  | readonly ["sleep", ms: number]
  /** The client is killed, and another one takes its slot. One that died by itself is replaced at once. */
  | readonly ["replace", client: number];

export interface Scenario<I, O> {
  readonly seed: number;
  readonly flavour: string;
  readonly steps: readonly Step<I, O>[];
}

export const CLIENTS = 4;
export const NAMES = ["n0", "n1"];
export const REASONS = ["normal", "shutdown", "boom", "boom", "tuple"];
/** Nothing is due at the end of a sleep: all limits and times lie between two multiples of 40. */
const SLEEPS = [40, 80, 200];
const CALL_MS = 64;
const START_MS = 62;

type Name = Command<unknown, unknown>[0];

const COMMON: Partial<Record<Name, number>> = {
  call: 20,
  cast: 11,
  info: 8,
  plain: 3,
  start: 4,
  exit: 3,
  stop: 1,
  trap: 2,
};

/** How often a command is chosen, beside what all flavours have. */
const WEIGHTS: Readonly<Record<string, Partial<Record<Name, number>>>> = {
  starts: { start: 22, exit: 8, link: 3, unlink: 3, stop: 5, go: 10, trap: 5, call: 6 },
  requests: {
    send_request: 12,
    receive_response: 8,
    wait_response: 6,
    check_response: 5,
    collect: 10,
    receive_any: 6,
    wait_any: 5,
    check_any: 4,
    size: 1,
    multi_call: 3,
    abcast: 2,
  },
  sys: { sys: 40 },
  time: { sys: 5, send_request: 4, receive_response: 4, wait_response: 2, collect: 3, receive_any: 3 },
};

const SYSTEM: readonly SystemRequest[] = [
  "suspend",
  "suspend",
  "resume",
  "resume",
  "resume",
  "get_state",
  "get_status",
  "replace_state",
  "replace_state_error",
  "replace_state_throw",
  "terminate",
  "change_code",
  "change_code_error",
  "log",
  "log_get",
  "log_get",
  "log_off",
  "statistics",
  "statistics_get",
  "no_debug",
  "odd",
];

/** How a behaviour's own part of a scenario is made. `isCalm`: an init that succeeds. */
export interface Parts<I, O> {
  readonly isServer: boolean;
  order(): O;
  init(isCalm: boolean): I;
}

export function generateScenario<I, O>(
  seed: number,
  flavour: string,
  partsOf: (random: RandomSource) => Parts<I, O>,
): Scenario<I, O> {
  const random = randomSource(seed);
  const { below, chance, pick } = random;
  const parts = partsOf(random);
  const hasTime = flavour === "time";
  const weights = { ...COMMON, ...WEIGHTS[flavour] };
  const bag = Object.entries(weights).flatMap(([name, weight]) => Array<Name>(weight).fill(name as Name));
  let slots = 0;
  let requests = 0;

  /** Mostly one of the latest servers. */
  const anySlot = (): number => (chance(80) ? Math.max(0, slots - 1 - below(2)) : below(Math.max(1, slots)));
  const target = (): Target => {
    const roll = below(100);
    if (roll < 80) return ["pid", anySlot()];
    if (roll < 92) return ["name", pick(NAMES)];
    if (roll < 96) return ["node", pick(NAMES)];
    return roll < 98 ? ["elsewhere", pick(NAMES)] : ["self"];
  };
  const limit = (): Limit => {
    if (hasTime) return pick([CALL_MS, CALL_MS, FOR_EVER, DEFAULT, 0]);
    return pick([DEFAULT, DEFAULT, FOR_EVER, FOR_EVER, 5000]);
  };
  /** Requests that nobody answers must not keep all clients waiting. */
  const responseLimit = (): Limit => (hasTime ? pick([66, 66, 0, FOR_EVER]) : pick([0, 0, FOR_EVER]));
  const nodes = (): Node[] =>
    pick<Node[]>([["here"], ["here", "here"], ["here", "elsewhere"], ["elsewhere", "here"], []]);

  /** A BEAM without distribution does not even monitor on other nodes. */
  const system = (to: Target): Command<I, O> => {
    const what = pick(parts.isServer ? SYSTEM : SYSTEM.filter((name) => !name.startsWith("log")));
    return ["sys", to[0] === "elsewhere" ? "resume" : what, to];
  };

  const start = (isCalm: boolean): Command<I, O> => {
    const how = pick(["start_link", "start_link", "start_link", "start", "start_monitor"] as const);
    const name = chance(isCalm ? 30 : 45) ? pick(NAMES) : "";
    return ["start", slots++, how, name, hasTime && chance(60) ? START_MS : FOR_EVER, parts.init(isCalm)];
  };

  const command = (name: Name): Command<I, O> => {
    switch (name) {
      case "start":
        return start(chance(flavour === "starts" ? 30 : 70));
      case "call":
        return ["call", target(), parts.order(), limit()];
      case "cast":
      case "info":
        return [name, target(), parts.order()];
      case "plain":
        return ["plain", target(), pick(["x", "y"])];
      case "abcast":
        return parts.isServer ? ["abcast", pick(NAMES), nodes(), parts.order()] : command("cast");
      case "multi_call":
        return parts.isServer
          ? ["multi_call", pick(NAMES), nodes(), parts.order(), hasTime ? CALL_MS : FOR_EVER]
          : command("call");
      case "send_request":
        return ["send_request", requests++, target(), parts.order()];
      case "receive_response":
      case "wait_response":
        return [name, Math.max(0, requests - 1 - below(3)), responseLimit()];
      case "check_response":
        return ["check_response", Math.max(0, requests - 1 - below(3))];
      case "collect":
        return ["collect", `l${below(100)}`, target(), parts.order()];
      case "receive_any":
      case "wait_any":
        return [name, responseLimit(), chance(80)];
      case "check_any":
        return ["check_any", chance(80)];
      case "size":
        return ["size"];
      case "stop":
        return ["stop", target(), pick(REASONS), chance(70) ? FOR_EVER : hasTime ? CALL_MS : 5000];
      case "sys":
        return system(target());
      case "go":
        return ["go", Math.max(0, slots - 1 - below(2))];
      case "exit":
        return ["exit", anySlot(), pick([...REASONS, "kill"])];
      case "link":
      case "unlink":
        return [name, anySlot()];
      case "trap":
        return ["trap", chance(70)];
    }
  };

  /** Messages to one server, all there before it looks. Anything else would be a race between the client and its servers. */
  const burst = (): Command<I, O>[] => {
    const to = target();
    const message = (): Command<I, O> =>
      chance(15) ? ["plain", to, "z"] : [pick(["cast", "cast", "info"] as const), to, parts.order()];
    const last = pick<() => Command<I, O>>([
      message,
      () => ["call", to, parts.order(), limit()],
      () => ["send_request", requests++, to, parts.order()],
      () => system(to),
    ]);
    return [message(), ...(chance(50) ? [message()] : []), last()];
  };

  const steps: Step<I, O>[] = [["run", 0, [["trap", chance(70)], start(chance(75))]]];
  const count = 10 + below(14);
  // In collections and with requests of one's own, one client has to come back to what it began.
  const busiest = flavour === "requests" ? 2 : CLIENTS;
  while (steps.length < count) {
    const roll = below(100);
    if (hasTime && roll < 30) steps.push(["sleep", pick(SLEEPS)]);
    else if (roll >= 96) steps.push(["replace", below(CLIENTS)]);
    else {
      steps.push([
        "run",
        chance(70) ? below(busiest) : below(CLIENTS),
        chance(20) ? burst() : [command(pick(bag))],
      ]);
    }
  }
  if (hasTime) steps.push(["sleep", 200]);
  return { seed, flavour, steps };
}
