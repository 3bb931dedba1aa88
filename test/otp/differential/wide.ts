// More random scenarios: a process alone with itself, many signals to one process at once, looking at processes, timers of all kinds,
// and process groups with all that they can do.
import { type RandomSource, randomSource } from "../support/random-source.ts";
import {
  type AliasKind,
  type Command,
  type Flavour,
  FOR_EVER,
  type InfoItem,
  type Scenario,
  type Step,
  type Target,
  type WrongCall,
} from "./scenario.ts";

const WIDE = ["self", "bursts", "inspect", "clocks", "scopes"] as const;
export type WideFlavour = (typeof WIDE)[number];

export function isWide(flavour: Flavour): flavour is WideFlavour {
  return (WIDE as readonly string[]).includes(flavour);
}

const REASONS = ["boom", "crash", "normal", "kill", "killed", "shutdown", "noproc"];
const HARMLESS = ["normal"];
const TAGS = ["a", "b", "c"];
const NAMES = ["alpha", "beta"];
const GROUPS = ["red", "blue"];
const ALIASES: readonly AliasKind[] = ["none", "explicit_unalias", "demonitor", "reply_demonitor"];
const ITEMS: readonly InfoItem[] = [
  "status",
  "dictionary",
  "groupLeader",
  "parent",
  "trapExit",
  "messageQueueLength",
  "links",
  "monitors",
  "monitoredBy",
  "registeredName",
];
const WRONG: readonly WrongCall[] = [
  "link",
  "unlink",
  "monitor",
  "demonitor",
  "exit",
  "unalias",
  "cancelTimer",
  "readTimer",
  "negativeTime",
  "timerToAlias",
  "registerUndefined",
  "registerNothing",
  "infoItem",
  "infoPid",
  "join",
  "receiveTime",
  "sendNothing",
];

export function generateWide(seed: number, flavour: WideFlavour): Scenario {
  return new Generator(seed, flavour).scenario();
}

class Generator {
  readonly #seed: number;
  readonly #flavour: WideFlavour;
  readonly #random: RandomSource;
  readonly #initial: number;
  #slots: number;
  #refs = 0;
  /** Processes that have probably ended. */
  readonly #gone = new Set<number>();

  constructor(seed: number, flavour: WideFlavour) {
    this.#seed = seed;
    this.#flavour = flavour;
    this.#random = randomSource(seed);
    this.#initial = 2 + this.#random.below(3);
    this.#slots = this.#initial;
  }

  scenario(): Scenario {
    const { below, chance } = this.#random;
    const steps: Step[] = [];
    for (let slot = 0; slot < this.#initial; slot++)
      if (chance(50)) steps.push(["run", slot, [["trap", true]]]);
    const count = 12 + below(14);
    while (steps.length < count) steps.push(this.#step());
    if (this.#flavour === "clocks") steps.push(["sleep", 600]);
    return { seed: this.#seed, flavour: this.#flavour, initial: this.#initial, steps };
  }

  #step(): Step {
    const { below, chance, pick } = this.#random;
    if (this.#flavour === "clocks" && chance(25)) return ["sleep", pick([200, 400])];
    if (chance(this.#gone.size * 2 >= this.#slots ? 40 : 4)) return ["start", this.#slots++];
    const slot = this.#slot();
    if (this.#flavour === "self")
      return ["run", slot, Array.from({ length: 2 + below(5) }, () => this.#own(slot))];
    if (this.#flavour === "bursts" && chance(75)) return ["run", slot, this.#burst(slot)];
    return ["run", slot, [this.#single(slot)]];
  }

  /** Mostly one that lives. */
  #slot(): number {
    let slot = this.#random.below(this.#slots);
    for (let tries = 4; tries > 0 && this.#gone.has(slot); tries--) slot = this.#random.below(this.#slots);
    return slot;
  }

  /** Mostly one of the latest. */
  #ref(): number {
    return Math.max(0, this.#refs - 1 - this.#random.below(4));
  }

  /** What a process does to itself, or to those that have ended: nobody else has a part in it. */
  #own(slot: number): Command {
    const { below, chance, pick } = this.#random;
    const me = (): Target => {
      const roll = below(10);
      if (roll < 4) return ["pid", slot];
      if (roll < 7) return ["ref", this.#ref()];
      return [pick(["name", "nameOnNode"] as const), pick(NAMES)];
    };
    const ended = this.#gone.size > 0 && chance(60) ? pick([...this.#gone]) : slot;
    switch (below(21)) {
      case 0:
      case 1:
      case 2:
        return ["send", me(), pick(TAGS)];
      case 3:
        return ["forgeDown", me(), this.#ref()];
      case 4:
        return ["forgeExit", me(), slot, pick(REASONS)];
      case 5:
      case 6:
        return ["exitSignal", slot, chance(75) ? pick(HARMLESS) : pick(["boom", "killed"])];
      case 7:
      case 8:
        return ["trap", chance(70)];
      case 9:
      case 10:
        return ["monitor", this.#refs++, chance(50) ? ["name", pick(NAMES)] : ["pid", slot], pick(ALIASES)];
      case 11:
        return ["demonitor", this.#ref(), chance(50), chance(60)];
      case 12:
      case 13:
        return ["alias", this.#refs++, chance(40)];
      case 14:
        return ["unalias", this.#ref()];
      case 15:
        return ["link", ended];
      case 16:
        return ["unlink", ended];
      case 17:
        return chance(60) ? ["register", pick(NAMES), slot] : ["unregister", pick(NAMES)];
      case 18:
        return ["monitorTagged", this.#refs++, ["name", pick(NAMES)], pick(TAGS)];
      default:
        return ["receive", pick([["any"], ["tag", pick(TAGS)], ["exit"], ["down"]] as const) as ["any"], 0];
    }
  }

  /** Signals to one process, which take effect in the order in which they are sent. The sender traps, so that it comes to its end. */
  #burst(slot: number): Command[] {
    const { below, chance, pick } = this.#random;
    const other = this.#slot();
    const commands: Command[] = [["trap", true]];
    let isLethal = false;
    for (let left = 2 + below(5); left > 0; left--) {
      switch (below(11)) {
        case 0:
        case 1:
          commands.push(["monitor", this.#refs++, ["pid", other], "none"]);
          break;
        case 2:
          if (!isLethal && !this.#gone.has(other))
            commands.push(["demonitor", this.#ref(), chance(50), chance(60)]);
          break;
        case 3:
        case 4:
          commands.push(["send", ["pid", other], pick(TAGS)]);
          break;
        case 5:
          // Beside monitors of a dead process, the order is one that no manual promises.
          if (!isLethal && !this.#gone.has(other)) commands.push(["link", other]);
          break;
        case 6:
          commands.push(["unlink", other]);
          break;
        case 7:
          commands.push(["forgeExit", ["pid", other], slot, pick(REASONS)]);
          break;
        case 8:
          commands.push(["monitorTagged", this.#refs++, ["pid", other], pick(TAGS)]);
          break;
        default: {
          const reason = pick(REASONS);
          commands.push(["exitSignal", other, reason]);
          if (reason !== "normal") {
            isLethal = true;
            this.#gone.add(other);
          }
        }
      }
    }
    // A question waits for its answer: what follows it would be a race.
    if (chance(40)) commands.push(chance(50) ? ["isAlive", other] : ["infoOf", other, this.#items()]);
    return other === slot ? [["trap", true]] : commands;
  }

  #items(): InfoItem[] {
    const { below, pick } = this.#random;
    // Whether one that is being looked at runs is a matter of moments.
    const items = this.#flavour === "bursts" ? ITEMS.slice(1) : ITEMS;
    return Array.from({ length: 1 + below(4) }, () => pick(items));
  }

  #target(): Target {
    const { chance, pick } = this.#random;
    if (chance(this.#flavour === "clocks" ? 40 : 20))
      return [pick(["name", "nameOnNode"] as const), pick(NAMES)];
    return ["pid", this.#slot()];
  }

  #single(slot: number): Command {
    const { below, chance, pick } = this.#random;
    const roll = below(100);
    if (roll < 45) return this.#special();
    if (roll < 52) return ["trap", chance(70)];
    if (roll < 58) return ["send", this.#target(), pick(TAGS)];
    if (roll < 63)
      return [
        "spawnWith",
        this.#slots++,
        chance(50),
        chance(60) ? this.#refs++ : -1,
        pick(ALIASES),
        pick(["", ...TAGS]),
      ];
    if (roll < 68) return ["monitorTagged", this.#refs++, this.#target(), pick(TAGS)];
    if (roll < 72) return ["link", this.#slot()];
    if (roll < 75) return ["unlink", this.#slot()];
    if (roll < 80) return ["receive", ["any"], chance(70) ? 0 : FOR_EVER];
    if (roll < 84) return ["register", pick(NAMES), this.#slot()];
    if (roll < 86) return ["unregister", pick(NAMES)];
    if (roll < 92) {
      const other = this.#slot();
      const reason = pick(REASONS);
      if (reason !== "normal") this.#gone.add(other);
      return ["exitSignal", other, reason];
    }
    if (roll < 95) {
      this.#gone.add(slot);
      return [pick(["exit", "error", "throw"] as const), pick(REASONS)];
    }
    return ["infoOf", this.#slot(), this.#items()];
  }

  /** What the flavour is about. */
  #special(): Command {
    const { below, chance, pick } = this.#random;
    switch (this.#flavour) {
      case "clocks":
        switch (below(7)) {
          case 0:
            return ["sendAfterAt", this.#refs++, this.#clock(), this.#target(), pick(TAGS)];
          case 1:
            return ["startTimerAt", this.#refs++, this.#clock(), this.#target(), pick(TAGS)];
          case 2:
            return ["sendAfter", this.#refs++, this.#clock(), this.#target(), pick(TAGS)];
          case 3:
            return ["startTimer", this.#refs++, this.#clock(), this.#target(), pick(TAGS)];
          case 4:
            return ["readTimerAsync", this.#ref()];
          case 5:
            return ["readTimer", this.#ref()];
          default:
            return ["cancelTimerWith", this.#ref(), chance(50), chance(70)];
        }
      case "scopes":
        switch (below(8)) {
          case 0:
          case 1:
          case 2:
            return ["joinMany", pick(GROUPS), this.#some()];
          case 3:
            return ["leaveMany", pick(GROUPS), this.#some()];
          case 4:
            return ["monitorScope", this.#refs++];
          case 5:
            return ["demonitorGroup", this.#ref()];
          case 6:
            return ["members", pick(GROUPS)];
          default:
            return ["groups"];
        }
      default:
        switch (below(9)) {
          case 0:
            return ["leader", this.#slot()];
          case 1:
            return ["hibernate"];
          case 2:
            return ["registered"];
          case 3:
          case 4:
            return ["wrong", pick(WRONG)];
          case 5:
            return ["put", pick(NAMES), pick(TAGS)];
          case 6:
            return ["suspend", this.#slot()];
          case 7:
            return ["resume", this.#slot()];
          default:
            return ["infoOf", this.#slot(), this.#items()];
        }
    }
  }

  #some(): number[] {
    // In OTP 25, joining nobody makes a group that has no members and never ends.
    return Array.from({ length: 1 + this.#random.below(3) }, () => this.#slot());
  }

  /** Nothing is due when a step begins. */
  #clock(): number {
    return 70 + 200 * this.#random.below(3);
  }
}
