// What every behaviour's process does between two of its own messages: obey its parent and answer system messages (S149, S156 to S162).
import type { Context } from "../context.ts";
import { Exit, reasonOfThrown } from "../exit.ts";
import type { Pid } from "../pid.ts";
import { atom } from "../term/atom.ts";
import { reasonFromTerm } from "../term/reason.ts";
import { isTuple, type Tuple, tuple } from "../term/tuple.ts";
import { Debug } from "./debug.ts";
import { ERROR, type From, isExit, isRequest, nested, OK, reply, SYSTEM, TIMEOUT } from "./wire.ts";

/** How a behaviour lets itself be looked at and changed from outside (OTP: system_get_state and its kin). */
export interface SystemCallbacks {
  /** The behaviour's module in OTP: gen_server, gen_statem, gen_event, supervisor. */
  readonly module: string;
  getState(): unknown;
  /** Changes the state with what `change` makes of it; gives the new one. A throw leaves it as it was. */
  replaceState(change: (state: unknown) => unknown): unknown;
  codeChange(oldVersion: unknown, extra: unknown): unknown;
  /** The last element of get_status. */
  status(): unknown;
  /** Cleans up and ends the process. */
  terminate(reason: unknown): Promise<never>;
}

/** What `next` gives when its time is over. */
export const TIMED_OUT: unique symbol = Symbol("timed out");

const SUSPENDED = atom("suspended");
const RUNNING = atom("running");

export class Loop {
  readonly self: Context;
  readonly parent: Pid;
  /** The registered name or the pid, for debugging and reports. */
  readonly name: unknown;
  readonly debug = new Debug();
  readonly #callbacks: SystemCallbacks;
  #suspended = false;

  constructor(self: Context, parent: Pid, name: unknown, callbacks: SystemCallbacks) {
    this.self = self;
    this.parent = parent;
    this.name = name;
    this.#callbacks = callbacks;
  }

  /**
   * The next message that is the behaviour's own, or `TIMED_OUT`. A system message starts the time anew (S153), unless `clock` says how
   * much is left.
   */
  async next(timeoutMs: number, clock?: () => number): Promise<unknown> {
    let left = timeoutMs;
    for (;;) {
      const message =
        left === Number.POSITIVE_INFINITY ? await this.self.receive() : await receiveWithin(this.self, left);
      if (message === TIMED_OUT) {
        this.#watch(TIMEOUT);
        return message;
      }
      if (!this.concerns(message) || !(await this.#handle(message))) return message;
      if (clock !== undefined) left = clock();
    }
  }

  /** Whether the loop has something to do with a message: serve or obey it, or show it to whoever debugs. */
  concerns(message: unknown): boolean {
    return this.debug.active || isRequest(message, SYSTEM) || this.#isParentExit(message);
  }

  /** As `next` for a message that was received already and concerns the loop; without time limit. */
  async serve(message: unknown): Promise<unknown> {
    return (await this.#handle(message)) ? this.next(Number.POSITIVE_INFINITY) : message;
  }

  /** False if the message is the behaviour's own. */
  async #handle(message: unknown): Promise<boolean> {
    if (isRequest(message, SYSTEM)) await this.#system(message);
    else if (this.#isParentExit(message)) await this.#callbacks.terminate(message.reason);
    else {
      this.#watch(message);
      return false;
    }
    return true;
  }

  #watch(message: unknown): void {
    if (this.debug.active) this.debug.handle(this.self, this.name, { type: "in", message });
  }

  #isParentExit(message: unknown): message is { reason: unknown } {
    return isExit(message) && message.from.equals(this.parent);
  }

  /** Serves one system message, and while suspended those that follow and nothing else (S158, S159). */
  async #system(first: Tuple): Promise<void> {
    let message: unknown = first;
    for (;;) {
      if (this.#isParentExit(message)) return this.#callbacks.terminate(message.reason);
      const [, from, request] = message as Tuple;
      const answer = await this.#serve(request);
      reply(this.self, from as From, answer);
      if (isTuple(request) && request[0] === atom("terminate"))
        return this.#callbacks.terminate(reasonFromTerm(request[1]));
      if (!this.#suspended) return;
      message = await this.self.receive((m) => isRequest(m, SYSTEM) || this.#isParentExit(m));
    }
  }

  async #serve(request: unknown): Promise<unknown> {
    if (request === atom("suspend")) return this.#setSuspended(true);
    if (request === atom("resume")) return this.#setSuspended(false);
    if (request === atom("get_state"))
      return this.#attempt("system_get_state", () => this.#callbacks.getState());
    if (request === atom("get_status")) return this.#status();
    if (isTuple(request)) {
      const [name, argument] = request;
      if (name === atom("terminate") && request.length === 2) return OK;
      if (name === atom("debug")) return this.debug.command(this.self, argument);
      if (name === atom("replace_state") && request.length === 2) {
        if (typeof argument !== "function")
          return failed(this.#callbacks.module, "system_replace_state", tuple("badfun", argument));
        return this.#attempt("system_replace_state", () =>
          this.#callbacks.replaceState(argument as (state: unknown) => unknown),
        );
      }
      if (name === atom("change_code") && request.length === 4 && this.#suspended)
        return this.#changeCode(request);
    }
    return tuple(ERROR, tuple(atom("unknown_system_msg"), request));
  }

  #setSuspended(flag: boolean): unknown {
    this.#suspended = flag;
    return OK;
  }

  async #attempt(fn: string, act: () => unknown): Promise<unknown> {
    try {
      return await act();
    } catch (error) {
      return failed(this.#callbacks.module, fn, error);
    }
  }

  async #changeCode(request: Tuple): Promise<unknown> {
    try {
      await this.#callbacks.codeChange(request[2], request[3]);
      return OK;
    } catch (error) {
      return tuple(
        ERROR,
        error instanceof Error ? tuple(atom("EXIT"), nested(reasonOfThrown(error))) : error,
      );
    }
  }

  /** `Differs from OTP:` callbacks have no module, so the behaviour's stands for it; and the last element is the state alone. */
  #status(): Tuple {
    return tuple(atom("status"), this.self.pid, tuple(atom("module"), atom(this.#callbacks.module)), [
      [...this.self.process.dictionary.entries()].map(([key, value]) => tuple(key, value)),
      this.#suspended ? SUSPENDED : RUNNING,
      this.parent,
      this.debug.list(),
      this.#callbacks.status(),
    ]);
  }
}

function failed(module: string, fn: string, error: unknown): Tuple {
  const thrown =
    error instanceof Error
      ? tuple(classOf(error), nested(reasonOfThrown(error)))
      : tuple(atom("throw"), error);
  return tuple(ERROR, tuple(atom("callback_failed"), tuple(atom(module), atom(fn)), thrown));
}

function classOf(error: Error): unknown {
  return error instanceof Exit ? atom("exit") : ERROR;
}

async function receiveWithin(self: Context, timeoutMs: number): Promise<unknown> {
  let arrived = false;
  const any = (): boolean => {
    arrived = true;
    return true;
  };
  const message = await self.receive(any, { timeoutMs });
  return arrived ? message : TIMED_OUT;
}
