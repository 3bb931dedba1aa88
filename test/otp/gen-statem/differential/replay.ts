// The gen_statem of the scenarios, as machine.erl and machine_too.erl have it: each state does what its event says.
import type { Context } from "../../../../host/otp/context.ts";
import { Exit } from "../../../../host/otp/exit.ts";
import {
  cancelTimeout,
  GenStatem,
  type GenStatemCallbacks,
  hibernate,
  initial,
  keepState,
  keepStateAndData,
  namedTimeout,
  nextEvent,
  nextState,
  postpone,
  repeatState,
  repeatStateAndData,
  replyTo,
  stateTimeout,
  stop,
  stopAndReply,
  timeout,
  updateTimeout,
} from "../../../../host/otp/index.ts";
import { atom, atomName, exactlyEqual, type Tuple, tuple } from "../../../../host/otp/term/index.ts";
import {
  type Behaviour,
  reasonOf,
  replayScenario,
  type Stage,
  type Trace,
} from "../../support/behaviour/players.ts";
import type { State as Data } from "../../support/behaviour/text.ts";
import type {
  Act,
  Deed,
  Init,
  InitDeed,
  InsertedType,
  Order,
  Scenario,
  StateName,
  TimerKind,
} from "./scenario.ts";

type Result = GenStatem.StateResult<StateName, Data>;
type Callbacks = GenStatemCallbacks<StateName, Data, Init>;

export function replay(scenario: Scenario): Promise<Trace> {
  return replayScenario(scenario, MACHINES);
}

const MACHINES: Behaviour<Init> = {
  api: GenStatem,
  bareErrors: true,
  start(self, stage, how, { slot, init }, options) {
    const { callbacks } = new Machine(stage, slot, init);
    if (how === "start_link") return GenStatem.startLink(self, callbacks, init, options);
    if (how === "start") return GenStatem.start(self, callbacks, init, options);
    return GenStatem.startMonitor(self, callbacks, init, options);
  },
  change(state) {
    const [name, data] = state as [unknown, Data];
    return tuple(name, { ...data, count: data.count + 100 });
  },
};

class Machine {
  readonly callbacks: Callbacks;
  readonly #other: Callbacks;
  readonly #stage: Stage;
  readonly #slot: number;
  readonly #init: Init;
  #changes = 0;

  constructor(stage: Stage, slot: number, init: Init) {
    this.#stage = stage;
    this.#slot = slot;
    this.#init = init;
    this.callbacks = this.#make("", init.mode);
    this.#other = this.#make("too ", init.mode === "handle_event" ? "state_functions" : "handle_event");
  }

  #make(mark: string, mode: Init["mode"]): Callbacks {
    const handle = (event: GenStatem.Event<StateName>, state: StateName, data: Data, self: Context): Result =>
      this.#handle(mark, event, state, data, self);
    const on =
      (state: StateName): GenStatem.StateFunction<StateName, Data> =>
      (event, data, self) =>
        handle(event, state, data, self);
    const modes =
      mode === "handle_event" ? { handleEvent: handle } : { states: { a: on("a"), b: on("b"), c: on("c") } };
    return {
      ...modes,
      stateEnter: this.#init.enter,
      init: ({ trap, does, end }, self) => {
        this.#stage.born(this.#slot, self);
        self.trapExit = trap;
        return this.#initial(does, { count: 0, waiting: [], end }, self);
      },
      terminate: (reason, state, { count, end }) => {
        const { writer } = this.#stage;
        // An error's reason has no stack here.
        const { type, message } = (reason ?? {}) as { readonly type?: string; readonly message?: string };
        const why = type === "error" ? message : writer.text(reason);
        this.#note(`${mark}terminate ${why} ${writer.text(state)} ${count}`);
        if (end === "exit") throw new Exit("worse");
        if (end === "error") throw new Error("oops");
        if (end === "throw") throw atom("thrown");
      },
      codeChange: (_old, state, data, extra) => {
        if (extra === atom("error")) throw new Error("oops");
        return [state, { ...data, count: data.count + (extra as number) }];
      },
      formatStatus: (state, data) => tuple(state, tuple(atom("formatted"), data)),
    };
  }

  async #initial(
    does: InitDeed,
    data: Data,
    self: Context,
  ): Promise<GenStatem.InitStateResult<StateName, Data>> {
    switch (does[0]) {
      case "wait":
        await self.receive((message) => message === atom("go"));
        return this.#initial(does[1], data, self);
      case "ok": {
        const done = this.#perform(does[2], undefined, data, self);
        return initial(does[1], done.data, ...done.actions);
      }
      case "stop":
        return stop(reasonOf(does[1]));
      case "exit":
        throw new Exit(reasonOf(does[1]));
      case "throw":
        throw stop(reasonOf(does[1]));
      case "ignore":
        return { type: "ignore" };
      case "bad":
        return atom("bad") as never;
      case "error":
        throw new Error("oops");
      case "kill":
        self.exitSignal(self.pid, "kill");
        throw new Error("lives on");
    }
  }

  #handle(
    mark: string,
    event: GenStatem.Event<StateName>,
    state: StateName,
    data: Data,
    self: Context,
  ): Result {
    const index = "abc".indexOf(state);
    if (event.type === "enter") {
      this.#note(`${mark}${state} enter ${event.previous}`);
      if (!this.#stage.count()) return keepStateAndData();
      return this.#do(this.#init.enters[index] as Deed, undefined, data, self);
    }
    const { content } = event;
    if (typeof content === "object" && content !== null && "does" in content) {
      const { label, does } = content as Order;
      const count = data.count + 1;
      this.#note(`${mark}${state} ${typeOf(event)} ${label} ${count}`);
      if (!this.#stage.count()) return keepStateAndData();
      const from = event.type === "call" ? event.from : undefined;
      return this.#do(does[index] as Deed, from, { ...data, count }, self);
    }
    this.#note(`${mark}${state} ${typeOf(event)} ${this.#stage.writer.text(content)}`);
    return keepStateAndData();
  }

  #do(does: Deed, from: GenStatem.From | undefined, data: Data, self: Context): Result {
    switch (does[0]) {
      case "next": {
        const done = this.#perform(does[2], from, data, self);
        return nextState(does[1], done.data, ...done.actions);
      }
      case "keep":
      case "repeat": {
        const done = this.#perform(does[1], from, data, self);
        return (does[0] === "keep" ? keepState : repeatState)(done.data, ...done.actions);
      }
      case "keep_and_data":
        return keepStateAndData(...does[1].flatMap((act) => this.#action(act, from, [], self)));
      case "repeat_and_data":
        return repeatStateAndData(...does[1].flatMap((act) => this.#action(act, from, [], self)));
      case "stop":
        return stop(reasonOf(does[1]), data);
      case "stop_bare":
        return stop(reasonOf(does[1]));
      case "stop_and_reply":
        return stopAndReply(reasonOf(does[1]), replies(from, data.waiting), { ...data, waiting: [] });
      case "bad_reply":
        return stopAndReply("boom", [atom("bad") as never]);
      case "bad":
        return atom("bad") as never;
      case "error":
        throw new Error("oops");
      case "exit":
        throw new Exit(reasonOf(does[1]));
      case "throw":
        throw this.#do(does[1], from, data, self);
    }
  }

  /** A call that is not answered here and not postponed waits. */
  #perform(
    acts: readonly Act[],
    from: GenStatem.From | undefined,
    data: Data,
    self: Context,
  ): { readonly actions: GenStatem.Action[]; readonly data: Data } {
    const isAnswered = acts.some(([name]) => name === "reply");
    const isPostponed = acts.some(([name, flag]) => name === "postpone" && flag === true);
    const left = from === undefined || isPostponed ? data.waiting : [...data.waiting, from];
    return {
      actions: acts.flatMap((act) => this.#action(act, from, data.waiting, self)),
      data: { ...data, waiting: isAnswered ? [] : left },
    };
  }

  #action(
    act: Act,
    from: GenStatem.From | undefined,
    waiting: readonly Tuple[],
    self: Context,
  ): GenStatem.Action[] {
    switch (act[0]) {
      case "reply":
        return replies(from, waiting);
      case "postpone":
        return [postpone(act[1])];
      case "hibernate":
        return [hibernate()];
      case "next_event":
        return [nextEvent(inserted(act[1], act[2]))];
      case "timer":
        return [timer(act[1], act[2], act[3])];
      case "absolute":
        return [timer(act[1], self.runtime.environment.now() + act[2], act[3], true)];
      case "bare":
        return [act[1]];
      case "cancel":
        return [cancelTimeout(kindOf(act[1]))];
      case "infinity":
        return [timer(act[1], Number.POSITIVE_INFINITY, undefined)];
      case "update":
        return [updateTimeout(kindOf(act[1]), act[2])];
      case "change":
        return [{ type: "changeCallbacks", callbacks: this.#next() as never }];
      case "push":
        return [{ type: "pushCallbacks", callbacks: this.#next() as never }];
      case "pop":
        return [{ type: "popCallbacks" }];
      case "bad_time":
        return [stateTimeout("bad" as never, atom("none"))];
      case "bad_event":
        return [nextEvent({ type: "odd" as never, content: atom("none") })];
      case "bad":
        return [atom("bad") as never];
    }
  }

  /** One after the other, in turn. */
  #next(): Callbacks {
    return this.#changes++ % 2 === 0 ? this.#other : this.callbacks;
  }

  #note(text: string): void {
    this.#stage.note(this.#slot, text);
  }
}

function typeOf(event: GenStatem.Event): string {
  switch (event.type) {
    case "timeout":
      return "event";
    case "stateTimeout":
      return "state";
    case "namedTimeout":
      return atomName(event.name) ?? String(event.name);
    default:
      return event.type;
  }
}

function replies(from: GenStatem.From | undefined, waiting: readonly Tuple[]): GenStatem.Action[] {
  const others = waiting.filter((to) => from === undefined || !exactlyEqual(to, from));
  return [...others, ...(from === undefined ? [] : [from])].map((to) => replyTo(to, atom("done")));
}

function timer(kind: TimerKind, ms: number, content: Order | undefined, absolute = false): GenStatem.Action {
  if (kind === "event") return timeout(ms, content, { absolute });
  return kind === "state"
    ? stateTimeout(ms, content, { absolute })
    : namedTimeout(kind, ms, content, { absolute });
}

function kindOf(kind: TimerKind): GenStatem.TimeoutKind {
  return kind === "event" || kind === "state" ? kind : { name: kind };
}

function inserted(type: InsertedType, content: Order): GenStatem.InsertedEvent {
  switch (type) {
    case "event":
      return { type: "timeout", content };
    case "state":
      return { type: "stateTimeout", content };
    case "n1":
    case "n2":
      return { type: "namedTimeout", name: type, content };
    default:
      return { type, content };
  }
}
