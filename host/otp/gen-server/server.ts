// The process of a gen_server: init, the loop, and the end (gen_server.erl; S140 to S155).
import type { Context } from "../context.ts";
import { Exit, reasonOfThrown } from "../exit.ts";
import { Loop, type SystemCallbacks, TIMED_OUT } from "../gen/loop.ts";
import type { StartResult } from "../gen/start.ts";
import { type From, GEN_CALL, isCast, isRequest, reply, TIMEOUT } from "../gen/wire.ts";
import type { Pid } from "../pid.ts";
import { emitReport, isAbnormal } from "../reports.ts";
import { atom } from "../term/atom.ts";
import { tuple } from "../term/tuple.ts";
import type { GenServerCallbacks } from "./callbacks.ts";
import { type CallResult, type HandleResult, type InitResult, isNext, type Next } from "./results.ts";

/** Marks a callback's failure, so that it is told from what the callback returned. */
class Crash {
  readonly error: unknown;
  readonly reason: unknown;

  constructor(error: unknown) {
    this.error = error;
    this.reason = reasonOfThrown(error);
  }
}

/**
 * What a callback gave; a thrown value that is no Error counts as returned (S140, S150). A promise only if the callback is asynchronous:
 * most are not, and each promise in the loop costs a call a tenth of a microsecond.
 */
function outcome(act: () => unknown): unknown {
  try {
    const result = act();
    return isThenable(result) ? Promise.resolve(result).then(undefined, failure) : result;
  } catch (error) {
    return failure(error);
  }
}

function failure(error: unknown): unknown {
  return error instanceof Error ? new Crash(error) : error;
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return isObject(value) && typeof (value as { then?: unknown }).then === "function";
}

export class Server<S, A> implements SystemCallbacks {
  readonly module: string;
  readonly #self: Context;
  readonly #callbacks: GenServerCallbacks<S, A>;
  readonly #loop: Loop;
  #state!: S;
  #last: unknown = undefined;
  #next: Next | undefined;

  constructor(self: Context, parent: Pid, callbacks: GenServerCallbacks<S, A>, module: string) {
    const name = self.process.name;
    this.module = module;
    this.#self = self;
    this.#callbacks = callbacks;
    this.#loop = new Loop(self, parent, name === undefined ? self.pid : atom(name), this);
  }

  /** Runs the server to its end. */
  async run(args: A, acknowledge: (result: StartResult) => void): Promise<never> {
    const result = await outcome(() => this.#callbacks.init(args, this.#self));
    if (result instanceof Crash) return this.#failStart(result.reason, result.error, acknowledge);
    const checked = result as InitResult<S>;
    switch (isObject(result) ? checked.type : undefined) {
      case "started": {
        const { state, next } = checked as InitResult<S> & { type: "started" };
        if (!isNext(next)) break;
        this.#state = state;
        this.#next = next;
        acknowledge({ type: "ok", pid: this.#self.pid });
        return this.#serve();
      }
      case "ignore":
        this.#freeName();
        acknowledge({ type: "ignore" });
        throw new Exit("normal");
      case "stop": {
        const { reason } = checked as { reason: unknown };
        return this.#failStart(reason, new Exit(reason), acknowledge);
      }
    }
    const reason = tuple("bad_return_value", result);
    return this.#failStart(reason, new Exit(reason), acknowledge);
  }

  /** The name is free before the starter hears of the failure. */
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
      const next = this.#next;
      if (typeof next === "object") {
        this.#last = next;
        const act = (): unknown => this.#required("handleContinue")(next.continue, this.#state, this.#self);
        const continued = this.#handle(act, undefined);
        if (continued !== undefined) await continued;
        continue;
      }
      let message: unknown;
      if (typeof next === "number") {
        message = await this.#loop.next(next);
      } else {
        message = await this.#self.receive();
        if (this.#loop.concerns(message)) message = await this.#loop.serve(message);
      }
      this.#last = message;
      const handled = this.#dispatch(message);
      if (handled !== undefined) await handled;
    }
  }

  #dispatch(message: unknown): Promise<void> | undefined {
    if (isRequest(message, GEN_CALL)) {
      const from = message[1] as From;
      const act = (): unknown => this.#required("handleCall")(message[2], from, this.#state, this.#self);
      return this.#handle(act, from);
    }
    if (isCast(message)) {
      const act = (): unknown => this.#required("handleCast")(message[1], this.#state, this.#self);
      return this.#handle(act, undefined);
    }
    return this.#handleInfo(message === TIMED_OUT ? TIMEOUT : message);
  }

  #handleInfo(message: unknown): Promise<void> | undefined {
    if (this.#callbacks.handleInfo !== undefined) {
      return this.#handle(() => this.#callbacks.handleInfo?.(message, this.#state, this.#self), undefined);
    }
    emitReport(this.#self, () => ({
      type: "unexpected",
      behaviour: this.module,
      name: this.#loop.name,
      message,
    }));
    this.#next = undefined;
    return undefined;
  }

  #required<K extends "handleCall" | "handleCast" | "handleContinue">(
    name: K,
  ): NonNullable<GenServerCallbacks<S, A>[K]> {
    const callback = this.#callbacks[name];
    if (callback === undefined) throw new Error(`the server has no ${name}`);
    return callback.bind(this.#callbacks) as NonNullable<GenServerCallbacks<S, A>[K]>;
  }

  /** Runs a callback and does what it returns; undefined when that is done. */
  #handle(act: () => unknown, from: From | undefined): Promise<void> | undefined {
    const result = outcome(act);
    return result instanceof Promise
      ? result.then((settled: unknown) => this.#obey(settled, from))
      : this.#obey(result, from);
  }

  #obey(result: unknown, from: From | undefined): Promise<void> | undefined {
    if (result instanceof Crash) return this.#end(result.reason, result.error);
    if (!isObject(result)) return this.#badReturn(result);
    const checked = result as CallResult<S> | HandleResult<S>;
    switch (checked.type) {
      case "reply":
        if (from === undefined || !isNext(checked.next)) return this.#badReturn(result);
        this.#become(checked.state, checked.next);
        this.#answer(from, checked.reply);
        return undefined;
      case "noreply":
        if (!isNext(checked.next)) return this.#badReturn(result);
        this.#become(checked.state, checked.next);
        if (this.#loop.debug.active) {
          this.#loop.debug.handle(this.#self, this.#loop.name, { type: "noreply", state: checked.state });
        }
        return undefined;
      case "stop":
        if ("state" in checked) this.#state = checked.state as S;
        return this.terminate(checked.reason);
      case "stopReply":
        if (from === undefined) return this.#badReturn(result);
        this.#state = checked.state;
        return this.terminate(checked.reason).finally(() => this.#answer(from, checked.reply));
      default:
        return this.#badReturn(result);
    }
  }

  #become(state: S, next: Next | undefined): void {
    this.#state = state;
    this.#next = next;
  }

  #answer(from: From, value: unknown): void {
    reply(this.#self, from, value);
    if (this.#loop.debug.active) {
      this.#loop.debug.handle(this.#self, this.#loop.name, {
        type: "out",
        message: value,
        to: from,
        state: this.#state,
      });
    }
  }

  #badReturn(value: unknown): Promise<never> {
    return this.terminate(tuple("bad_return_value", value));
  }

  // ---- what the loop asks

  getState(): unknown {
    return this.#state;
  }

  async replaceState(change: (state: unknown) => unknown): Promise<unknown> {
    this.#state = (await change(this.#state)) as S;
    return this.#state;
  }

  async codeChange(oldVersion: unknown, extra: unknown): Promise<void> {
    const { codeChange } = this.#callbacks;
    if (codeChange !== undefined) {
      this.#state = await codeChange.call(this.#callbacks, oldVersion, this.#state, extra, this.#self);
    }
  }

  status(): unknown {
    return this.#callbacks.formatStatus?.(this.#state) ?? this.#state;
  }

  terminate(reason: unknown): Promise<never> {
    return this.#end(reason, new Exit(reason));
  }

  /** Calls terminate and ends with `error`; when terminate itself crashes, with that (S146). */
  async #end(reason: unknown, error: unknown): Promise<never> {
    const cleanup = await outcome(() => this.#callbacks.terminate?.(reason, this.#state, this.#self));
    const crash = cleanup instanceof Crash ? cleanup : undefined;
    const final = crash === undefined ? reason : crash.reason;
    if (isAbnormal(final)) {
      emitReport(this.#self, () => ({
        type: "terminated",
        behaviour: this.module,
        name: this.#loop.name,
        reason: final,
        lastMessage: this.#last,
        state: this.#state,
      }));
    }
    throw crash === undefined ? error : crash.error;
  }
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}
