// The process of a gen_statem: the order in which events, enter calls, postponed events and timeouts come (gen_statem.erl; S163 to S179).
import type { Context } from "../context.ts";
import { Exit, reasonOfThrown } from "../exit.ts";
import { Loop, type SystemCallbacks } from "../gen/loop.ts";
import type { StartResult } from "../gen/start.ts";
import { type From, GEN_CALL, isCast, isRequest, reply } from "../gen/wire.ts";
import type { Pid } from "../pid.ts";
import { emitReport, isAbnormal } from "../reports.ts";
import { Atom, atom, atomTerm } from "../term/atom.ts";
import { exactlyEqual } from "../term/compare.ts";
import { isTuple, type Tuple, tuple } from "../term/tuple.ts";
import type { GenStatemCallbacks } from "./callbacks.ts";
import {
  type Action,
  type Event,
  type InitStateResult,
  postpone,
  repeatState,
  type StateResult,
} from "./results.ts";
import { MachineTimers } from "./timers.ts";
import { applyAction, type Transition } from "./transition.ts";

type Callbacks = GenStatemCallbacks<unknown, unknown, unknown>;

const START: Event = { type: "internal", content: atom("init_state") };

export class Machine implements SystemCallbacks {
  readonly module = "gen_statem";
  readonly #self: Context;
  readonly #loop: Loop;
  readonly #timers: MachineTimers;
  /** The callbacks in use, on top of those that were pushed aside. */
  #stack: readonly Callbacks[];
  #state: unknown = undefined;
  #data: unknown = undefined;
  /** Events to handle before the mailbox. */
  #queue: Event[] = [];
  /** Oldest first. */
  #postponed: Event[] = [];
  #last: Event = START;

  constructor(self: Context, parent: Pid, callbacks: Callbacks) {
    const { name } = self.process;
    this.#self = self;
    this.#stack = [callbacks];
    this.#timers = new MachineTimers(self);
    this.#loop = new Loop(self, parent, name === undefined ? self.pid : atom(name), this);
  }

  get #callbacks(): Callbacks {
    return this.#stack[0] as Callbacks;
  }

  /** Runs the machine to its end. */
  async run(args: unknown, acknowledge: (result: StartResult) => void): Promise<never> {
    const result = await this.#init(args, acknowledge);
    switch (result?.type) {
      case "initial":
        acknowledge({ type: "ok", pid: this.#self.pid });
        this.#state = result.state;
        this.#data = result.data;
        // Nothing can be postponed yet.
        await this.#follow(repeatState(result.data, ...result.actions, postpone(false)));
        return this.#serve();
      case "stop":
        return this.#failStart(result.reason, new Exit(result.reason), acknowledge);
      case "ignore":
        this.#freeName();
        acknowledge({ type: "ignore" });
        throw new Exit("normal");
      default: {
        const reason = tuple("bad_return_from_init", result);
        return this.#failStart(reason, new Exit(reason), acknowledge);
      }
    }
  }

  async #init(
    args: unknown,
    acknowledge: (result: StartResult) => void,
  ): Promise<InitStateResult<unknown, unknown>> {
    try {
      return await this.#callbacks.init(args, this.#self);
    } catch (error) {
      if (error instanceof Error) return this.#failStart(reasonOfThrown(error), error, acknowledge);
      return error as InitStateResult<unknown, unknown>;
    }
  }

  #failStart(reason: unknown, error: unknown, acknowledge: (result: StartResult) => void): never {
    this.#freeName();
    acknowledge({ type: "error", reason });
    throw error;
  }

  #freeName(): void {
    const { name } = this.#self.process;
    if (name !== undefined) this.#self.unregister(name);
  }

  async #serve(): Promise<never> {
    for (;;) {
      const event =
        this.#queue.shift() ??
        this.#timers.takeDue() ??
        this.#eventOf(await this.#loop.next(Number.POSITIVE_INFINITY));
      this.#last = event;
      await this.#follow(await this.#call(event, this.#state, this.#data));
    }
  }

  #eventOf(message: unknown): Event {
    if (isRequest(message, GEN_CALL)) return { type: "call", from: message[1] as From, content: message[2] };
    if (isCast(message)) return { type: "cast", content: message[1] };
    return this.#timers.take(message) ?? { type: "info", content: message };
  }

  /** What the callback returns, or throws that is no Error. An Error ends the machine. */
  async #call(event: Event, state: unknown, data: unknown): Promise<StateResult<unknown, unknown>> {
    try {
      const { states } = this.#callbacks;
      if (states === undefined) return await this.#callbacks.handleEvent!(event, state, data, this.#self);
      const fn = Object.hasOwn(states, String(state)) ? states[String(state)] : undefined;
      if (fn === undefined) throw new Error(`the machine has no state function "${String(state)}"`);
      return await fn.call(states, event, data, this.#self);
    } catch (error) {
      if (!(error instanceof Error)) return error as StateResult<unknown, unknown>;
      return this.#end(reasonOfThrown(error), error);
    }
  }

  /** Does what a state call returned, with the enter calls that follow from it. */
  async #follow(first: StateResult<unknown, unknown>): Promise<void> {
    const transition: Transition = { postpone: false, events: [], timeouts: [] };
    let result = first;
    let state = this.#state;
    let data = this.#data;
    for (let isStateCall = true; ; isStateCall = false) {
      const next = await this.#read(result, state, data, isStateCall);
      const isEntered = next.isEntered && this.#isChangeOrRepeat(result, state, next.state);
      state = next.state;
      data = next.data;
      await this.#act(next.actions, transition, state, data, isStateCall);
      if (!isEntered || this.#callbacks.stateEnter !== true) break;
      result = await this.#call({ type: "enter", previous: this.#state }, state, data);
    }
    await this.#transit(transition, state, data);
  }

  #isChangeOrRepeat(result: StateResult<unknown, unknown>, from: unknown, to: unknown): boolean {
    return result.type !== "nextState" || !isSameState(from, to);
  }

  /** State, data and actions after a return; ends the machine for stops and for what is no return. */
  async #read(
    result: StateResult<unknown, unknown>,
    state: unknown,
    data: unknown,
    isStateCall: boolean,
  ): Promise<{ state: unknown; data: unknown; actions: readonly Action[]; isEntered: boolean }> {
    switch (result?.type) {
      case "nextState":
        if (!isStateCall && !isSameState(state, result.state)) {
          return this.#fail("bad_state_enter_return_from_state_function", result, state, data);
        }
        return { state: result.state, data: result.data, actions: result.actions, isEntered: true };
      case "keepState":
        return { state, data: result.data, actions: result.actions, isEntered: false };
      case "keepStateAndData":
        return { state, data, actions: result.actions, isEntered: false };
      case "repeatState":
        return { state, data: result.data, actions: result.actions, isEntered: true };
      case "repeatStateAndData":
        return { state, data, actions: result.actions, isEntered: true };
      case "stop":
        this.#set(state, "state" in result ? result.state : data);
        return this.terminate(result.reason);
      case "stopAndReply":
        this.#set(state, "data" in result ? result.data : data);
        for (const action of result.replies) {
          if (typeof action !== "object" || action?.type !== "reply" || !isTuple(action.from)) {
            return this.#fail("bad_reply_action_from_state_function", action, this.#state, this.#data);
          }
          this.#reply(action.from, action.reply);
        }
        return this.terminate(result.reason);
      default:
        return this.#fail("bad_return_from_state_function", result, state, data);
    }
  }

  async #act(
    actions: readonly Action[],
    transition: Transition,
    state: unknown,
    data: unknown,
    isStateCall: boolean,
  ): Promise<void> {
    for (const action of actions) {
      const effect = applyAction(transition, action, isStateCall);
      if (effect.type === "reply") this.#reply(effect.action.from, effect.action.reply);
      else if (effect.type === "callbacks")
        this.#stack =
          effect.change(this.#stack) ??
          (await this.#fail("bad_action_from_state_function", action, state, data));
      else if (effect.type === "bad") await this.#fail(effect.reason, action, state, data);
    }
  }

  /** Retries what was postponed after a change, stops the timers that the event ends, and sets those that were asked for. */
  async #transit(transition: Transition, state: unknown, data: unknown): Promise<void> {
    const hasChanged = !isSameState(this.#state, state);
    if (transition.postpone) this.#postponed.push(this.#last);
    this.#set(state, data);
    await this.#timers.cancel("event");
    if (hasChanged) {
      await this.#timers.cancel("state");
      this.#queue = [...this.#postponed, ...this.#queue];
      this.#postponed = [];
    }
    if (transition.timeouts.length > 0) await this.#timers.apply(transition.timeouts);
    if (transition.events.length > 0) this.#queue = [...transition.events, ...this.#queue];
    // `Differs from OTP:` sys is shown what comes in, goes out and changes, as by a gen_server, and not each timer and postponed event.
    if (this.#loop.debug.active)
      this.#loop.debug.handle(this.#self, this.#loop.name, { type: "noreply", state });
  }

  #set(state: unknown, data: unknown): void {
    this.#state = state;
    this.#data = data;
  }

  #reply(from: From, value: unknown): void {
    reply(this.#self, from, value);
    if (this.#loop.debug.active)
      this.#loop.debug.handle(this.#self, this.#loop.name, {
        type: "out",
        message: value,
        to: from,
        state: this.getState(),
      });
  }

  /** Ends the machine with `{{What, Culprit}, Stack}`, an error of Erlang's. */
  #fail(what: string, culprit: unknown, state: unknown, data: unknown): Promise<never> {
    this.#set(state, data);
    const reason = tuple(atom(what), culprit);
    return this.#end(tuple(what, culprit), new Exit(tuple(reason, [])));
  }

  // ---- what the loop asks

  getState(): Tuple {
    return tuple(this.#stateTerm(), this.#data);
  }

  async replaceState(change: (state: unknown) => unknown): Promise<unknown> {
    const replaced = await change(this.getState());
    if (!isTuple(replaced) || replaced.length !== 2)
      throw new Error("the state of a gen_statem is {State, Data}");
    const [state, data] = replaced;
    this.#set(this.#callbacks.states !== undefined && state instanceof Atom ? state.name : state, data);
    return this.getState();
  }

  async codeChange(oldVersion: unknown, extra: unknown): Promise<void> {
    const { codeChange } = this.#callbacks;
    if (codeChange === undefined) return;
    const [state, data] = await codeChange.call(
      this.#callbacks,
      oldVersion,
      this.#state,
      this.#data,
      extra,
      this.#self,
    );
    this.#set(state, data);
  }

  status(): unknown {
    return this.#callbacks.formatStatus?.(this.#state, this.#data) ?? this.getState();
  }

  terminate(reason: unknown): Promise<never> {
    return this.#end(reason, new Exit(reason));
  }

  async #end(reason: unknown, error: unknown): Promise<never> {
    try {
      await this.#callbacks.terminate?.(reason, this.#state, this.#data, this.#self);
    } catch (crash) {
      if (crash instanceof Error) {
        this.#report(reasonOfThrown(crash));
        throw crash;
      }
    }
    this.#report(reason);
    throw error;
  }

  #report(reason: unknown): void {
    if (!isAbnormal(reason)) return;
    emitReport(this.#self, () => ({
      type: "terminated",
      behaviour: this.module,
      name: this.#loop.name,
      reason,
      lastMessage: this.#last,
      state: this.getState(),
    }));
  }

  /** The state of state functions is an atom. */
  #stateTerm(): unknown {
    return this.#callbacks.states === undefined ? this.#state : atomTerm(String(this.#state));
  }
}

function isSameState(a: unknown, b: unknown): boolean {
  return a === b || exactlyEqual(a, b);
}
