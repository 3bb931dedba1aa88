// Random scenarios for the differential test: what a handful of processes do to each other, in steps. A step is carried out until
// nothing moves any more before the next one begins, and is made such that its outcome does not depend on a race.

import { generateWide, isWide, type WideFlavour } from "./wide.ts";

/** A process by its slot; a registered name; a name on the node; a reference (an alias, or what is none) by its slot. */
export type Target = ["pid", number] | ["name", string] | ["nameOnNode", string] | ["ref", number];

/** What a selective receive takes. */
export type Pattern =
  | ["any"]
  | ["tag", string]
  | ["from", number]
  | ["exit"]
  | ["down"]
  | ["downOf", number]
  | ["timeout"];

/** What a process does. Numbers name slots of processes and references; a slot that was never filled makes the command be skipped. */
export type Command =
  | ["spawn", slot: number, link: boolean, monitorRef: number | -1]
  | ["send", to: Target, tag: string]
  | ["forgeExit", to: Target, from: number, reason: string]
  | ["forgeDown", to: Target, ref: number]
  | ["link", number]
  | ["unlink", number]
  | [
      "monitor",
      ref: number,
      target: Target,
      alias: "none" | "explicit_unalias" | "demonitor" | "reply_demonitor",
    ]
  | ["demonitor", ref: number, flush: boolean, info: boolean]
  | ["alias", ref: number, reply: boolean]
  | ["unalias", ref: number]
  | ["trap", boolean]
  | ["exitSignal", number, reason: string]
  | ["exit", reason: string]
  | ["error", reason: string]
  | ["throw", reason: string]
  | ["return"]
  | ["register", name: string, number]
  | ["unregister", name: string]
  | ["whereis", name: string]
  | ["isAlive", number]
  | [
      "info",
      number,
      item: "links" | "monitors" | "monitoredBy" | "trapExit" | "messageQueueLength" | "registeredName",
    ]
  | ["receive", Pattern, timeoutMs: number]
  | ["sendAfter", ref: number, ms: number, to: Target, tag: string]
  | ["startTimer", ref: number, ms: number, to: Target, tag: string]
  | ["cancelTimer", ref: number]
  | ["readTimer", ref: number]
  | ["join", group: string, number]
  | ["leave", group: string, number]
  | ["members", group: string]
  | ["monitorGroup", ref: number, group: string]
  | ["demonitorGroup", ref: number]
  | ["suspend", number]
  | ["resume", number]
  | ["put", key: string, value: string]
  | ["erase", key: string]
  | WideCommand;

/** A process runs commands one after the other, a process is started that nobody knows, or time passes. */
export type Step =
  | ["run", slot: number, commands: Command[]]
  | ["start", slot: number]
  | ["sleep", ms: number];

export interface Scenario {
  readonly seed: number;
  readonly flavour: Flavour;
  /** Slots 0 to this are filled from the start with processes that know nothing of each other. */
  readonly initial: number;
  readonly steps: readonly Step[];
}

/** Commands of the flavours in wide.ts. */
export type WideCommand =
  | ["monitorTagged", ref: number, Target, word: string]
  | ["spawnWith", slot: number, link: boolean, ref: number, alias: AliasKind, word: string]
  | ["sendAfterAt" | "startTimerAt", ref: number, ms: number, Target, tag: string]
  | ["cancelTimerWith", ref: number, async: boolean, info: boolean]
  | ["readTimerAsync", ref: number]
  /** Items of process_info, in this order. */
  | ["infoOf", slot: number, items: InfoItem[]]
  | ["leader", slot: number]
  | ["hibernate"]
  | ["registered"]
  /** A call with an argument that it does not take. */
  | ["wrong", what: WrongCall]
  | ["joinMany" | "leaveMany", group: string, slots: number[]]
  | ["monitorScope", ref: number]
  | ["groups"];

export type AliasKind = "none" | "explicit_unalias" | "demonitor" | "reply_demonitor";
export type InfoItem =
  | "status"
  | "dictionary"
  | "groupLeader"
  | "parent"
  | "trapExit"
  | "messageQueueLength"
  | "links"
  | "monitors"
  | "monitoredBy"
  | "registeredName";
export type WrongCall =
  | "link"
  | "unlink"
  | "monitor"
  | "demonitor"
  | "exit"
  | "unalias"
  | "cancelTimer"
  | "readTimer"
  | "negativeTime"
  | "timerToAlias"
  | "registerUndefined"
  | "registerNothing"
  | "infoItem"
  | "infoPid"
  | "join"
  | "receiveTime"
  | "sendNothing";

export const FLAVOURS = [
  "links",
  "monitors",
  "names",
  "aliases",
  "receive",
  "timers",
  "groups",
  "mixed",
  "self",
  "bursts",
  "inspect",
  "clocks",
  "scopes",
] as const;
export type Flavour = (typeof FLAVOURS)[number];

/** For a receive that waits for ever. */
export const FOR_EVER = -1;

type CommandName = Exclude<Command, WideCommand>[0];
type NarrowFlavour = Exclude<Flavour, WideFlavour>;

/** How often a command is chosen, beside those that every flavour has. */
const WEIGHTS: Readonly<Record<NarrowFlavour, Partial<Record<CommandName, number>>>> = {
  links: { link: 8, unlink: 4, forgeExit: 1 },
  monitors: { monitor: 8, demonitor: 5, forgeDown: 1 },
  names: { register: 7, unregister: 4, whereis: 3, monitor: 3 },
  aliases: { alias: 5, unalias: 3, monitor: 5, demonitor: 3 },
  receive: { receive: 16, send: 10, forgeExit: 1, suspend: 1, resume: 2 },
  timers: { sendAfter: 6, startTimer: 5, cancelTimer: 3, readTimer: 3, receive: 4, register: 2 },
  groups: { join: 7, leave: 4, members: 5, monitorGroup: 3, demonitorGroup: 1 },
  mixed: {
    link: 3,
    unlink: 2,
    monitor: 3,
    demonitor: 2,
    register: 2,
    unregister: 1,
    whereis: 1,
    alias: 2,
    unalias: 1,
    receive: 4,
    join: 1,
    members: 1,
    forgeExit: 1,
    forgeDown: 1,
  },
};

const COMMON: Partial<Record<CommandName, number>> = {
  spawn: 3,
  send: 6,
  link: 2,
  monitor: 2,
  trap: 3,
  exitSignal: 4,
  exit: 1,
  error: 1,
  throw: 1,
  return: 1,
  isAlive: 1,
  info: 3,
  receive: 3,
  put: 1,
  erase: 1,
};

/** Commands that wait for something: alone in their step, so that nothing else can come in between. */
const WAITING: readonly CommandName[] = [
  "receive",
  "join",
  "leave",
  "members",
  "monitorGroup",
  "demonitorGroup",
  "suspend",
  "resume",
];
/** Commands that end their process, and one that may end others: at most one in a step, and last, so that only one reason is under way. */
const ENDING: readonly CommandName[] = ["exit", "error", "throw", "return"];
const LETHAL: readonly CommandName[] = ["exitSignal", ...ENDING];

const REASONS = ["boom", "crash", "normal", "kill", "killed", "shutdown", "noproc"];
const TAGS = ["a", "b", "c"];
const NAMES = ["alpha", "beta"];
const GROUPS = ["red", "blue"];

/** The scenario of a seed. Times are such that no two things are due at the moment at which something is looked at. */
export function generate(seed: number, flavour: Flavour): Scenario {
  return isWide(flavour) ? generateWide(seed, flavour) : generateNarrow(seed, flavour);
}

function generateNarrow(seed: number, flavour: NarrowFlavour): Scenario {
  const random = randomSource(seed);
  const pick = <T>(choices: readonly T[]): T => choices[random(choices.length)]!;
  const chance = (percent: number): boolean => random(100) < percent;
  const initial = 2 + random(3);
  let slots = initial;
  let refs = 0;

  const weights = { ...COMMON, ...WEIGHTS[flavour] };
  const bag = Object.entries(weights).flatMap(([name, weight]) =>
    Array<CommandName>(weight).fill(name as CommandName),
  );

  /** Slots of processes that have probably ended, or probably wait for ever: seldom chosen. */
  const gone = new Set<number>();
  const stuck = new Set<number>();
  const anySlot = (): number => {
    let slot = random(slots);
    for (let tries = 4; tries > 0 && gone.has(slot); tries--) slot = random(slots);
    return slot;
  };
  const actor = (): number => {
    let slot = anySlot();
    for (let tries = 4; tries > 0 && stuck.has(slot); tries--) slot = anySlot();
    return slot;
  };
  const anyRef = (): number => random(Math.max(1, refs));
  const usesNames = flavour === "names" || flavour === "mixed" || flavour === "timers";
  const usesRefs = flavour === "aliases" || flavour === "mixed";

  function target(): Target {
    if (usesRefs && refs > 0 && chance(flavour === "aliases" ? 60 : 15)) return ["ref", anyRef()];
    if (usesNames && chance(flavour === "names" ? 60 : 20))
      return [chance(70) ? "name" : "nameOnNode", pick(NAMES)];
    return ["pid", anySlot()];
  }

  function pidOrName(): Target {
    const chosen = target();
    return chosen[0] === "ref" ? ["pid", anySlot()] : chosen;
  }

  function pattern(): Pattern {
    switch (random(9)) {
      case 0:
      case 1:
        return ["any"];
      case 2:
      case 8:
        return ["tag", pick(TAGS)];
      case 3:
        return ["from", anySlot()];
      case 4:
        return ["exit"];
      case 5:
        return ["down"];
      case 6:
        return refs > 0 ? ["downOf", anyRef()] : ["any"];
      default:
        return flavour === "timers" ? ["timeout"] : ["tag", pick(TAGS)];
    }
  }

  function timeout(): number {
    if (chance(60)) return 0;
    if (flavour === "timers" && chance(70)) return 140 + 200 * random(2);
    return FOR_EVER;
  }

  const timerMs = (): number => 70 + 200 * random(3);

  function make(name: CommandName): Command {
    switch (name) {
      case "spawn":
        return ["spawn", slots++, chance(40), chance(40) ? refs++ : -1];
      case "send":
        return ["send", target(), pick(TAGS)];
      case "forgeExit":
        return ["forgeExit", target(), anySlot(), pick(REASONS)];
      case "forgeDown":
        return ["forgeDown", target(), anyRef()];
      case "link":
        return ["link", anySlot()];
      case "unlink":
        return ["unlink", anySlot()];
      case "monitor": {
        const kinds = ["explicit_unalias", "demonitor", "reply_demonitor"] as const;
        const alias = usesRefs && chance(60) ? pick(kinds) : "none";
        return ["monitor", refs++, pidOrName(), alias];
      }
      case "demonitor":
        return ["demonitor", anyRef(), chance(50), chance(50)];
      case "alias":
        return ["alias", refs++, chance(40)];
      case "unalias":
        return ["unalias", anyRef()];
      case "trap":
        return ["trap", chance(65)];
      case "exitSignal":
        return ["exitSignal", anySlot(), pick(REASONS)];
      case "exit":
      case "error":
      case "throw":
        return [name, pick(REASONS)];
      case "return":
        return ["return"];
      case "register":
        return ["register", pick(NAMES), anySlot()];
      case "unregister":
      case "whereis":
        return [name, pick(NAMES)];
      case "isAlive":
        return ["isAlive", anySlot()];
      case "info": {
        const items = [
          "links",
          "monitors",
          "monitoredBy",
          "trapExit",
          "messageQueueLength",
          "registeredName",
        ] as const;
        return ["info", anySlot(), pick(items)];
      }
      case "receive":
        return ["receive", pattern(), timeout()];
      case "sendAfter":
      case "startTimer":
        return [name, refs++, timerMs(), pidOrName(), pick(TAGS)];
      case "cancelTimer":
      case "readTimer":
        return [name, anyRef()];
      case "join":
      case "leave":
        return [name, pick(GROUPS), anySlot()];
      case "members":
        return ["members", pick(GROUPS)];
      case "monitorGroup":
        return ["monitorGroup", refs++, pick(GROUPS)];
      case "demonitorGroup":
        return ["demonitorGroup", anyRef()];
      case "suspend":
      case "resume":
        return [name, anySlot()];
      case "put":
        return ["put", pick(NAMES), pick(TAGS)];
      case "erase":
        return ["erase", pick(NAMES)];
    }
  }

  /** Guesses what becomes of the processes, so that most of what is done is done by and to living ones. */
  function note(slot: number, last: Command | undefined): void {
    if (last === undefined) return;
    if (ENDING.some((name) => name === last[0])) gone.add(slot);
    if (last[0] === "exitSignal" && last[2] !== "normal") gone.add(last[1]);
    if (last[0] === "receive" && last[2] === FOR_EVER) stuck.add(slot);
    if (last[0] === "send" && last[1][0] === "pid") stuck.delete(last[1][1]);
  }

  const steps: Step[] = [];
  const count = 15 + random(20);
  // Some processes trap from the start, or most scenarios would be over soon.
  for (let slot = 0; slot < initial; slot++) if (chance(45)) steps.push(["run", slot, [["trap", true]]]);
  while (steps.length < count) {
    if (flavour === "timers" && chance(20)) {
      steps.push(["sleep", 200 * (1 + random(2))]);
      continue;
    }
    if (chance(gone.size * 2 >= slots || stuck.size * 2 >= slots ? 40 : 3)) {
      steps.push(["start", slots++]);
      continue;
    }
    const slot = actor();
    const commands: Command[] = [];
    for (let left = 1 + random(3); left > 0; left--) {
      const name = pick(bag);
      if (WAITING.includes(name)) {
        if (commands.length === 0) commands.push(make(name));
        break;
      }
      const command = make(name);
      if (LETHAL.includes(name) && commands.some((earlier) => mayWake(earlier, command))) break;
      commands.push(command);
      // What is sent over an alias is under way until its owner looks, so that nothing may follow that could end the alias.
      if (LETHAL.includes(name) || (command[0] === "send" && command[1][0] === "ref")) break;
    }
    note(slot, commands.at(-1));
    steps.push(["run", slot, commands]);
  }
  if (flavour === "timers") steps.push(["sleep", 600]);
  return { seed, flavour, initial, steps };
}

/** Whether somebody who got something from the first command could act before or after what the second one kills. */
function mayWake(command: Command, lethal: Command): boolean {
  if (command[0] !== "send" && command[0] !== "forgeExit" && command[0] !== "forgeDown") return false;
  return lethal[0] !== "exitSignal" || command[1][0] !== "pid" || command[1][1] !== lethal[1];
}

/** Numbers from 0 to n - 1 that depend on the seed only (mulberry32). */
function randomSource(seed: number): (n: number) => number {
  let state = seed >>> 0;
  return (n) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return Math.floor((((t ^ (t >>> 14)) >>> 0) / 0x1_0000_0000) * n);
  };
}
