// The gen_server of the scenarios, as server.erl has it: each callback does what its order says.
import type { Context } from "../../../../host/otp/context.ts";
import { Exit } from "../../../../host/otp/exit.ts";
import { TIMEOUT } from "../../../../host/otp/gen/wire.ts";
import {
  GenServer,
  type GenServerCallbacks,
  noreply,
  reply,
  started,
  stop,
  stopReply,
} from "../../../../host/otp/index.ts";
import { atom, atomTerm, tuple } from "../../../../host/otp/term/index.ts";
import {
  type Behaviour,
  reasonOf,
  replayScenario,
  type Stage,
  type Trace,
} from "../../support/behaviour/players.ts";
import type { State } from "../../support/behaviour/text.ts";
import type { Deed, Init, InitDeed, Order, Scenario, Then } from "./scenario.ts";

type Result = GenServer.CallResult<State>;

export function replay(scenario: Scenario): Promise<Trace> {
  return replayScenario(scenario, SERVERS);
}

const SERVERS: Behaviour<Init> = {
  api: GenServer,
  bareErrors: false,
  start(self, stage, how, { slot, init }, options) {
    const server = new Server(stage, slot);
    if (how === "start_link") return GenServer.startLink(self, server, init, options);
    if (how === "start") return GenServer.start(self, server, init, options);
    return GenServer.startMonitor(self, server, init, options);
  },
  change: (state) => ({ ...(state as State), count: (state as State).count + 100 }),
};

class Server implements GenServerCallbacks<State, Init> {
  readonly #stage: Stage;
  readonly #slot: number;

  constructor(stage: Stage, slot: number) {
    this.#stage = stage;
    this.#slot = slot;
  }

  init({ trap, does, end }: Init, self: Context): Promise<GenServer.InitResult<State>> {
    this.#stage.born(this.#slot, self);
    self.trapExit = trap;
    return initial(does, { count: 0, waiting: [], end }, self);
  }

  handleCall(request: unknown, from: GenServer.From, state: State, self: Context): Promise<Result> {
    return this.#handle("call", request as Order, from, state, self);
  }

  handleCast(message: unknown, state: State, self: Context): Promise<GenServer.HandleResult<State>> {
    return this.#handle("cast", message as Order, undefined, state, self) as never;
  }

  handleContinue(content: unknown, state: State, self: Context): Promise<GenServer.HandleResult<State>> {
    return this.#handle("continue", content as Order, undefined, state, self) as never;
  }

  async handleInfo(message: unknown, state: State, self: Context): Promise<GenServer.HandleResult<State>> {
    if (typeof message === "object" && message !== null && "does" in message)
      return this.#handle("info", message as Order, undefined, state, self) as never;
    this.#note(`info ${message === TIMEOUT ? "timeout" : this.#stage.writer.text(message)}`);
    return noreply({ ...state, count: state.count + 1 });
  }

  terminate(reason: unknown, { count, end }: State): void {
    this.#note(`terminate ${this.#stage.writer.text(reason)} ${count}`);
    if (end === "exit") throw new Exit("worse");
    if (end === "error") throw new Error("oops");
    if (end === "throw") throw atom("thrown");
  }

  codeChange(_old: unknown, state: State, extra: unknown): State {
    if (extra === atom("error")) throw new Error("oops");
    return { ...state, count: state.count + (extra as number) };
  }

  formatStatus(state: State): unknown {
    return tuple(atom("formatted"), state);
  }

  async #handle(
    type: string,
    { label, does }: Order,
    from: GenServer.From | undefined,
    old: State,
    self: Context,
  ): Promise<Result> {
    const state = { ...old, count: old.count + 1 };
    this.#note(`${type} ${label} ${state.count}`);
    return this.#stage.count() ? this.#do(does, label, from, state, self) : noreply(state);
  }

  async #do(
    does: Deed,
    label: string,
    from: GenServer.From | undefined,
    state: State,
    self: Context,
  ): Promise<Result> {
    const goOn = (deed: Deed): Promise<Result> => this.#do(deed, label, from, state, self);
    switch (does[0]) {
      case "reply":
        return from === undefined
          ? noreply(state, next(does[1]))
          : reply(atomTerm(label), state, next(does[1]));
      case "noreply": {
        const waiting = from === undefined ? state.waiting : [...state.waiting, from];
        return noreply({ ...state, waiting }, next(does[1]));
      }
      case "answer":
        for (const waiting of state.waiting) GenServer.reply(self, waiting, atomTerm(label));
        return noreply({ ...state, waiting: from === undefined ? [] : [from] }, next(does[1]));
      case "stop":
        return stop(reasonOf(does[1]), state);
      case "stop_reply":
        if (from === undefined) return stop(reasonOf(does[1]), state);
        return stopReply(reasonOf(does[1]), atomTerm(label), state);
      case "bad":
        return atom("bad") as never;
      case "throw":
        throw await goOn(does[1]);
      case "error":
        throw new Error("oops");
      case "exit":
        throw new Exit(reasonOf(does[1]));
      case "tell":
        self.send(self.pid, does[1]);
        return goOn(does[2]);
      case "cast":
        GenServer.cast(self, self.pid, does[1]);
        return goOn(does[2]);
      case "call_self":
        this.#note(`call_self ${await this.#attempt(self, self.pid, atomTerm(label))}`);
        return goOn(does[1]);
      case "reply_now":
        if (from !== undefined) GenServer.reply(self, from, atom("now"));
        return goOn(does[1]);
      case "trap":
        self.trapExit = does[1];
        return goOn(does[2]);
      case "call": {
        const pid = this.#stage.server(does[1]);
        if (pid !== undefined) this.#note(`call ${await this.#attempt(self, pid, does[2])}`);
        return goOn(does[3]);
      }
    }
  }

  async #attempt(self: Context, server: GenServer.ServerRef, request: unknown): Promise<string> {
    try {
      return this.#stage.writer.text(await GenServer.call(self, server, request, Number.POSITIVE_INFINITY));
    } catch (error) {
      if (!self.process.alive) throw error;
      return this.#stage.writer.exception(error);
    }
  }

  #note(text: string): void {
    this.#stage.note(this.#slot, text);
  }
}

async function initial(does: InitDeed, state: State, self: Context): Promise<GenServer.InitResult<State>> {
  switch (does[0]) {
    case "wait":
      await self.receive((message) => message === atom("go"));
      return initial(does[1], state, self);
    case "ok":
      return started(state, next(does[1]));
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

function next(then: Then): GenServer.Next | undefined {
  if (then === -1) return undefined;
  if (then === "infinity") return Number.POSITIVE_INFINITY;
  if (then === "bad") return "bad" as never;
  return typeof then === "object" ? { continue: then } : then;
}
