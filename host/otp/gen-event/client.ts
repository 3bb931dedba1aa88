// Starting an event manager, and its client side (stdlib manual, gen_event).
import type { Context } from "../context.ts";
import { MoonletError } from "../error.ts";
import { explained, request, resolveServer, type ServerRef, serverTerm, timeTerm } from "../gen/call.ts";
import { type Caller, inProcess } from "../gen/caller.ts";
import type { RequestId } from "../gen/requests.ts";
import {
  type StartBody,
  type StartOptions,
  type StartResult,
  start as startProcess,
  startLink as startProcessLink,
} from "../gen/start.ts";
import { aliasTag } from "../gen/wire.ts";
import { nameOnNode } from "../names.ts";
import type { Runtime } from "../runtime.ts";
import { atom, atomName, atomTerm } from "../term/atom.ts";
import { reasonFromTerm } from "../term/reason.ts";
import { isTuple, tuple } from "../term/tuple.ts";
import type { EventHandler, HandlerId, HandlerSpec } from "./handler.ts";
import { EventManager, HandlerMessage } from "./manager.ts";

export interface EventManagerOptions extends StartOptions {
  /** Handlers that guests and Erlang nodes may add by name. Default none. */
  readonly known?: readonly EventHandler<never, never>[];
}

export function startLink(self: Context, options: EventManagerOptions = {}): Promise<StartResult> {
  return startProcessLink(self, body(options), startOptions(options));
}

export function start(caller: Caller, options: EventManagerOptions = {}): Promise<StartResult> {
  return startProcess(caller, body(options), startOptions(options));
}

function body({ known = [] }: EventManagerOptions): StartBody {
  return (self, acknowledge, parent) => {
    self.trapExit = true;
    const manager = new EventManager(self, parent, known as unknown as readonly EventHandler<unknown>[]);
    acknowledge({ type: "ok", pid: self.pid });
    return manager.run();
  };
}

function startOptions({ known: _, ...options }: EventManagerOptions): StartOptions {
  return { initialCall: "gen_event", ...options };
}

/** Sends an event to all handlers; never fails. */
export function notify(caller: Context | Runtime, manager: ServerRef, event: unknown): void {
  try {
    caller.send(nameOnNode(manager) ?? manager, tuple(atom("notify"), event));
  } catch (error) {
    if (!(error instanceof MoonletError)) throw error;
  }
}

/** As `notify`; returns when all handlers have handled the event. */
export async function syncNotify(caller: Caller, manager: ServerRef, event: unknown): Promise<void> {
  await ask(caller, manager, tuple(atom("sync_notify"), event));
}

/** How adding, deleting and swapping went; `value` is what a deleted handler's terminate gave. */
export type HandlerResult =
  | { readonly type: "ok"; readonly value?: unknown }
  | { readonly type: "error"; readonly reason: unknown };

/** Adds a handler; it sees events from now on, before those that were added earlier. */
export async function addHandler(
  caller: Caller,
  manager: ServerRef,
  handler: HandlerSpec,
  args?: unknown,
): Promise<HandlerResult> {
  return added(await ask(caller, manager, tuple(atom("add_handler"), new HandlerMessage(handler), args)));
}

/**
 * Adds a handler that ends when `self` does. When the handler ends otherwise, `self` gets `{gen_event_EXIT, Handler, Reason}`.
 */
export async function addSupHandler(
  self: Context,
  manager: ServerRef,
  handler: HandlerSpec,
  args?: unknown,
): Promise<HandlerResult> {
  return added(
    await ask(self, manager, tuple(atom("add_sup_handler"), new HandlerMessage(handler), args, self.pid)),
  );
}

/** Ends a handler; gives what its terminate gave. */
export async function deleteHandler(
  caller: Caller,
  manager: ServerRef,
  id: HandlerId,
  args?: unknown,
): Promise<HandlerResult> {
  const answer = await ask(caller, manager, tuple(atom("delete_handler"), idTerm(id), args));
  return isError(answer)
    ? { type: "error", reason: reasonFromTerm(answer[1]) }
    : { type: "ok", value: answer };
}

/** Ends a handler and adds another, whose init gets `{Args, what the first one's terminate gave}`. */
export async function swapHandler(
  caller: Caller,
  manager: ServerRef,
  id: HandlerId,
  args: unknown,
  handler: HandlerSpec,
  otherArgs: unknown,
): Promise<HandlerResult> {
  const request = tuple(atom("swap_handler"), idTerm(id), args, new HandlerMessage(handler), otherArgs);
  return added(await ask(caller, manager, request));
}

export async function whichHandlers(caller: Caller, manager: ServerRef): Promise<HandlerId[]> {
  const list = (await ask(caller, manager, atom("which_handlers"))) as readonly unknown[];
  return list.map((id) =>
    isTuple(id) ? { name: atomName(id[0]) as string, id: id[1] } : (atomName(id) as string),
  );
}

/**
 * Calls one handler. Default limit 5000 ms.
 * Gives `{error, bad_module}` when there is no such handler, `{error, Reason}` when it failed.
 * @throws Exit `{Reason, {gen_event, call, Args}}`.
 */
export async function call<T = unknown>(
  caller: Caller,
  manager: ServerRef,
  id: HandlerId,
  content: unknown,
  timeoutMs = 5000,
): Promise<T> {
  const args = (): unknown[] => [serverTerm(manager), idTerm(id), content, timeTerm(timeoutMs)];
  const answer = await inProcess(caller, (self) =>
    explained(
      request(self, manager, self.pid, tuple(atom("call"), idTerm(id), content), timeoutMs),
      "gen_event",
      "call",
      args,
    ),
  );
  return answer as T;
}

/** Calls one handler; the reply is fetched with `receiveResponse` and the like. */
export function sendRequest(self: Context, manager: ServerRef, id: HandlerId, content: unknown): RequestId {
  const pid = resolveServer(self, manager);
  const ref = self.monitor(pid, { alias: "demonitor" });
  self.send(pid, tuple(self.pid, tuple(self.pid, aliasTag(ref)), tuple(atom("call"), idTerm(id), content)));
  return ref;
}

/** gen_event's requests carry the caller's pid where others have a label. */
function ask(caller: Caller, manager: ServerRef, content: unknown): Promise<unknown> {
  return inProcess(caller, (self) => request(self, manager, self.pid, content, Number.POSITIVE_INFINITY));
}

function idTerm(id: HandlerId): unknown {
  return typeof id === "string" ? atomTerm(id) : tuple(atomTerm(id.name), id.id);
}

function added(answer: unknown): HandlerResult {
  return answer === atom("ok")
    ? { type: "ok" }
    : { type: "error", reason: isError(answer) ? reasonFromTerm(answer[1]) : reasonFromTerm(answer) };
}

function isError(answer: unknown): answer is readonly [unknown, unknown] {
  return isTuple(answer) && answer.length === 2 && answer[0] === atom("error");
}
