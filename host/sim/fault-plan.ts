// All faults of one run: those that the scenario aims, those that are replayed, and those that the seed spreads. It answers the hooks of
// each guest and says which processes die at the end of a step.
import { type Pid, Pid as PidClass } from "../otp/index.ts";
import type { GuestFaults } from "../wasm/services.ts";
import type { Deviation } from "./deviation.ts";
import { type Fault, KillGenerator, type KillPlan } from "./fault-kinds.ts";
import type { NamedProcess } from "./names.ts";
import type { RandomStreams } from "./random.ts";

/** A process: its pid, its causal address ("P.2.1"), its registered name or its label. */
export type Who = Pid | string;

/** One of a guest's host calls. */
export interface CallPoint {
  /** `namespace.name`; "*" counts all calls. Default "*". */
  readonly call?: string;
  /** From 1. Default 1. */
  readonly nth?: number;
}

/** When a process is killed. */
export type KillPoint =
  /** At the guest's first fuel check at which it has used this much. */
  | { readonly atFuel: number }
  /** Before a host call of the guest takes effect. */
  | { readonly before: CallPoint }
  /** After a host call took effect; one that waits counts as soon as it waits. */
  | { readonly after: CallPoint }
  /** After its n-th event in the log, when the step is over. For JavaScript processes, too. */
  | { readonly atEvent: number };

interface AimedKill {
  readonly who: Who;
  readonly point: KillPoint;
  spent: boolean;
}

/** How a process is known at this moment. */
export interface Identity {
  readonly named: NamedProcess;
  readonly name: string | undefined;
  readonly label: string | undefined;
}

export interface FaultPlanOptions {
  readonly faults: readonly Fault[];
  /** With deviations, `faults` are off. */
  readonly replayed: readonly Deviation[] | undefined;
  readonly random: RandomStreams;
  identify(named: NamedProcess): Identity;
  /** Told of each fault that happens: `deviation` is set when it came from the seed or a replay. */
  happened(named: NamedProcess, text: string, deviation: Deviation | undefined): void;
}

export class FaultPlan {
  readonly #options: FaultPlanOptions;
  readonly #aimed: AimedKill[] = [];
  readonly #replayed: readonly Deviation[];
  readonly #generators: readonly KillGenerator[];
  /** Processes that die at the end of the step. */
  #doomed: NamedProcess[] = [];
  readonly #eventPlans = new Map<NamedProcess, { at: number; generator: KillGenerator }>();
  /** How often each guest made each call: `P.2 message.send`. */
  readonly calls = new Map<string, number>();

  constructor(options: FaultPlanOptions) {
    this.#options = options;
    this.#replayed = options.replayed ?? [];
    const kinds = options.replayed === undefined ? options.faults : [];
    this.#generators = kinds.map(
      ({ options: kind }, i) => new KillGenerator(kind, options.random.stream(`faults/${i}`)),
    );
  }

  aim(who: Who, point: KillPoint): void {
    this.#aimed.push({ who, point, spent: false });
  }

  /** The hooks of a guest that is about to run for the first time. */
  forGuest(named: NamedProcess): GuestFaults {
    return new GuestHooks(this, named, this.#plans(named));
  }

  /** A process had one more event. */
  event(named: NamedProcess): void {
    const { events } = named;
    for (const aimed of this.#matching(named)) {
      if ("atEvent" in aimed.point && aimed.point.atEvent <= events) {
        aimed.spent = true;
        this.#doom(named, undefined);
      }
    }
    for (const entry of this.#replayed) {
      if (entry.do === "killAtEvent" && entry.process === named.address && entry.nth === events)
        this.#doom(named, entry);
    }
    if (events === 1 && this.#generators.length > 0) this.#planEvents(named);
    const planned = this.#eventPlans.get(named);
    if (planned && !named.isGuest && events >= planned.at && planned.generator.left > 0) {
      planned.generator.left--;
      this.#eventPlans.delete(named);
      this.#doom(named, { do: "killAtEvent", process: named.address, nth: events });
    }
  }

  /** The processes that die now; asked when a step is over. */
  takeDoomed(): readonly NamedProcess[] {
    const doomed = this.#doomed;
    if (doomed.length > 0) this.#doomed = [];
    return doomed;
  }

  // ---- for the hooks of a guest

  /** The lowest fuel at which the guest dies. */
  fuelOf(named: NamedProcess, plans: readonly Planned[]): number {
    let fuel = Number.POSITIVE_INFINITY;
    for (const { point } of this.#matching(named)) if ("atFuel" in point) fuel = Math.min(fuel, point.atFuel);
    for (const entry of this.#replayed) {
      if (entry.do === "killAtFuel" && entry.process === named.address) fuel = Math.min(fuel, entry.fuel);
    }
    for (const { plan, generator } of plans) if (generator.left > 0) fuel = Math.min(fuel, plan.fuel);
    return fuel;
  }

  killedAtFuel(named: NamedProcess, plans: readonly Planned[]): void {
    const fuel = this.fuelOf(named, plans);
    for (const aimed of this.#matching(named))
      if ("atFuel" in aimed.point && aimed.point.atFuel === fuel) aimed.spent = true;
    const planned = plans.find(({ plan }) => plan.fuel === fuel);
    if (planned) planned.generator.left--;
    const replayed = this.#replayed.some(
      (e) => e.do === "killAtFuel" && e.process === named.address && e.fuel === fuel,
    );
    const deviation: Deviation | undefined =
      planned || replayed ? { do: "killAtFuel", process: named.address, fuel } : undefined;
    this.#options.happened(named, `killed at fuel ${fuel}`, deviation);
  }

  /** Whether the guest dies here; `nth` counts calls of this name, `total` all calls. */
  killsAtCall(
    named: NamedProcess,
    plans: readonly Planned[],
    call: string,
    nth: number,
    total: number,
    when: "before" | "after",
  ): boolean {
    const deviation: Deviation = { do: "killAtCall", process: named.address, when, call, nth };
    const text = `killed ${when} ${call}/${nth}`;
    for (const aimed of this.#matching(named)) {
      const point =
        when === "before"
          ? "before" in aimed.point && aimed.point.before
          : "after" in aimed.point && aimed.point.after;
      if (!point) continue;
      const { call: wanted = "*", nth: wantedNth = 1 } = point;
      if (wanted === "*" ? total === wantedNth : wanted === call && nth === wantedNth) {
        aimed.spent = true;
        this.#options.happened(named, text, undefined);
        return true;
      }
    }
    for (const e of this.#replayed) {
      if (
        e.do === "killAtCall" &&
        e.process === named.address &&
        e.when === when &&
        e.call === call &&
        e.nth === nth
      ) {
        this.#options.happened(named, text, deviation);
        return true;
      }
    }
    for (const { plan, generator, random } of plans) {
      if (plan.callRate > 0 && random.float() < plan.callRate && generator.left > 0) {
        generator.left--;
        this.#options.happened(named, text, deviation);
        return true;
      }
    }
    return false;
  }

  // ---- within

  #plans(named: NamedProcess): Planned[] {
    return this.#generators.map((generator, i) => {
      const random = this.#options.random.stream(`faults/${i}/${named.address}`);
      return { generator, random, plan: generator.plan(this.#target(named), random) };
    });
  }

  /** Kills after an event are for JavaScript processes, which have no other places. */
  #planEvents(named: NamedProcess): void {
    this.#generators.forEach((generator, i) => {
      const { event } = generator.plan(
        this.#target(named),
        this.#options.random.stream(`faults/${i}/${named.address}/events`),
      );
      if (event < (this.#eventPlans.get(named)?.at ?? Number.POSITIVE_INFINITY))
        this.#eventPlans.set(named, { at: event, generator });
    });
  }

  #target(named: NamedProcess) {
    const { name, label } = this.#options.identify(named);
    return { address: named.address, isGuest: named.isGuest, name, label };
  }

  #doom(named: NamedProcess, deviation: Deviation | undefined): void {
    if (this.#doomed.includes(named)) return;
    this.#doomed.push(named);
    this.#options.happened(named, `killed at event ${named.events}`, deviation);
  }

  #matching(named: NamedProcess): AimedKill[] {
    if (this.#aimed.length === 0) return this.#aimed;
    const identity = this.#options.identify(named);
    return this.#aimed.filter((aimed) => !aimed.spent && isMeant(aimed.who, identity));
  }
}

/** What the seed has in store for one guest, by one generator. */
interface Planned {
  readonly generator: KillGenerator;
  readonly random: { float(): number };
  readonly plan: KillPlan;
}

class GuestHooks implements GuestFaults {
  readonly #faults: FaultPlan;
  readonly #named: NamedProcess;
  readonly #plans: readonly Planned[];
  #total = 0;

  constructor(faults: FaultPlan, named: NamedProcess, plans: readonly Planned[]) {
    this.#faults = faults;
    this.#named = named;
    this.#plans = plans;
  }

  get killAtFuel(): number {
    return this.#faults.fuelOf(this.#named, this.#plans);
  }

  killedAtFuel(): void {
    this.#faults.killedAtFuel(this.#named, this.#plans);
  }

  killAtCall(call: string, nth: number, when: "before" | "after"): boolean {
    if (when === "before") {
      this.#total++;
      this.#faults.calls.set(`${this.#named.address} ${call}`, nth);
    }
    return this.#faults.killsAtCall(this.#named, this.#plans, call, nth, this.#total, when);
  }
}

/** Whether `who` is this process. */
export function isMeant(who: Who, { named, name, label }: Identity): boolean {
  if (who instanceof PidClass) return who.equals(named.pid);
  return who === named.address || who === name || who === label;
}
