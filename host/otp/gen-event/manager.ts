// The process of an event manager: handlers that all see each event, newest first (gen_event.erl).
import type { Context } from "../context.ts";
import { Exit, reasonOfThrown } from "../exit.ts";
import { Loop, type SystemCallbacks } from "../gen/loop.ts";
import { type From, isExit, nested, OK, reply } from "../gen/wire.ts";
import { Pid } from "../pid.ts";
import { emitReport, isAbnormal } from "../reports.ts";
import { Atom, atom } from "../term/atom.ts";
import { exactlyEqual } from "../term/compare.ts";
import { reasonToTerm } from "../term/reason.ts";
import { isTuple, type Tuple, tuple } from "../term/tuple.ts";
import type { EventCallResult, EventHandler, EventResult, HandlerEnd, HandlerSpec } from "./handler.ts";

type Handler = EventHandler<unknown, unknown>;

interface Installed {
  readonly handler: Handler;
  readonly id: unknown;
  readonly state: unknown;
  /** Whose end ends the handler, and who is told of the handler's. */
  readonly supervisor: Pid | undefined;
}

/** Carries a handler's callbacks to the manager in a message, without being copied. */
export class HandlerMessage {
  readonly handler: Handler;
  readonly id: unknown;

  constructor(spec: HandlerSpec) {
    const { handler, id } = "handler" in spec ? spec : { handler: spec, id: undefined };
    this.handler = handler as unknown as Handler;
    this.id = id;
  }
}

export class EventManager implements SystemCallbacks {
  readonly module = "gen_event";
  readonly #self: Context;
  readonly #loop: Loop;
  readonly #known: ReadonlyMap<string, Handler>;
  #handlers: readonly Installed[] = [];

  /** `known` are the handlers that guests and Erlang nodes may add by name. */
  constructor(self: Context, parent: Pid, known: readonly Handler[]) {
    const { name } = self.process;
    this.#self = self;
    this.#known = new Map(known.map((handler) => [handler.name, handler]));
    this.#loop = new Loop(self, parent, name === undefined ? self.pid : atom(name), this);
  }

  async run(): Promise<never> {
    for (;;) {
      const message = await this.#loop.next(Number.POSITIVE_INFINITY);
      if (isTuple(message) && message.length === 2 && message[0] === atom("notify")) {
        await this.#notify("handleEvent", message[1]);
      } else if (
        isTuple(message) &&
        message.length === 3 &&
        message[0] instanceof Pid &&
        isTuple(message[1])
      ) {
        await this.#request(message[1], message[2]);
      } else {
        if (isExit(message)) await this.#supervisorEnded(message.from, message.reason);
        await this.#notify("handleInfo", message);
      }
    }
  }

  async #request(from: From, request: unknown): Promise<void> {
    if (request === atom("stop")) {
      try {
        await this.terminate("normal");
      } finally {
        reply(this.#self, from, OK);
      }
    }
    reply(this.#self, from, await this.#answer(request));
  }

  async #answer(request: unknown): Promise<unknown> {
    if (request === atom("which_handlers")) return this.#handlers.map(idTerm);
    if (!isTuple(request)) return tuple(atom("error"), tuple(atom("unknown_request"), request));
    const [name, first, second, third, fourth, fifth] = request;
    switch (name instanceof Atom ? name.name : "") {
      case "sync_notify":
        await this.#notify("handleEvent", first);
        return OK;
      case "call":
        return this.#call(first, second);
      case "add_handler":
        return this.#add(first, second, undefined);
      case "add_sup_handler":
        return this.#add(first, second, third as Pid);
      case "delete_handler":
        return this.#delete(first, second);
      case "swap_handler":
        return this.#swap(first, second, third, fourth, undefined);
      case "swap_sup_handler":
        return this.#swap(first, second, third, fourth, fifth as Pid);
      default:
        return tuple(atom("error"), tuple(atom("unknown_request"), request));
    }
  }

  async #add(spec: unknown, args: unknown, supervisor: Pid | undefined): Promise<unknown> {
    const message = this.#resolve(spec);
    if (message === undefined) return tuple(atom("error"), atom("bad_module"));
    if (supervisor !== undefined) this.#self.link(supervisor);
    const { handler, id } = message;
    try {
      const state = await handler.init(args, this.#self);
      this.#handlers = [{ handler, id, state, supervisor }, ...this.#handlers];
      return OK;
    } catch (error) {
      return error instanceof Error ? tuple(atom("EXIT"), nested(reasonOfThrown(error))) : error;
    }
  }

  async #delete(id: unknown, args: unknown): Promise<unknown> {
    const installed = this.#find(id);
    if (installed === undefined) return tuple(atom("error"), atom("module_not_found"));
    this.#remove(installed);
    return this.#end(installed, { type: "delete", args }, "normal");
  }

  async #swap(
    id: unknown,
    args: unknown,
    spec: unknown,
    otherArgs: unknown,
    supervisor: Pid | undefined,
  ): Promise<unknown> {
    const installed = this.#find(id);
    let given: unknown = atom("error");
    if (installed !== undefined) {
      this.#remove(installed);
      given = await this.#end(
        installed,
        { type: "swap", args },
        this.#swapped(spec, supervisor ?? installed.supervisor),
      );
    }
    const answer = await this.#add(spec, tuple(otherArgs, given), supervisor ?? installed?.supervisor);
    return answer === OK ? OK : tuple(atom("error"), answer);
  }

  async #call(id: unknown, request: unknown): Promise<unknown> {
    const installed = this.#find(id);
    if (installed === undefined) return tuple(atom("error"), atom("bad_module"));
    const result = await this.#run(installed, "handleCall", request);
    await this.#follow(installed, result, request);
    if (isFailure(result)) return tuple(atom("error"), nested(result.reason));
    return (result as EventCallResult<unknown>).reply;
  }

  async #notify(callback: "handleEvent" | "handleInfo", message: unknown): Promise<void> {
    for (const installed of this.#handlers) {
      if (installed.handler[callback] === undefined) continue;
      await this.#follow(installed, await this.#run(installed, callback, message), message);
    }
  }

  async #run(
    { handler, state }: Installed,
    callback: "handleEvent" | "handleInfo" | "handleCall",
    message: unknown,
  ): Promise<EventResult<unknown> | Failure> {
    try {
      const fn = handler[callback];
      if (fn === undefined) throw new Error(`the handler ${handler.name} has no ${callback}`);
      const result = await fn.call(handler, message, state, this.#self);
      const isResult = ["handled", "remove", "swap"].includes(result?.type);
      return isResult ? result : { type: "failed", reason: result };
    } catch (error) {
      return { type: "failed", reason: error instanceof Error ? reasonOfThrown(error) : error };
    }
  }

  async #follow(
    installed: Installed,
    result: EventResult<unknown> | Failure,
    message: unknown,
  ): Promise<void> {
    switch (result.type) {
      case "handled":
        this.#replace(installed, { ...installed, state: result.state });
        return;
      case "remove":
        this.#remove(installed);
        await this.#end(installed, { type: "remove_handler" }, "normal");
        return;
      case "swap": {
        const other = new HandlerMessage(result.handler);
        const left = { ...installed, state: result.state };
        const given = await this.#end(
          left,
          { type: "swap", args: result.args },
          this.#swapped(other, installed.supervisor),
        );
        await this.#takeOver(installed, other, tuple(result.otherArgs, given));
        return;
      }
      case "failed":
        this.#remove(installed);
        await this.#end(installed, { type: "error", reason: result.reason }, result.reason, message);
    }
  }

  /** Another handler in the place of one that swapped itself out. */
  async #takeOver(old: Installed, { handler, id }: HandlerMessage, args: unknown): Promise<void> {
    try {
      this.#replace(old, {
        handler,
        id,
        state: await handler.init(args, this.#self),
        supervisor: old.supervisor,
      });
    } catch (error) {
      this.#remove(old);
      this.#report(
        { ...old, handler, id },
        error instanceof Error ? reasonOfThrown(error) : error,
        undefined,
      );
    }
  }

  /** Runs terminate, and tells the one who supervises the handler. */
  async #end(installed: Installed, end: HandlerEnd, reason: unknown, message?: unknown): Promise<unknown> {
    let given: unknown = OK;
    try {
      if (installed.handler.terminate !== undefined)
        given = await installed.handler.terminate(end, installed.state, this.#self);
    } catch (error) {
      given = error instanceof Error ? tuple(atom("EXIT"), nested(reasonOfThrown(error))) : error;
    }
    this.#report(installed, reason, message);
    return given;
  }

  #report(installed: Installed, reason: unknown, lastMessage: unknown): void {
    const { supervisor } = installed;
    if (isAbnormal(reason) && !isSwapped(reason)) {
      emitReport(this.#self, () => ({
        type: "terminated",
        behaviour: this.module,
        name: idTerm(installed),
        reason,
        lastMessage,
        state: installed.state,
      }));
    }
    if (supervisor !== undefined) {
      this.#self.send(supervisor, tuple(atom("gen_event_EXIT"), idTerm(installed), reasonToTerm(reason)));
    }
  }

  /** Who supervised a handler has ended: so does the handler. */
  async #supervisorEnded(pid: Pid, reason: unknown): Promise<void> {
    for (const installed of this.#handlers) {
      if (!pid.equals(installed.supervisor)) continue;
      this.#remove(installed);
      await this.#end(installed, { type: "stop", reason }, "shutdown");
    }
  }

  #swapped(spec: unknown, supervisor: Pid | undefined): Tuple {
    const other = this.#resolve(spec);
    return tuple("swapped", other === undefined ? spec : idTerm(other), supervisor ?? false);
  }

  #resolve(spec: unknown): { readonly handler: Handler; readonly id: unknown } | undefined {
    if (spec instanceof HandlerMessage) return spec;
    const [name, id] = isTuple(spec) ? spec : [spec, undefined];
    const handler = name instanceof Atom ? this.#known.get(name.name) : undefined;
    return handler === undefined ? undefined : { handler, id };
  }

  #find(id: unknown): Installed | undefined {
    return this.#handlers.find((installed) => exactlyEqual(idTerm(installed), id));
  }

  #remove(installed: Installed): void {
    this.#handlers = this.#handlers.filter((known) => known !== installed);
  }

  #replace(old: Installed, installed: Installed): void {
    this.#handlers = this.#handlers.map((known) => (known === old ? installed : known));
  }

  // ---- what the loop asks

  getState(): unknown {
    return this.#handlers.map(stateTerm);
  }

  async replaceState(change: (state: unknown) => unknown): Promise<unknown> {
    for (const installed of this.#handlers) {
      try {
        const replaced = (await change(stateTerm(installed))) as readonly unknown[];
        if (isTuple(replaced) && replaced.length === 3)
          this.#replace(installed, { ...installed, state: replaced[2] });
      } catch {
        // As in OTP: a handler whose state cannot be replaced keeps it.
      }
    }
    return this.getState();
  }

  async codeChange(oldVersion: unknown, extra: unknown): Promise<void> {
    for (const installed of this.#handlers) {
      const { handler, state } = installed;
      if (handler.codeChange === undefined) continue;
      this.#replace(installed, {
        ...installed,
        state: await handler.codeChange(oldVersion, state, extra, this.#self),
      });
    }
  }

  status(): unknown {
    return this.getState();
  }

  async terminate(reason: unknown): Promise<never> {
    for (const installed of this.#handlers) await this.#end(installed, { type: "stop", reason }, "shutdown");
    for (const { supervisor } of this.#handlers) {
      if (supervisor !== undefined && !supervisor.equals(this.#loop.parent)) this.#self.unlink(supervisor);
    }
    throw new Exit(reason);
  }
}

interface Failure {
  readonly type: "failed";
  readonly reason: unknown;
}

function isFailure(result: EventResult<unknown> | Failure): result is Failure {
  return result.type === "failed";
}

function isSwapped(reason: unknown): boolean {
  return isTuple(reason) && reason[0] === "swapped";
}

function idTerm({ handler, id }: { readonly handler: Handler; readonly id: unknown }): unknown {
  return id === undefined ? atom(handler.name) : tuple(atom(handler.name), id);
}

function stateTerm({ handler, id, state }: Installed): Tuple {
  return tuple(atom(handler.name), id ?? false, state);
}
